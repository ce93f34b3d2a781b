"""Colour that a file states without a profile is converted to a profile, which every format can
hold.

PNG states it by cICP, or by gAMA and cHRM; AVIF and HEIC state it by the numbers of an nclx.  PQ
and HLG, which no simple profile describes, stay numbers.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from defocus.errors import ImageTypeError
from defocus.io.codecs import boxes, png_chunks
from defocus.io.colour import cicp, icc_profiles
from defocus.pixels.samples import Pixels, full_scale

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Stated", "full_range", "hdr_numbers", "stated"]

_LOGARITHMIC = (9, 10)  # logarithmic transfer characteristics, which are not supported


class Stated(NamedTuple):
    """The colour that a file states besides a profile.

    `numbers` are those of `colour`, if it was stated by numbers.  `first` means that the colour
    takes precedence over a profile.  `narrow` means that black is 16 of 255 and white 235, as in
    video.
    """

    colour: cicp.Colour | None = None
    numbers: tuple[int, int] | None = None
    first: bool = False
    narrow: bool = False

    def completing(self, info: Mapping[str, Any], *, grey: bool) -> dict[str, Any]:
        """Add this colour to the surviving metadata (`metadata.surviving`).

        A colour unlike sRGB becomes `icc_profile`.  PQ and HLG become `cicp`: the numbers of
        primaries and curve.
        """
        kept, colour = dict(info), self.colour
        if colour is None or ("icc_profile" in kept and not self.first):
            return kept
        kept.pop("icc_profile", None)
        if colour.hdr:
            kept["cicp"] = self.numbers
        elif not (colour.like_srgb or (grey and colour.like_srgb_curve)):
            kept["icc_profile"] = icc_profiles.for_pictures(colour, grey=grey)
        return kept


def stated(image: Image.Image, file: IO[bytes] | None) -> Stated:
    """Return the colour that an opened image states, before it is decoded.

    `file` is None if the caller opened the image.  In a PNG the first of these counts: cICP, a
    profile, sRGB, gAMA and cHRM (third edition, 4.3).  Raises ImageTypeError for logarithmic light.
    """
    if image.format == "PNG":
        stated_numbers = _of_cicp(image, file)
        if stated_numbers is not None and (colour := _known(stated_numbers[:2])):
            return Stated(colour, stated_numbers[:2], first=True, narrow=stated_numbers[3] == 0)
        return Stated(None if "srgb" in image.info else _of_gamma(image.info))
    numbers = _of_boxes(image, file)
    return Stated(_known(numbers), numbers)


def full_range(pixels: Pixels) -> Pixels:
    """Scale samples from the range of video (black 16/255, white 235/255) to the full range."""
    step = 1 if pixels.dtype == np.uint8 else 256
    full = full_scale(pixels.dtype)
    table = (np.arange(full + 1) - 16 * step) * (full / (219 * step))
    result: Pixels = np.clip(np.rint(table), 0, full).astype(pixels.dtype)[pixels]
    return result


def hdr_numbers(info: Mapping[Any, Any]) -> tuple[int, int] | None:
    """Return the numbers of primaries and curve of an image in PQ or HLG, else None."""
    match info.get("cicp"):
        case (int(primaries), int(transfer)) if not info.get("icc_profile"):
            known = cicp.colour_of(primaries, transfer)
            return (primaries, transfer) if known and known.hdr else None
    return None


def _known(numbers: tuple[int, int] | None) -> cicp.Colour | None:
    if numbers is None:
        return None
    if numbers[1] in _LOGARITHMIC:
        raise ImageTypeError(
            f"the image has transfer characteristics {numbers[1]} (ITU-T H.273), logarithms of"
            " light; convert it to sRGB first"
        )
    return cicp.colour_of(*numbers)


def _of_cicp(image: Image.Image, file: IO[bytes] | None) -> tuple[int, int, int, int] | None:
    """Return the four numbers of a PNG's cICP chunk, which precedes its pixels."""
    with _left_file(image, file) as opened:
        for chunk in png_chunks.chunks(opened):
            if chunk.name == b"IDAT":
                break
            if chunk.name == b"cICP" and len(held := png_chunks.content(opened, chunk)) == 4:
                return struct.unpack("4B", held)
    return None


def _of_gamma(info: Mapping[Any, Any]) -> cicp.Colour | None:
    """Return the colour that gAMA and cHRM state; either may be missing."""
    exponent, stated = info.get("gamma"), info.get("chromaticity")
    if exponent is None and stated is None:
        return None
    curve = cicp.SRGB
    if exponent is not None and 0.1 <= exponent <= 10:
        curve = cicp.gamma(1 / exponent)
    primaries = cicp.PRIMARIES[1]
    if stated is not None:  # white comes first in cHRM
        turned = (*stated[2:8], *stated[:2])
        if len(turned) == 8 and icc_profiles.is_usable(turned):
            primaries = turned
    return cicp.Colour(primaries, curve)


def _of_boxes(image: Image.Image, file: IO[bytes] | None) -> tuple[int, int] | None:
    """Return the numbers of the nclx of an AVIF or HEIC."""
    if image.format == "AVIF":
        with _left_file(image, file) as opened:
            return boxes.colour_numbers(opened)
    if image.format == "HEIF" and isinstance(
        stated_numbers := image.info.get("nclx_profile"), dict
    ):
        numbers = (
            stated_numbers.get("color_primaries"),
            stated_numbers.get("transfer_characteristics"),
        )
        if isinstance(numbers[0], int) and isinstance(numbers[1], int):
            return int(numbers[0]), int(numbers[1])
    return None


@contextmanager
def _left_file(image: Image.Image, file: IO[bytes] | None) -> Iterator[IO[bytes]]:
    """Open the image's file; if the caller opened the image, what is left of it, or an empty file.

    Its position is restored afterwards.
    """
    found: Any = getattr(image, "fp", None) if file is None else file
    if found is None or getattr(found, "closed", False):
        found = io.BytesIO()
    place = found.tell()
    try:
        yield found
    finally:
        found.seek(place)
