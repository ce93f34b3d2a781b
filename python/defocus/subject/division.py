"""Colours and the minimum cut in turns: which cells are subject (Rother et al. 2004, "GrabCut")."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.subject.cells import Cells, Fixed, Labels
from defocus.subject.mixture import Mixture

__all__ = ["Seeds", "log_odds", "settle"]

_MOST = 6.0  # nats that a colour can say
_LEAST_CELLS = 8  # of which colours can be learnt
_OF_SEEDS = 0.5  # how much strokes weigh, as a share of all that has their label
_SUREST = 0.95  # a probability; what the network says beyond it counts for no more


class Seeds(NamedTuple):
    """Cells that the user marked."""

    keep: Labels
    remove: Labels


def log_odds(map_: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities 0..1 as log-odds, bounded.

    >>> log_odds(np.array([0.0, 0.5, 1.0], np.float32)).round(2).tolist()
    [-2.94, 0.0, 2.94]
    """
    share = np.clip(map_.astype(np.float64), 1 - _SUREST, _SUREST)
    return np.asarray(np.log(share / (1 - share)), np.float64)


def settle(
    cells: Cells,
    start: Labels,
    bias: NDArray[np.float64],
    fixed: Fixed,
    seeds: Seeds | None = None,
    *,
    rounds: int,
) -> Labels:
    """Learn the colours of both labels, divide the cells by them, and again, until nothing changes.

    `bias` is added to the log-odds of the colours.  A division that leaves no subject is not taken.
    """
    labels = start
    for _ in range(rounds):
        subject = (labels | (fixed > 0)) & ~(fixed < 0)
        if min(int(subject.sum()), int((~subject).sum())) < _LEAST_CELLS:
            break
        divided = cells.divide(_colours(cells, subject, seeds) + bias, fixed)
        if divided.sum() < _LEAST_CELLS:
            break
        same = bool((divided == labels).all())
        labels = divided
        if same:
            break
    return labels


def _colours(cells: Cells, subject: Labels, seeds: Seeds | None) -> NDArray[np.float64]:
    """The log-odds of "subject" by colour and texture, of each cell."""
    front, back = cells.counts(subject), cells.counts(~subject)
    if seeds is not None:
        front = _with_seeds(front, cells.counts(seeds.keep))
        back = _with_seeds(back, cells.counts(seeds.remove))
    ahead = Mixture(cells.palette, front).log_likelihood(cells.palette)
    behind = Mixture(cells.palette, back).log_likelihood(cells.palette)
    return np.asarray(np.clip(ahead - behind, -_MOST, _MOST)[cells.index], np.float64)


def _with_seeds(counts: NDArray[np.float64], marked: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts of colours, in which those of strokes weigh more."""
    total = marked.sum()
    return counts if total == 0 else counts + marked * (_OF_SEEDS * counts.sum() / total)
