"""How a JPEG was encoded, so that a result made from it is encoded in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["encoding", "settings"]

_NUMBERS = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}  # Pillow's

# The coarsest tables that are used again, for lightness and colour: T.81, K.1 and K.2, at quality
# 75.
# Coarser ones make blocks visible in a blurred background.
_COARSEST = (
    (
        *(8, 6, 5, 8, 12, 20, 26, 31, 6, 6, 7, 10, 13, 29, 30, 28),
        *(7, 7, 8, 12, 20, 29, 35, 28, 7, 9, 11, 15, 26, 44, 40, 31),
        *(9, 11, 19, 28, 34, 55, 52, 39, 12, 18, 28, 32, 41, 52, 57, 46),
        *(25, 32, 39, 44, 52, 61, 60, 51, 36, 46, 48, 49, 56, 50, 52, 50),
    ),
    (
        *(9, 9, 12, 24, 50, 50, 50, 50, 9, 11, 13, 33, 50, 50, 50, 50),
        *(12, 13, 28, 50, 50, 50, 50, 50, 24, 33, 50, 50, 50, 50, 50, 50),
        *(50,) * 32,
    ),
)
_ON_ITS_SIDE = (5, 6, 7, 8)  # orientations whose stored rows are columns


def encoding(image: Image.Image, orientation: int) -> dict[str, Any]:
    """Return how to encode a result that is made from an opened JPEG.

    The result is {"jpeg": {"qtables": ..., "subsampling": ...}} for the image after its
    `orientation`.  `qtables` holds one quantisation table (64 numbers, row by row) for lightness
    and one for colour.  They are those of the file, limited to those of quality 75.  `subsampling`
    is "4:4:4", "4:2:2", "4:2:0", or None for grey and others.  The result is empty for other
    formats and for CMYK.
    """
    tables: Mapping[int, Any] = getattr(image, "quantization", {})
    layers: Any = getattr(image, "layer", ())
    if image.mode not in ("L", "RGB") or not layers or any(at not in tables for *_, at in layers):
        return {}
    turned = orientation in _ON_ITS_SIDE
    found = [
        np.minimum(tables[at], coarsest).reshape(8, 8)
        for (*_, at), coarsest in zip(layers, _COARSEST, strict=False)
    ]
    qtables = tuple(tuple((t.T if turned else t).ravel().tolist()) for t in found)
    subsampling = None
    if len(layers) == 3 and layers[1][1:3] == layers[2][1:3] == (1, 1):
        subsampling = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}.get(layers[0][1:3])
    if turned and subsampling == "4:2:2":  # it would be 4:4:0, which Pillow does not write
        subsampling = "4:4:4"
    return {"jpeg": {"qtables": qtables, "subsampling": subsampling}}


def settings(
    info: Mapping[Any, Any], quality: int | None, subsampling: str | None, default: int
) -> dict[str, Any]:
    """Return Pillow's settings for a JPEG: the caller's, else those of the source, else the
    default.

    Those of the source come from `encoding`, through the image's `info`.
    """
    found = info.get("jpeg")
    source: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    chosen = subsampling or source.get("subsampling")
    result: dict[str, Any] = {"subsampling": _NUMBERS.get(str(chosen), 0)}
    tables = source.get("qtables")
    if quality is None and tables:
        result["qtables"] = tables
    else:
        result["quality"] = quality or default
    return result
