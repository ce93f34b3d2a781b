"""How far out of focus a pixel is: by depth, by the ground; and its parts in layers."""

from __future__ import annotations

import numpy as np
import pytest

import defocus
from defocus.render import circle_of_confusion


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, np.newaxis]


def test_the_thin_lens_law() -> None:
    depth = column(2, 2, 4, 8, 1000, np.inf, 1.5, 1, 0.5, 0)
    matte = column(1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    want = column(0, 0, 1 / 2, 3 / 4, 0.998, 1, 1 / 3, 1, 1, 1)
    got = circle_of_confusion.share_by_depth(depth, matte)
    assert got.dtype == np.float32
    assert got == pytest.approx(want, abs=1e-6)


def test_only_ratios_of_depth_count() -> None:
    depth, matte = column(3, 3, 5, 11), column(1, 1, 0, 0)
    want = circle_of_confusion.share_by_depth(depth, matte)
    assert circle_of_confusion.share_by_depth(depth * 1000, matte) == pytest.approx(want)


def test_the_subjects_depth_is_its_median() -> None:
    depth, matte = column(4, 4, 4, 90, 8), column(1, 0.5, 1, 1, 0)
    assert circle_of_confusion.share_by_depth(depth, matte)[:, 0] == pytest.approx(
        [0, 0, 0, 1 - 4 / 90, 0.5]
    )


def test_depth_without_a_subject() -> None:
    with pytest.raises(defocus.OptionError, match="needs a subject"):
        circle_of_confusion.share_by_depth(column(1, 2), column(0, 0.4))


def test_depths_at_the_ends_of_what_floats_hold() -> None:
    matte = column(1, 1, 0, 0, 0, 0)
    share = circle_of_confusion.share_by_depth(column(3e38, 3e38, 1e-40, 0, np.inf, 3e38), matte)
    assert share == pytest.approx(column(0, 0, 1, 1, 1, 0))


@pytest.mark.parametrize("depth", [0.0, np.inf])
def test_a_subject_at_an_impossible_depth(depth: float) -> None:
    with pytest.raises(defocus.ImageValueError, match="at the subject"):
        circle_of_confusion.share_by_depth(column(depth, 2), column(1, 0))


def test_the_ground() -> None:
    matte = np.zeros((100, 7), np.float32)
    matte[30:80, 3] = 1
    share = circle_of_confusion.share_by_ground(0.4, matte)
    assert share.shape == matte.shape
    assert (share == share[:, :1]).all()
    assert (share[:40] == 1).all()  # above the horizon
    assert share[59, 0] == pytest.approx(0.5, abs=0.02)  # half way up
    assert share[79:81, 0] == pytest.approx(0, abs=0.02)  # at the feet
    assert share[99, 0] == pytest.approx(0.5, abs=0.02)  # nearer
    assert (np.diff(share[40:80, 0]) < 0).all()


def test_feet_above_the_horizon() -> None:
    matte = np.zeros((100, 7), np.float32)
    matte[10:20] = 1
    with pytest.raises(defocus.OptionError, match=r"ramp=0\.5 .* at 0\.20"):
        circle_of_confusion.share_by_ground(0.5, matte)


@pytest.mark.parametrize("sigma", [0.1, 0.5, 3, 40, 500])
def test_layers_are_parts_of_a_whole(sigma: float) -> None:
    share = np.linspace(0, 1, 1001, dtype=np.float32)[np.newaxis]
    layers = circle_of_confusion.layers(share, sigma)
    assert sum(weight for _, weight in layers) == pytest.approx(np.ones_like(share), abs=1e-5)
    # The mixture has the second moment of the blur that is meant.
    spread = sum(step**2 * weight for step, weight in layers)
    assert spread == pytest.approx(share**2, abs=1e-5)
    steps = [step for step, _ in layers]
    assert steps == sorted(steps, reverse=True)
    assert (steps[0], steps[-1]) == (1.0, 0.0)
