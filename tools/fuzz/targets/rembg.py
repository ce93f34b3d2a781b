"""Bytes for the functions of rembg: the answer is a PNG, or an error of the image."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np

from defocus.compat.rembg import Session, remove
from defocus.io import decode
from tools.fuzz.inputs import Choices, only_deliberate
from tools.fuzz.networks import segmenter
from tools.fuzz.pictures import PIXELS, encoded, exif
from tools.fuzz.targets import others, png
from tools.fuzz.values import value

__all__ = ["DICTIONARY", "check", "seeds"]

DICTIONARY = "others.dict"
_FLAGS = ("only_mask", "post_process_mask", "putalpha", "alpha_matting", "force_return_bytes")


def seeds() -> Iterable[bytes]:
    """Files of several formats, with no flag and with each."""
    files = [encoded(PIXELS, "JPEG", exif=exif()), encoded(PIXELS[..., 0], "PNG")]
    files += [*islice(png.seeds(), 9, 12), *islice(others.seeds(), 4)]
    for number, data in enumerate(files):
        yield bytes((number % 8, 0)) + data
        yield bytes((1 << number % 5, 1, 7, 3)) + data


def check(data: bytes) -> None:
    """Remove the background of a file, or of anything else."""
    choices = Choices(data)
    chosen = choices.number(32)
    options = {name: bool(chosen & 1 << at) for at, name in enumerate(_FLAGS)}
    odd = choices.number(4) == 1
    colour = value(choices) if odd else None
    image = value(choices) if odd and choices.number(4) == 0 else choices.rest()
    with only_deliberate():
        made = remove(image, session=Session("u2net", segmenter()), bgcolor=colour, **options)
        if isinstance(made, bytes):
            photo = decode.read(made)
            assert photo.format == "PNG"
        else:
            assert np.asarray(made).ndim in (2, 3)
