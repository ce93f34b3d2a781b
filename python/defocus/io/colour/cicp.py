"""Colour stated by numbers: primaries and transfer characteristics (ITU-T H.273).

The cICP chunk of PNG and the nclx of AVIF and HEIC hold these numbers.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from defocus.pixels import srgb

__all__ = [
    "HLG",
    "PQ",
    "PRIMARIES",
    "SRGB",
    "Colour",
    "Curve",
    "Primaries",
    "colour_of",
    "gamma",
    "is_hdr",
]

# (g, a, b, c, d): light is (a x + b)^g for x >= d, else c x.
Curve: TypeAlias = tuple[float, float, float, float, float]
# x and y of red, green, blue and white.
Primaries: TypeAlias = tuple[float, float, float, float, float, float, float, float]

PQ, HLG = 16, 18
_BT709, _BT2020, _UNSPECIFIED = 1, 9, 2

_D65, _C, _DCI, _E = (0.3127, 0.3290), (0.310, 0.316), (0.314, 0.351), (1 / 3, 1 / 3)
_SMPTE_C = (0.630, 0.340, 0.310, 0.595, 0.155, 0.070)
_P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
# Table 2.
PRIMARIES: dict[int, Primaries] = {
    1: (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, *_D65),
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, *_C),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, *_D65),
    6: (*_SMPTE_C, *_D65),
    7: (*_SMPTE_C, *_D65),
    8: (0.681, 0.319, 0.243, 0.692, 0.145, 0.049, *_C),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65),
    10: (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, *_E),
    11: (*_P3, *_DCI),
    12: (*_P3, *_D65),
    22: (0.630, 0.340, 0.295, 0.605, 0.155, 0.077, *_D65),
}
SRGB: Curve = srgb.PARAMETERS


def gamma(exponent: float) -> Curve:
    """Return the curve of a power."""
    return (exponent, 1.0, 0.0, 0.0, 0.0)


# Table 3.  The curves of video (1, 6, 11, 12, 14, 15) describe cameras, not screens.
# Browsers show such images as sRGB.
_CURVES: dict[int, Curve] = {
    **dict.fromkeys((1, 6, 11, 12, 13, 14, 15), SRGB),
    4: gamma(2.2),
    5: gamma(2.8),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: gamma(1.0),
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
}


class Colour(NamedTuple):
    """Primaries and a curve; for PQ and HLG `hdr` holds their number instead."""

    primaries: Primaries
    curve: Curve
    hdr: int | None = None

    @property
    def like_srgb(self) -> bool:
        """Whether it hardly differs from sRGB; a power of about 2.2 counts as its curve."""
        return self.hdr is None and self.like_srgb_primaries and self.like_srgb_curve

    @property
    def like_srgb_primaries(self) -> bool:
        """Whether the primaries are those of sRGB, which some files round."""
        own = PRIMARIES[_BT709]
        return all(abs(a - b) < 0.002 for a, b in zip(self.primaries, own, strict=True))

    @property
    def like_srgb_curve(self) -> bool:
        """Whether the curve is that of sRGB, or a power that replaces it."""
        return self.curve == SRGB or (self.curve[1:] == gamma(1)[1:] and 2.1 < self.curve[0] < 2.3)


def colour_of(primaries: int, transfer: int) -> Colour | None:
    """Return the meaning of the two numbers, or None if they are not supported.

    An unspecified number means sRGB.  Unspecified primaries with PQ or HLG mean BT.2020.

    >>> colour_of(12, 13).primaries[:2]
    (0.68, 0.32)
    """
    hdr = is_hdr(transfer)
    if primaries == _UNSPECIFIED:
        primaries = _BT2020 if hdr else _BT709
    curve = SRGB if hdr or transfer == _UNSPECIFIED else _CURVES.get(transfer)
    if primaries not in PRIMARIES or curve is None:
        return None
    return Colour(PRIMARIES[primaries], curve, transfer if hdr else None)


def is_hdr(transfer: int) -> bool:
    """Return whether the transfer characteristics are PQ or HLG."""
    return transfer in (PQ, HLG)
