"""Check dtype and shape of arrays that callers pass as images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageTypeError, ImageValueError
from defocus.pixels.scales import image_advice

__all__ = ["as_rgb", "check_samples", "check_uint8"]

_SHAPE_HINTS = {
    (2,): "for grey use numpy.stack([image] * 3, axis=-1)",
    (3, 1): "for grey use numpy.repeat(image, 3, axis=2)",
    (3, 4): "pass PIL.Image.fromarray(image) to use its alpha, or image[..., :3] to drop it",
}


def as_rgb(array: NDArray[Any]) -> NDArray[Any]:
    """Return an RGB array as it is, H x W x 3, uint8 or uint16; it is copied only if not aligned.

    Raises ImageTypeError or ImageValueError for all other arrays.
    """
    check_samples(array)
    if array.ndim != 3 or array.shape[2] != 3:
        hint = _SHAPE_HINTS.get((array.ndim, *array.shape[2:]), "check the order of the axes")
        raise ImageValueError(
            f"the image array has shape {array.shape}; expected height x width x 3 (RGB); {hint}"
        )
    return np.require(np.asarray(array), requirements="A")


def check_uint8(array: NDArray[Any]) -> None:
    """Raise ImageTypeError for any other dtype, and ImageValueError for an empty array."""
    _check_array(array, (np.uint8,), "uint8 (0 to 255)")


def check_samples(array: NDArray[Any]) -> None:
    """Check as `check_uint8` does, but accept uint16 too."""
    _check_array(array, (np.uint8, np.uint16), "uint8 (0 to 255) or uint16 (0 to 65535)")


def _check_array(array: NDArray[Any], allowed: tuple[type, ...], expected: str) -> None:
    if array.dtype not in allowed:
        advice = image_advice(array, deep=np.uint16 in allowed)
        raise ImageTypeError(
            f"the image array has dtype {array.dtype}; expected {expected}; {advice}"
        )
    if array.size == 0:
        raise ImageValueError(f"the image array has shape {array.shape}; it has no pixels")
