"""Pictures that are partly transparent already: what their hidden pixels may, and may not, do.

Colours are straight; alpha is H x W, uint8 or uint16 as they are.  The colour of a pixel with alpha
0 is nobody's wish: it is overwritten by what is visible around it, so that neither blur nor network
meets it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from defocus.words import Pixels, full_scale

__all__ = [
    "continued",
    "fill_hidden",
    "multiply",
    "on_neutral",
    "restore",
    "visible",
    "weighted",
    "with_alpha",
]

Floats = NDArray[np.float32]
Cells = NDArray[np.intp]

# What the network sees where the picture is transparent: as far from black as from white.
_NEUTRAL = 128
# Colours of hidden pixels are worked out at this size.
_LONG_EDGE = 256
_BAND = 64  # rows
# Cells of the network's map from the transparent ones that are not believed: it is unsure there.
_RIM = 4
_TRANSPARENT = 0.05  # mean alpha of a cell up to which it is one of those
_SIDES = 5  # a cell and its neighbours


def fill_hidden(pixels: Pixels, alpha: Pixels) -> None:
    """Give pixels (H x W x 3) with alpha 0 the colours of their surroundings, in place."""
    for rows, around in _around(pixels, alpha, alpha == 0):
        np.copyto(pixels[rows], around, where=(alpha[rows] == 0)[..., np.newaxis])


def weighted(pixels: Pixels, alpha: Pixels) -> Pixels:
    """The pixels, each only as far as it is visible, and else the colours of its surroundings.

    A blur of these weighs every pixel by its alpha.
    """
    full = full_scale(alpha.dtype)
    soft = (alpha > 0) & (alpha < full)
    if not soft.any():
        return pixels
    out: Pixels = pixels.copy()
    for rows, around in _around(pixels, alpha, soft):
        share = alpha[rows][..., np.newaxis] * np.float32(1 / full)
        mixed = np.rint(around + share * (pixels[rows] - around.astype(np.float32)))
        np.copyto(out[rows], mixed.astype(out.dtype), where=soft[rows][..., np.newaxis])
    return out


def restore(out: Pixels, pixels: Pixels, used: Pixels, matte: NDArray[np.generic]) -> None:
    """Give the subject its own colours back where `used`, the weighted pixels, has others.

    `out` (H x W x 3, changed in place) was made from `used`; `matte` is float32 0..1 or uint8.
    """
    soft = np.flatnonzero((used != pixels).any(axis=2))
    at = np.unravel_index(soft, matte.shape)
    scale = np.float32(1 / 255 if matte.dtype == np.uint8 else 1)
    share = (matte[at].astype(np.float32) * scale)[:, np.newaxis]
    back = out[at] + share * (pixels[at].astype(np.float32) - used[at])
    out[at] = np.clip(np.rint(back), 0, np.iinfo(out.dtype).max)


def on_neutral(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture on neutral grey."""
    out: NDArray[np.uint8] = pixels.copy()
    for top in range(0, len(pixels), _BAND):
        rows = slice(top, top + _BAND)
        if (alpha[rows] == 255).all():
            continue
        share = alpha[rows][..., np.newaxis] * np.float32(1 / 255)
        out[rows] = np.rint(_NEUTRAL + share * (pixels[rows] - np.float32(_NEUTRAL)))
    return out


def visible(raw: Floats, alpha: Pixels) -> Floats:
    """The network's map (h x w), 0 in cells of which nothing is visible."""
    return np.asarray(np.where(_share(alpha, raw) > 0, raw, np.float32(0)))


def continued(raw: Floats, alpha: Pixels) -> Floats:
    """The network's map, with what it says further in at the rim of what is visible, and beyond.

    It falls there because alpha does, which would count twice in the product of the two.
    """
    known = _share(alpha, raw) > _TRANSPARENT
    inner = known
    for _ in range(_RIM):
        inner = _neighbours(inner.astype(np.float32)) == _SIDES
    known = inner if inner.any() else known
    result: Floats = raw.copy()
    for _ in range(2 * _RIM):
        count = _neighbours(known.astype(np.float32))
        grown = ~known & (count > 0)
        result[grown] = _neighbours(np.where(known, result, np.float32(0)))[grown] / count[grown]
        known = known | grown
    return result


def _share(alpha: Pixels, raw: Floats) -> Floats:
    """Mean alpha, 0..1, of each cell of the map."""
    return _means(np.zeros((*alpha.shape, 0), np.uint8), alpha, *raw.shape)[1]


def _neighbours(values: Floats) -> Floats:
    """The sum of each cell and its four neighbours; the edge is its own neighbour."""
    padded = np.pad(values, 1, mode="edge")
    sides = padded[1:-1, :-2] + padded[1:-1, 2:] + padded[:-2, 1:-1] + padded[2:, 1:-1]
    return np.asarray(values + sides, np.float32)


