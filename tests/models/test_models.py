"""The registry of networks, and the weights it vouches for."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import threading
from pathlib import Path
from types import ModuleType

import pytest

from defocus import Segmenter, models
from defocus.errors import DefocusError, ModelError, ModelMissingError, UnknownModelError
from defocus.models import DEFAULT_MODEL, MODELS, ModelSpec, names, session, weights
from defocus.models.session import import_onnxruntime

SPEC = MODELS["u2netp"]
EMBEDDED = [spec for spec in MODELS.values() if not spec.url]
every_model = pytest.mark.parametrize("spec", EMBEDDED, ids=lambda spec: spec.name)


@every_model
def test_entry_is_complete(spec: ModelSpec) -> None:
    assert MODELS[spec.name] is spec
    assert spec.licence == "Apache-2.0"
    assert "U-2-Net" in spec.source
    assert 0.0 < spec.subject_threshold < 1.0


@every_model
def test_shipped_file_is_what_the_registry_says(spec: ModelSpec) -> None:
    data = importlib.resources.files("defocus.models").joinpath(str(spec.file)).read_bytes()
    assert hashlib.sha256(data).hexdigest() == spec.sha256
    assert models.locate(spec).read_bytes() == data


@every_model
def test_network_takes_one_image_and_gives_one_mask(spec: ModelSpec) -> None:
    onnxruntime = import_onnxruntime()
    session = onnxruntime.InferenceSession(models.locate(spec), providers=["CPUExecutionProvider"])
    assert spec.input_size is not None
    width, height = spec.input_size
    ends = [(e.name, e.type, e.shape) for e in session.get_inputs() + session.get_outputs()]
    assert ends == [
        ("image", "tensor(float)", [1, 3, height, width]),
        ("mask", "tensor(float)", [1, 1, height, width]),
    ]


@every_model
def test_network_file_holds_no_paths_or_names(spec: ModelSpec) -> None:
    onnxruntime = import_onnxruntime()
    session = onnxruntime.InferenceSession(models.locate(spec), providers=["CPUExecutionProvider"])
    meta = session.get_modelmeta()
    assert (meta.producer_name, meta.description, meta.custom_metadata_map) == ("", "", {})


def test_find() -> None:
    assert models.find("u2netp") is MODELS["u2netp"]
    assert models.find(DEFAULT_MODEL) is MODELS["u2net"]


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownModelError) as caught:
        models.find("resnet50")
    message = str(caught.value)
    assert "'resnet50'" in message
    assert "known models: u2net, u2netp" in message
    assert "did you mean" not in message
    assert "\n" not in message
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("U2NETP", "u2netp"),
        ("u2netpp", "u2netp"),
        ("u2-netp", "u2netp"),
        ("u-2-net", "u2net"),
        ("u2net-human-seg", "u2net_human_seg"),
        ("siluetta", "silueta"),
        ("isnet", "isnet-general-use"),
        ("isnet_general_use", "isnet-general-use"),
        ("isnetis", "isnet-anime"),
        ("birefnet", "birefnet-general"),
        ("BiRefNet_lite", "birefnet-general-lite"),
        ("birefnet-general-epoch_244", "birefnet-general"),
        ("birefnet_portrait", "birefnet-portrait"),
        ("bria_rmbg", "bria-rmbg"),
        ("RMBG-2.0", "bria-rmbg"),
        ("rmbg-1.4", "bria-rmbg-1.4"),
        ("modnet_photographic_portrait_matting", "modnet"),
    ],
)
def test_near_miss_is_suggested(name: str, right: str) -> None:
    with pytest.raises(UnknownModelError, match=f"did you mean '{right}'") as caught:
        models.find(name)
    assert "known models" not in str(caught.value)


@pytest.mark.parametrize("name", ["u2net_cloth_seg", "sam", "u2net_custom", "withoutbg"])
def test_what_is_of_another_kind_suggests_nothing(name: str) -> None:
    with pytest.raises(UnknownModelError, match="known models: u2net, "):
        models.find(name)


def test_every_name_that_is_suggested_is_known() -> None:
    assert {*names._OTHER_NAMES.values()} <= {*MODELS}


@pytest.mark.parametrize("name", [None, 3, ["u2netp"], b"u2netp", ""])
def test_other_types_of_model_are_refused(name: object) -> None:
    with pytest.raises(UnknownModelError):
        models.find(name)  # type: ignore[arg-type]


def test_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        MODELS["mine"] = SPEC  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        SPEC.sha256 = ""  # type: ignore[misc]


@every_model
@pytest.mark.parametrize("harm", ["one bit", "cut short", "empty"])
def test_damaged_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: ModelSpec, harm: str
) -> None:
    data = bytearray(models.locate(spec).read_bytes())
    if harm == "one bit":
        data[len(data) // 2] ^= 1
    else:
        del data[-1 if harm == "cut short" else 0 :]
    monkeypatch.setattr(weights, "EMBEDDED", tmp_path)
    (tmp_path / str(spec.file)).write_bytes(data)
    with pytest.raises(ModelError) as caught:
        models.locate(spec)
    message = str(caught.value)
    assert f"{spec.file} is damaged" in message
    if harm != "empty":
        assert f"expected SHA-256 {spec.sha256[:12]}" in message
        assert f"found {hashlib.sha256(data).hexdigest()[:12]}" in message
    assert message.endswith("reinstall defocus")


def test_missing_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "EMBEDDED", tmp_path)
    with pytest.raises(ModelMissingError) as caught:
        models.locate(SPEC)
    assert isinstance(caught.value, DefocusError)
    assert isinstance(caught.value, FileNotFoundError)


def test_the_file_is_verified_while_onnx_runtime_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    met = threading.Barrier(2, timeout=20)

    def fastest(spec: ModelSpec) -> Path:
        met.wait()
        return models.locate(spec)

    def imported() -> ModuleType:
        met.wait()
        return import_onnxruntime()

    monkeypatch.setattr("defocus.threads.available_threads", lambda: 2)
    monkeypatch.setattr(session, "fastest", fastest)
    monkeypatch.setattr(session, "import_onnxruntime", imported)
    segmenter = Segmenter("u2netp", threads=2)
    segmenter.build()
    assert segmenter.built
