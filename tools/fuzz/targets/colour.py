"""ICC profiles of images in memory, and the boxes of AVIF and HEIC that state a colour."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress

import numpy as np
from PIL import Image

import defocus
import profiles
from defocus.errors import MissingExtraError
from defocus.io import decode
from defocus.io.codecs import boxes
from defocus.io.colour import to_srgb
from tools.fuzz.inputs import Choices, only_deliberate
from tools.fuzz.pictures import PIXELS, encoded, heic

__all__ = ["DICTIONARY", "check", "seeds"]

DICTIONARY = "colour.dict"
_MODES = ("RGB", "L", "CMYK", "LAB", "RGBA", "LA")
_MATTE = np.zeros(PIXELS.shape[:2], np.uint8)
_MATTE[2:5, 2:6] = 255


def seeds() -> Iterable[bytes]:
    """Profiles of RGB, grey and inks for every mode, and the boxes of an AVIF."""
    for mode in range(len(_MODES)):
        for profile in (profiles.wide("ProPhoto"), profiles.grey(1.0), to_srgb.srgb_profile()):
            yield bytes((0, mode)) + profile
    yield bytes((0, 2)) + profiles.inks()
    yield bytes((1, 0)) + encoded(PIXELS, "AVIF")
    with suppress(MissingExtraError):
        yield bytes((1, 0)) + heic(PIXELS)


def check(data: bytes) -> None:
    """A profile that cannot be used is left alone; nothing but an error of the image comes out."""
    choices = Choices(data)
    kind, mode = choices.number(2), choices.one_of(_MODES)
    if kind:
        file = io.BytesIO(choices.rest())
        assert boxes.kind(file) in (None, "AVIF", "HEIF")
        boxes.colour_numbers(file)
        return
    image = Image.fromarray(PIXELS).convert(mode)
    image.info["icc_profile"] = choices.rest()
    with only_deliberate():
        photo = decode.read(image)
        made = defocus.cutout(photo, matte=_MATTE, background="#804020")
        defocus.portrait(photo, matte=_MATTE, bokeh="disc")
        for form in ("png", "webp", "jpeg"):
            again = decode.read(defocus.to_bytes(made, format=form))
            assert again.size == photo.size
