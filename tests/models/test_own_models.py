"""Networks of the user's own: by path, or by a ModelSpec that says how they are fed and read."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus import Segmenter, models
from defocus.cli import command
from defocus.errors import (
    DefocusError,
    ModelError,
    ModelMissingError,
    OptionError,
    OptionTypeError,
    UnknownModelError,
)
from defocus.models import MODELS, ModelSpec
from tiny_network import DOUBLE, tiny_network

WIDTH, HEIGHT = 64, 48


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a small network."""
    monkeypatch.chdir(tmp_path)
    Path("tiny.onnx").write_bytes(tiny_network())
    return tmp_path


def photo(width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 200, (height, width, 3), dtype=np.uint8)


def expected(image: NDArray[np.uint8], spec: ModelSpec, divisor: float) -> NDArray[np.float64]:
    """What the small network makes of an image, in double precision."""
    logits = ((image / divisor - spec.mean) / spec.std).mean(axis=2)
    result: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-logits))
    return result


# --- accepted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", ["tiny.onnx", "./tiny.onnx", Path("tiny.onnx"), ModelSpec(file="tiny.onnx")]
)
def test_a_file_is_a_network(
    model: str | Path | ModelSpec, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    segmenter = Segmenter(model, threads=1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")  # the path is that of the moment it was given
    image = photo()
    mask = segmenter.mask(image)
    np.testing.assert_allclose(mask, expected(image, segmenter.spec, image.max()), atol=1e-5)
    assert segmenter.input_size == (WIDTH, HEIGHT)
    assert segmenter.spec.name == "tiny"
    twin = pickle.loads(pickle.dumps(segmenter))
    np.testing.assert_array_equal(twin.mask(image), mask)


def test_a_file_without_extension_is_taken_by_its_path() -> None:
    Path("tiny.onnx").rename("network")
    assert Segmenter(Path("network")).input_size == (WIDTH, HEIGHT)
    assert Segmenter("./network").input_size == (WIDTH, HEIGHT)
    with pytest.raises(UnknownModelError):
        Segmenter("network")


def test_a_name_is_a_name_even_where_such_a_file_lies() -> None:
    Path("u2netp").write_bytes(b"")
    assert Segmenter("u2netp").spec is MODELS["u2netp"]


def test_an_entry_may_be_used_differently() -> None:
    spec = dataclasses.replace(MODELS["u2netp"], subject_threshold=0.25)
    segmenter = Segmenter(spec)
    assert segmenter.spec is spec
    segmenter.warmup()


def test_size_left_open_by_the_file() -> None:
    Path("open.onnx").write_bytes(tiny_network(("batch", 3, "height", "width")))
    assert Segmenter("open.onnx").input_size == (320, 320)
    segmenter = Segmenter(ModelSpec(file="open.onnx", input_size=(40, 30)))
    assert segmenter.mask(photo(40, 30)).shape == (30, 40)


def test_normalisation_of_the_input() -> None:
    spec = ModelSpec(file="tiny.onnx", divisor=255, mean=(0.5, 0.4, 0.3), std=(1, 2, 3))
    image = photo()
    mask = Segmenter(spec).mask(image)
    np.testing.assert_allclose(mask, expected(image, spec, 255.0), atol=1e-5)


def test_portrait_with_an_own_network(capsys: pytest.CaptureFixture[str]) -> None:
    image = photo(90, 70)
    spec = ModelSpec(file="tiny.onnx", subject_threshold=0.0)
    subject = defocus.find_subject(image, segmenter=Segmenter(spec))
    assert subject.found
    assert subject.matte.shape == (70, 90)
    blank = defocus.find_subject(
        image, segmenter=Segmenter(dataclasses.replace(spec, subject_threshold=1.0))
    )
    assert not blank.found
    defocus.save(image, "photo.png")
    assert command.main(["cutout", "photo.png", "out.png", "--model", "tiny.onnx", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_hash_is_checked_if_given() -> None:
    right = hashlib.sha256(Path("tiny.onnx").read_bytes()).hexdigest()
    Segmenter(ModelSpec(file="tiny.onnx", sha256=right)).warmup()
    with pytest.raises(ModelError, match=r"^model 'tiny': tiny\.onnx is damaged: expected SHA-"):
        Segmenter(ModelSpec(file="tiny.onnx", sha256="0" * 64)).warmup()


# --- refused --------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["gone.onnx", "../u2netp", Path("gone"), ".", "sub/"])
def test_no_such_file(model: str | Path) -> None:
    with pytest.raises(ModelMissingError, match=r"expected an ONNX file, or one .* u2netp") as e:
        Segmenter(Path(model) if model == "." else model)
    assert isinstance(e.value, (FileNotFoundError, ModelError, DefocusError))
    assert repr(os.fspath(model)) in str(e.value) or os.fspath(model).endswith("/")


def test_a_file_that_goes_away() -> None:
    segmenter = Segmenter("tiny.onnx")
    Path("tiny.onnx").unlink()
    with pytest.raises(ModelMissingError):
        segmenter.warmup()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected an ONNX file, found 0 bytes"),
        (b"no network", "ONNX Runtime failed: ."),
        (tiny_network()[:-30], "ONNX Runtime failed: ."),
        (tiny_network((1, 4, 48, 64)), "takes image0 .*4, 48, 64.*expected one input"),
        (tiny_network((2, 3, 48, 64)), "takes image0 .*2, 3, 48, 64.*expected one input"),
        (tiny_network((1, 3, 8, 8), DOUBLE), r"tensor\(double\).*expected one input"),
        (tiny_network(inputs=2), r"image0 .*, image1 .*expected one input"),
    ],
)
def test_what_is_no_network_of_the_family(
    content: bytes, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("tiny.onnx").write_bytes(content)
    segmenter = Segmenter("tiny.onnx")
    for _ in range(2):
        with pytest.raises(ModelError, match=message) as caught:
            segmenter.mask(photo())
        assert "'tiny'" in str(caught.value)
        assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"output": "nothing"}, "has no output 'nothing'; it has mask, logits, wide"),
        ({"output": "wide"}, r"shape \(1, 3, 48, 64\); expected one mask.*\(1, 1, 48, 64\)"),
        ({"output": "logits"}, r"values of .*expected 0 to 1.*choose another output"),
        ({"input_size": (HEIGHT, WIDTH)}, r"is not input_size=\(48, 64\).*leave out input_size"),
    ],
)
def test_spec_that_does_not_fit_the_file(fields: dict[str, Any], message: str) -> None:
    segmenter = Segmenter(ModelSpec(file="tiny.onnx", **fields))
    with pytest.raises(ModelError, match=message):
        segmenter.warmup()


