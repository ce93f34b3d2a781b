"""Pictures that are partly transparent already: what their hidden pixels may, and may not, do.

Colours are straight; alpha is H x W, uint8 or uint16 as they are.  The colour of a pixel with alpha
0 is nobody's wish: it is overwritten by what is visible around it, so that neither blur nor network
meets it.  All work is done in bands of rows, on the pixels that it concerns.
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

# What the network sees where the picture is transparent: as far from black as from white.
_NEUTRAL = 128
# Colours of hidden pixels are worked out at this size.
_LONG_EDGE = 256
# Cells of the network's map from the transparent ones that are not believed: it is unsure there.
_RIM = 4
_TRANSPARENT = 0.05  # mean alpha of a cell up to which it is one of those
_SIDES = 5  # a cell and its neighbours


def fill_hidden(pixels: Pixels, alpha: Pixels) -> None:
    """Give pixels (H x W x 3, contiguous) with alpha 0 the colours of their surroundings."""
    for band, at, around in _around(pixels, alpha, _hidden):
        for channel, plane in enumerate(_planes(pixels[band])):
            plane[3 * at] = around[channel]


def weighted(pixels: Pixels, alpha: Pixels) -> Pixels:
    """The pixels, each only as far as it is visible, and else the colours of its surroundings.

    A blur of these weighs every pixel by its alpha.
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
    """Give the subject its own colours back where `used`, the weighted pixels, has others.

    `out` (H x W x 3, contiguous, changed in place) was made from `used`, which was made from
    `pixels` and `alpha`; `matte` is float32 0..1 or uint8.
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
    """The picture on neutral grey."""
    out: NDArray[np.uint8] = pixels.copy()
    for band in row_bands(*alpha.shape):
        if (alpha[band] == 255).all():
            continue
        share = alpha[band][..., np.newaxis] * np.float32(1 / 255)
        out[band] = np.rint(_NEUTRAL + share * (pixels[band] - np.float32(_NEUTRAL)))
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
    for band in row_bands(*alpha.shape):
        if (alpha[band] == full).all():
            continue
        product = rgba[band][..., 3].astype(wide) * alpha[band]
        rgba[band][..., 3] = (product + wide(full // 2)) // wide(full)


def with_alpha(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Pixels and alpha in one array, H x W x 4."""
    out = np.empty((*alpha.shape, 4), pixels.dtype)
    for band in row_bands(*alpha.shape):
        for channel in range(3):  # numpy is slow with runs of three
            out[band][..., channel] = pixels[band][..., channel]
        out[band][..., 3] = alpha[band]
    return out


def _planes(pixels: Pixels) -> list[Pixels]:
    """The samples of H x W x 3 in a row, from each of the three channels on: every third counts.

    Views, where the pixels are contiguous: fancy indices of one axis are the fast ones.
    """
    flat = pixels.reshape(-1)
    return [flat[channel:] for channel in range(3)]


def _hidden(alpha: Pixels) -> Chosen:
    return np.asarray(alpha == 0)


def _soft(alpha: Pixels) -> Chosen:
    """Neither hidden nor opaque; 0 wraps around."""
    one = alpha.dtype.type(1)
    return np.asarray(alpha - one < full_scale(alpha.dtype) - one)


def _around(
    pixels: Pixels, alpha: Pixels, choose: Callable[[Pixels], Chosen]
) -> Iterator[tuple[slice, Cells, Pixels]]:
    """The visible colours around the pixels that `choose` takes by their alpha, band by band.

    Each time: the band, the indices in it, row by row, of those pixels, and their colours, 3 x N.
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
    """Between which two of `count` cells along `length` pixels each pixel lies, and where."""
    place = np.clip((at + 0.5) * (count / length) - 0.5, 0, count - 1)
    first = place.astype(np.intp)
    return first, np.minimum(first + 1, count - 1), (place - first).astype(np.float32)


def _means(pixels: Pixels, alpha: Pixels, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Mean visible colour (rows x columns x C) and alpha (0..1) of so many cells."""
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
