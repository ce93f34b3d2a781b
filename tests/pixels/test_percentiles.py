"""Percentiles and medians are those of numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus.pixels.percentiles import median, percentile


@pytest.mark.parametrize("percent", [0, 2, 25, 50, 75, 98, 100])
@pytest.mark.parametrize("size", [1, 2, 3, 100, 501, 102_400])
def test_they_are_those_of_numpy(size: int, percent: int) -> None:
    values = np.random.default_rng(size).random(size)
    before = values.copy()
    assert percentile(values, percent) == np.percentile(values, percent)
    assert (values == before).all()


def test_to_the_last_bit() -> None:
    for values in np.random.default_rng(1).random((200, 4)):
        for percent in (20, 30):  # nearer to the lower value, and to the upper
            assert percentile(values, percent) == np.percentile(values, percent)


@pytest.mark.parametrize("percent", [2, 98])
def test_in_the_type_of_the_values(percent: int) -> None:
    values = np.random.default_rng(1).random(777).astype(np.float32)
    found = percentile(values, percent)
    assert found == np.float32(found)
    # Before 2.4 or so numpy computed the place in this type, too.
    assert found == pytest.approx(float(np.percentile(values, percent)), rel=1e-5)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 3), (2, 3), (7, 4), (256, 5), (501, 3)])
@pytest.mark.parametrize("axis", [0, 1])
def test_medians_are_those_of_numpy(shape: tuple[int, int], axis: int, kind: type) -> None:
    values: NDArray[Any] = np.random.default_rng(shape[0]).random(shape).astype(kind)
    found = median(values, axis)
    assert (found == np.median(values, axis=axis)).all()
    assert found.dtype == kind
    values[0, 0], values[-1, -1] = np.nan, np.inf
    assert np.array_equal(median(values, axis), np.median(values, axis=axis), equal_nan=True)


def test_a_median_of_one_dimension() -> None:
    values = np.random.default_rng(1).random(100)
    assert float(median(values)) == np.median(values)