def test_an_image_of_any_size_is_brought_to_the_networks() -> None:
    mask = Segmenter("tiny.onnx").mask(photo(WIDTH + 1, 3 * HEIGHT))
    assert mask.shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"file": ""}, OptionTypeError),
        ({"file": None}, OptionTypeError),
        ({"sha256": "abc"}, OptionError),
        ({"output": 1}, OptionTypeError),
        ({"input_size": 320}, OptionTypeError),
        ({"input_size": (320,)}, OptionError),
        ({"input_size": (320.5, 320)}, OptionError),
        ({"input_size": (0, 320)}, OptionError),
        ({"mean": (0.5, 0.5)}, OptionError),
        ({"mean": (0.5, 0.5, "0.5")}, OptionTypeError),
        ({"mean": (0.5, 0.5, float("nan"))}, OptionError),
        ({"std": (1, 0, 1)}, OptionError),
        ({"divisor": 0}, OptionError),
        ({"divisor": True}, OptionTypeError),
        ({"subject_threshold": 1.5}, OptionError),
        ({"subject_threshold": None}, OptionTypeError),
    ],
)
def test_spec_with_a_field_out_of_range(fields: dict[str, Any], error: type[DefocusError]) -> None:
    with pytest.raises(error, match=re.escape(f"{next(iter(fields))}=")) as caught:
        ModelSpec(**{"file": "tiny.onnx", **fields})
    assert "\n" not in str(caught.value)


def test_spec_takes_what_numpy_gives() -> None:
    spec = ModelSpec(file=Path("a.onnx"), input_size=tuple(np.array([8, 9])), mean=np.ones(3))  # type: ignore[arg-type]
    assert spec.input_size == (8, 9)
    assert hash(spec) == hash(dataclasses.replace(spec))
    assert models.MODELS["u2netp"].divisor is None


@pytest.mark.parametrize(
    "model", ["a" * 300 + ".onnx", f"/{'a' * 300}/x.onnx", "a" * 9000 + ".onnx"]
)
def test_a_name_that_is_too_long(model: str) -> None:
    with pytest.raises(ModelMissingError):
        Segmenter(model)
