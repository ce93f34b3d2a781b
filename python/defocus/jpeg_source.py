"""How a JPEG was encoded, so that what is made of it can be encoded alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["SUBSAMPLINGS", "encoding", "followed"]

# Pillow's numbers.
SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
_ON_ITS_SIDE = (5, 6, 7, 8)  # orientations whose stored rows are columns


def encoding(image: Image.Image, orientation: int) -> dict[str, Any]:
    """How a JPEG that Pillow has opened is encoded: {"jpeg": {"qtables": ..., "subsampling": ...}}.

    `qtables` are one quantisation table (64 numbers, row by row) for lightness, and one for
    colour, of the picture turned by `orientation`; `subsampling` is "4:4:4", "4:2:2", "4:2:0", or
    None for grey and for others.  Empty for other formats and for CMYK.
    """
    tables: Mapping[int, Any] = getattr(image, "quantization", {})
    layers: Any = getattr(image, "layer", ())
    if image.mode not in ("L", "RGB") or not layers or any(at not in tables for *_, at in layers):
        return {}
    turned = orientation in _ON_ITS_SIDE
    found = [np.reshape(tables[at], (8, 8)) for *_, at in layers[:2]]
    qtables = tuple(tuple((t.T if turned else t).ravel().tolist()) for t in found)
    subsampling = None
    if len(layers) == 3 and layers[1][1:3] == layers[2][1:3] == (1, 1):
        subsampling = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}.get(layers[0][1:3])
    if turned and subsampling == "4:2:2":  # would be 4:4:0, which Pillow does not write
        subsampling = "4:4:4"
    return {"jpeg": {"qtables": qtables, "subsampling": subsampling}}
