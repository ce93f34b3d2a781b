"""The replacement of rembg takes and returns what rembg does."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.compat.rembg import new_session, remove

PHOTO = Image.open("examples/astronaut.jpg").convert("RGB").resize((160, 160))


@pytest.fixture(scope="module")
def session() -> defocus.Segmenter:
    return new_session("u2netp")


@pytest.mark.parametrize(
    ("options", "mode"),
    [({}, "RGBA"), ({"only_mask": True}, "L"), ({"bgcolor": (255, 0, 0, 255)}, "RGBA")],
)
def test_kinds_modes_and_sizes(session: Any, options: Any, mode: str) -> None:
    image = remove(PHOTO, session=session, **options)
    array = remove(np.asarray(PHOTO), session=session, **options)
    data = remove(PHOTO, session=session, force_return_bytes=True, **options)
    assert (image.mode, image.size) == (mode, PHOTO.size)
    assert isinstance(array, np.ndarray)
    assert np.array_equal(array, np.asarray(image))
    assert data[:4] == b"\x89PNG"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), array)


def test_bytes_give_a_png(session: Any) -> None:
    data = remove(defocus.to_bytes(PHOTO), session=session)
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(data))), np.asarray(remove(PHOTO, session=session))
    )


def test_a_matte_of_two_values(session: Any) -> None:
    mask = remove(np.asarray(PHOTO), session=session, only_mask=True, post_process_mask=True)
    assert np.unique(mask).tolist() == [0, 255]


def test_without_a_subject_all_is_transparent(session: Any) -> None:
    assert not remove(np.zeros((48, 64, 3), np.uint8), session=session)[..., 3].any()


def test_what_changes_nothing_is_named(session: Any) -> None:
    with pytest.warns(defocus.DefocusWarning, match="alpha_matting"):
        remove(PHOTO, session=session, alpha_matting=True)
    with pytest.warns(defocus.DefocusWarning, match="sess_opts"):
        new_session("u2net", sess_opts=None)


def test_what_is_refused() -> None:
    with pytest.raises(defocus.UnknownModelError):
        new_session("birefnet-general")
    with pytest.raises(defocus.ImageTypeError):
        remove("photo.jpg")
    with pytest.raises(defocus.OptionError):
        remove(PHOTO, bgcolor=(1, 2, 3, 100))
    with pytest.raises(defocus.OptionTypeError):
        remove(PHOTO, bgcolor=7)
