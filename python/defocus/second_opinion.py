"""A region that the network leaves grey, decided by its opinion of the mirrored photograph.

A sure map is grey along edges only.  Where a whole region is grey, a coat or a rock that may belong
to the subject or not, the network has no opinion, and half of the region would be blurred.
Mirrored, the same photograph is another one to the network, and its errors are others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.morphology import grown, shrunk

__all__ = ["merge", "unsure"]

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

GREY = 0.1, 0.9  # beyond them the network is as good as sure
# Measured on photographs with truth: shares of .02 to .15 gain the same, and ask more often; so
# do radii of 3 to 6 pixels, 8 to 20 around the region, and agreement by .8 to .9.
SHARE = 0.1  # of the subject's area: smaller regions are left as they are
EDGE = 4  # the radius, in pixels of the map, of a square that no edge's grey holds
AROUND = (10, 12, 14, 16)  # how far around the region the second opinion counts, falling off
AGREEMENT = 0.8  # how much of what is surely subject the second opinion has to confirm


def unsure(map_: Map) -> Mask:
    """The regions that a map (h x w, 0..1) leaves undecided; all False if they do not matter.

    >>> map_ = np.zeros((320, 320), np.float32)
    >>> map_[100:200, 100:200] = 1
    >>> bool(unsure(map_).any())
    False
    >>> map_[150:200, 100:200] = 0.4
    >>> int(unsure(map_).sum())
    5000
    """
    return _if_it_matters(map_, _grey_regions(map_))


def merge(first: Map, second: Map) -> Map:
    """The first map, with the second one's opinion where the first is unsure.

    `second` is the map of the mirrored photograph, mirrored back.  It is heard only if it agrees
    about the part that the first is sure of, so that both speak of one subject, and if it leaves
    less undecided; else the first stands as it is.
    """
    region = unsure(first)
    sure = first > GREY[1]
    if not region.any() or not sure.any() or (second[sure] >= 0.5).mean() < AGREEMENT:
        return first
    left = _grey_regions(second).sum() / max(int((second >= 0.5).sum()), 1)
    if left >= region.sum() / max(int((first >= 0.5).sum()), 1):
        return first
    weight = np.zeros(first.shape, np.float32)
    for radius in AROUND:
        weight += grown(region, radius)
    weight /= len(AROUND)
    return np.asarray(first + weight * (second - first), np.float32)


def _grey_regions(map_: Map) -> Mask:
    grey = (map_ > GREY[0]) & (map_ < GREY[1])
    return grown(shrunk(grey, EDGE), EDGE) & grey


def _if_it_matters(map_: Map, region: Mask) -> Mask:
    matters = region.sum() > SHARE * (map_ >= 0.5).sum()
    return region if matters else np.zeros_like(region)
