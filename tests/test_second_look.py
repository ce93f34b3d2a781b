"""Small subjects seen twice, and how much is done for edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import defocus
from defocus import cli
from defocus.second_look import merge, region


def blob(left: int, top: int, right: int, bottom: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    map_ = np.zeros((320, 320), np.float32)
    map_[top:bottom, left:right] = 1
    return map_


def test_only_small_subjects_are_looked_at_again() -> None:
    assert region(blob(100, 100, 110, 110), (800, 600)) is None  # too small to go by
    assert region(blob(40, 40, 280, 280), (800, 600)) is None  # large enough already
    assert region(np.zeros((320, 320), np.float32), (800, 600)) is None
    assert region(blob(0, 0, 64, 64), (800, 600)) == (0, 0, 192, 152)  # ends at the frame


def test_maps_are_merged_without_a_seam() -> None:
    size = (640, 640)
    first = blob(120, 120, 200, 200)
    box = region(first, size)
    assert box is not None
    second = np.ones((320, 320), np.float32)
    merged = merge(first, second, box, size)
    scale = len(merged) / 640
    left, top, right, bottom = (round(side * scale) for side in box)
    assert len(merged) > 320  # as fine as the second look
    inside = np.zeros(merged.shape, bool)
    inside[top:bottom, left:right] = True
    assert merged[~inside].max() <= 1e-6
    row = merged[(top + bottom) // 2]
    assert abs(np.diff(row[left - 3 : left + 12])).max() < 0.1
    middle = merged[(top + bottom) // 2, (left + right) // 2]
    assert middle == pytest.approx(1.0, abs=1e-3)
    # Half way between what the first did not see and the second did.
    assert merged[top + round(0.11 * (bottom - top)), (left + right) // 2] == pytest.approx(
        0.5, abs=0.05
    )


class Twice(defocus.Segmenter):
    """Finds a blob in whatever it is given, and remembers what that was."""

    def __init__(self) -> None:
        super().__init__("u2netp")
        self.seen: list[tuple[int, ...]] = []

    def mask(self, pixels: np.ndarray[Any, Any]) -> Any:
        self.seen.append(pixels.shape)
        return blob(130, 130, 190, 190)


def test_best_looks_twice() -> None:
    image = np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    expected: list[tuple[Any, int]] = [("fast", 1), ("good", 1), ("best", 2)]
    for quality, looks in expected:
        segmenter = Twice()
        subject = defocus.find_subject(image, segmenter=segmenter, quality=quality)
        assert len(segmenter.seen) == looks
        assert subject.matte.shape == (600, 800)
    assert segmenter.seen[1][0] < 300
    assert segmenter.seen[1][1] < 300


def test_fast_leaves_soft_pixels_as_they_are() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    matte = np.full((60, 80), 128, np.uint8)
    fast = defocus.cutout(image, matte=matte, quality="fast")
    assert (fast[..., :3] == image).all()
    good = defocus.cutout(image, matte=matte)
    assert (good[..., :3] != image).any()


@pytest.mark.parametrize(
    ("quality", "error"), [("better", defocus.OptionError), (3, defocus.OptionTypeError)]
)
def test_no_such_quality(quality: Any, error: type[Exception]) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    for function in (defocus.portrait, defocus.cutout, defocus.find_subject):
        with pytest.raises(error, match="expected 'fast'"):
            function(image, quality=quality)


def test_effort_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["portrait", "no.jpg", "out.jpg", "--effort", "much"]) == 2
    assert "quality='much' is unknown" in capsys.readouterr().err
