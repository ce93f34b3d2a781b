"""Mattes as arrays: every dtype means its full scale, or raises an error with advice."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus import kernels
from defocus.pixels.mattes import as_mask

HEIGHT, WIDTH = 40, 56
PHOTO = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
INSIDE = np.zeros((HEIGHT, WIDTH), bool)
INSIDE[8:30, 12:40] = True
SOFT = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH), np.uint8)
UNSIGNED: list[Any] = ["u1", "u2", ">u2", "u4", ">u4", "u8"]
FLOATS: list[Any] = ["f2", "f4", ">f4", "f8", np.longdouble]


def of_dtype(soft: Any, dtype: Any) -> Any:
    """The matte that is uint8 in `soft`, in all of another dtype's range."""
    if np.dtype(dtype).kind == "f":
        return (soft / np.longdouble(255)).astype(dtype)
    return soft.astype(dtype) * np.array(np.iinfo(dtype).max // 255, dtype)


@pytest.mark.parametrize("dtype", [bool, *UNSIGNED, *FLOATS])
@pytest.mark.parametrize("call", ["portrait", "cutout", "matte_only", "ramp"])
def test_every_dtype_means_the_same(dtype: Any, call: str) -> None:
    def result(matte: Any) -> Any:
        if call == "portrait":
            return defocus.portrait(PHOTO, matte=matte, sigma=3)
        if call == "ramp":
            return defocus.portrait(PHOTO, matte=matte, sigma=3, ramp=0.1, grain=1)
        return defocus.cutout(PHOTO, matte=matte, matte_only=call == "matte_only", fill_holes=0.1)

    want = result(INSIDE.astype(np.uint8) * np.uint8(255))
    got = result(INSIDE if dtype is bool else of_dtype(INSIDE.astype(np.uint8) * 255, dtype))
    assert np.array_equal(got, want)
    if dtype in UNSIGNED:
        assert np.array_equal(result(of_dtype(SOFT, dtype)), result(SOFT))
        assert np.array_equal(result(of_dtype(SOFT, dtype)[::-1, ::-1]), result(SOFT[::-1, ::-1]))


def test_16_bits_of_a_matte_are_kept_where_the_photo_has_them() -> None:
    matte = np.linspace(0, 65535, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    deep = PHOTO * np.uint16(257)
    alpha = defocus.cutout(deep, matte=matte, matte_only=True)
    assert np.abs(alpha.astype(int) - matte).max() <= 2  # in steps of 1/16384
    assert len(np.unique(alpha)) > 2000


@pytest.mark.parametrize("kind", ["uint8", "uint16", "L", "RGB", "deep", "I;16"])
def test_what_matte_only_gives_is_a_matte(kind: str) -> None:
    photo: Any = {
        "uint8": PHOTO,
        "uint16": PHOTO * np.uint16(257),
        "L": Image.fromarray(PHOTO[..., 0]),
        "RGB": Image.fromarray(PHOTO),
        "deep": defocus.DeepImage.of(PHOTO * np.uint16(257)),
        "I;16": Image.fromarray(PHOTO[..., 0] * np.uint16(257)),
    }[kind]
    for first in (SOFT, of_dtype(SOFT, "f4"), of_dtype(SOFT, "u2")):
        matte: Any = defocus.cutout(photo, matte=first, matte_only=True)
        calls: list[Any] = [
            lambda m: defocus.cutout(photo, matte=m, matte_only=True),
            lambda m: defocus.cutout(photo, matte=m),
            lambda m: defocus.portrait(photo, matte=m, sigma=2),
        ]
        for call in calls:
            one, other = (np.asarray(getattr(r, "samples", r)) for r in map(call, (first, matte)))
            assert np.array_equal(one, other)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "?"])
