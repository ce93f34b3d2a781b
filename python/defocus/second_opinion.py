"""Where the network leaves a region grey: whether to go by its map of the mirrored photograph.

A sure map is grey along edges only.  Where a whole region is grey, a coat or a rock that may belong
to the subject or not, the network has no opinion, and half of the region would be blurred.
Mirrored, the same photograph is another one to the network, and its errors are others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.morphology import grown, shrunk

__all__ = ["better", "unsure"]

Map = NDArray[np.float32]

GREY = 0.1, 0.9  # beyond them the network is as good as sure
# Measured on photographs with truth: shares of .02 to .15 gain the same, and ask more often; so do
# radii of 3 to 6 pixels, and agreement by .5 to .9.
SHARE = 0.1  # of the subject's area: smaller regions are left as they are
EDGE = 4  # the radius, in pixels of the map, of a square that no edge's grey holds
AGREEMENT = 0.5  # how much of what is surely subject the second opinion has to confirm
LEFT = 0.5  # how much of what was undecided it may leave; without this some maps get worse


def unsure(map_: Map) -> bool:
    """Whether a map (h x w, 0..1) leaves regions undecided that matter.

    >>> map_ = np.zeros((320, 320), np.float32)
    >>> map_[100:200, 100:200] = 1
    >>> unsure(map_)
    False
    >>> map_[150:200, 100:200] = 0.4
    >>> unsure(map_)
    True
    """
    return _undecided(map_) > SHARE


def better(first: Map, second: Map) -> Map:
    """The one of two maps to go by; the first one is `unsure`.

    `second` is the map of the mirrored photograph, mirrored back.  It has to confirm the better
    part of what the first is sure of, so that both speak of one subject, and to leave less than
    half as much undecided; else the first stands.
    """
    sure = first > GREY[1]
    if not sure.any() or (second[sure] >= 0.5).mean() < AGREEMENT:
        return first
    settled = _undecided(second) < LEFT * _undecided(first)
    return second if settled else first


def _undecided(map_: Map) -> float:
    """The area of grey regions, relative to the subject's."""
    grey = (map_ > GREY[0]) & (map_ < GREY[1])
    subject = max(int((map_ >= 0.5).sum()), 1)
    if grey.sum() <= SHARE * subject:  # as in most maps: too little, even if it were no edge
        return 0.0
    regions = grown(shrunk(grey, EDGE), EDGE) & grey
    return float(regions.sum()) / subject
