"""The look of what is out of focus."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Literal, get_args

from defocus.errors import OptionError
from defocus.options import checks

__all__ = ["Bokeh", "Ground", "Light", "Look"]

Bokeh = Literal["gaussian", "disc"]
Light = Literal["linear", "srgb"]
Ground = Literal["auto", "off"]

# A file stores specular highlights as white.  They are 4 to 12 times as bright; 6 scores best.
_HIGHLIGHTS = 5.0
_BOKEH = "expected 'gaussian' (soft) or 'disc' (the shape of a lens's aperture)"
_GROUND = "expected 'auto' (the ground at the feet is in focus too) or 'off'"
_LIGHT = "expected 'linear' (blur amounts of light) or 'srgb' (blur the bytes as they are)"


@dataclass(frozen=True, kw_only=True)
class Look:
    """The look of what is out of focus.

    Parameters
    ----------
    bokeh : {"gaussian", "disc"}, default "gaussian"
        The shape of the blur.  "disc" is the image of a point of light in a lens that is wide
        open.  Both spread light equally far: the disc has a radius of 2 sigma.
    blades : int, optional
        5 to 9 for an aperture with so many sides, None for a round one.  Needs `bokeh="disc"`.
    highlights : float, optional
        Light added to specular highlights, which the camera stored as white: 0 to 100 times
        white.  The default is 5 for discs in linear light, else 0.  Other values need those.
    light : {"linear", "srgb"}, default "linear"
        "linear" blurs and blends amounts of light, as a lens does.  "srgb" blurs the samples.
    ramp : float, optional
        The row of the horizon, 0 (top) to 1 (bottom).  The blur of the background then grows from
        the feet of the subject to the horizon, as on level ground.
    ground : {"auto", "off"}, default "off"
        "auto" keeps the ground at the feet of a standing subject in focus, if it is found.  The
        blur then grows with the distance from the feet.  It excludes `ramp`.
    grain : float, default 0
        Film grain added back to the background, 0 to 10.  1 is as much as the photo has.

    Raises
    ------
    OptionError
        A value is out of range, or does not go with another.
    OptionTypeError
        A value has the wrong type.

    Examples
    --------
    >>> Look(bokeh="disc").strength_of_highlights
    5.0
    """

    bokeh: Bokeh = "gaussian"
    blades: int | None = None
    highlights: float | None = None
    light: Light = "linear"
    ramp: float | None = None
    ground: Ground = "off"
    grain: float = 0.0

    def __post_init__(self) -> None:
        """Check every value."""
        checks.number("grain", self.grain, 0.0, 10.0, "times the photograph's noise")
        if self.ramp is not None:
            checks.number("ramp", self.ramp, 0.0, 1.0, "the horizon's row, from the top")
        checks.choice("ground", self.ground, get_args(Ground), _GROUND)
        if self.ground == "auto" and self.ramp is not None:
            raise OptionError(f"ground='auto' and ramp={self.ramp!r} are both given; remove one")
        checks.choice("bokeh", self.bokeh, get_args(Bokeh), _BOKEH)
        checks.choice("light", self.light, get_args(Light), _LIGHT)
        if self.blades is not None:
            checks.whole("blades", self.blades, 5, 9, "or None for a round aperture")
            if self.bokeh != "disc":
                raise OptionError(
                    f"blades={self.blades!r} goes with bokeh='disc' only; a Gaussian has no shape"
                )
        if self.highlights is not None:
            checks.number("highlights", self.highlights, 0.0, 100.0, "multiples of white")
            if self.highlights and (self.bokeh != "disc" or self.light != "linear"):
                raise OptionError(
                    f"highlights={self.highlights!r} goes with bokeh='disc' and light='linear' "
                    "only; leave it out"
                )

    def for_light(self) -> Look:
        """This look for samples that are amounts of light already, which are mixed as they are."""
        look = copy.copy(self)
        object.__setattr__(look, "highlights", self.strength_of_highlights)
        object.__setattr__(look, "light", "srgb")
        return look

    @property
    def strength_of_highlights(self) -> float:
        """The `highlights` that are meant."""
        if self.highlights is not None:
            return float(self.highlights)
        return _HIGHLIGHTS if self.bokeh == "disc" and self.light == "linear" else 0.0
