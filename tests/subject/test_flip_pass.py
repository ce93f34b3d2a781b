"""Grey regions decided by a look at the mirrored photograph, on drawn maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus.pixels.samples import Pixels
from defocus.subject.flip_pass import merge, unsure

Map = NDArray[np.float32]


def person(coat: float) -> Map:
    """A sure head over a coat that the network gives `coat`, both with soft edges."""
    map_ = np.zeros((320, 320), np.float32)
    map_[60:160, 120:220] = 1
    map_[160:260, 100:240] = coat
    for _ in range(2):
        map_[1:-1, 1:-1] = (map_[:-2, 1:-1] + 2 * map_[1:-1, 1:-1] + map_[2:, 1:-1]) / 4
        map_[1:-1, 1:-1] = (map_[1:-1, :-2] + 2 * map_[1:-1, 1:-1] + map_[1:-1, 2:]) / 4
    return map_


def test_soft_edges_are_not_unsure_regions() -> None:
    assert not unsure(person(1.0))
    assert unsure(person(0.4))
    rows, columns = np.mgrid[:320, :320]
    disc = np.clip((35 - np.hypot(rows - 160, columns - 160)) / 8 + 0.5, 0, 1)
    assert ((disc > 0.1) & (disc < 0.9)).sum() > 0.3 * (disc > 0.5).sum()
    assert not unsure(disc.astype(np.float32))


def test_small_regions_do_not_matter() -> None:
    map_ = person(1.0)
    map_[80:150, 130:175] = 0.75  # .13 of the subject
    assert not unsure(map_)
    map_[70:160, 130:175] = 0.75  # .17
    assert unsure(map_)


@pytest.mark.parametrize(
    ("value", "columns", "runs"),
    [
        (0.25, 30, True),
        (0.35, 30, False),
        (0.65, 30, False),
        (0.75, 30, True),
        (0.45, 45, False),
        (0.45, 55, True),
        (0.55, 45, False),
        (0.55, 55, True),
    ],
)
def test_small_regions_must_lean_to_one_side(value: float, columns: int, runs: bool) -> None:
    """The mirrored map decides those near 1/2 by chance; what is large is worth the try."""
    map_ = np.zeros((320, 320), np.float32)
    map_[60:260, 100:200] = 1
    left = 200 if value < 0.5 else 100  # beside the subject, or a part of it
    map_[60:260, left : left + columns] = value
    assert unsure(map_) is runs


def test_a_map_at_the_frame() -> None:
    map_ = np.full((320, 320), 0.45, np.float32)
    assert not unsure(map_)  # sure of nothing: the flip pass could confirm nothing
    map_[:160] = 1
    assert unsure(map_)
    assert not unsure(np.ones((1, 1), np.float32))


def test_a_slope_is_decided() -> None:
    map_ = person(1.0)
    map_[150:, 100:220] = np.linspace(1, 0, 170, dtype=np.float32)[:, np.newaxis]
    assert not unsure(map_)


@pytest.mark.parametrize("coat", [0.0, 1.0])
def test_a_mirrored_map_that_decides_is_taken(coat: float) -> None:
    first, second = person(0.4), person(coat)
    merged = merge(first, second)
    assert merged[200, 170] == pytest.approx(coat)
    assert merged.dtype == np.float32
    assert (merged[:130] == first[:130]).all()
    assert abs(np.diff(merged[:160, 170])).max() < 0.4  # no seam


def test_what_hangs_together_with_a_grey_region_goes_with_it() -> None:
    first, second = person(0.4), person(0.0)
    first[160:260, 100:140] = 1  # a sure part of the coat
    second[60:80, 150:190] = 0  # a cap that only the first map has
    merged = merge(first, second)
    assert merged[160:260, 100:240].max() < 0.9
    assert merged[180:240, 110:230].max() == 0.0
    assert (merged[:130] == first[:130]).all()


def test_a_mirrored_map_of_something_else_is_ignored() -> None:
    elsewhere = np.zeros((320, 320), np.float32)
    elsewhere[160:260, 100:240] = 1  # the coat, but not the head
    first = person(0.4)
    assert merge(first, elsewhere) is first


def test_a_mirrored_map_that_is_hardly_surer_is_ignored() -> None:
    first = person(0.4)
    assert merge(first, first.copy()) is first
    for rows, settled in ((60, False), (30, True)):  # of the coat's 100
        second = person(0.0)
        second[160 : 160 + rows, 100:240] = 0.4
        assert (merge(first, second) is not first) is settled


def test_without_a_sure_part_there_is_nothing_to_agree_about() -> None:
    first = person(1.0) * np.float32(0.6)
    assert merge(first, person(1.0)) is first


class Mirrored(defocus.Segmenter):
    """Detects the coat of `person` only if the left of the photograph is darker than its right."""

    def __init__(self, coat: float) -> None:
        super().__init__("u2netp")
        self.coat = coat
        self.looks = 0

    def mask(self, pixels: Pixels) -> Any:
        self.looks += 1
        pixels = pixels
        mirrored = pixels[:, 0].mean() > pixels[:, -1].mean()
        map_ = person(1.0 if mirrored else self.coat)
        map_[60:90, 120:140] = 0  # not symmetric
        return np.ascontiguousarray(map_[:, ::-1]) if mirrored else map_


def photograph() -> NDArray[np.uint8]:
    ramp = np.linspace(40, 200, 640).astype(np.uint8)
    return np.repeat(np.broadcast_to(ramp, (480, 640))[..., np.newaxis], 3, axis=2)


@pytest.mark.parametrize(
    ("effort", "coat", "looks"),
    [("good", 1.0, 1), ("good", 0.4, 2), ("fast", 0.4, 1), ("best", 0.4, 3)],
)
def test_the_network_is_asked_again_only_when_unsure(effort: Any, coat: float, looks: int) -> None:
    segmenter = Mirrored(coat)
    subject = defocus.find_subject(photograph(), segmenter=segmenter, effort=effort)
    assert segmenter.looks == looks
    if (effort, coat) != ("fast", 0.4):
        assert subject.components[0].box[3] > 370  # the coat's end
        assert subject.warnings == ()
    else:
        assert subject.components[0].box[3] < 250


def test_the_mirrored_map_is_mirrored_back() -> None:
    segmenter = Mirrored(0.4)
    subject = defocus.find_subject(photograph(), segmenter=segmenter)
    assert subject.map[75, 125] < 0.1
    assert subject.map[75, 205] > 0.9
    assert subject.map[200, 170] > 0.99
