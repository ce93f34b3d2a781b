"""Mixtures of Gaussians, which say how likely a colour is in a part of the photograph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mixture"]

Floats = NDArray[np.float64]

_PARTS = 5  # Gaussians
_ROUNDS = 8  # of k-means
_NOISE = 4.0  # variance that every Gaussian has at least
_LEAST = 1e-3  # share of the weight, below which a Gaussian is left out


class Mixture:
    """Gaussians fitted to weighted colours: `colours` D x N, `weights` N, 0 or more.

    At least one weight must be above 0.  The fit has no chance in it: the widest part is split
    along its main axis until there are five, and k-means improves them.
    """

    def __init__(self, colours: Floats, weights: Floats) -> None:
        used = weights > 0
        colours, weights = colours[:, used], weights[used]
        parts = _clusters(colours, weights)
        total = weights.sum()
        self._parts: list[tuple[float, Floats, Floats]] = []
        for part in range(int(parts.max()) + 1):
            mine = parts == part
            share = weights[mine].sum() / total
            if not mine.any() or (share < _LEAST and self._parts):
                continue
            mean, spread = _moments(colours[:, mine], weights[mine])
            spread += _NOISE * np.eye(len(mean))
            scale = np.log(share) - 0.5 * np.linalg.slogdet(spread)[1]
            inverse = np.asarray(np.linalg.inv(spread), np.float64)
            self._parts.append((float(scale), mean, inverse))

    def log_likelihood(self, colours: Floats) -> Floats:
        """The logarithm of the density at each colour (D x N), but for a constant."""
        total = np.full(colours.shape[1], -np.inf)
        for scale, mean, inverse in self._parts:
            away = colours - mean[:, np.newaxis]
            distance = sum(
                away[i] * sum(inverse[i, j] * away[j] for j in range(len(mean)))
                for i in range(len(mean))
            )
            np.logaddexp(total, scale - 0.5 * distance, out=total)
        return total


def _moments(colours: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance."""
    shares = weights / weights.sum()
    mean = (colours * shares).sum(axis=1)
    away = colours - mean[:, np.newaxis]
    spread = np.stack([(away * (row * shares)).sum(axis=1) for row in away])
    return mean, spread


def _clusters(colours: Floats, weights: Floats) -> NDArray[np.intp]:
    """The number of the part that each colour belongs to."""
    parts = np.zeros(len(weights), np.intp)
    for new in range(1, min(_PARTS, len(weights))):
        _split_widest(parts, new, colours, weights)
    count = int(parts.max()) + 1
    weighted = colours * weights
    for _ in range(_ROUNDS if count > 1 else 0):
        sums = np.stack([np.bincount(parts, line, minlength=count) for line in weighted])
        means = sums / np.maximum(np.bincount(parts, weights, minlength=count), 1e-9)
        far = [
            sum(np.square(line - m) for line, m in zip(colours, mean, strict=True))
            for mean in means.T
        ]
        nearest = np.argmin(np.stack(far), axis=0)
        if (nearest == parts).all():
            break
        parts = nearest
    return parts


def _split_widest(parts: NDArray[np.intp], new: int, colours: Floats, weights: Floats) -> None:
    """Split the part with the greatest weighted variance along its main axis, in place."""
    widest = (0.0, 0, np.zeros(0), np.zeros(0))
    for part in range(new):
        mine = parts == part
        if mine.sum() < 2:
            continue
        mean, spread = _moments(colours[:, mine], weights[mine])
        sizes, axes = np.linalg.eigh(spread)
        width = float(sizes[-1] * weights[mine].sum())
        if width > widest[0]:
            widest = (width, part, mean, axes[:, -1])
    if widest[0] > 0:
        mine = np.flatnonzero(parts == widest[1])
        along = ((colours[:, mine] - widest[2][:, np.newaxis]) * widest[3][:, np.newaxis]).sum(
            axis=0
        )
        parts[mine[along > 0]] = new
