"""The segmenter: input, mask and failures."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import models
from defocus.errors import (
    ImageTypeError,
    ImageValueError,
    ModelError,
    OptionError,
    OptionTypeError,
    UnknownModelError,
)
from defocus.models import interface
from defocus.models import network as network_module
from defocus.models import segmenter as segmenter_module
from defocus.models.segmenter import Segmenter
from defocus.models.view import View

SPEC = models.find("u2netp")
SIZE = (320, 320)
TINY = dataclasses.replace(SPEC, input_size=(5, 4))

Image = NDArray[np.uint8]
Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def noise(seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (320, 320, 3), dtype=np.uint8)


def scene(x: int, y: int, radius: int) -> tuple[Image, NDArray[np.bool_]]:
    """A bright, grainy disc on a dim, even ground; and where it is."""
    rows, columns = np.mgrid[:320, :320]
    disc = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    grain = np.random.default_rng(x).normal(0, 12, (320, 320, 1))
    colours = np.where(disc[..., None], (235, 140, 50), (45, 60, 70))
    image = colours + np.where(disc[..., None], grain, grain / 4)
    return np.clip(image, 0, 255).astype(np.uint8), disc


@pytest.fixture(scope="module", params=["u2net", "u2netp"])
def segmenter(request: pytest.FixtureRequest) -> Segmenter:
    return Segmenter(request.param)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[[Network], Segmenter]:
    """Makes a Segmenter that runs the given function as its network."""

    def make(network: Network) -> Segmenter:
        monkeypatch.setattr(
            segmenter_module,
            "build",
            lambda spec, threads, places, choice: network_module.Network(network, SIZE),
        )
        return Segmenter()

    return make


# What comes out


@pytest.mark.parametrize(("x", "y", "radius"), [(160, 160, 80), (100, 200, 60)])
def test_subject_is_found(segmenter: Segmenter, x: int, y: int, radius: int) -> None:
    image, disc = scene(x, y, radius)
    mask = segmenter.mask(image)
    found = mask >= 0.5
    assert (found & disc).sum() / (found | disc).sum() > 0.9
    assert mask.max() > segmenter.spec.subject_threshold


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_flat_image_has_no_subject(segmenter: Segmenter, value: int) -> None:
    mask = segmenter.mask(np.full((320, 320, 3), value, np.uint8))
    assert mask.max() < segmenter.spec.subject_threshold
    assert mask.min() >= 0.0


def test_shape_type_and_range(segmenter: Segmenter) -> None:
    mask = segmenter.mask(noise(0))
    assert mask.shape == (320, 320)
    assert mask.dtype == np.float32
    assert mask.flags.c_contiguous
    assert mask.flags.writeable
    assert mask.min() >= 0.0
    assert mask.max() <= 1.0


def test_same_twice_and_input_untouched(segmenter: Segmenter) -> None:
    image = noise(1)
    before = image.copy()
    image.setflags(write=False)
    first = segmenter.mask(image)
    np.testing.assert_array_equal(first, segmenter.mask(image))
    np.testing.assert_array_equal(image, before)


def test_number_of_threads_does_not_change_the_mask(segmenter: Segmenter) -> None:
    image = noise(2)
    np.testing.assert_array_equal(
        Segmenter(segmenter.spec.name, threads=1).mask(image), segmenter.mask(image)
    )


def test_strided_views_are_taken(segmenter: Segmenter) -> None:
    image = noise(3)
    expected = segmenter.mask(image)
    wide = np.zeros((640, 960, 6), np.uint8)
    view = wide[::2, ::3, ::2]
    view[...] = image
    np.testing.assert_array_equal(segmenter.mask(view), expected)
    np.testing.assert_array_equal(segmenter.mask(image[::-1, ::-1].copy()[::-1, ::-1]), expected)


def test_map_is_clipped_but_not_stretched(fake: Callable[[Network], Segmenter]) -> None:
    raw = np.full((1, 1, 320, 320), 0.25, np.float32)
    raw[0, 0, 0, :3] = -1e-6, 0.5, 1.0 + 1e-6
    mask = fake(lambda image: raw).mask(noise(0))
    assert mask[0, :4].tolist() == [0.0, 0.5, 1.0, 0.25]
    assert mask.min() == 0.0
    assert mask.max() == 1.0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_map_that_is_not_finite_is_an_error(
    fake: Callable[[Network], Segmenter], value: float
) -> None:
    raw = np.zeros((1, 1, 320, 320), np.float32)
    raw[0, 0, 7, 9] = value
    with pytest.raises(ModelError, match="not finite"):
        fake(lambda image: raw).mask(noise(0))


# Input


def normalised_by_hand(image: Image) -> NDArray[np.float64]:
    """The authors' formula for each value by itself, in double precision."""
    height, width, _ = image.shape
    result = np.empty((1, 3, height, width))
    peak = max((int(v) for v in image.flat), default=0)
    for (row, column, channel), value in np.ndenumerate(image):
        share = int(value) / peak if peak else 0.0
        mean, std = (0.485, 0.456, 0.406)[channel], (0.229, 0.224, 0.225)[channel]
        result[0, channel, row, column] = (share - mean) / std
    return result


