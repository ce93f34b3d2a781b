"""The fused stages, composed from the slow pieces over whole pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.blend import blend
from reference.blur import gaussian_blur
from reference.upsample import resize_bilinear


def portrait(image: NDArray[np.uint8], mask: NDArray[Any], sigma: float) -> NDArray[np.float64]:
    """Normalised blur of the background, blended under the subject; real-valued."""
    height, width = image.shape[:2]
    alpha = resize_bilinear(mask, width, height)
    weight = gaussian_blur(1.0 - alpha, sigma)[..., np.newaxis]
    colour = gaussian_blur(image * (1.0 - alpha)[..., np.newaxis], sigma)
    # Where no background is in reach alpha is 1, so that any finite number does.
    background = np.divide(colour, weight, out=np.zeros_like(colour), where=weight > 0)
    return blend(image, background, alpha)


def cutout(image: NDArray[np.uint8], mask: NDArray[Any]) -> NDArray[np.float64]:
    """The image's colours, and alpha in 0..255; real-valued."""
    height, width = image.shape[:2]
    alpha = 255.0 * resize_bilinear(mask, width, height)
    return np.dstack([image.astype(np.float64), alpha])