def multiply(rgba: Pixels, alpha: Pixels) -> None:
    """Multiply the alpha channel of a cutout by the photograph's own, in place."""
    full = full_scale(alpha.dtype)
    wide = np.uint16 if full == 255 else np.uint32
    for top in range(0, len(alpha), _BAND):
        rows = slice(top, top + _BAND)
        if (alpha[rows] == full).all():
            continue
        product = rgba[rows, :, 3].astype(wide) * alpha[rows]
        rgba[rows, :, 3] = (product + wide(full // 2)) // wide(full)


def with_alpha(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Pixels and alpha in one array, H x W x 4."""
    out = np.empty((*alpha.shape, 4), pixels.dtype)
    out[..., :3] = pixels
    out[..., 3] = alpha
    return out


def _around(
    pixels: Pixels, alpha: Pixels, wanted: NDArray[np.bool_]
) -> Iterator[tuple[slice, Pixels]]:
    """The visible colours around each pixel, in bands of rows: those in which some are `wanted`."""
    height, width = alpha.shape
    scale = max(1.0, max(height, width) / _LONG_EDGE)
    rows, columns = max(1, round(height / scale)), max(1, round(width / scale))
    small = _spread(*_means(pixels, alpha, rows, columns))
    left, right, along = _places(np.arange(width), width, columns)
    for top in range(0, height, _BAND):
        band = slice(top, min(top + _BAND, height))
        if not wanted[band].any():
            continue
        above, below, down = _places(np.arange(band.start, band.stop), height, rows)
        down = down[:, np.newaxis, np.newaxis]
        few = small[above] * (1 - down) + small[below] * down
        full = few[:, left] * (1 - along[:, np.newaxis]) + few[:, right] * along[:, np.newaxis]
        yield band, np.rint(full).astype(pixels.dtype)


def _places(at: NDArray[np.intp], length: int, count: int) -> tuple[Cells, Cells, Floats]:
    """Between which two of `count` cells along `length` pixels each pixel lies, and where."""
    place = np.clip((at + 0.5) * (count / length) - 0.5, 0, count - 1)
    first = place.astype(np.intp)
    return first, np.minimum(first + 1, count - 1), (place - first).astype(np.float32)


def _means(pixels: Pixels, alpha: Pixels, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Mean visible colour (rows x columns x C) and alpha (0..1) of so many cells."""
    height, width = alpha.shape
    channels = pixels.shape[2]
    sums = np.empty((rows, columns, channels + 1), np.float32)
    left, across = _cells(width, columns)
    tops, down = _cells(height, rows)
    for row, (top, count) in enumerate(zip(tops, down, strict=True)):
        band = slice(top, top + count)
        weights = alpha[band].astype(np.float32)
        line = np.empty((width, channels + 1), np.float32)
        line[:, channels] = weights.sum(axis=0)
        for channel in range(channels):
            line[:, channel] = (pixels[band, :, channel] * weights).sum(axis=0)
        sums[row] = np.add.reduceat(line, left)
    total = sums[..., channels]
    colours: Floats = sums[..., :channels] / np.maximum(total, np.float32(1))[..., np.newaxis]
    most: Floats = np.float32(full_scale(alpha.dtype)) * np.outer(down, across).astype(np.float32)
    return colours, np.asarray(total / most, np.float32)


def _cells(length: int, count: int) -> tuple[Cells, Cells]:
    """Where each of `count` cells along `length` pixels begins, and how many it has, at least 1."""
    starts = np.arange(count) * length // count
    return starts, np.maximum(np.diff(np.append(starts, length)), 1)


def _spread(values: Floats, weights: Floats) -> Floats:
    """Values (h x w x C), where their weight (0..1) is small continued from those around.

    Pull and push (Gortler et al. 1996, "The lumigraph", section 3.4): ever coarser means, and back.
    """
    height, width = weights.shape
    if height == width == 1:
        return values
    pads = ((0, height % 2), (0, width % 2))
    quads = np.pad(weights, pads).reshape(-(-height // 2), 2, -(-width // 2), 2)
    sums = np.pad(values * weights[..., np.newaxis], (*pads, (0, 0)))
    total = quads.sum(axis=(1, 3))
    coarse = sums.reshape(*quads.shape, -1).sum(axis=(1, 3))
    coarse /= np.maximum(total, np.float32(1e-6))[..., np.newaxis]
    # The largest, not the sum: much of what is hardly visible is still hardly visible.
    behind = _spread(coarse, quads.max(axis=(1, 3)))
    behind = behind.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    own = weights[..., np.newaxis]
    return np.asarray(values * own + behind * (1 - own), np.float32)
