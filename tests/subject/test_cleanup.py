"""The clean-up of grey regions, and which maps of crops count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import defocus
from defocus.subject import cleanup, crop_pass
from defocus.subject.cells import Cells

Map = np.ndarray[Any, np.dtype[np.float32]]


def photo() -> Any:
    """A red figure on green, with grain."""
    rng = np.random.default_rng(4)
    pixels = np.full((320, 320, 3), (40, 90, 40), np.int16)
    pixels[80:280, 100:220] = (170, 40, 40)
    return np.clip(pixels + rng.integers(-6, 7, pixels.shape), 0, 255).astype(np.uint8)


def half_sure() -> Map:
    """The upper part of the figure is sure; its lower part and the ground beside it are grey."""
    map_ = np.zeros((320, 320), np.float32)
    map_[80:200, 100:220] = 1
    map_[200:280, 100:260] = 0.45
    return map_


def test_a_grey_region_is_divided_by_colour() -> None:
    found = cleanup.cleaned(half_sure(), photo())
    scale = len(found) / 320
    decided = found[round(205 * scale) : round(275 * scale)]
    assert decided[:, round(105 * scale) : round(215 * scale)].min() > 0.9
    assert decided[:, round(226 * scale) :].max() < 0.1


def test_other_parts_of_the_map_stay() -> None:
    map_ = half_sure()
    map_[10:30, 10:30] = 0.6  # a sure edge is as narrow, and so is this
    found = cleanup.cleaned(map_, photo())
    before = Cells(photo()).at(map_, photo())
    far = slice(0, round(180 * len(found) / 320))
    narrow = slice(0, round(40 * len(found) / 320))
    assert np.array_equal(found[far, 40:], before[far, 40:])
    assert found.shape == before.shape
    assert narrow.stop < far.stop


@pytest.mark.parametrize("kind", ["sure", "edges", "faint", "nothing"])
def test_a_map_without_large_grey_regions_is_returned_as_it_is(kind: str) -> None:
    map_ = np.zeros((320, 320), np.float32)
    map_[80:280, 100:220] = {"faint": 0.7, "nothing": 0}.get(kind, 1)
    if kind == "edges":
        map_[80:280, 97:100] = 0.5
    assert cleanup.cleaned(map_, photo()) is map_


def test_mirrored_and_deep_photographs_have_the_same_map() -> None:
    found = cleanup.cleaned(half_sure(), photo())
    mirrored = cleanup.cleaned(half_sure()[:, ::-1].copy(), photo()[:, ::-1].copy())
    assert ((mirrored[:, ::-1] >= 0.5) == (found >= 0.5)).mean() > 0.99
    deep = cleanup.cleaned(half_sure(), photo().astype(np.uint16) * 257)
    assert ((deep >= 0.5) == (found >= 0.5)).mean() > 0.99


def test_best_cleans_up_and_good_does_not() -> None:
    class Drawn(defocus.Segmenter):
        def mask(self, pixels: Any) -> Any:
            assert pixels is not None
            return half_sure()

    segmenter = Drawn("u2netp")
    good, best = (
        defocus.find_subject(photo(), segmenter=segmenter, effort=effort).matte
        for effort in ("good", "best")
    )
    assert good[205:275, 105:215].mean() < 0.7
    assert best[205:275, 105:215].mean() > 0.9


def test_a_crop_must_confirm_the_subject() -> None:
    whole, crop = (0, 0, 640, 640), (100, 100, 500, 500)
    first = np.zeros((320, 320), np.float32)
    first[100:200, 100:200] = 1  # 200 to 400 in pixels, 80 to 240 in the map of the crop
    same = np.zeros((320, 320), np.float32)
    same[80:240, 80:240] = 1
    assert crop_pass.confirms(first, whole, same, crop)
    assert crop_pass.confirms(first, whole, np.ones_like(same), crop)
    lost = same.copy()
    lost[80:160] = 0
    assert not crop_pass.confirms(first, whole, lost, crop)
    assert not crop_pass.confirms(first * 0, whole, same, crop)


def test_a_crop_of_something_else_is_not_merged() -> None:
    class Other(defocus.Segmenter):
        runs = 0

        def mask(self, pixels: Any) -> Any:
            assert pixels is not None
            self.runs += 1
            map_ = np.zeros((320, 320), np.float32)
            map_[130:190, 130:190] = self.runs % 2
            map_[10:40, 10:40] = 1 - self.runs % 2
            return map_

    segmenter = Other("u2netp")
    best = defocus.find_subject(photo(), segmenter=segmenter, effort="best")
    assert segmenter.runs == 2
    assert np.array_equal(best.matte, defocus.find_subject(photo(), segmenter=segmenter).matte)
