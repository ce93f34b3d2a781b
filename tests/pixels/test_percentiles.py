"""Percentiles are those of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from defocus.pixels.percentiles import percentile


@pytest.mark.parametrize("percent", [0, 2, 25, 50, 75, 98, 100])
@pytest.mark.parametrize("size", [1, 2, 3, 100, 501, 102_400])
def test_they_are_those_of_numpy(size: int, percent: int) -> None:
    values = np.random.default_rng(size).random(size)
    before = values.copy()
    assert percentile(values, percent) == np.percentile(values, percent)
    assert (values == before).all()


@pytest.mark.parametrize("percent", [2, 98])
def test_in_the_type_of_the_values(percent: int) -> None:
    values = np.random.default_rng(1).random(777).astype(np.float32)
    found = percentile(values, percent)
    assert found == np.float32(found)
    # Before 2.4 or so numpy computed the place in this type, too.
    assert found == pytest.approx(float(np.percentile(values, percent)), rel=1e-5)
