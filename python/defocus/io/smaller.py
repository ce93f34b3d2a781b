"""A photograph made smaller, for a screen.

Pillow is imported inside the function, to keep `import defocus` light.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.io import pillow
from defocus.io.photo import Photo

__all__ = ["smaller"]

_NEEDED = ("icc_profile", "cicp")  # of `info`, to show the colours


def smaller(photo: Photo, long_edge: int) -> Photo:
    """The photograph in 8 bits a sample, with a longer side of at most `long_edge` pixels.

    Of its metadata only that of the colours is kept.
    """
    pillow.load()
    from PIL import Image

    scale = min(1.0, long_edge / max(photo.size))
    width, height = (max(1, round(side * scale)) for side in photo.size)
    shown = photo.in_bytes()

    def resized(plane: NDArray[Any]) -> NDArray[np.uint8]:
        if scale == 1.0:
            return np.ascontiguousarray(plane)
        image: Image.Image = Image.fromarray(np.ascontiguousarray(plane))
        return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0))

    return replace(
        shown,
        pixels=resized(shown.pixels),
        alpha=None if shown.alpha is None else resized(shown.alpha),
        info={key: photo.info[key] for key in _NEEDED if key in photo.info},
        layout=None,
        lost=(),
    )
