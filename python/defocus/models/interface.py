"""What goes into a network, and what comes out of it.

A `ModelSpec` describes both.  The families differ in size, in the range and order of the channels,
and in what their output means.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ModelError
from defocus.models.network import failure
from defocus.models.spec import ModelSpec
from defocus.models.view import View

__all__ = ["mask", "network_input", "view_size"]

# Rounding may exceed 0..1 by this.
_SLACK = 0.01
# A mask whose values differ by less is even: to stretch it would show noise.
_EVEN = 1e-6
# The long edge of an input that keeps the proportions, in short edges: it limits the memory.
_LONGEST = 4


def view_size(spec: ModelSpec, usual: tuple[int, int], image: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of the network's input for an image: `usual`, or in its proportions."""
    if spec.short_edge is None:
        return usual
    height, width = image.shape[:2]
    long_edge = spec.short_edge * min(max(width, height) / min(width, height), _LONGEST)
    steps = max(1, round(long_edge / spec.multiple)) * spec.multiple
    longer = max(steps, spec.short_edge)
    return (longer, spec.short_edge) if width >= height else (spec.short_edge, longer)


def network_input(view: View, spec: ModelSpec, size: tuple[int, int]) -> NDArray[np.float32]:
    """The network's input, 1 x 3 x height x width.

    Each channel c becomes (c / divisor - mean) / std.  The default divisor is the largest value of
    the image, as in `ToTensorLab` of the authors' data_loader.py.  A black image stays black.
    """
    planes = view.planes(size)
    divisor = spec.divisor or max(float(planes.max()), 1.0)
    tensor = np.empty((1, *planes.shape), np.float32)
    channels = tensor[0] if spec.channels == "rgb" else tensor[0, ::-1]
    with np.errstate(all="ignore"):  # what is not finite is found in the mask
        for plane, mean, std, channel in zip(planes, spec.mean, spec.std, channels, strict=True):
            np.multiply(plane, np.float32(1 / (divisor * std)), out=channel)
            channel -= np.float32(mean / std)
    return tensor


def mask(
    answer: NDArray[np.float32], spec: ModelSpec, size: tuple[int, int]
) -> NDArray[np.float32]:
    """The output of the network as a mask.  Raises ModelError if it is none."""
    width, height = size
    if answer.shape != (1, 1, height, width) or answer.dtype != np.float32:
        raise ModelError(
            f"model {spec.name!r} gives {answer.dtype} of shape {answer.shape}; expected one mask, "
            f"float32 of shape (1, 1, {height}, {width}); choose another output in a ModelSpec"
        )
    raw = answer[0, 0]
    low, high = float(raw.min()), float(raw.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise failure(spec, "the mask is not finite")
    if spec.activation == "sigmoid":
        return _sigmoid(raw)
    if spec.activation == "min-max":
        return _stretched(raw, low, high)
    if low < -_SLACK or high > 1.0 + _SLACK:
        raise ModelError(
            f"model {spec.name!r} gives values of {low:g} to {high:g}; expected 0 to 1, as after a "
            "sigmoid; choose another output or activation='sigmoid' in a ModelSpec"
        )
    clipped: NDArray[np.float32] = np.clip(raw, 0.0, 1.0)
    return clipped


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 / (1 + exp(-x)).  Beyond 80 it is 0 or 1 in float32, and exp would overflow."""
    result: NDArray[np.float32] = np.clip(logits, -80.0, 80.0)
    np.negative(result, out=result)
    np.exp(result, out=result)
    result += np.float32(1.0)
    return np.reciprocal(result, out=result)


def _stretched(raw: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """The mask stretched to 0..1; an even one has no subject and is 0."""
    if high - low < _EVEN:
        return np.zeros_like(raw)
    return np.asarray((raw - np.float32(low)) / np.float32(high - low), np.float32)
