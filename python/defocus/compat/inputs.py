"""What `remove` of rembg takes, as `defocus` reads it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageTypeError, ImageValueError, type_of
from defocus.io.pillow import Image

__all__ = ["source_of"]

_GREY_NUMBERS = ("F", "I")  # modes of Pillow without a full scale


def source_of(data: object) -> bytes | Image.Image | NDArray[Any]:
    """The photograph for `cutout`.

    Raises ImageTypeError for what is neither bytes nor an image.  Raises ImageValueError for grey
    numbers outside 0 to 255.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    if isinstance(data, np.ndarray):
        return _array(data)
    if isinstance(data, Image.Image):
        return _image(data)
    raise ImageTypeError(
        f"data is {type_of(data)}; expected bytes, a PIL image or an array; "
        "read a file first, or pass its path to defocus.cutout"
    )


def _array(data: NDArray[Any]) -> NDArray[Any]:
    """The array: rembg also takes bool, int32 and grey with alpha, as Pillow does."""
    if data.dtype == np.bool_:
        return np.asarray(np.where(data, np.uint8(255), np.uint8(0)))
    if data.ndim == 3 and data.shape[2] == 2:
        return np.ascontiguousarray(data[..., (0, 0, 0, 1)])
    if data.ndim == 2 and data.dtype == np.int32 and data.size:
        _check_range(int(data.min()), int(data.max()))
        return data.astype(np.uint8)
    return data


def _image(data: Image.Image) -> Image.Image:
    """The image in a mode that `defocus` reads."""
    if data.mode in _GREY_NUMBERS:
        low, high = data.getextrema()
        _check_range(low, high)
        return data.convert("L")
    return data.convert("RGB") if data.mode == "HSV" else data


def _check_range(low: Any, high: Any) -> None:
    if not (low >= 0 and high <= 255):
        raise ImageValueError(
            f"data has values from {low:g} to {high:g}; expected 0 to 255; scale them to uint8, or "
            "convert 16-bit samples to uint16"
        )
