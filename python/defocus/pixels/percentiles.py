"""Percentiles as numpy computes them, without `numpy.ma`, which its function imports."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["percentile"]


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
