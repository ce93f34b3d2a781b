"""Connected components, and the ones that are meant."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus.options import Select, Selection
from defocus.pixels.regions import label
from defocus.subject.components import choose, keep, split

SIZE = (640, 320)  # of a photograph whose map is 64 x 64


def flooded(mask: NDArray[np.bool_], *, diagonal: bool) -> NDArray[np.int64]:
    """Labels by flood fill, numbered as the rows are read."""
    labels = np.zeros(mask.shape, np.int64)
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    steps += [(-1, -1), (-1, 1), (1, -1), (1, 1)] if diagonal else []
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        waiting, number = [start], labels.max() + 1
        while waiting:
            y, x = waiting.pop()
            inside = 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
            if inside and mask[y, x] and not labels[y, x]:
                labels[y, x] = number
                waiting += [(y + dy, x + dx) for dy, dx in steps]
    return labels


@pytest.mark.parametrize("diagonal", [True, False])
def test_labels_are_those_of_a_flood(diagonal: bool, rng: np.random.Generator) -> None:
    for _ in range(60):
        mask = rng.random(rng.integers(1, 24, 2)) < rng.random()
        labels, count = label(mask, diagonal=diagonal)
        assert np.array_equal(labels, flooded(mask, diagonal=diagonal))
        assert count == labels.max(initial=0)


def test_corners_touch_across_no_frame() -> None:
    mask = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], bool)
    assert label(mask)[0].tolist() == [[0, 0, 1], [2, 0, 0], [0, 2, 0]]
    assert label(mask, diagonal=False)[1] == 3


def test_a_winding_part_is_one() -> None:
    mask = np.zeros((41, 41), bool)
    for row in range(0, 41, 2):
        mask[row] = True
        mask[row + 1 : row + 2, 0 if row % 4 else -1] = True
    assert label(mask)[1] == 1
    mask[20, 20] = False
    assert label(mask)[1] == 2


def two() -> NDArray[np.float32]:
    """A large square left, a smaller right, a soft rim around both, and a speck."""
    raw = np.zeros((64, 64), np.float32)
    raw[8:36, 6:34] = raw[18:32, 42:56] = 0.3
    raw[10:34, 8:32] = 1.0
    raw[20:30, 44:54] = 0.9
    raw[60, 60] = 0.8
    return raw


def test_components_are_described_in_pixels_of_the_photograph() -> None:
    parts = split(two(), SIZE)
    large, small = parts.components
    assert large.box == (80, 50, 320, 170)
    assert small.box == (440, 100, 540, 150)
    assert (large.area, small.area) == (576 / 4096, 100 / 4096)
    assert (large.confidence, small.confidence) == pytest.approx((1.0, 0.9))
    assert np.bincount(parts.labels.ravel()).tolist() == [4096 - 676, 576, 100]
    assert split(np.zeros((8, 8), np.float32), SIZE).components == ()


def test_a_speck_counts_if_there_is_nothing_else() -> None:
    raw = np.zeros((64, 64), np.float32)
    raw[3, 4] = 0.7
    assert [part.box for part in split(raw, (64, 64)).components] == [(4, 3, 5, 4)]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("all", (0, 1)),
        ("largest", (0,)),
        ((100, 100), (0,)),
        ((490, 120), (1,)),
        ((540 + 31, 120), (1,)),  # 5 % of 640 next to it
        ((430, 60, 550, 160), (1,)),
        ((60, 0, 260, 320), (0,)),
        ((300, 0, 500, 320), (1,)),  # a twelfth of the one, half of the other
        ((500, 0, 640, 320), (1,)),  # less than half, but more than of any other
        ((0, 0, 640, 320), (0, 1)),
        ((190, 0, 500, 320), (0, 1)),  # a little more than half of each
    ],
)
def test_what_is_meant(select: Select, expected: tuple[int, ...]) -> None:
    assert choose(split(two(), SIZE), Selection(select), SIZE) == expected


@pytest.mark.parametrize("select", [(540 + 33, 120), (620, 10), (560, 200, 600, 280)])
def test_meaning_nothing_tells_where_they_are(select: Select) -> None:
    with pytest.raises(defocus.NoSubjectError) as caught:
        choose(split(two(), SIZE), Selection(select), SIZE)
    assert repr(select) in str(caught.value)
    assert "(80, 50, 320, 170), (440, 100, 540, 150)" in str(caught.value)


def test_soft_rims_go_with_the_nearest() -> None:
    raw = two()
    before, parts = raw.copy(), split(raw, SIZE)
    left, right = keep(raw, parts, (0,)), keep(raw, parts, (1,))
    assert np.array_equal(left[:, :36], raw[:, :36])
    assert not left[:, 40:].any()
    assert np.array_equal(right[:50, 40:], raw[:50, 40:])
    assert right[60, 60] == raw[60, 60]  # the speck
    assert not right[:, :36].any()
    assert np.array_equal(left + right, raw)
    assert np.array_equal(keep(raw, parts, (0, 1)), raw)
    assert np.array_equal(raw, before)


def test_nearest_is_exact(rng: np.random.Generator) -> None:
    raw = np.full((30, 40), 0.2, np.float32)
    raw[3:9, 5:12] = raw[20:26, 25:33] = 1.0
    parts = split(raw, (40, 30))
    kept = keep(raw, parts, (1,)) > 0
    y, x = np.mgrid[:30, :40]
    distances = [
        np.min((y[..., None] - rows) ** 2 + (x[..., None] - columns) ** 2, axis=-1)
        for rows, columns in (np.nonzero(parts.labels == number) for number in (1, 2))
    ]
    assert np.array_equal(kept, distances[1] <= distances[0])


@pytest.mark.parametrize(
    "select", ["both", "", None, 3, (1,), (1, 2, 3), (5, 5, 5, 9), ("1", "2"), (1, float("nan"))]
)
def test_select_is_checked(select: object) -> None:
    with pytest.raises((defocus.OptionError, defocus.OptionTypeError), match="select="):
        Selection(select)  # type: ignore[arg-type]


@pytest.mark.parametrize("select", [(640, 5), (5, 320), (-1, 5), (640, 0, 700, 9), (-9, -9, -1, 5)])
def test_select_lies_within_the_photograph(select: Select) -> None:
    with pytest.raises(defocus.OptionError, match="640 x 320"):
        Selection(select).check_within(SIZE)
    Selection((0, 0)).check_within(SIZE)
    Selection((-5, -5, 1, 1)).check_within(SIZE)
