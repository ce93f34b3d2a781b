"""Percentiles and medians as numpy computes them.  Its own functions import `numpy.ma`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["median", "percentile"]


def median(values: NDArray[np.floating[Any]], axis: int = 0) -> NDArray[np.floating[Any]]:
    """The result of `np.median`, which is NaN where a value is.

    >>> float(median(np.array([4.0, 1.0, 2.0])))
    2.0
    """
    count = values.shape[axis]
    below, above = (count - 1) // 2, count // 2  # the same if the number is odd
    ordered = np.moveaxis(np.partition(values, (below, above, count - 1), axis), axis, 0)
    found, largest = ordered[below : above + 1].mean(axis=0), ordered[-1]
    return np.asarray(np.where(np.isnan(largest), largest, found))


def percentile(values: NDArray[np.floating[Any]], percent: float) -> float:
    """The result of `np.percentile` for one dimension of finite values.

    Its place among the ordered values is usually between two of them, and so is the result.

    >>> percentile(np.array([4.0, 1.0, 2.0]), 75)
    3.0
    """
    place = (values.size - 1) * (percent / 100)
    below = min(int(place), values.size - 1)
    above = min(below + 1, values.size - 1)
    ordered = np.partition(values, (below, above))
    low, high = ordered[below], ordered[above]
    share, step = place - below, high - low
    # Measured from the nearer of the two, as numpy does.
    return float(low + step * share if share < 0.5 else high - step * (1 - share))
