"""Blur by the shape of an aperture, by its definition: a mean over what the shape covers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.native.reference.light import to_linear, to_srgb
from tests.native.reference.upsample import resize_bilinear


def sum_columns(rows: NDArray[Any]) -> NDArray[np.float64]:
    """The sums of the 1, 3, 5 ... middle rows."""
    wide, middle = np.asarray(rows, np.float64), len(rows) // 2
    return np.array([wide[middle - h : middle + h + 1].sum(axis=0) for h in range(middle + 1)])


def gather(
    samples: NDArray[Any], offsets: NDArray[Any], weights: NDArray[Any], n: int
) -> NDArray[np.float64]:
    """Each output is the weighted sum of samples that lie `offsets` before it."""
    wide = np.asarray(samples, np.float64)
    return np.asarray(
        sum(float(w) * wide[o : o + n] for o, w in zip(offsets, weights, strict=True))
    )


def inside(x: NDArray[Any], y: NDArray[Any], radius: float, blades: int) -> NDArray[np.bool_]:
    """Whether points are in the disc of `radius`, or in the polygon with its second moment."""
    if not blades:
        return np.asarray(np.hypot(x, y) <= radius)
    corner = radius * np.sqrt(3 / (2 + np.cos(2 * np.pi / blades)))
    normals = (2 * np.arange(blades) + 1) * np.pi / blades
    distances = [x * np.cos(angle) + y * np.sin(angle) for angle in normals]
    return np.asarray(np.max(distances, axis=0) <= corner * np.cos(np.pi / blades))


def shape(radius: float, blades: int = 0, fine: int = 32) -> NDArray[np.float64]:
    """Square kernel of odd side: what the shape covers of each pixel; sums to 1."""
    reach = int(np.ceil(1.3 * radius)) + 1
    at = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - (reach + 0.5)
    covered = inside(at[np.newaxis], at[:, np.newaxis], radius, blades)
    cells = covered.reshape(2 * reach + 1, fine, 2 * reach + 1, fine).mean(axis=(1, 3))
    return np.asarray(cells / cells.sum())


def blur(image: NDArray[Any], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """H x W or H x W x C; outside the picture its outermost pixels go on."""
    reach = len(kernel) // 2
    edges = ((reach, reach), (reach, reach), *((0, 0),) * (image.ndim - 2))
    wide = np.pad(np.asarray(image, np.float64), edges, mode="edge")
    height, width = image.shape[:2]
    out = np.zeros(image.shape)
    for (dy, dx), weight in np.ndenumerate(kernel[::-1, ::-1]):
        if weight:
            out += weight * wide[dy : dy + height, dx : dx + width]
    return out


def portrait(
    image: NDArray[Any],
    mask: NDArray[Any],
    radius: float,
    *,
    blades: int = 0,
    light: str = "linear",
) -> NDArray[np.float64]:
    """Normalised blur of the background, blended under the subject; not rounded."""
    height, width = image.shape[:2]
    alpha = resize_bilinear(mask, width, height)[..., np.newaxis]
    values = to_linear(image) if light == "linear" else image.astype(np.float64)
    kernel = shape(radius, blades)
    weight = blur(1.0 - alpha, kernel)
    colour = blur(values * (1.0 - alpha), kernel)
    # Where no background is in reach alpha is 1, so that any finite number does.
    background = np.divide(colour, weight, out=np.zeros_like(colour), where=weight > 1e-9)
    mixed = alpha * values + (1.0 - alpha) * background
    return to_srgb(mixed) if light == "linear" else mixed