def test_images_in_arrays_are_mattes_too(dtype: str) -> None:
    plain = INSIDE if dtype == "?" else of_dtype(SOFT, dtype)
    opaque = plain | True if dtype == "?" else of_dtype(np.full_like(SOFT, 255), dtype)
    forms = [
        plain[..., None],
        np.dstack([plain] * 3),
        np.dstack([plain[::-1]] * 3 + [plain]),  # the alpha counts
        np.dstack([plain] * 3 + [opaque]),
    ]
    for form in forms:
        for call in (defocus.cutout, defocus.portrait):
            assert np.array_equal(call(PHOTO, matte=form), call(PHOTO, matte=plain))


def test_a_bool_matte_is_opaque() -> None:
    for form in (INSIDE, INSIDE[..., None], Image.fromarray(INSIDE)):
        alpha = defocus.cutout(PHOTO, matte=form, matte_only=True)
        assert set(np.unique(alpha)) == {0, 255}
        assert np.array_equal(alpha == 255, INSIDE)


def test_a_smaller_matte_of_the_same_proportions_is_enlarged() -> None:
    photo = np.repeat(np.repeat(PHOTO, 3, axis=0), 3, axis=1)
    enlarged = defocus.kernels.resize_bilinear(SOFT, photo.shape[:2][::-1])
    for form in (SOFT, Image.fromarray(SOFT), of_dtype(SOFT, "f8")):
        assert np.array_equal(
            defocus.cutout(photo, matte=form), defocus.cutout(photo, matte=enlarged)
        )
    # A pixel more or less of the shorter side is rounding; two are another photograph.
    height, width = photo.shape[:2]
    assert defocus.portrait(photo[1:], matte=SOFT).shape == (height - 1, width, 3)
    with pytest.raises(defocus.ImageValueError):
        defocus.portrait(photo[4:], matte=SOFT)
    with pytest.raises(defocus.ImageValueError):  # larger
        defocus.portrait(PHOTO, matte=enlarged)
    with pytest.raises(defocus.ImageValueError):  # strokes have the size of the photograph
        defocus.find_subject(photo, keep=SOFT)


