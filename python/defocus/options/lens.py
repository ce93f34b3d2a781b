"""The imagined lens: how strong the blur is."""

from __future__ import annotations

from dataclasses import dataclass

from defocus.errors import OptionError
from defocus.options import checks

__all__ = ["SENSOR_LONG_EDGE", "Lens"]

SENSOR_LONG_EDGE = 36.0  # mm, the full frame to which focal lengths and f-numbers refer


@dataclass(frozen=True, kw_only=True)
class Lens:
    """The lens of a portrait: how strong the blur is.

    It is either a lens focused on the subject, or `sigma` itself.

    Parameters
    ----------
    aperture : float, default 1.8
        F-number, 0.5 to 64.  A smaller number blurs more.
    focal_length : float, default 50
        Millimetres on a full frame, 5 to 2000.
    distance : float, default 1.5
        Metres from the lens to the subject, beyond the focal length, up to 10000.
    sigma : float, optional
        Standard deviation of the blur in pixels of the image, above 0, up to 100000.  It replaces
        the three others.

    Raises
    ------
    OptionError
        A value is out of range.
    OptionTypeError
        A value is not a number.

    Examples
    --------
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

        A thin lens has focal length f and f-number N, and is focused at distance s. It images a
        far point as a disc of diameter c = f^2 / (N (s - f)). The Gaussian with the disc's second
        moment has half its radius as sigma. The sensor's long edge is the image's long edge, so
        that a photo keeps its look at any resolution.
        """
        if self.sigma is not None:
            return float(self.sigma)
        f = float(self.focal_length)
        disc = f * f / (float(self.aperture) * (float(self.distance) * 1000.0 - f))
        radius = disc / 2.0 / SENSOR_LONG_EDGE * max(width, height)
        return radius / 2.0
