"""What a network of a test is given."""

from __future__ import annotations

from defocus.models.view import View
from defocus.pixels.samples import Pixels


def shown(pixels: Pixels | View) -> Pixels:
    """The pixels of a View, or the pixels themselves."""
    return pixels.pixels if isinstance(pixels, View) else pixels
