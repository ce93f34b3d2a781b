"""Sessions under the names of rembg, and what is refused."""

from __future__ import annotations

import io
import pickle
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.compat.networks import NAMES, REFUSED
from defocus.compat.rembg import Session, new_session, remove
from defocus.models import MODELS
from tiny_network import bright_network, tiny_network

PHOTO = np.full((24, 32, 3), 200, np.uint8)


def fails(kind: type[Exception], **options: Any) -> str:
    with pytest.raises(kind) as caught:
        new_session(**options)
    return str(caught.value)


@pytest.fixture
def no_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEFOCUS_MODELS", "U2NET_HOME", "REMBG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.mark.parametrize("name", [name for name in NAMES if MODELS[name].url])
def test_a_network_that_is_not_here(no_networks: None, name: str) -> None:
    wanted = defocus.LicenceError if name == "bria-rmbg" else defocus.ModelMissingError
    assert f"defocus models pull {name}" in fails(wanted, model_name=name)


@pytest.mark.parametrize("name", REFUSED)
def test_a_network_without_a_match(name: str) -> None:
    assert REFUSED[name] in fails(defocus.UnknownModelError, model_name=name)


def test_names() -> None:
    assert new_session().model_name == "u2net"
    assert new_session("u2netp").segmenter.spec.name == "u2netp"
    assert "isnet-general-use" in fails(defocus.UnknownModelError, model_name="isnet_general_use")
    fails(defocus.OptionTypeError, model_name=3)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    # Logits of any range, which rembg stretches to 0..1.
    path = tmp_path / "own.onnx"
    path.write_bytes(tiny_network((1, 3, 320, 320)))
    photo = np.repeat(np.linspace(0, 255, 64, dtype=np.uint8)[None, :, None], 48, 0).repeat(3, 2)
    mask = remove(photo, session=new_session("u2net_custom", model_path=path), only_mask=True)
    assert mask.min() < 10
    assert mask.max() > 245
    path.write_bytes(bright_network((1, 3, 1024, 1024)))
    for name in ("dis_custom", "ben_custom"):
        made = new_session(name, model_path=str(path)).segmenter
        assert (made.input_size, made.spec.mean) == ((1024, 1024), (0.5, 0.5, 0.5))
    assert "model_path" in fails(defocus.OptionError, model_name="u2net_custom")
    assert "u2net_custom" in fails(defocus.OptionError, model_name="u2net", model_path=path)
    fails(defocus.OptionTypeError, model_name="u2net_custom", model_path=3)
    missing = {"model_name": "u2net_custom", "model_path": tmp_path / "none.onnx"}
    fails(defocus.ModelMissingError, **missing)


@pytest.mark.parametrize(
    "providers",
    [["CPUExecutionProvider"], ("CPUExecutionProvider",), "cpu", [("CPUExecutionProvider", {})]],
)
def test_providers(providers: Any) -> None:
    made = new_session("u2netp", providers).segmenter
    assert made.providers == ("CPUExecutionProvider",)


def test_providers_that_are_not_installed() -> None:
    absent = ("RknpuExecutionProvider", {"device_id": 0})
    with pytest.warns(defocus.DefocusWarning, match="Rknpu"):
        made = new_session("u2netp", providers=[absent, "CPUExecutionProvider"])
    assert made.segmenter.providers == ("CPUExecutionProvider",)
    assert "CPUExecutionProvider" in fails(defocus.ProviderError, providers=[absent])
    fails(defocus.OptionTypeError, providers=[3])


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert new_session().segmenter.threads is None
    options = SimpleNamespace(intra_op_num_threads=2)
    assert new_session(sess_opts=options).segmenter.threads == 2
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert new_session().segmenter.threads == 3
    with pytest.warns(defocus.DefocusWarning, match="intra_op_num_threads"):
        new_session(sess_opts=SimpleNamespace(intra_op_num_threads=0))
    fails(defocus.OptionTypeError, sess_opts=4)


def test_a_session_predicts_and_travels() -> None:
    session = pickle.loads(pickle.dumps(new_session("u2netp")))
    assert isinstance(session, Session)
    with Image.open("examples/astronaut.jpg") as photo:
        small = photo.convert("RGB").resize((120, 120))
    [mask] = session.predict(small)
    assert (mask.mode, mask.size) == ("L", (120, 120))
    assert mask.tobytes() == remove(small, session=session, only_mask=True).tobytes()


def test_what_changes_nothing_is_named() -> None:
    session = new_session("u2netp")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        remove(PHOTO, session=session, alpha_matting=True, vitmatte=True, model="u2net", cc=1)
        new_session(sam_quant=True)
        remove(PHOTO, session=session, decontaminate=True, alpha_matting_erode_size=3)
    texts = [str(each.message) for each in caught if "ignored" in str(each.message)]
    assert len(texts) == 2
    assert all(name in texts[0] for name in ("alpha_matting", "vitmatte", "model", "cc"))
    assert "new_session" in texts[0]
    assert "sam_quant" in texts[1]
    assert all(each.filename == __file__ for each in caught)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("photo.jpg", defocus.ImageTypeError),
        (Path("photo.jpg"), defocus.ImageTypeError),
        (io.BytesIO(b""), defocus.ImageTypeError),
        ([[1]], defocus.ImageTypeError),
        (None, defocus.ImageTypeError),
        (PHOTO.astype(np.int64), defocus.ImageTypeError),
        (PHOTO[..., 0].astype(np.int32) + 100, defocus.ImageValueError),
        (Image.fromarray(PHOTO[..., 0].astype(np.float32) + 100), defocus.ImageValueError),
        (PHOTO[None], defocus.ImageValueError),
        (b"", defocus.DecodeError),
        (b"hello", defocus.UnknownFormatError),
    ],
)
def test_what_is_no_photograph(data: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        remove(data)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"bgcolor": "white"}, defocus.OptionTypeError),
        ({"bgcolor": 7}, defocus.OptionTypeError),
        ({"bgcolor": np.array(7)}, defocus.OptionTypeError),
        ({"bgcolor": (1, 2)}, defocus.OptionError),
        ({"bgcolor": (1, 2, 3, 256)}, defocus.OptionError),
        ({"bgcolor": (1, 2, 3, 0.5)}, defocus.OptionTypeError),
        ({"only_mask": "yes"}, defocus.OptionTypeError),
        ({"force_return_bytes": 1}, defocus.OptionTypeError),
        ({"session": "u2net"}, defocus.OptionTypeError),
        ({"session": new_session}, defocus.OptionTypeError),
    ],
)
def test_options_of_the_wrong_kind(options: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        remove(PHOTO, **options)
