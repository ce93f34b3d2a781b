"""Images that are partly transparent: the hidden pixels must not change the result.

Colours are straight.  Alpha is H x W, uint8 or uint16 as the pixels are.  A pixel with alpha 0 may
hold any colour.  It is overwritten by the visible colours around it, so that it changes neither the
blur nor the mask of the network.  Only affected pixels are computed, in bands of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.bands import row_bands
from defocus.pixels.samples import Pixels, full_scale

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
Chosen = NDArray[np.bool_]

# The grey that the network gets for transparent pixels: as far from black as from white.
_NEUTRAL = 128
# The long edge of the small image from which the colours of hidden pixels are interpolated.
_LONG_EDGE = 256
# The distance, in cells of the map, to transparent cells within which the map is unreliable.
_RIM = 4
_TRANSPARENT = 0.05  # the largest mean alpha of a transparent cell
_SIDES = 5  # a cell and its neighbours


def fill_hidden(pixels: Pixels, alpha: Pixels) -> None:
    """Replace the colours of pixels with alpha 0 by the visible colours around them, in place.

    `pixels` is H x W x 3 and contiguous.
    """
    for band, at, around in _around(pixels, alpha, _hidden):
        for channel, plane in enumerate(_planes(pixels[band])):
            plane[3 * at] = around[channel]


def weighted(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Mix each pixel with the colours around it: its own share is its alpha.

    A blur of the result weights every pixel by its alpha.  The input is returned if it has no soft
    pixel.
    """
    out = pixels
    scale = np.float32(1 / full_scale(alpha.dtype))
    for band, at, around in _around(pixels, alpha, _soft):
        if out is pixels:
            out = np.array(pixels, order="C")
        share, at3 = alpha[band].ravel().take(at) * scale, 3 * at
        for channel, plane in enumerate(_planes(out[band])):
            behind = around[channel].astype(np.float32)
            mixed = np.rint(behind + share * (plane.take(at3) - behind))
            plane[at3] = mixed.astype(out.dtype)
    return out


def restore(out: Pixels, pixels: Pixels, used: Pixels, alpha: Pixels, matte: NDArray[Any]) -> None:
    """Restore the subject's own colours where `used`, the weighted pixels, differ from `pixels`.

    `out` (H x W x 3, contiguous, changed in place) was rendered from `used`.  `used` was made from
    `pixels` and `alpha`.  `matte` is float32 0..1 or uint8.
    """
    scale = np.float32(1 / 255 if matte.dtype == np.uint8 else 1)
    most = full_scale(out.dtype)
    for band in row_bands(*alpha.shape):
        at = np.flatnonzero(_soft(alpha[band]) & (matte[band] > 0))
        if not at.size:
            continue
        share, at3 = matte[band].ravel().take(at).astype(np.float32) * scale, 3 * at
        triples = zip(*(_planes(array[band]) for array in (out, pixels, used)), strict=True)
        for mixed, own, others in triples:
            more = share * (own.take(at3).astype(np.float32) - others.take(at3))
            whole = np.clip(np.rint(mixed.take(at3) + more), 0, most)
            mixed[at3] = whole.astype(out.dtype)