@pytest.mark.parametrize("brightest", [0, 1, 77, 255])
def test_normalisation(brightest: int) -> None:
    image = np.random.default_rng(brightest).integers(0, brightest + 1, (4, 5, 3), dtype=np.uint8)
    image[2, 3, 1] = brightest
    tensor = interface.network_input(View(image, 1), TINY, (5, 4))
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous
    np.testing.assert_allclose(tensor, normalised_by_hand(image), rtol=0, atol=2e-6)


def test_network_is_given_the_normalised_image(fake: Callable[[Network], Segmenter]) -> None:
    given: list[NDArray[np.float32]] = []

    def network(image: NDArray[np.float32]) -> NDArray[np.float32]:
        given.append(image)
        return np.zeros((1, 1, 320, 320), np.float32)

    image = noise(4)
    fake(network).mask(image)
    expected = interface.network_input(View(image, 1), SPEC, (320, 320))
    np.testing.assert_array_equal(given[0], expected)


@pytest.mark.parametrize(
    ("pixels", "error", "message"),
    [
        (np.zeros((320, 320, 3), np.float32), ImageTypeError, "dtype float32"),
        (np.zeros((320, 320, 3), np.int8), ImageTypeError, "dtype int8"),
        ([[0]], ImageTypeError, "is a list; expected a uint8 or uint16 array"),
        (None, ImageTypeError, "is None; expected a uint8 or uint16 array"),
        (np.zeros((320, 320), np.uint8), ImageValueError, "shape"),
        (np.zeros((320, 320, 4), np.uint8), ImageValueError, "shape"),
        (np.zeros((3, 320, 320), np.uint8), ImageValueError, "shape"),
        (np.zeros((0, 320, 3), np.uint8), ImageValueError, "shape"),
    ],
)
def test_wrong_image_is_refused(
    segmenter: Segmenter, pixels: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        segmenter.mask(pixels)


# Options and attributes


def test_attributes(segmenter: Segmenter) -> None:
    assert segmenter.spec is models.find(segmenter.spec.name)
    assert segmenter.input_size == (320, 320)
    assert repr(Segmenter("u2netp", threads=2)) == "Segmenter('u2netp', threads=2)"


@pytest.mark.parametrize("threads", [0, -1])
def test_too_few_threads(threads: int) -> None:
    with pytest.raises(OptionError, match=f"threads={threads}"):
        Segmenter(threads=threads)


@pytest.mark.parametrize("threads", [True, 1.0, "1"])
def test_threads_of_the_wrong_type(threads: Any) -> None:
    with pytest.raises(OptionTypeError, match="threads="):
        Segmenter(threads=threads)


def test_unknown_model_is_refused_at_once() -> None:
    with pytest.raises(UnknownModelError, match="did you mean 'u2netp'"):
        Segmenter("u2netpp")


# Failures


def with_spec(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Segmenter:
    spec = dataclasses.replace(SPEC, **changes)
    monkeypatch.setattr(models, "find", lambda name: spec)
    return Segmenter("u2netp")


def test_damaged_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter = with_spec(monkeypatch, sha256="0" * 64)
    for _ in range(2):  # nothing half-made stays behind
        with pytest.raises(ModelError, match=r"^model .u2netp.: u2netp\.onnx is damaged"):
            segmenter.mask(noise(0))


def test_file_that_is_no_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.onnx"
    path.write_bytes(b"no network")
    sha256 = hashlib.sha256(b"no network").hexdigest()
    with pytest.raises(ModelError, match=r"model 'u2netp': ONNX Runtime failed: .") as caught:
        with_spec(monkeypatch, file=str(path), sha256=sha256).warmup()
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_network_that_refuses_the_image(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelError, match=r"is not input_size=\(64, 64\)") as caught:
        with_spec(monkeypatch, input_size=(64, 64)).warmup()
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
