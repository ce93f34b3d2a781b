"""What a caller may ask for, checked once, here."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal, TypeAlias, get_args

from defocus import checks
from defocus.errors import OptionError, OptionTypeError

__all__ = [
    "KEYWORDS",
    "Bokeh",
    "Effort",
    "Finish",
    "Lens",
    "Light",
    "Look",
    "Select",
    "Selection",
    "check_alternatives",
    "check_effort",
    "check_options",
]

Bokeh = Literal["gaussian", "disc"]
Effort = Literal["fast", "good", "best"]
Light = Literal["linear", "srgb"]

# What `select=` takes.
Select: TypeAlias = str | tuple[float, float] | tuple[float, float, float, float]


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass."""
    return tuple(kind.__dataclass_fields__)  # type: ignore[attr-defined]


_FARTHEST = 1e9  # pixels, of what a selection names
SENSOR_LONG_EDGE = 36.0  # mm, the full frame to which focal lengths and f-numbers refer


@dataclass(frozen=True, kw_only=True)
class Lens:
    """The lens that the background seems to be seen through: how strong the blur is.

    Either an imagined lens focused on the subject, or `sigma` itself:

    - `aperture`: f-number, 0.5 to 64, default 1.8; smaller is blurrier.
    - `focal_length`: in millimetres on a full frame, 5 to 2000, default 50.
    - `distance`: from the lens to the subject in metres, above the focal length, up to 10000,
      default 1.5.
    - `sigma`: standard deviation of the blur in pixels of the image, above 0 and up to 100000;
      default None. If given, the three others do not count.

    Raises OptionError for a value out of range and OptionTypeError for one that is no number.

    >>> round(Lens().sigma_pixels(6000, 4000), 1)
    39.9
    >>> Lens(sigma=12).sigma_pixels(6000, 4000)
    12.0
    """

    aperture: float = 1.8
    focal_length: float = 50.0
    distance: float = 1.5
    sigma: float | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        checks.number("aperture", self.aperture, 0.5, 64.0, "an f-number")
        checks.number("focal_length", self.focal_length, 5.0, 2000.0, "millimetres")
        checks.number("distance", self.distance, 0.0, 10000.0, "metres")
        if self.distance * 1000.0 <= self.focal_length:
            raise OptionError(
                f"distance={self.distance!r} m is not beyond the focal length of "
                f"{self.focal_length!r} mm; a lens cannot focus there, move the subject away"
            )
        if self.sigma is not None:
            checks.number("sigma", self.sigma, 0.0, 100000.0, "pixels", above=True)

    def sigma_pixels(self, width: int, height: int) -> float:
        """Standard deviation of the blur in pixels, for an image of that size.

        A thin lens of focal length f and f-number N, focused at s, images a far point as a disc
        of diameter c = f^2 / (N (s - f)).  The Gaussian with the disc's second moment has half
        its radius as sigma.  The sensor's long edge is the image's long edge, so that a photo
        keeps its look at any resolution.
        """
        if self.sigma is not None:
            return float(self.sigma)
        f = float(self.focal_length)
        disc = f * f / (float(self.aperture) * (float(self.distance) * 1000.0 - f))
        radius = disc / 2.0 / SENSOR_LONG_EDGE * max(width, height)
        return radius / 2.0


