"""Where the network leaves a region grey: its opinion of the mirrored photograph.

A sure map is grey along edges only.  Where a whole region is grey, a coat or a rock that may belong
to the subject or not, the network has no opinion, and half of the region would be blurred.
Mirrored, the same photograph is another one to the network, and its errors are others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.regions import grown, label, shrunk

__all__ = ["merge", "unsure"]

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

GREY = 0.1, 0.9  # beyond them the network is as good as sure
# Measured on photographs with truth: shares of .02 to .12 gain the same, and ask the more often;
# .2 loses half of it.  Radii of 3 to 6 pixels, and agreement by .5 to .9, gain the same.
SHARE = 0.12  # of the subject's area: smaller regions are left as they are
SURE = 0.4  # of the subject's area: who is sure of less has nothing that could be confirmed
FLAT = (
    0.2  # standard deviation in the regions: more is a slope from one side to the other, an opinion
)
EDGE = 4  # the radius, in pixels of the map, of a square that no edge's grey holds
AGREEMENT = 0.5  # how much of what is surely subject the second opinion has to confirm
AROUND = (10, 12, 14, 16)  # how far around a region the second opinion counts, falling off
LEFT = 0.5  # how much of what was undecided it may leave; without this some maps get worse


def unsure(map_: Map) -> bool:
    """Whether a map (h x w, 0..1) is sure of a subject, but leaves regions undecided that matter.

    >>> map_ = np.zeros((320, 320), np.float32)
    >>> map_[100:200, 100:200] = 1
    >>> unsure(map_)
    False
    >>> map_[150:200, 100:200] = 0.4
    >>> unsure(map_)
    True
    """
    sure, subject = int((map_ > GREY[1]).sum()), int((map_ >= 0.5).sum())
    if not sure or sure < SURE * subject or _undecided(map_) <= SHARE:
        return False
    return bool(map_[_regions(_grey(map_))].std() < FLAT)


def merge(first: Map, second: Map) -> Map:
    """The first map, which is `unsure`, with the second one's opinion where that settles it.

    `second` is the map of the mirrored photograph, mirrored back.  It has to confirm the better
    part of what the first is sure of, so that both speak of one subject, and to leave less than
    half as much undecided; else the first stands.  It holds for grey regions and for what hangs
    together with them and is contradicted; elsewhere two sure opinions are no reason to change.
    """
    sure = first > GREY[1]
    if not sure.any() or (second[sure] >= 0.5).mean() < AGREEMENT:
        return first
    if _undecided(second) >= LEFT * _undecided(first):
        return first
    grey = _regions(_grey(first))
    labels, count = label(grey | _regions(np.abs(second - first) > 0.5))
    touched = np.zeros(count + 1, np.bool_)
    touched[labels[grey]] = True
    region = touched[labels]
    weight = sum((grown(region, radius).astype(np.float32) for radius in AROUND), np.float32(0))
    return np.asarray(first + weight / np.float32(len(AROUND)) * (second - first), np.float32)


def _undecided(map_: Map) -> float:
    """The area of grey regions, relative to the subject's."""
    grey = _grey(map_)
    subject = max(int((map_ >= 0.5).sum()), 1)
    if grey.sum() <= SHARE * subject:  # as in most maps: too little, even if it were no edge
        return 0.0
    return float(_regions(grey).sum()) / subject


def _grey(map_: Map) -> Mask:
    return np.asarray((map_ > GREY[0]) & (map_ < GREY[1]))


def _regions(mask: Mask) -> Mask:
    """The mask without what is as narrow as an edge."""
    return grown(shrunk(mask, EDGE), EDGE) & mask
