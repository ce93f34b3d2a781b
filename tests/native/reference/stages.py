"""The fused stages, composed from the slow pieces over whole pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.native.reference.blend import blend
from tests.native.reference.blur import gaussian_blur
from tests.native.reference.light import to_linear, to_srgb
from tests.native.reference.upsample import resize_bilinear


def portrait(
    image: NDArray[Any],
    mask: NDArray[Any],
    sigma: float,
    *,
    masked: bool = True,
    light: str = "linear",
) -> NDArray[np.float64]:
    """Normalised blur of the background, blended under the subject; not rounded."""
    height, width = image.shape[:2]
    alpha = resize_bilinear(mask, width, height)
    values = to_linear(image) if light == "linear" else image.astype(np.float64)
    share = 1.0 - alpha if masked else np.ones_like(alpha)
    weight = gaussian_blur(share, sigma)[..., np.newaxis]
    colour = gaussian_blur(values * share[..., np.newaxis], sigma)
    # Where no background is in reach alpha is 1, so that any finite number does.
    background = np.divide(colour, weight, out=np.zeros_like(colour), where=weight > 0)
    mixed = blend(values, background, alpha)
    return to_srgb(mixed) if light == "linear" else mixed


def cutout(image: NDArray[np.uint8], mask: NDArray[Any]) -> NDArray[np.float64]:
    """The image's colours, and alpha in 0..255; real-valued."""
    height, width = image.shape[:2]
    alpha = 255.0 * resize_bilinear(mask, width, height)
    return np.dstack([image.astype(np.float64), alpha])
