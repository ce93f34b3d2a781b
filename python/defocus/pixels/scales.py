"""Advice on how to convert arrays whose dtype is not accepted, from the values that they hold."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

__all__ = ["float_advice", "image_advice", "matte_advice"]


def image_advice(values: NDArray[Any], *, deep: bool = True) -> str:
    """Return how `image` becomes uint8, or uint16 if `deep`.

    >>> import numpy as np
    >>> image_advice(np.array([0.0, 0.5]))
    'for values from 0 to 1 use (image * 255).round().astype(numpy.uint8)'
    >>> image_advice(np.array([0, 200]))
    'for values from 0 to 255 use image.astype(numpy.uint8)'
    """
    kind, (low, high) = values.dtype.kind, _range(values)
    if kind not in "biuf":
        return "pass numbers, not objects, text or complex numbers"
    if kind == "b" or (kind in "iu" and (low, high) in ((0, 1), (1, 1))):
        return "for black and white use image.astype(numpy.uint8) * 255"
    if not 0 <= low <= high <= 65535:
        return f"it has values from {low:.6g} to {high:.6g}; scale them to 0 to 255, or to 65535"
    if kind == "f" and high <= 1:
        return "for values from 0 to 1 use (image * 255).round().astype(numpy.uint8)"
    rounded = ".round()" if kind == "f" else ""
    is_uint16 = (kind, values.dtype.itemsize) == ("u", 2)  # in whatever byte order
    full, name = (255, "uint8") if high <= 255 and not is_uint16 else (65535, "uint16")
    if full == 65535 and not deep:
        return "for values from 0 to 65535 use (image / 257).round().astype(numpy.uint8)"
    return f"for values from 0 to {full} use image{rounded}.astype(numpy.{name})"


def float_advice(low: float, high: float) -> str:
    """Return how floats outside of 0 to 1 become an image.

    >>> float_advice(0, 255)
    'for values from 0 to 255 use image / 255'
    """
    if not 0 <= low <= high <= 65535:
        return "scale them first"
    full = 255 if high <= 255 else 65535
    return f"for values from 0 to {full} use image / {full}"


def matte_advice(array: str, values: NDArray[Any]) -> str:
    """Return how integers of unknown scale become a matte; `array` is the name of the array.

    >>> import numpy as np
    >>> matte_advice("matte", np.array([0, 1]))
    'it has no value above 1; for 0 and 1 use matte.astype(bool)'
    """
    low, high = _range(values)
    if low < 0:
        return f"it has values from {low} to {high}; shift or clip them to 0 or more first"
    if high == 1:
        return f"it has no value above 1; for 0 and 1 use {array}.astype(bool)"
    if high > 65535:
        return f"it has values up to {high}; divide it by its full scale"
    full, name = (255, "uint8") if high <= 255 else (65535, "uint16")
    return f"for values from 0 to {full} use {array}.astype(numpy.{name})"


def _range(values: NDArray[Any]) -> tuple[Any, Any]:
    """Return the least and the largest value, or 0 and 0 for an empty array."""
    if values.size == 0 or values.dtype.kind not in "biuf":
        return 0, 0
    low, high = values.min(), values.max()
    return (float(low), float(high)) if values.dtype.kind == "f" else (int(low), int(high))
