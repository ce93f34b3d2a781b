"""The confidence of a Subject: in 0..1, falling with doubt, the same when mirrored, and marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import defocus
from defocus.subject import confidence
from defocus.subject.subject import refine

Map = np.ndarray[Any, np.dtype[np.float32]]


def maps() -> list[Map]:
    rng = np.random.default_rng(3)
    noise = [rng.random(shape, np.float32) for shape in ((1, 1), (5, 40), (320, 320))]
    return [*noise, *(noise[2] ** power for power in (0.01, 0.2, 5)), np.ones((9, 9), np.float32)]


def soft_disc(width: float) -> Map:
    y, x = np.mgrid[:320, :320]
    inside = (100 - np.hypot(y - 160, x - 140)) / width + 0.5
    return np.asarray(np.clip(inside, 0, 1), np.float32)


def test_it_is_a_probability() -> None:
    for map_ in maps():
        assert confidence.LEAST <= confidence.of_map(map_) <= 1
    assert confidence.of_doubt(1e9) == confidence.LEAST
    assert confidence.of_doubt(0.0) > 0.98


def test_it_falls_with_doubt() -> None:
    levels = [confidence.of_doubt(nats) for nats in np.linspace(0, 3, 200)]
    assert levels == sorted(levels, reverse=True)
    softer = [confidence.of_map(soft_disc(width)) for width in (1, 10, 30, 60, 120)]
    assert softer == sorted(softer, reverse=True)
    assert softer[0] > 0.95 > 0.5 > softer[-1]


def test_a_mirrored_map_has_the_same() -> None:
    for map_ in [*maps(), soft_disc(30)]:
        assert confidence.of_map(map_) == confidence.of_map(map_[:, ::-1])
        assert confidence.of_map(map_) == confidence.of_map(np.ascontiguousarray(map_.T))


def test_the_last_bits_do_not_show() -> None:
    for map_ in [*maps(), soft_disc(30)]:
        nudged = np.nextafter(map_, np.float32(0.5))
        assert confidence.of_map(nudged) == pytest.approx(confidence.of_map(map_), abs=0.0011)


def test_nothing_found_has_none() -> None:
    photo = np.full((32, 32, 3), 90, np.uint8)
    assert refine(np.full((32, 32), 0.3, np.float32), photo, (32, 32), 0.5).confidence == 0


class Drawn(defocus.Segmenter):
    """Finds a soft disc, and in a mirrored image or a crop a sharp one."""

    def __init__(self) -> None:
        super().__init__("u2netp")
        self.runs = 0

    def mask(self, pixels: Any) -> Any:
        self.runs += 1
        return soft_disc(60 if self.runs == 1 else 2)


@pytest.mark.parametrize("effort", ["fast", "good", "best"])
@pytest.mark.parametrize(
    "marks",
    [{}, {"points": [(30, 30, True)]}, {"box": (50, 60, 250, 270)}, {"keep": np.eye(320) > 0}],
    ids=["none", "point", "box", "stroke"],
)
def test_marks_and_further_passes_do_not_change_it(marks: Any, effort: Any) -> None:
    photo = np.random.default_rng(1).integers(0, 256, (320, 320, 3), dtype=np.uint8)
    subject = defocus.find_subject(photo, segmenter=Drawn(), effort=effort, **marks)
    assert subject.confidence == confidence.of_map(soft_disc(60))
    again = defocus.find_subject(photo, start=subject, points=[(160, 160, True)])
    assert again.confidence == subject.confidence


def test_what_only_the_user_sees_has_the_least() -> None:
    class Blind(defocus.Segmenter):
        def mask(self, pixels: Any) -> Any:
            return np.zeros((320, 320), np.float32)

    photo = np.zeros((90, 90, 3), np.uint8)
    photo[30:60, 30:60] = 220
    subject = defocus.find_subject(photo, segmenter=Blind("u2netp"), box=(28, 28, 62, 62))
    assert subject.found
    assert subject.confidence == confidence.LEAST
