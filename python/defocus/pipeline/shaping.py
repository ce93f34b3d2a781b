"""What happens to a cutout after its pixels are computed, in this order.

Holes, alpha floor, threshold, growth, feather; crop, canvas, size; shadow; background.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from defocus.io.canvas import resample
from defocus.io.canvas.background import Background, BackgroundSource, colour_of
from defocus.io.colour import output_colour
from defocus.io.photo import Photo
from defocus.options import Finish, check_alternatives
from defocus.options.canvas import MOST_PIXELS
from defocus.pixels.samples import Pixels, like
from defocus.render import composite, cutout_post, edges, placement, shadow

__all__ = ["Shaping", "read_background"]

_BLACK = (0, 0, 0)


def read_background(
    background: BackgroundSource | Background | None, finish: Finish, max_pixels: int | None = None
) -> Background | None:
    """The background, read.  Raises OptionError beside `matte_only`, and what `cutout` raises."""
    check_alternatives({"background": background, "matte_only": finish.matte_only})
    if background is None or isinstance(background, Background):
        return background
    return Background(background, max_pixels=max_pixels)


@dataclass(frozen=True)
class Shaping:
    """The last steps of a cutout, with everything read that they need.

    The result has at most `max_pixels`.
    Raises OptionError for the colour of a shadow and the size of a canvas, when it is made.
    """

    finish: Finish
    background: Background | None
    floor: float
    threads: int | None
    max_pixels: int = MOST_PIXELS

    def __post_init__(self) -> None:
        """Check the colour of the shadow, and a canvas in pixels."""
        self._shadow_colour()
        placement.check_canvas(self.finish, self.max_pixels)

    def apply(self, rgba: Pixels, photo: Photo) -> tuple[Pixels, Photo]:
        """The finished cutout, and the photo whose metadata it has.  `rgba` is changed.

        The result is H x W x 4, H x W x 3 with a background, and H x W if it is a matte.
        """
        cutout_post.clean(rgba, photo.pixels, self.finish, self.floor, photo.alpha)
        edges.edit(rgba, self.finish, self.threads)
        if self.background is None:
            cutout_post.blank(rgba)
        place = placement.placement(rgba[..., 3], self.finish, self.max_pixels)
        if place is not None:
            rgba = resample.placed(rgba, place, linear=output_colour.is_light(photo))
        if self.finish.matte_only:
            return np.ascontiguousarray(rgba[..., 3]), photo
        rgba, photo = self._on_shadow(rgba, photo)
        return self._on_background(rgba, photo)

    def _on_shadow(self, rgba: Pixels, photo: Photo) -> tuple[Pixels, Photo]:
        wanted, colour = self.finish.cast, self._shadow_colour()
        if wanted is None:
            return rgba, photo
        if colour != _BLACK:  # black is 0 in every colour space
            rgba, photo = output_colour.shared(rgba, photo)
        linear = output_colour.is_light(photo)
        samples = like(np.array(colour, np.uint8), rgba.dtype)
        samples = output_colour.as_light(samples) if linear else samples
        return shadow.cast(rgba, wanted, samples, self.threads, linear=linear), photo

    def _on_background(self, rgba: Pixels, photo: Photo) -> tuple[Pixels, Photo]:
        if self.background is None:
            return rgba, photo
        behind = self.background.fit((rgba.shape[1], rgba.shape[0]), rgba.dtype)
        rgba, photo = output_colour.shared(rgba, photo)
        linear = output_colour.is_light(photo)
        behind = output_colour.as_light(behind) if linear else behind
        return composite.over(rgba, behind, self.threads, linear=linear), photo

    def _shadow_colour(self) -> tuple[int, ...]:
        wanted = self.finish.cast
        return _BLACK if wanted is None else colour_of("shadow colour", wanted.colour)
