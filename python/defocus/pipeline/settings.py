"""What `portrait` and `cutout` are asked for: checked, and read, before there is a picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.io import maps
from defocus.io.background import Background, BackgroundSource
from defocus.options import Bokeh, Finish, Lens, Light, Look, check_alternatives

__all__ = ["Blur", "Cut", "blur", "cut"]


class Blur(NamedTuple):
    """What a portrait does with its background."""

    lens: Lens
    look: Look
    depth: NDArray[np.float32] | None

    @property
    def layered(self) -> bool:
        """Whether the blur grows with distance."""
        return self.depth is not None or self.look.ramp is not None


class Cut(NamedTuple):
    """What follows a cutout."""

    finish: Finish
    background: Background | None


def blur(
    *,
    aperture: float = 1.8,
    sigma: float | None = None,
    focal_length: float = 50.0,
    distance: float = 1.5,
    bokeh: Bokeh = "gaussian",
    blades: int | None = None,
    highlights: float | None = None,
    light: Light = "linear",
    depth: maps.MapSource | None = None,
    ramp: float | None = None,
    grain: float = 0.0,
    max_pixels: int | None = None,
) -> Blur:
    """Options of `portrait`, with the depth map read.  Raises what `portrait` raises for them."""
    lens = Lens(aperture=aperture, focal_length=focal_length, distance=distance, sigma=sigma)
    look = Look(
        bokeh=bokeh, blades=blades, highlights=highlights, light=light, ramp=ramp, grain=grain
    )
    check_alternatives({"depth": depth, "ramp": ramp})
    distances = None if depth is None else maps.read_depth(depth, max_pixels=max_pixels)
    return Blur(lens, look, distances)


def cut(
    *,
    background: BackgroundSource | Background | None = None,
    crop: float | None = None,
    alpha_floor: float | None = None,
    fill_holes: float = 0.0,
    matte_only: bool = False,
    max_pixels: int | None = None,
) -> Cut:
    """Options of `cutout`, with the background read.  Raises what `cutout` raises for them."""
    finish = Finish(
        crop=crop, alpha_floor=alpha_floor, fill_holes=fill_holes, matte_only=matte_only
    )
    check_alternatives({"background": background, "matte_only": matte_only})
    if not (background is None or isinstance(background, Background)):
        background = Background(background, max_pixels=max_pixels)
    return Cut(finish, background)
