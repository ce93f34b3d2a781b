"""Mattes as arrays: the meaning of the values of each dtype, and errors for all others.

Opacity is an unsigned integer from 0 to its full scale, a bool, or a float from 0 to 1.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.errors import ImageTypeError, ImageValueError
from defocus.pixels.arrays import is_masked
from defocus.pixels.scales import matte_advice
from defocus.threads import effective_threads

__all__ = ["Mask", "as_mask", "check_size", "fitted", "one_plane"]

Mask: TypeAlias = NDArray[np.float32] | NDArray[np.uint8]

_EXPECTED = (
    "expected a 2-D array of bool, of unsigned integers from 0 to their full scale (uint8: 0..255,"
    " uint16: 0..65535), or of floats from 0 to 1"
)
_LEAST = 1 / 32768  # half a step of the opacity that the renderer uses; smaller values are 0


def as_mask(name: str, values: NDArray[Any], array: str | None = None) -> Mask:
    """Return opacity as the native code takes it: uint8 0..255 or float32 0..1, height x width.

    Arrays of these two dtypes are returned as they are, with any strides.  Error messages call the
    values `array`, by default `name`.

    Raises ImageTypeError for dtypes without a full scale.  Raises ImageValueError for other shapes,
    NaN, and values outside 0..1.
    """
    kind, array = values.dtype.kind, array or name
    if kind not in "buf":
        advice = f"convert {array} to floats from 0 to 1"
        if kind == "i":
            advice = matte_advice(array, values)
        raise ImageTypeError(f"{name} has dtype {values.dtype}; {_EXPECTED}; {advice}")
    if values.size == 0:
        raise ImageValueError(f"{name} has shape {values.shape}; it has no pixels")
    if values.ndim != 2:
        advice = _axis_advice(array, values)
        raise ImageValueError(f"{name} has shape {values.shape}; expected height x width; {advice}")
    if is_masked(values):
        raise ImageValueError(f"{name} has masked values; fill them first: {array}.filled(0)")
    if kind == "b":
        return np.asarray(np.where(values, np.uint8(255), np.uint8(0)))
    if kind == "f":
        return _fractions(name, values, array)
    if values.dtype.itemsize == 1:
        return np.asarray(values)
    return _of_integers(name, values, array)


def one_plane(values: NDArray[Any]) -> NDArray[Any]:
    """The opacity in an array of an image: H x W; others are returned as they are.

    Of RGBA the alpha counts where it is partly transparent, as in a file.  RGB counts if it is
    grey.

    >>> one_plane(np.full((1, 1, 4), [9, 9, 9, 128], np.uint8)).tolist()
    [[128]]
    """
    if values.ndim != 3 or values.shape[2] not in (1, 3, 4) or values.size == 0:
        return values
    if values.dtype.kind not in "bfui":
        return values
    if values.shape[2] == 4:
        full = 1 if values.dtype.kind in "bf" else np.iinfo(values.dtype).max
        if (values[..., 3] != full).any():
            return values[..., 3]
    grey = all((values[..., 0] == values[..., c]).all() for c in range(1, min(3, values.shape[2])))
    return values[..., 0] if grey else values


def fitted(mask: Mask, size: tuple[int, int]) -> Mask:
    """A matte of `size` (width, height); a smaller one of the same proportions is enlarged.

    Raises ImageValueError for all other sizes.
    """
    height, width = mask.shape
    smaller = width <= size[0] and height <= size[1] and (width, height) != size
    # The shorter side of the matte may be off by less than a pixel of it.
    if smaller and abs(width * size[1] - height * size[0]) < max(size):
        levels: Any = np.ascontiguousarray(mask)
        return _native.resize_bilinear(levels, *size, threads=effective_threads(None))
    check_size("matte", mask, size)
    return mask


def check_size(name: str, mask: NDArray[Any], size: tuple[int, int]) -> None:
    """Raise ImageValueError for a mask that is not of `size` (width, height)."""
    height, width = mask.shape
    if (width, height) == size:
        return
    expected = f"expected ({size[1]}, {size[0]}), height and width of the upright image"
    advice = "resize it, for example with defocus.kernels.resize_bilinear"
    if (height, width) == size:
        advice = "its axes are swapped, or it was not rotated like the image"
    raise ImageValueError(f"{name} has shape {mask.shape}; {expected}; {advice}")


def _of_integers(name: str, values: NDArray[Any], array: str) -> NDArray[np.float32]:
    full = int(np.iinfo(values.dtype).max)
    most = int(values.max())
    if full > 65535 and 0 < most < full * _LEAST:
        raise ImageValueError(
            f"{name} has dtype {values.dtype}, of which {full} is opaque, and no value above"
            f" {most}: all of it would be background; {matte_advice(array, values)}"
        )
    if full <= 65535:  # exact in float32, so that the quotient is correctly rounded
        mask = values.astype(np.float32)
        mask /= np.float32(full)
        return mask
    return np.asarray((values / float(full)).astype(np.float32))


def _fractions(name: str, values: NDArray[Any], array: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # values that are too large are refused below
        mask: NDArray[np.float32] = values.astype(np.float32, copy=False)
    mask = np.require(np.asarray(mask), requirements="A")
    # min and max return NaN if there is one, and the comparison then fails.
    low, high = float(mask.min()), float(mask.max())
    if low >= 0.0 and high <= 1.0:
        return mask
    if np.isnan(low):
        raise ImageValueError(f"{name} has NaN; expected floats from 0 to 1; replace them first")
    advice = f"use numpy.clip({array}, 0, 1) if these are rounding errors"
    if np.isinf(low) or np.isinf(high):
        advice = "replace infinite values first"
    elif low >= 0.0 and high > 2.0:
        full = 255 if high <= 255.0 else 65535
        advice = f"for values from 0 to {full} use {array} / {full}"
    raise ImageValueError(
        f"{name} has values from {low:.9g} to {high:.9g}; expected floats from 0 to 1; {advice}"
    )


def _axis_advice(array: str, values: NDArray[Any]) -> str:
    if values.ndim == 3 and values.shape[2] == 3:
        return f"it is in colour; pass one channel, for example {array}[..., 0]"
    if values.ndim == 3 and values.shape[2] == 4:
        return f"it is in colour and opaque; pass one channel, for example {array}[..., 0]"
    if values.ndim == 3 and values.shape[2] == 2:
        return f"its alpha is {array}[..., -1]"
    if values.ndim == 3 and values.shape[0] == 1:
        return f"use {array}[0]"
    return "pass one number per pixel"