# Lamps are stored as white and are some four to twelve times as bright; six times scores best.
_HIGHLIGHTS = 5.0
_BOKEH = "expected 'gaussian' (soft) or 'disc' (the shape of a lens's aperture)"
_LIGHT = "expected 'linear' (blur amounts of light) or 'srgb' (blur the bytes as they are)"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is out of focus looks like this.

    - `bokeh`: "gaussian" (default), or "disc", the image of a point of light in a lens that is
      wide open; both spread light equally far, a disc of radius 2 sigma.
    - `blades`: None (default) for a round aperture, 5 to 9 for a polygon of so many sides; needs
      `bokeh="disc"`.
    - `highlights`: how much light lamps and glints, which the camera stored as mere white, are
      given back, in multiples of white: 0 to 100; default None, which is 5 for discs of linear
      light and 0 else, where it must not be given.
    - `light`: "linear" (default) blurs and blends amounts of light as a lens does, "srgb" the
      bytes as they are.
    - `ramp`: None (default), or the row of the horizon, from 0 (top) up to 1 (bottom): the
      background's blur then grows from the subject's feet to the horizon, as on level ground.
    - `grain`: 0 (default) to 10: how much of the photograph's own noise, which the blur takes
      away, the background gets back; 1 is as much as there was.

    Raises OptionError for a value out of range or one that another rules out, OptionTypeError for
    one of the wrong type.

    >>> Look(bokeh="disc").strength_of_highlights
    5.0
    """

    bokeh: Bokeh = "gaussian"
    blades: int | None = None
    highlights: float | None = None
    light: Light = "linear"
    ramp: float | None = None
    grain: float = 0.0

    def __post_init__(self) -> None:
        """Check every value."""
        checks.number("grain", self.grain, 0.0, 10.0, "times the photograph's noise")
        if self.ramp is not None:
            checks.number("ramp", self.ramp, 0.0, 1.0, "the horizon's row, from the top")
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


_EFFORT = (
    "expected 'fast' (the mask as it is), 'good' (edges that follow the photograph) or 'best' (and "
    "subjects seen again from closer by)"
)


def check_effort(effort: Effort) -> Effort:
    """`effort` as it is.

    Raises OptionTypeError or OptionError unless it is "fast", "good" or "best".
    """
    checks.choice("effort", effort, get_args(Effort), _EFFORT)
    return effort


@dataclass(frozen=True)
class Selection:
    """Which of several subjects is meant: `asked` is one of

    - "all" (default) or "largest",
    - a point (x, y) on the subject, in pixels of the upright photograph,
    - a box (left, top, right, bottom) around it, likewise.

    Raises OptionError or OptionTypeError for anything else.

    >>> Selection((120, 80)).point
    (120.0, 80.0)
    """

    asked: Select = "all"

    def __post_init__(self) -> None:
        """Check it."""
        wanted = "expected 'all', 'largest', a point (x, y) or a box (left, top, right, bottom)"
        if isinstance(self.asked, str):
            checks.choice("select", self.asked, ("all", "largest"), wanted)
            return
        if not isinstance(self.asked, (tuple, list)):
            raise checks.refused("select", self.asked, wanted)
        problem = f"select={checks.shown(self.asked)} chooses nothing; {wanted}"
        if len(self.asked) not in (2, 4):
            raise OptionError(problem)
        if any(isinstance(value, bool) or not isinstance(value, Real) for value in self.asked):
            raise OptionTypeError(f"{problem}, in pixels")
        for value in self.asked:
            checks.number("a coordinate of select", value, -_FARTHEST, _FARTHEST, "pixels")
        if len(self.asked) == 4:
            left, top, right, bottom = self.asked
            if not (left < right and top < bottom):
                raise OptionError(
                    f"select={checks.shown(self.asked)} is an empty box; expected left < right, "
                    "top < bottom"
                )

    def check_within(self, size: tuple[int, int]) -> None:
        """Refuse a point or box outside of a photograph of `size`: OptionError."""
        low = self.point or (self.box and self.box[:2]) or (0, 0)
        high = self.point or (self.box and self.box[2:]) or (0, 0)
        if min(high) < 0 or low[0] >= size[0] or low[1] >= size[1]:
            raise OptionError(
                f"select={checks.shown(self.asked)} lies outside of the photograph of {size[0]} x "
                f"{size[1]} pixels; x counts from the left, y from the top"
            )

    @property
    def everything(self) -> bool:
        """Whether all subjects are meant."""
        return self.asked == "all"

    @property
    def largest(self) -> bool:
        """Whether the largest is meant."""
        return self.asked == "largest"

    @property
    def point(self) -> tuple[float, float] | None:
        """The point, if it is one."""
        if isinstance(self.asked, str) or len(self.asked) != 2:
            return None
        x, y = self.asked
        return float(x), float(y)

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The box, if it is one."""
        if isinstance(self.asked, str) or len(self.asked) != 4:
            return None
        left, top, right, bottom = self.asked
        return float(left), float(top), float(right), float(bottom)


@dataclass(frozen=True, kw_only=True)
class Finish:
    """What a cutout gets at its end.

    - `crop`: None (default) for the whole frame; or the margin that is left around the subject, as
      a share of its longer side, 0 to 10.
    - `alpha_floor`: alpha below this becomes 0, 0 to 1; default None, which is 4/255 for a subject
      that was found, and 0 for a matte of the caller's own.
    - `fill_holes`: 0 (default) to 1: holes smaller than this share of the subject are filled.
    - `matte_only`: whether the result is the matte alone; default False.

    Raises OptionError for a value out of range and OptionTypeError for one that is no number.

    >>> Finish(alpha_floor=0.1).floor(found=True)
    0.1
    """

    crop: float | None = None
    alpha_floor: float | None = None
    fill_holes: float = 0.0
    matte_only: bool = False

    def __post_init__(self) -> None:
        """Check every value."""
        if self.crop is not None:
            checks.number("crop", self.crop, 0.0, 10.0, "margin, as a share of the subject's side")
        if self.alpha_floor is not None:
            checks.number("alpha_floor", self.alpha_floor, 0.0, 1.0, "alpha below which it is 0")
        checks.flag("matte_only", self.matte_only)
        checks.number("fill_holes", self.fill_holes, 0.0, 1.0, "share of the subject")

    def floor(self, *, found: bool) -> float:
        """The alpha floor for a subject that was found, or for the caller's own matte."""
        if self.alpha_floor is not None:
            return float(self.alpha_floor)
        return 4 / 255 if found else 0.0


_SUBJECT = ("matte", "select", "effort")
# What each command takes beside an image, a subject of its own and where the work is done.
KEYWORDS = {
    "portrait": (*_names(Lens), *_names(Look), "depth", *_SUBJECT),
    "cutout": (*_names(Finish), "background", *_SUBJECT),
    "mask": ("select", "effort"),
}
_ALTERNATIVES = {
    ("depth", "ramp"): "give the one to be used",
    ("matte_only", "background"): "a matte has no background",
    ("matte", "subject"): "give the one to be used",
}


def check_alternatives(options: Mapping[str, Any]) -> None:
    """Refuse two options that rule each other out: OptionError."""
    given = {name for name, value in options.items() if value is not None and value is not False}
    for (one, other), why in _ALTERNATIVES.items():
        if {one, other} <= given:
            raise OptionError(f"{one} and {other} are both given; {why}")


def check_options(command: str, options: Mapping[str, Any]) -> None:
    """Check the options of a command, one of KEYWORDS, that are no pictures.

    Raises OptionTypeError for those that the command does not take, and what the classes above
    raise for their values.
    """
    checks.keywords(options, KEYWORDS[command], command)
    kinds: dict[str, tuple[type, ...]] = {"portrait": (Lens, Look), "cutout": (Finish,)}
    for kind in kinds.get(command, ()):
        kind(**{name: options[name] for name in _names(kind) if name in options})
    Selection(options.get("select", "all"))
    check_effort(options.get("effort", "good"))
    check_alternatives(options)
