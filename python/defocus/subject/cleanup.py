"""The clean-up: where the network is undecided, a minimum cut decides by colour and texture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.regions import grown, shrunk
from defocus.pixels.samples import Pixels
from defocus.subject.cells import Cells, Labels
from defocus.subject.division import log_odds, settle
from defocus.subject.labels import hardened

__all__ = ["cleaned"]

Map = NDArray[np.float32]

# Chosen on one half of the photographs, reported on the other: docs/decisions/cleanup.md.
GREY = 0.2, 0.8  # the network is undecided between these
SHARE = 0.1  # of the subject's area: less stays as it is
_TRUST = 0.7  # of the network's log-odds, beside the colours
_EDGE = 80  # the long edge has so many times half the width of what counts as an edge
_SURE = 0.9  # without such a value there is no subject to learn colours from


def cleaned(map_: Map, pixels: Pixels) -> Map:
    """Return the map (any size, 0..1) with its large grey regions decided.

    `pixels` is the photograph, uint8 or uint16 H x W x 3.  A map without large grey regions is
    returned as it is, else a map at the cells of the matte.
    """
    subject = int((map_ >= 0.5).sum())
    if map_.max() <= _SURE or _grey(map_).sum() <= SHARE * subject:
        return map_
    cells = Cells(pixels)
    at = cells.at(map_, pixels)
    width = max(2, round(max(at.shape) / _EDGE))
    grey, inside = _grey(at), at >= 0.5
    regions = grown(shrunk(grey, width), width) & grey
    if regions.sum() <= SHARE * max(int(inside.sum()), 1):
        return map_
    regions = grown(regions, width)
    fixed = np.where(regions, 0, np.where(inside, 1, -1)).astype(np.int8)
    decided = settle(cells, inside, _TRUST * log_odds(at), fixed, rounds=1)
    return np.asarray(np.where(regions, hardened(at, decided), at), np.float32)


def _grey(map_: Map) -> Labels:
    return np.asarray((map_ > GREY[0]) & (map_ < GREY[1]))
