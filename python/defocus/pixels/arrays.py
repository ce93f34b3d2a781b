"""Arrays that callers pass as images: what is accepted, and how the results are laid out."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageTypeError, ImageValueError
from defocus.pixels.alpha import fill_hidden, with_alpha
from defocus.pixels.samples import Pixels, full_scale
from defocus.pixels.scales import float_advice, image_advice

__all__ = [
    "ArrayParts",
    "Layout",
    "SupportsArray",
    "as_array",
    "as_rgb",
    "check_samples",
    "check_uint8",
    "is_masked",
    "parts",
    "plain",
    "samples_of",
]

_CHANNELS = "height x width, or height x width x 1, 3 (RGB) or 4 (RGBA)"


@runtime_checkable
class SupportsArray(Protocol):
    """An object that numpy converts: a tensor of PyTorch on the CPU, an array of JAX."""

    def __array__(self) -> NDArray[Any]:
        """The values as an array."""


class Layout(NamedTuple):
    """How the array of a caller was laid out.

    Attributes
    ----------
    channels : int
        0 for height x width, else 1, 3 or 4.
    floats : array of floats or None
        The array itself if it held floats.
    """

    channels: int
    floats: NDArray[Any] | None = None

    def in_colour(self) -> Layout:
        """The layout of an opaque result in colour."""
        return self._replace(channels=3)

    def result(self, pixels: Pixels, source: Pixels | None) -> NDArray[Any]:
        """Lay out `pixels` as the array was: H x W, H x W x 3, or H x W x 4 with alpha.

        `source` has the samples of the array, H x W x 3, or is None if they were changed before.
        Floats whose sample is the same as before keep every bit.
        """
        values = pixels if self.floats is None else _as_floats(pixels, self.floats, source)
        if values.ndim == 2 or values.shape[2] == 4 or self.channels == 3:
            return values
        if self.channels == 4:
            full = 1.0 if self.floats is not None else full_scale(values.dtype)
            return with_alpha(values, np.full(values.shape[:2], full, values.dtype))
        return np.ascontiguousarray(values[..., :1] if self.channels else values[..., 0])


class ArrayParts(NamedTuple):
    """An array as a photograph: `pixels` H x W x 3, uint8 or uint16, and `alpha` H x W or None."""

    pixels: Pixels
    alpha: Pixels | None
    layout: Layout


def as_array(source: Any) -> NDArray[Any] | None:
    """The array that `source` is or is converted to by numpy, or None for an image or a file.

    Raises ImageTypeError if the conversion fails.
    """
    if isinstance(source, np.ndarray):
        return source
    if (
        isinstance(source, np.generic)
        or hasattr(source, "getbands")
        or hasattr(source, "read")
        or isinstance(source, type)
    ):
        return None
    failure: Exception | None = None
    for protocol, convert in (
        ("__array_interface__", np.asarray),
        ("__array__", np.asarray),
        ("__dlpack__", np.from_dlpack),
    ):
        if not hasattr(source, protocol):
            continue
        try:
            return np.asarray(convert(source))
        except MemoryError:
            raise
        except Exception as error:  # libraries raise what they like
            failure = failure or error
    if failure is None:
        return None
    reason = " ".join(str(failure).split())[:200]
    raise ImageTypeError(
        f"the {type(source).__name__} cannot be converted to a numpy array: {reason}; "
        "pass numpy.asarray of it, on the CPU"
    ) from failure


def parts(array: NDArray[Any]) -> ArrayParts:
    """Split the array of a caller into RGB pixels and alpha.

    Grey is repeated in three channels.  Floats become 16-bit samples.  RGB of uint8 or uint16 is
    not copied.  Raises ImageTypeError or ImageValueError for an array that is no image.
    """
    channels = _channels(array)
    samples = samples_of(array)
    layout = Layout(channels, array if array.dtype.kind == "f" else None)
    if channels in (0, 1):
        grey = samples.reshape(samples.shape[:2])
        return ArrayParts(np.repeat(grey[..., np.newaxis], 3, axis=2), None, layout)
    alpha = None
    if channels == 4 and (samples[..., 3] != full_scale(samples.dtype)).any():
        alpha = np.array(samples[..., 3])
    colours = samples if channels == 3 else samples[..., :3]
    pixels = np.require(np.asarray(colours), requirements="A")
    if alpha is not None:
        pixels = np.array(pixels)
        fill_hidden(pixels, alpha)
    return ArrayParts(pixels, alpha, layout)


def samples_of(array: NDArray[Any]) -> Pixels:
    """An array of uint8 or uint16 as it is; floats from 0 to 1 as 16-bit samples.

    >>> samples_of(np.array([[0.0, 0.5, 1.0]])).tolist()
    [[0, 32768, 65535]]
    """
    if is_masked(array):
        raise ImageValueError("the image array has masked values; fill them: image.filled(0)")
    if array.dtype == np.dtype(np.uint16).newbyteorder():
        array = array.astype(np.uint16)
    if array.dtype.kind != "f":
        _check_array(array, "uint8 (0 to 255), uint16 (0 to 65535) or floats (0 to 1)")
        return array
    if array.size == 0:
        raise ImageValueError(f"the image array has shape {array.shape}; it has no pixels")
    # min and max return NaN if there is one, and the comparison then fails.
    low, high = float(array.min()), float(array.max())
    if not (low >= 0.0 and high <= 1.0):
        advice = float_advice(low, high)
        if np.isnan(low) or np.isinf(high - low):
            advice = "replace NaN and infinite values first"
        elif low >= -0.01 and high <= 1.01:
            advice = "use numpy.clip(image, 0, 1) if these are rounding errors"
        raise ImageValueError(
            f"the image array has floats from {low:.9g} to {high:.9g}; expected 0 to 1; {advice}"
        )
    samples = np.empty(array.shape, np.uint16)
    for row, values in zip(samples, np.asarray(array), strict=True):  # to save memory
        np.rint(values * np.float64(65535), out=row, casting="unsafe")
    return samples


def is_masked(array: NDArray[Any]) -> bool:
    """Whether some values are masked.  It does not load `numpy.ma`, without which there are none.

    >>> is_masked(np.zeros(3))
    False
    """
    # Another thread may be about to import it.
    is_masked_there = getattr(sys.modules.get("numpy.ma"), "is_masked", None)
    return is_masked_there is not None and bool(is_masked_there(array))


def plain(array: NDArray[Any]) -> Pixels:
    """An image as samples: H x W (also for one channel), H x W x 3 or H x W x 4.

    Raises ImageTypeError or ImageValueError.
    """
    channels = _channels(array)
    samples = samples_of(array)
    return samples[..., 0] if channels == 1 else samples


def as_rgb(array: NDArray[Any]) -> Pixels:
    """Return an RGB array as it is, H x W x 3, uint8 or uint16; it is copied only if not aligned.

    Raises ImageTypeError or ImageValueError for all other arrays.
    """
    check_samples(array)
    if array.ndim != 3 or array.shape[2] != 3:
        raise ImageValueError(
            f"the image array has shape {array.shape}; expected height x width x 3 (RGB)"
        )
    return np.require(np.asarray(array), requirements="A")


def check_uint8(array: NDArray[Any]) -> None:
    """Raise ImageTypeError for any other dtype, and ImageValueError for an empty array."""
    _check_array(array, "uint8 (0 to 255)", deep=False)


def check_samples(array: NDArray[Any]) -> None:
    """Check as `check_uint8` does, but accept uint16 too."""
    _check_array(array, "uint8 (0 to 255) or uint16 (0 to 65535)")


def _channels(array: NDArray[Any]) -> int:
    """0 for height x width, else the number of channels.  Raises ImageValueError."""
    shape = array.shape
    if len(shape) == 2:
        return 0
    if len(shape) == 3 and shape[2] in (1, 3, 4):
        return int(shape[2])
    if len(shape) == 4 and shape[3] in (1, 3, 4):
        advice = f"it is a batch of {shape[0]} images; call defocus.map(images)"
    elif len(shape) == 3 and shape[0] in (1, 3, 4):
        advice = "its channels come first; use numpy.moveaxis(image, 0, -1)"
    else:
        advice = "check the order of the axes"
    raise ImageValueError(f"the image array has shape {shape}; expected {_CHANNELS}; {advice}")


def _check_array(array: NDArray[Any], expected: str, *, deep: bool = True) -> None:
    allowed = (np.uint8, np.uint16) if deep else (np.uint8,)
    if array.dtype not in allowed:
        advice = image_advice(array, deep=deep)
        raise ImageTypeError(
            f"the image array has dtype {array.dtype}; expected {expected}; {advice}"
        )
    if array.size == 0:
        raise ImageValueError(f"the image array has shape {array.shape}; it has no pixels")


def _as_floats(pixels: Pixels, floats: NDArray[Any], source: Pixels | None) -> NDArray[Any]:
    """16-bit samples as floats; those that equal their `source` are taken from `floats`."""
    result = np.empty(pixels.shape, floats.dtype.newbyteorder("="))
    kept = source is not None and pixels.ndim == 3 and pixels.shape[:2] == source.shape[:2]
    for y, row in enumerate(pixels):  # to save memory
        np.divide(row, np.float64(65535), out=result[y], casting="unsafe")
        if source is not None and kept:
            before = floats[y].reshape(len(row), -1)[:, :3]
            np.copyto(result[y, :, :3], before, where=row[:, :3] == source[y])
    return result