def on_neutral(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the image composited on neutral grey."""
    out: NDArray[np.uint8] = pixels.copy()
    for band in row_bands(*alpha.shape):
        if (alpha[band] == 255).all():
            continue
        share = alpha[band][..., np.newaxis] * np.float32(1 / 255)
        out[band] = np.rint(_NEUTRAL + share * (pixels[band] - np.float32(_NEUTRAL)))
    return out


def visible(raw: Floats, alpha: Pixels) -> Floats:
    """Return the network's map (h x w), set to 0 in cells without a visible pixel."""
    return np.asarray(np.where(_share(alpha, raw) > 0, raw, np.float32(0)))


def continued(raw: Floats, alpha: Pixels) -> Floats:
    """Return the map, with the values at the rim of the visible part replaced by those further in.

    The map falls at that rim because the alpha does.  The product of map and alpha would count it
    twice.
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
    """Return the mean alpha, 0..1, of each cell of the map."""
    return _means(np.zeros((*alpha.shape, 0), np.uint8), alpha, *raw.shape)[1]


def _neighbours(values: Floats) -> Floats:
    """Return the sum of each cell and its four neighbours; the edge is its own neighbour."""
    padded = np.pad(values, 1, mode="edge")
    sides = padded[1:-1, :-2] + padded[1:-1, 2:] + padded[:-2, 1:-1] + padded[2:, 1:-1]
    return np.asarray(values + sides, np.float32)


def multiply(rgba: Pixels, alpha: Pixels) -> None:
    """Multiply the alpha of a cutout by the alpha of the photograph, in place."""
    full = full_scale(alpha.dtype)
    wide: type[np.unsignedinteger[Any]] = np.uint16 if full == 255 else np.uint32
    for band in row_bands(*alpha.shape):
        if (alpha[band] == full).all():
            continue
        product = rgba[band][..., 3].astype(wide) * alpha[band]
        rgba[band][..., 3] = (product + wide(full // 2)) // wide(full)


def with_alpha(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Return pixels and alpha in one array, H x W x 4."""
    out = np.empty((*alpha.shape, 4), pixels.dtype)
    for band in row_bands(*alpha.shape):
        for channel in range(3):  # numpy is slow with runs of three
            out[band][..., channel] = pixels[band][..., channel]
        out[band][..., 3] = alpha[band]
    return out


def _planes(pixels: Pixels) -> list[Pixels]:
    """Return three flat views of H x W x 3 pixels, one for each channel; every third value counts.

    The views are 1-D because fancy indices of one axis are the fastest.
    """
    flat = pixels.reshape(-1)
    return [flat[channel:] for channel in range(3)]


def _hidden(alpha: Pixels) -> Chosen:
    return np.asarray(alpha == 0)


def _soft(alpha: Pixels) -> Chosen:
    """Select pixels that are neither hidden nor opaque; 0 wraps around."""
    one = alpha.dtype.type(1)
    return np.asarray(alpha - one < full_scale(alpha.dtype) - one)


def _around(
    pixels: Pixels, alpha: Pixels, choose: Callable[[Pixels], Chosen]
) -> Iterator[tuple[slice, Cells, Pixels]]:
    """Yield the visible colours around the pixels that `choose` selects by their alpha.

    For each band of rows: the band, the flat indices of its pixels, and their colours, 3 x N.
    """
    height, width = alpha.shape
    scale = max(1.0, max(height, width) / _LONG_EDGE)
    rows, columns = max(1, round(height / scale)), max(1, round(width / scale))
    left, right, along = _places(np.arange(width), width, columns)
    small: Floats | None = None
    for band in row_bands(height, width):
        at = np.flatnonzero(choose(alpha[band]))
        if not at.size:
            continue
        if small is None:
            small = _spread(*_means(pixels, alpha, rows, columns))
        above, below, down = _places(np.arange(band.start, band.stop), height, rows)
        down = down[:, np.newaxis, np.newaxis]
        few = small[above] * (1 - down) + small[below] * down
        row, column = np.divmod(at, width)
        before, behind = row * columns + left.take(column), row * columns + right.take(column)
        share = along.take(column)
        rest = 1 - share
        colours = np.empty((3, at.size), pixels.dtype)
        for channel in range(3):
            plane = few[..., channel].ravel()
            colours[channel] = np.rint(plane.take(before) * rest + plane.take(behind) * share)
        yield band, at, colours


def _places(at: NDArray[np.intp], length: int, count: int) -> tuple[Cells, Cells, Floats]:
    """Return the two of `count` cells between which each pixel lies, and its position between them.

    The cells divide `length` pixels.
    """
    place = np.clip((at + 0.5) * (count / length) - 0.5, 0, count - 1)
    first = place.astype(np.intp)
    return first, np.minimum(first + 1, count - 1), (place - first).astype(np.float32)


def _means(pixels: Pixels, alpha: Pixels, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Return mean visible colour (rows x columns x C) and mean alpha (0..1) of each cell."""
    height, width = alpha.shape
    channels = pixels.shape[2]
    full = full_scale(alpha.dtype)
    product = np.uint16 if full == 255 else np.uint32
    sums = np.empty((rows, columns, channels + 1), np.uint64)
    line = np.empty((width, channels + 1), np.uint64)
    left, across = _cells(width, columns)
    tops, down = _cells(height, rows)
    for row, (top, count) in enumerate(zip(tops, down, strict=True)):
        weights, colours = alpha[top : top + count], pixels[top : top + count]
        if (weights == full).all():
            line[:, :channels] = full * colours.sum(axis=0, dtype=np.uint64)
        else:
            each = np.repeat(weights, channels, axis=1).reshape(count, width, channels)
            lit = np.multiply(colours, each, dtype=product)
            line[:, :channels] = lit.sum(axis=0, dtype=np.uint64)
        line[:, channels] = weights.sum(axis=0, dtype=np.uint64)
        sums[row] = np.add.reduceat(line, left)
    total = sums[..., channels]
    shown = sums[..., :channels] / np.maximum(total, 1)[..., np.newaxis]
    return shown.astype(np.float32), (total / (full * np.outer(down, across))).astype(np.float32)


def _cells(length: int, count: int) -> tuple[Cells, Cells]:
    """Return the start and the size of each of `count` cells; a cell has at least one pixel."""
    starts = np.arange(count) * length // count
    return starts, np.maximum(np.diff(np.append(starts, length)), 1)


def _spread(values: Floats, weights: Floats) -> Floats:
    """Extend values (h x w x C) to cells where their weight (0..1) is small.

    Pull and push: ever coarser means, then back (Gortler et al. 1996, "The lumigraph", section
    3.4).
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
    # The maximum, not the sum: a large area that is hardly visible must keep a small weight.
    behind = _spread(coarse, quads.max(axis=(1, 3)))
    behind = behind.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    own = weights[..., np.newaxis]
    return np.asarray(values * own + behind * (1 - own), np.float32)
