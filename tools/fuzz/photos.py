"""The whole way of a file: open, decode, cut out with a given matte, save, and open the result."""

from __future__ import annotations

import hashlib
import io
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

import defocus
from defocus.errors import EncodeError
from defocus.io import decode, maps
from defocus.io.photo import Photo
from defocus.options import Strip
from tools.fuzz.inputs import Choices, only_deliberate

_MOST_PIXELS = 1 << 17
_MOST_FRAMES = 4
_FORMATS = ("png", "tiff", "jpeg", "webp")
_STRIPS: tuple[Strip, ...] = ("none", "gps", "all")


def check_photo(data: bytes) -> None:
    """Only deliberate errors may come out, and what is saved opens again, with the same subject."""
    choices = Choices(hashlib.sha256(data).digest())
    with only_deliberate():
        photo = decode.read(data, max_pixels=_MOST_PIXELS)
        _check_saved(data, photo, choices)
        _check_frames(data, photo)
    with only_deliberate():
        maps.read_depth(data, max_pixels=_MOST_PIXELS)
    with only_deliberate():
        maps.read_matte(data, max_pixels=_MOST_PIXELS)


def _check_saved(data: bytes, photo: Photo, choices: Choices) -> None:
    width, height = photo.size
    matte = np.zeros((height, width), np.uint8)
    matte[height // 4 : -(-3 * height // 4), width // 4 : -(-3 * width // 4)] = 255
    form = choices.one_of(_FORMATS)
    behind = "white" if form == "jpeg" else None
    made = defocus.cutout(data, matte=matte, background=behind, max_pixels=_MOST_PIXELS)
    _check_pixels(made, photo, matte)
    try:
        stored = defocus.to_bytes(made, format=form, strip=choices.one_of(_STRIPS))
    except EncodeError:  # such as a profile that is too large for the format
        return
    again = _read_again(stored)
    assert again.size == photo.size, "the result has another size"
    if form in ("png", "tiff"):
        samples: Any = getattr(made, "samples", made)
        alpha = np.asarray(samples)[..., -1]
        assert again.alpha is None or np.array_equal(again.alpha, alpha), "alpha was changed"
    # Of a TIFF, Pillow moves the maker note.  A damaged one does not say where it belongs.
    expected = {"the maker note"} if form == "tiff" else set()
    assert not {*again.lost} - expected, "the result holds what has to be left out"


def _check_pixels(made: Any, photo: Photo, matte: NDArray[np.uint8]) -> None:
    """The subject keeps its colours; where colours were converted there is nothing to compare."""
    samples = np.asarray(getattr(made, "samples", made))
    inside = matte == 255
    if photo.alpha is None and "cicp" not in photo.info and samples.shape[2:] == (4,):
        assert np.array_equal(samples[inside][:, :3], photo.pixels[inside]), "subject was changed"


def _read_again(stored: bytes) -> Photo:
    try:
        return decode.read(stored)
    except Exception as error:
        raise AssertionError(f"the result cannot be read: {error!r}") from error


def _check_frames(data: bytes, photo: Photo) -> None:
    if photo.frames == 1:
        return
    frames = list(islice(defocus.each_frame(data, max_pixels=_MOST_PIXELS), _MOST_FRAMES))
    file = io.BytesIO()
    for form in ("png", "gif"):
        if len({frame.size for frame in frames}) == 1:
            defocus.save_frames(frames, file, format=form)
