"""The last steps of a cutout."""

from __future__ import annotations

from dataclasses import dataclass

from defocus.errors import OptionError, shown
from defocus.options import checks
from defocus.options.canvas import ALIGNMENTS, Align, Canvas, CanvasSource, canvas_of
from defocus.options.lengths import Length, Measure, Sides, length, lengths
from defocus.options.shadow import Shadow, ShadowSource, shadow_of

__all__ = ["GEOMETRY", "Finish"]

# The options that change the size of the result.
GEOMETRY = ("crop", "canvas", "fill", "align", "max_size")
_SIDES = ("left", "top", "right", "bottom")
# The lowest and the highest number of pixels, and the highest share in percent.
_CROP = (0, 100_000, 1000)
_GROW = (-1000, 1000, 50)
_FEATHER = (0, 1000, 50)


@dataclass(frozen=True, kw_only=True)
class Finish:
    """The last steps of a cutout, in this order.

    A length is pixels (12 or "12px"), or a share (.05 or "5%") of the longer side of the subject's
    box.  A number between 0 and 1 is a share.

    Parameters
    ----------
    fill_holes : float, default 0
        Fill holes smaller than this share of the subject, 0 to 1.
    alpha_floor : float, optional
        Alpha below this becomes 0, 0 to 1.  The default is 4/255 for a subject that was found, and
        0 for a matte of your own.
    threshold : float, optional
        Hard edge: alpha from this on becomes 1, and the rest 0; above 0, up to 1.
    grow : length, default 0
        The outline grows by this much, or shrinks if it is negative; -1000 to 1000 pixels.  Pixels
        that become visible show the photograph.
    feather : length, default 0
        Standard deviation of a blur of alpha, 0 to 1000 pixels.  Pixels that become visible have
        the colours of the subject nearby.
    crop : length or tuple of four lengths, optional
        Crop to the subject and a margin, 0 to 100000 pixels: one for all sides, or left, top, right
        and bottom.  Without a canvas it ends at the frame.
    canvas : "square", str or tuple of two int, optional
        The outline of the result: a ratio of width to height such as "4:5", or (width, height) in
        pixels, for which the subject is resized.  It may reach beyond the frame.
    fill : float, optional
        Share of the width or height of the canvas that the subject takes, .05 to 1.  The default is
        1, less the margin of `crop`.
    align : str, default "center"
        Where the subject stands on the canvas: "center", "top", "bottom", "left", "right", or a
        corner such as "bottom-left".
    max_size : int, optional
        Shrink the result until its longer side has at most so many pixels; 1 to 1000000.
    shadow : bool, str or Shadow, default False
        Draw a shadow behind the subject.  True is `Shadow()`.  Text is a kind and options:
        "contact blur=1% opacity=.6".
    matte_only : bool, default False
        Return the matte instead of the cutout.

    Raises
    ------
    OptionError
        A value is out of range, or two options contradict each other.
    OptionTypeError
        A value has the wrong type.

    Examples
    --------
    >>> Finish(alpha_floor=0.1).floor(found=True)
    0.1
    >>> shop = Finish(canvas=(1000, 1000), fill=0.85)
    """

    fill_holes: float = 0.0
    alpha_floor: float | None = None
    threshold: float | None = None
    grow: Length = 0
    feather: Length = 0
    crop: Sides | None = None
    canvas: CanvasSource | None = None
    fill: float | None = None
    align: Align = "center"
    max_size: int | None = None
    shadow: ShadowSource = False
    matte_only: bool = False

    def __post_init__(self) -> None:
        """Check every value."""
        checks.number("fill_holes", self.fill_holes, 0.0, 1.0, "share of the subject")
        if self.alpha_floor is not None:
            checks.number("alpha_floor", self.alpha_floor, 0.0, 1.0, "alpha below which it is 0")
        if self.threshold is not None:
            checks.number("threshold", self.threshold, 0.0, 1.0, "alpha", above=True)
        length("grow", self.grow, *_GROW)
        length("feather", self.feather, *_FEATHER)
        if self.crop is not None:
            lengths("crop", self.crop, _SIDES, *_CROP)
        if self.fill is not None:
            checks.number("fill", self.fill, 0.05, 1.0, "share of the canvas")
        checks.choice("align", self.align, ALIGNMENTS)
        if self.max_size is not None:
            checks.whole("max_size", self.max_size, 1, 1_000_000, "pixels")
        checks.flag("matte_only", self.matte_only)
        self._check_canvas()
        if self.cast is not None and self.matte_only:
            raise OptionError("shadow and matte_only are both given; a matte has no shadow")

    def _check_canvas(self) -> None:
        """Refuse what contradicts the canvas: OptionError."""
        canvas = self.outline
        if canvas is None:
            for name in ("fill", "align"):
                if getattr(self, name) not in (None, "center"):
                    raise OptionError(f"{name} is given without canvas; give a canvas too")
            return
        if self.crop is not None and self.fill is not None:
            raise OptionError("crop and fill both set the room around the subject; give one")
        if canvas.size is None:
            return
        width, height = canvas.size
        if self.max_size is not None and max(canvas.size) > self.max_size:
            raise OptionError(
                f"canvas={shown(self.canvas)} is larger than max_size={self.max_size}; leave out "
                "max_size, or give a ratio as the canvas"
            )
        left, top, right, bottom = (side.pixels for side in self.margins)
        if left + right >= width or top + bottom >= height:
            raise OptionError(
                f"canvas={shown(self.canvas)} has no room beside the margin crop="
                f"{shown(self.crop)}; give a larger canvas or a smaller margin"
            )

    @property
    def outline(self) -> Canvas | None:
        """The canvas, if there is one."""
        return None if self.canvas is None else canvas_of(self.canvas)

    @property
    def margins(self) -> tuple[Measure, ...]:
        """The margins of `crop`: left, top, right and bottom."""
        return lengths("crop", 0 if self.crop is None else self.crop, _SIDES, *_CROP)

    @property
    def geometry(self) -> str | None:
        """The first of the given options that change the size; None if there is none."""
        given = (name for name in GEOMETRY if getattr(self, name) not in (None, "center"))
        return next(given, None)

    @property
    def growth(self) -> Measure:
        """The length of `grow`."""
        return length("grow", self.grow, *_GROW)

    @property
    def softness(self) -> Measure:
        """The length of `feather`."""
        return length("feather", self.feather, *_FEATHER)

    @property
    def cast(self) -> Shadow | None:
        """The shadow, if there is one."""
        return shadow_of(self.shadow)

    def floor(self, *, found: bool) -> float:
        """The alpha floor for a subject that was found, or for the caller's own matte."""
        if self.alpha_floor is not None:
            return float(self.alpha_floor)
        return 4 / 255 if found else 0.0
