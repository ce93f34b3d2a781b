"""The flip pass: grey regions of a map are predicted again on the mirrored image.

A certain map is grey only along edges.  A grey region, such as a coat or a rock, is undecided, and
half of it would be blurred.  On the mirrored image the network makes other errors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.regions import grown, label, shrunk

__all__ = ["merge", "unsure"]

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

GREY = 0.1, 0.9  # the network is certain outside of this range
# Measured on photographs with a true matte, see docs/decisions/flip-pass.md.
# Radii of 3 to 6 pixels, and agreement by .5 to .9, gain the same.
SHARE = 0.15  # of the subject's area: smaller regions stay unchanged
LARGE = 0.5  # of the subject's area: larger regions are always predicted again
LEAN = 0.2  # least distance of the mean of smaller regions from 1/2
SURE = 0.4  # of the subject's area: with a smaller certain part there is nothing to confirm
FLAT = 0.2  # standard deviation in the regions: a larger one is a slope, which is decided
EDGE = 4  # radius in map pixels of a square that is wider than any grey edge
AGREEMENT = 0.5  # the share of the certain subject that the mirrored map must confirm
AROUND = (
    10,
    12,
    14,
    16,
)  # how far around a region the mirrored map counts, in map pixels; its weight falls off
LEFT = (
    0.5  # the share of the undecided area that may remain; without this limit some maps get worse
)


def unsure(map_: Map) -> bool:
    """Return whether a map (h x w, 0..1) has undecided regions that the mirrored map may decide.

    There must also be a certain subject.  The regions must be flat, and either large or with a mean
    far from 1/2.  For small regions near 1/2 the mirrored map is wrong as often as it is right.

    >>> map_ = np.zeros((320, 320), np.float32)
    >>> map_[100:200, 100:200] = 1
    >>> unsure(map_)
    False
    >>> map_[150:200, 100:200] = 0.4
    >>> unsure(map_)
    True
    """
    sure, subject = int((map_ > GREY[1]).sum()), int((map_ >= 0.5).sum())
    if not sure or sure < SURE * subject:
        return False
    share = _undecided(map_)
    if share <= SHARE:
        return False
    undecided = map_[_regions(_grey(map_))]
    leans = abs(undecided.mean() - 0.5) > LEAN
    return bool(undecided.std() < FLAT and (share > LARGE or leans))


def merge(first: Map, mirrored: Map) -> Map:
    """Return the first map, with regions of the mirrored map where those decide.

    `mirrored` is the map of the mirrored photograph, mirrored back.  It must confirm most of what
    the first map is certain of, and leave less than half as much undecided.  Otherwise the first
    map is returned.  It replaces grey regions, and connected regions that it contradicts.  Two
    certain maps that differ elsewhere are no reason for a change.
    """
    sure = first > GREY[1]
    if not sure.any() or (mirrored[sure] >= 0.5).mean() < AGREEMENT:
        return first
    if _undecided(mirrored) >= LEFT * _undecided(first):
        return first
    grey = _regions(_grey(first))
    labels, count = label(grey | _regions(np.abs(mirrored - first) > 0.5))
    touched = np.zeros(count + 1, np.bool_)
    touched[labels[grey]] = True
    region = touched[labels]
    weight = sum((grown(region, radius).astype(np.float32) for radius in AROUND), np.float32(0))
    return np.asarray(first + weight / np.float32(len(AROUND)) * (mirrored - first), np.float32)


def _undecided(map_: Map) -> float:
    """Return the area of grey regions, relative to the area of the subject."""
    grey = _grey(map_)
    subject = max(int((map_ >= 0.5).sum()), 1)
    if (
        grey.sum() <= SHARE * subject
    ):  # true of most maps: too little, even if none of it were an edge
        return 0.0
    return float(_regions(grey).sum()) / subject


def _grey(map_: Map) -> Mask:
    return np.asarray((map_ > GREY[0]) & (map_ < GREY[1]))


def _regions(mask: Mask) -> Mask:
    """Return the mask without parts as narrow as an edge."""
    return grown(shrunk(mask, EDGE), EDGE) & mask
