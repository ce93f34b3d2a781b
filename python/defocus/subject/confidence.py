"""How likely a mask is right: the confidence of a Subject, from the doubt of the network's map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from defocus.subject.measures import doubt

__all__ = ["FLOOR", "LEAST", "of_doubt", "of_map"]

# A logistic regression of "IoU > .8" on the logarithm of the doubt, for the default network.
# Fitted on one half of 606 photographs, reported on the other: bench/results/confidence.md.
_EVEN = 0.19  # nats per pixel of the subject, at which a mask is as likely right as wrong
_SLOPE = 1.6
FLOOR = 0.01  # what is added to the doubt: below, masks are not better
LEAST = 0.001  # of a subject that is found; 0 means that there is none


def of_map(map_: NDArray[np.float32]) -> float:
    """Return the confidence in a map of the network, h x w, 0..1, before other passes."""
    return of_doubt(doubt(map_))


def of_doubt(nats: float) -> float:
    """Return how likely a mask of this doubt (nats per pixel) has an IoU above .8, LEAST to 1.

    It is rounded, so that the last bits of the sums do not show.

    >>> of_doubt(0.0), of_doubt(0.05), of_doubt(0.17), of_doubt(0.6)
    (0.991, 0.863, 0.522, 0.134)
    """
    share = 1 / (1 + math.pow((nats + FLOOR) / _EVEN, _SLOPE))
    return max(LEAST, round(share, 3))
