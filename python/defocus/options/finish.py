"""The last steps of a cutout."""

from __future__ import annotations

from dataclasses import dataclass

from defocus.options import checks

__all__ = ["Finish"]


@dataclass(frozen=True, kw_only=True)
class Finish:
    """The last steps of a cutout.

    Parameters
    ----------
    crop : float, optional
        Crop to the subject and a margin, a share of the longer side of the subject, 0 to 10.
        None keeps the whole frame.
    alpha_floor : float, optional
        Alpha below this becomes 0, 0 to 1.  The default is 4/255 for a subject that was found, and
        0 for a matte of your own.
    fill_holes : float, default 0
        Fill holes smaller than this share of the subject, 0 to 1.
    matte_only : bool, default False
        Return the matte instead of the cutout.

    Raises
    ------
    OptionError
        A value is out of range.
    OptionTypeError
        A value has the wrong type.

    Examples
    --------
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