@pytest.mark.parametrize(
    ("matte", "error", "advice"),
    [
        (INSIDE.astype(np.int64), "ImageTypeError", "matte.astype(bool)"),
        (SOFT.astype(np.int16), "ImageTypeError", "matte.astype(numpy.uint8)"),
        (SOFT.astype(np.int32) * 257, "ImageTypeError", "matte.astype(numpy.uint16)"),
        (SOFT.astype(np.int64) * 10**9, "ImageTypeError", "divide it by its full scale"),
        (-INSIDE.astype(np.int8), "ImageTypeError", "values from -1 to 0; shift or clip"),
        (SOFT.astype(np.complex64), "ImageTypeError", "floats from 0 to 1"),
        (np.zeros((*SOFT.shape, 4), complex), "ImageTypeError", "floats from 0 to 1"),
        (np.zeros((*SOFT.shape, 4), object), "ImageTypeError", "floats from 0 to 1"),
        (SOFT.astype(object), "ImageTypeError", "floats from 0 to 1"),
        (SOFT.astype(str), "ImageTypeError", "floats from 0 to 1"),
        (INSIDE.astype(np.uint32), "ImageValueError", "matte.astype(bool)"),
        (SOFT.astype(np.uint32), "ImageValueError", "matte.astype(numpy.uint8)"),
        (SOFT.astype(np.uint64), "ImageValueError", "matte.astype(numpy.uint8)"),
        (SOFT.astype(np.float32), "ImageValueError", "matte / 255"),
        (SOFT.astype(np.float64) * 257, "ImageValueError", "matte / 65535"),
        (INSIDE * 1.000001, "ImageValueError", "numpy.clip(matte, 0, 1)"),
        (INSIDE - 1e-6, "ImageValueError", "numpy.clip(matte, 0, 1)"),
        (INSIDE * 1e300, "ImageValueError", "infinite"),
        (np.where(INSIDE, np.float16("nan"), np.float16(1)), "ImageValueError", "has NaN"),
        (SOFT.T, "ImageValueError", "swapped"),
        (SOFT[1:], "ImageValueError", "resize it"),
        (PHOTO, "ImageValueError", "matte[..., 0]"),
        (np.dstack([PHOTO, np.full_like(SOFT, 255)]), "ImageValueError", "pass one channel"),
        (np.dstack([SOFT, SOFT]), "ImageValueError", "matte[..., -1]"),
        (SOFT[None], "ImageValueError", "matte[0]"),
        (SOFT[0], "ImageValueError", "one number per pixel"),
        (np.ma.masked_array(SOFT, INSIDE), "ImageValueError", "matte.filled(0)"),
        (np.uint8(7), "ImageTypeError", "expected an array"),
        (SOFT.tolist(), "ImageTypeError", "numpy.asarray(matte)"),
        (True, "ImageTypeError", "expected an array"),
    ],
)
def test_what_is_no_matte(matte: Any, error: str, advice: str) -> None:
    calls: list[Any] = [defocus.portrait, defocus.cutout]
    for call in calls:
        with pytest.raises(getattr(defocus, error), match=re.escape(advice)) as caught:
            call(PHOTO, matte=matte)
        assert str(caught.value).startswith("matte ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint32, np.uint64, np.float64])
def test_the_advice_works(dtype: Any) -> None:
    scales = {1: INSIDE.astype(int), 255: SOFT.astype(int) // 2, 65535: SOFT.astype(int) * 257}
    for most, plain in scales.items():
        if (most, dtype) in ((65535, np.int8), (1, np.float64)):
            continue  # which cannot be, or is a matte
        matte = plain.astype(dtype)
        with pytest.raises(defocus.DefocusError) as caught:
            defocus.portrait(PHOTO, matte=matte)
        advised = re.findall(r"(matte\.astype\([\w.]+\)|matte / \d+)", str(caught.value))[-1]
        follow = eval(advised, {"matte": matte, "numpy": np, "bool": bool})
        share = as_mask("matte", follow)
        full = 255 if share.dtype == np.uint8 else 1
        assert np.allclose(share / full, plain / most, atol=1e-6)


def test_a_subject_is_no_matte() -> None:
    subject = defocus.Subject(
        np.ones((320, 320), np.float32), (WIDTH, HEIGHT), confidence=1.0, guide=PHOTO
    )
    with pytest.raises(defocus.ImageTypeError, match="subject="):
        defocus.cutout(PHOTO, matte=subject)  # type: ignore[call-overload]
    assert np.array_equal(subject.matte, as_mask("matte", subject.matte))


def test_bytes_and_floats_are_not_copied() -> None:
    for matte in (SOFT, SOFT[::-1, ::2], of_dtype(SOFT, "f4")):
        assert np.shares_memory(as_mask("matte", matte), matte)


def test_floats_that_are_not_aligned() -> None:
    data = b"x" + of_dtype(SOFT, "f4").tobytes()
    matte = np.frombuffer(data, np.float32, offset=1).reshape(SOFT.shape)
    want = defocus.cutout(PHOTO, matte=of_dtype(SOFT, "f4"))
    assert np.array_equal(defocus.cutout(PHOTO, matte=matte), want)


@pytest.mark.parametrize("dtype", [bool, *UNSIGNED, *FLOATS])
def test_the_kernels_take_them_too(dtype: Any) -> None:
    soft = INSIDE.astype(np.uint8) * 255
    mask = INSIDE if dtype is bool else of_dtype(soft, dtype)
    calls: list[Any] = [
        lambda m: kernels.portrait_stage(PHOTO, m, 4),
        lambda m: kernels.cutout_stage(PHOTO, m),
        lambda m: kernels.blend(PHOTO, PHOTO[::-1], m),
        lambda m: kernels.resize_bilinear(m, (99, 33)),
    ]
    for call in calls:
        assert np.array_equal(call(mask), call(soft))
