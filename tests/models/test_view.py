"""Network views are made once, and are what the native pass makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus import _native
from defocus.models import ModelSpec, interface
from defocus.models.segmenter import mask_of
from defocus.models.view import View
from defocus.options import Effort
from defocus.pixels.samples import Pixels

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIZES = [(1, 1), (97, 64), (320, 320), (481, 321)]


def photo(width: int, height: int, brightest: int = 255) -> NDArray[np.uint8]:
    values = np.random.default_rng(width).integers(0, brightest + 1, (height, width, 3), np.uint8)
    return np.asarray(values)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The arguments of each native shrink."""
    made: list[Any] = []
    real = _native.shrink_planes

    def record(*arguments: Any, **options: Any) -> Any:
        made.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr(_native, "shrink_planes", record)
    return made


def normalised(planes: NDArray[np.float64], divisor: float) -> NDArray[np.float64]:
    mean, std = (np.array(of_each)[:, np.newaxis, np.newaxis] for of_each in (MEAN, STD))
    return np.asarray((planes / divisor - mean) / std)[np.newaxis]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("brightest", [0, 1, 90, 255])
@pytest.mark.parametrize("divisor", [None, 255.0, 1.0])
def test_the_input_is_normalised_planes(
    size: tuple[int, int], brightest: int, divisor: float | None
) -> None:
    image = photo(*size, brightest)
    spec = ModelSpec(file="x.onnx", mean=MEAN, std=STD, divisor=divisor)
    got = interface.network_input(View(image, 1), spec, (48, 32))
    planes = _native.shrink_planes(image, 48, 32).astype(np.float64)
    assert np.abs(got - normalised(planes, divisor or max(planes.max(), 1.0))).max() < 2e-6 * max(
        1.0, planes.max() / (divisor or 255.0)
    )
    assert np.abs(View(image, 2).light((48, 32)) - planes / 255).max() < 1e-7


def test_channels_may_be_in_the_other_order() -> None:
    image = photo(60, 40)
    spec = ModelSpec(file="x.onnx", mean=MEAN, std=STD, channels="bgr")
    got = interface.network_input(View(image, 1), spec, (48, 32))
    planes = _native.shrink_planes(image, 48, 32).astype(np.float64)
    assert np.abs(got - normalised(planes, planes.max())[:, ::-1]).max() < 2e-6
    assert got.flags.c_contiguous


@pytest.mark.parametrize("size", SIZES)
def test_a_mirrored_view_is_that_of_the_mirrored_photograph(size: tuple[int, int]) -> None:
    image = photo(*size)
    view = View(image, 1)
    light = view.light((320, 320))
    mirrored = view.mirrored()
    assert np.array_equal(mirrored.pixels, image[:, ::-1])
    assert np.array_equal(mirrored.light((320, 320)), light[..., ::-1])
    made_anew = View(image[:, ::-1], 1).light((320, 320))
    assert np.abs(mirrored.light((320, 320)) - made_anew).max() < 1e-6
    other = View(image[:, ::-1], 1).light((31, 17))
    assert np.array_equal(mirrored.light((31, 17)), other)


def test_a_photograph_is_shrunk_once(calls: list[Any]) -> None:
    """For the network, its mirrored run and the warnings."""

    class Unsure(defocus.Segmenter):
        def _run(self, view: View) -> Any:
            super()._run(view)
            map_ = np.zeros((320, 320), np.float32)
            map_[100:200, 100:200] = 1
            map_[150:200, 100:200] = 0.4 if len(given) == 0 else 1
            given.append(view)
            return map_

    given: list[Any] = []
    segmenter = Unsure("u2netp", threads=1)
    cases: list[tuple[Effort, int]] = [("good", 2), ("fast", 1)]
    for effort, runs in cases:
        given.clear()
        calls.clear()
        found = defocus.find_subject(photo(97, 64), segmenter=segmenter, effort=effort)
        assert found.found
        assert len(given) == runs
        assert len(calls) == 1


def test_a_frame_of_a_video_is_shrunk_once(calls: list[Any]) -> None:
    """For the network, and for the comparison with the frame before it."""
    frames = [photo(97, 64), photo(97, 65)]
    segmenter = defocus.Segmenter("u2netp", threads=1)
    assert len(list(defocus.video(frames, every=1, segmenter=segmenter))) == 2
    assert len(calls) == 2


def test_a_view_and_its_pixels_have_the_same_mask() -> None:
    segmenter = defocus.Segmenter("u2netp", threads=1)
    image = photo(97, 64)
    view = View(image, 1)
    assert np.array_equal(mask_of(segmenter, view), segmenter.mask(image))


def test_a_mask_of_a_subclass_gets_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    class Own(defocus.Segmenter):
        def mask(self, pixels: Pixels) -> NDArray[np.float32]:
            seen.append(pixels)
            return super().mask(pixels)

    image = np.full((50, 70, 3), 90, np.uint8)
    view = View(image, 1)
    own, usual = Own("u2netp", threads=1), defocus.Segmenter("u2netp", threads=1)
    np.testing.assert_array_equal(mask_of(own, view), mask_of(usual, view))
    assert [type(each) for each in seen] == [np.ndarray]
    monkeypatch.setattr(usual, "mask", own.mask)
    mask_of(usual, view)
    assert [type(each) for each in seen] == [np.ndarray] * 2
