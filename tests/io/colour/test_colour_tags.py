"""Colour that a file states without a profile is kept, converted or refused."""

from __future__ import annotations

import io
import struct
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, features

import defocus
from animated_pngs import Part, animated
from deep_files import chunk, png
from defocus.io import decode, network_view
from defocus.io.codecs import boxes
from defocus.io.colour import cicp, colour_tags, hdr, icc_profiles, to_srgb
from profiles import wide

AVIF = pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
HEIC = pytest.mark.skipif(find_spec("pillow_heif") is None, reason="needs pillow-heif")
COLOUR = (120, 200, 90)
ALL = np.full((16, 16), 255, np.uint8)
P3, BT2020 = cicp.PRIMARIES[12], cicp.PRIMARIES[9]


def cicp_chunk(primaries: int, transfer: int, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes((primaries, transfer, 0, full)))


def gamma_chunk(exponent: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(100000 / exponent)))


def points_chunk(primaries: cicp.Primaries) -> bytes:
    numbers = [round(value * 100000) for value in (*primaries[6:], *primaries[:6])]
    return chunk(b"cHRM", struct.pack(">8I", *numbers))


def profile_chunk(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(profile))


SRGB_CHUNK = chunk(b"sRGB", b"\0")
GAMMA_SRGB, POINTS_SRGB = gamma_chunk(2.2), points_chunk(cicp.PRIMARIES[1])


def stated_png(before: bytes, mode: str = "RGB") -> bytes:
    """16 x 16 pixels of one colour, and what states its space."""
    image, file = Image.new("RGB", (16, 16), COLOUR), io.BytesIO()
    if mode == "P":
        image = image.quantize(4)
    elif mode != "RGB":
        image = image.convert(mode)
        if mode in ("RGBA", "LA"):
            image.paste(0, (0, 0, 4, 16))
    image.save(file, "PNG")
    return file.getvalue()[:33] + before + file.getvalue()[33:]


def made(primaries: cicp.Primaries, curve: cicp.Curve, *, grey: bool = False) -> bytes:
    return icc_profiles.for_pictures(cicp.Colour(primaries, curve), grey=grey)


def rounded(primaries: cicp.Primaries) -> cicp.Primaries:
    """As cHRM holds them."""
    values = tuple(round(value * 100000) / 100000 for value in primaries)
    return values  # type: ignore[return-value]


def stored(image: Any, form: str) -> bytes:
    file = io.BytesIO()
    defocus.save(image, file, format=form)
    return file.getvalue()


# ---- what becomes of it


SDR: list[tuple[str, bytes, bytes | None]] = [
    ("P3", cicp_chunk(12, 13), made(P3, cicp.SRGB)),
    ("BT.2020", cicp_chunk(9, 1), made(BT2020, cicp.SRGB)),
    ("BT.2020, 10 bits", cicp_chunk(9, 14), made(BT2020, cicp.SRGB)),
    ("P3 of cinema", cicp_chunk(11, 17), made(cicp.PRIMARIES[11], cicp.colour_of(11, 17)[1])),  # type: ignore[index]
    ("linear", cicp_chunk(1, 8), made(cicp.PRIMARIES[1], cicp.gamma(1))),
    ("sRGB", cicp_chunk(1, 13), None),
    ("BT.709", cicp_chunk(1, 1), None),
    ("unspecified", cicp_chunk(2, 2), None),
    ("P3, curve unspecified", cicp_chunk(12, 2), made(P3, cicp.SRGB)),
    ("gAMA and cHRM of sRGB", GAMMA_SRGB + POINTS_SRGB, None),
    ("gAMA of sRGB", GAMMA_SRGB, None),
    ("gAMA", gamma_chunk(1.8), made(cicp.PRIMARIES[1], cicp.gamma(1 / 0.55556))),
    ("gAMA 1", gamma_chunk(1) + POINTS_SRGB, made(cicp.PRIMARIES[1], cicp.gamma(1))),
    ("cHRM", points_chunk(P3), made(rounded(P3), cicp.SRGB)),
    ("gAMA and cHRM", gamma_chunk(2) + points_chunk(P3), made(rounded(P3), cicp.gamma(2))),
    (
        "gAMA of sRGB, cHRM",
        GAMMA_SRGB + points_chunk(P3),
        made(rounded(P3), cicp.gamma(1 / 0.45455)),
    ),
    ("gAMA of nothing", chunk(b"gAMA", bytes(4)), None),
    ("cHRM of nothing", chunk(b"cHRM", bytes(32)), None),
    ("cHRM of noise", chunk(b"cHRM", bytes(range(32))), None),
    # Which counts, of several.
    ("cICP, gAMA", gamma_chunk(1.8) + cicp_chunk(12, 13), made(P3, cicp.SRGB)),
    ("cICP, profile", profile_chunk(wide("Adobe RGB")) + cicp_chunk(12, 13), made(P3, cicp.SRGB)),
    ("cICP of sRGB, profile", profile_chunk(wide("Adobe RGB")) + cicp_chunk(1, 13), None),
    ("profile, gAMA", profile_chunk(wide("Adobe RGB")) + gamma_chunk(1), wide("Adobe RGB")),
    ("profile, sRGB", profile_chunk(wide("Adobe RGB")) + SRGB_CHUNK, wide("Adobe RGB")),
    ("sRGB, gAMA", SRGB_CHUNK + gamma_chunk(1) + points_chunk(P3), None),
    ("cICP, sRGB", SRGB_CHUNK + cicp_chunk(12, 13), made(P3, cicp.SRGB)),
    ("cICP of unknown numbers, gAMA", cicp_chunk(200, 13) + SRGB_CHUNK + gamma_chunk(1), None),
    ("short cICP", chunk(b"cICP", b"\x0c\x0d"), None),
]
NAMES = [name for name, _, _ in SDR]


@pytest.mark.parametrize(("before", "profile"), [row[1:] for row in SDR], ids=NAMES)
def test_png_of_8_bits(before: bytes, profile: bytes | None) -> None:
    result = defocus.portrait(stated_png(before), matte=ALL)
    assert result.info.get("icc_profile") == profile
    assert "cicp" not in result.info
    for form in ("png", "jpeg", "webp", "tiff"):
        with Image.open(io.BytesIO(stored(result, form))) as image:
            assert image.info.get("icc_profile") == profile
            if form in ("png", "tiff"):
                assert image.getpixel((3, 3)) == COLOUR


@pytest.mark.parametrize(("before", "profile"), [row[1:] for row in SDR], ids=NAMES)
def test_png_of_16_bits(before: bytes, profile: bytes | None) -> None:
    samples = np.full((16, 16, 3), COLOUR, np.uint16) * np.uint16(257) + np.uint16(9)
    result = defocus.portrait(png(samples, before=before), matte=ALL)
    assert result.info.get("icc_profile") == profile
    again = decode.read(stored(result, "png"))
    assert (again.pixels == samples).all()
    assert again.info.get("icc_profile") == profile


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_palettes_and_alpha(mode: str) -> None:
    result = defocus.portrait(stated_png(cicp_chunk(12, 13), mode), matte=ALL)
    assert result.info["icc_profile"] == made(P3, cicp.SRGB)
    assert result.convert("RGB").getpixel((9, 3)) == COLOUR


@pytest.mark.parametrize(("exponent", "kept"), [(2.2, False), (1.0, True), (1.8, True)])
@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_grey(mode: str, exponent: float, kept: bool) -> None:
    result = defocus.portrait(stated_png(gamma_chunk(exponent) + points_chunk(P3), mode), matte=ALL)
    profile = result.info.get("icc_profile")
    assert (profile is not None) == kept
    with Image.open(io.BytesIO(stored(result, "png"))) as image:
        assert image.info.get("icc_profile") == profile
        assert image.mode == ("LA" if mode == "LA" else "L")
    if not kept or mode == "1":
        return
    assert profile is not None
    assert profile[16:20] == b"GRAY"
    # No format that makes it RGB can hold the profile.
    shown = to_srgb.grey_as_srgb(np.asarray(result.convert("L")), profile)
    with Image.open(io.BytesIO(stored(result, "webp"))) as image:
        assert "icc_profile" not in image.info
        got = np.asarray(image.convert("RGB")).astype(int)
        assert np.abs(got[4:12, 8:, 1] - shown[4:12, 8:]).max() <= 3


def test_grey_of_16_bits() -> None:
    samples = np.full((16, 16, 1), 30000, np.uint16)
    result = defocus.portrait(png(samples, before=gamma_chunk(1)), matte=ALL)
    assert result.mode == "I;16"
    assert result.info["icc_profile"][16:20] == b"GRAY"
    assert (decode.read(stored(result, "png")).pixels == 30000).all()
    with Image.open(io.BytesIO(stored(result, "webp"))) as image:
        assert image.convert("L").getpixel((5, 5)) == pytest.approx(180, abs=2)


def test_animations() -> None:
    for dtype in (np.uint8, np.uint16):
        step = np.iinfo(dtype).max // 255
        parts = [
            Part(np.full((16, 16, 3), (9, 80, shade), dtype) * dtype(step)) for shade in (7, 9)
        ]
        data = animated(parts, (16, 16), before=cicp_chunk(12, 13))
        frames = list(defocus.each_frame(data))
        assert [frame.info["icc_profile"] for frame in frames] == [made(P3, cicp.SRGB)] * 2


def test_the_file_is_left_where_it_was() -> None:
    for data in (
        stated_png(cicp_chunk(12, 13)),
        *([avif((12, 13))] if features.check("avif") else []),
    ):
        with Image.open(io.BytesIO(data)) as image:
            assert image.fp is not None
            image.fp.seek(7)
            assert colour_tags.stated(image, None).numbers == (12, 13)
            assert image.fp.tell() == 7
            file = io.BytesIO(data)
            file.seek(9)
            assert colour_tags.stated(image, file).numbers == (12, 13)
            assert file.tell() == 9


def test_images_that_the_caller_opened() -> None:
    for before in (cicp_chunk(12, 13), points_chunk(P3)):
        data = stated_png(before)
        with Image.open(io.BytesIO(data)) as image:
            profile = decode.read(image).info["icc_profile"]
            assert profile[16:20] == b"RGB "
            image.load()
            assert image.getpixel((2, 2)) == COLOUR
    with Image.open(io.BytesIO(stated_png(points_chunk(P3)))) as image:
        image.load()
        assert "icc_profile" in decode.read(image).info
    array = np.full((16, 16, 3), COLOUR, np.uint8)
    assert not decode.read(array).info
    assert (defocus.portrait(array, matte=ALL) == array).all()


# ---- PQ and HLG


@pytest.mark.parametrize("numbers", [(9, 16), (9, 18), (12, 16), (1, 16)])
@pytest.mark.parametrize("deep", [False, True])
def test_hdr_is_kept_where_it_can_be(numbers: tuple[int, int], deep: bool) -> None:
    before = cicp_chunk(*numbers) + profile_chunk(wide("Adobe RGB"))
    samples = np.full((16, 16, 3), COLOUR, np.uint16) * np.uint16(257)
    data = png(samples, before=before) if deep else stated_png(before)
    result = defocus.portrait(data, matte=ALL)
    assert result.info["cicp"] == numbers
    assert "icc_profile" not in result.info
    kept = stored(result, "png")
    assert cicp_chunk(*numbers) in kept
    again = decode.read(kept)
    assert again.info["cicp"] == numbers
    assert (again.pixels == (samples if deep else COLOUR)).all()
    # A result is a picture like any other.
    assert defocus.portrait(result, matte=ALL).info["cicp"] == numbers
    want = hdr.to_srgb(np.full((1, 1, 3), COLOUR, np.uint8), numbers)[0, 0].astype(int)
    for form in ("jpeg", "webp", "tiff", *(["avif"] if features.check("avif") else [])):
        with Image.open(io.BytesIO(stored(result, form))) as image:
            assert "icc_profile" not in image.info
        photo = decode.read(stored(result, form))
        assert "cicp" not in photo.info
        shown = photo.in_bytes().pixels[8, 8]
        assert np.abs(shown - want).max() <= (1 if form == "tiff" else 4)
        assert photo.deep == (deep and form == "tiff")


@pytest.mark.parametrize("settings", [{"strip": "all"}, {"strip": "gps"}, {"compression": "small"}])
def test_the_numbers_are_no_metadata_to_be_left_out(settings: dict[str, Any]) -> None:
    result = defocus.portrait(stated_png(cicp_chunk(9, 16)), matte=ALL)
    file = io.BytesIO()
    defocus.save(result, file, format="png", **settings)
    assert cicp_chunk(9, 16) in file.getvalue()


def test_hdr_with_alpha_and_grey() -> None:
    cut = np.zeros((16, 16), np.uint8)
    cut[4:12, 4:12] = 255
    result = defocus.cutout(stated_png(cicp_chunk(9, 16)), matte=cut)
    assert decode.read(stored(result, "png")).info["cicp"] == (9, 16)
    want = hdr.to_srgb(np.full((1, 1, 3), COLOUR, np.uint8), (9, 16))[0, 0]
    with Image.open(io.BytesIO(stored(result, "tiff"))) as image:
        assert image.getpixel((8, 8)) == (*want, 255)
        corner: Any = image.getpixel((0, 0))
        assert corner[3] == 0
    grey = defocus.portrait(stated_png(cicp_chunk(9, 16), "L"), matte=ALL)
    assert grey.mode == "L"
    sample = grey.getpixel((3, 3))
    want = hdr.to_srgb(np.full((1, 1, 3), sample, np.uint8), (9, 16))[0, 0]
    with Image.open(io.BytesIO(stored(grey, "tiff"))) as image:
        assert image.mode == "L"
        assert image.getpixel((3, 3)) == want[1]


def test_animations_of_hdr_become_srgb() -> None:
    parts = [Part(np.full((16, 16, 3), shade, np.uint8)) for shade in (90, 130)]
    data = animated(parts, (16, 16), before=cicp_chunk(9, 16))
    for form in ("png", "webp"):
        file = io.BytesIO()
        defocus.save_frames(defocus.each_frame(data), file, format=form)
        for frame, shade in zip(decode.frames(file.getvalue()), (90, 130), strict=True):
            assert not frame.info.get("cicp")
            want = hdr.to_srgb(np.full((1, 1, 3), shade, np.uint8), (9, 16))[0, 0]
            assert np.abs(frame.pixels[5, 5].astype(int) - want).max() <= 3


def test_numbers_that_mean_no_hdr_are_not_heeded() -> None:
    for numbers in (None, 7, (9,), (9, 13), ("a", "b"), (200, 16), (9, 16, 0)):
        image = Image.new("RGB", (4, 3), COLOUR)
        image.info["cicp"] = numbers
        assert b"cICP" not in stored(image, "png")
        assert colour_tags.hdr_numbers(image.info) is None
    image.info.update(cicp=(9, 16), icc_profile=wide("Adobe RGB"))
    assert b"cICP" not in stored(image, "png")


def test_logarithms_are_refused() -> None:
    for transfer in (9, 10):
        for data in (
            stated_png(cicp_chunk(1, transfer)),
            png(np.zeros((2, 2, 3), np.uint16), before=cicp_chunk(1, transfer)),
        ):
            with pytest.raises(defocus.ImageTypeError, match=f"characteristics {transfer} "):
                decode.read(data)


@pytest.mark.parametrize("deep", [False, True])
def test_narrow_range_becomes_full(deep: bool) -> None:
    ramp = np.linspace(0, 255, 16).astype(np.uint8)
    values = np.tile(ramp[np.newaxis, :, np.newaxis], (16, 1, 3))
    step = 256 if deep else 1
    if deep:
        data = png(values.astype(np.uint16) * np.uint16(256), before=cicp_chunk(12, 13, 0))
    else:
        file = io.BytesIO()
        Image.fromarray(values).save(file, "PNG")
        data = file.getvalue()[:33] + cicp_chunk(12, 13, 0) + file.getvalue()[33:]
    photo = decode.read(data)
    full = 65535 if deep else 255
    want = np.clip((ramp.astype(float) * step - 16 * step) * full / (219 * step), 0, full)
    assert np.abs(photo.pixels[3, :, 1] - want).max() <= 0.5001
    assert photo.info["icc_profile"] == made(P3, cicp.SRGB)


# ---- AVIF and HEIC


def avif(numbers: tuple[int, int], **settings: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), COLOUR).save(file, "AVIF", quality=95, **settings)
    data = file.getvalue()
    assert data.count(b"colrnclx\0\x01\0\x0d") >= ("icc_profile" not in settings)
    return data.replace(b"colrnclx\0\x01\0\x0d", b"colrnclx" + struct.pack(">HH", *numbers))


def heic(numbers: tuple[int, int], **settings: Any) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), COLOUR)).save(
        file,
        quality=95,
        color_primaries=numbers[0],
        transfer_characteristics=numbers[1],
        **settings,
    )
    return file.getvalue()


@pytest.mark.parametrize(
    ("numbers", "profile"),
    [
        ((12, 13), made(P3, cicp.SRGB)),
        ((9, 14), made(BT2020, cicp.SRGB)),
        ((1, 13), None),
        ((1, 1), None),
        ((2, 2), None),
        ((1, 8), made(cicp.PRIMARIES[1], cicp.gamma(1))),
    ],
)
@pytest.mark.parametrize("make", [pytest.param(avif, marks=AVIF), pytest.param(heic, marks=HEIC)])
def test_nclx(make: Any, numbers: tuple[int, int], profile: bytes | None) -> None:
    result = defocus.portrait(make(numbers), matte=np.full((48, 64), 255, np.uint8))
    assert result.info.get("icc_profile") == profile
    with Image.open(io.BytesIO(stored(result, "png"))) as image:
        assert image.info.get("icc_profile") == profile
        assert np.abs(np.array(image.getpixel((9, 9))) - COLOUR).max() <= 4


@pytest.mark.parametrize("numbers", [(9, 16), (9, 18), (12, 16)])
@pytest.mark.parametrize("make", [pytest.param(avif, marks=AVIF), pytest.param(heic, marks=HEIC)])
def test_nclx_of_hdr(make: Any, numbers: tuple[int, int]) -> None:
    photo = decode.read(make(numbers))
    assert photo.info["cicp"] == numbers
    result = defocus.portrait(make(numbers), matte=np.full((48, 64), 255, np.uint8))
    assert cicp_chunk(*numbers) in stored(result, "png")
    if find_spec("pillow_heif") is not None:
        again = decode.read(stored(result, "heic"))
        assert again.info["cicp"] == numbers
        assert np.abs(again.pixels[20, 20].astype(int) - photo.pixels[20, 20]).max() <= 4
    # An AVIF is written as sRGB.
    want = network_view.pixels(photo, (320, 320))[20, 20].astype(int)
    if features.check("avif"):
        assert np.abs(decode.read(stored(result, "avif")).pixels[20, 20] - want).max() <= 6


@pytest.mark.parametrize("make", [pytest.param(avif, marks=AVIF), pytest.param(heic, marks=HEIC)])
def test_a_profile_counts_more_than_nclx(make: Any) -> None:
    photo = decode.read(make((9, 16), icc_profile=wide("Adobe RGB")))
    assert photo.info["icc_profile"] == wide("Adobe RGB")
    assert "cicp" not in photo.info


@AVIF
def test_avif_that_the_caller_opened() -> None:
    with Image.open(io.BytesIO(avif((12, 13)))) as image:
        assert decode.read(image).info["icc_profile"] == made(P3, cicp.SRGB)
        image.load()
        assert decode.read(image).size == (64, 48)


@AVIF
def test_sequences() -> None:
    file = io.BytesIO()
    frames = [Image.new("RGB", (32, 16), (shade, 40, 90)) for shade in (40, 90)]
    frames[0].save(file, "AVIF", save_all=True, append_images=frames[1:])
    data = file.getvalue().replace(b"colrnclx\0\x01\0\x0d", b"colrnclx\0\x0c\0\x0d")
    for frame in decode.frames(data):
        assert frame.info["icc_profile"] == made(P3, cicp.SRGB)
    # Without the item, the track states it.
    track = data.replace(b"meta", b"free", 1)
    assert boxes.colour_numbers(io.BytesIO(track)) == (12, 13)


@AVIF
def test_damaged_boxes() -> None:
    """The walk through the boxes ends, whatever they state."""
    good, rng = avif((12, 13)), np.random.default_rng(4)
    for _ in range(500):
        data = bytearray(good[:600])
        for place in rng.integers(0, len(data), 4):
            data[place] = rng.integers(256)
        boxes.colour_numbers(io.BytesIO(bytes(data[: int(rng.integers(20, 600))])))
    assert boxes.colour_numbers(io.BytesIO(good)) == (12, 13)
    assert boxes.colour_numbers(io.BytesIO(struct.pack(">I4s", 8, b"free") * 50000)) is None
    nested = b""
    for _ in range(2000):
        nested = struct.pack(">I4s", 8 + len(nested), b"meta") + nested
    assert boxes.colour_numbers(io.BytesIO(nested)) is None


# ---- what is done with it


def by_little_cms(profile: bytes) -> Any:
    moved = ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), COLOUR),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert moved is not None
    return np.asarray(moved)[0, 0].astype(int)


@pytest.mark.parametrize(("before", "profile"), [row[1:] for row in SDR], ids=NAMES)
def test_the_network_sees_srgb(before: bytes, profile: bytes | None) -> None:
    want = np.array(COLOUR) if profile is None else by_little_cms(profile)
    samples = np.full((16, 16, 3), COLOUR, np.uint16) * np.uint16(257)
    for data in (stated_png(before), png(samples, before=before)):
        shown = network_view.pixels(decode.read(data), (320, 320))[5, 5].astype(int)
        assert np.abs(shown - want).max() <= 2


def test_the_network_sees_grey_and_hdr_as_srgb() -> None:
    grey = Image.new("L", (16, 16), 128)
    file = io.BytesIO()
    grey.save(file, "PNG")
    data = file.getvalue()[:33] + gamma_chunk(1) + file.getvalue()[33:]
    assert np.abs(network_view.pixels(decode.read(data), (320, 320)).astype(int) - 188).max() <= 1
    photo = decode.read(stated_png(cicp_chunk(9, 16)))
    want = hdr.to_srgb(photo.pixels[:1, :1], (9, 16))
    assert (network_view.pixels(photo, (320, 320)) == want).all()
    bright = Image.new("L", (1400, 1400), 128)
    bright.info["icc_profile"] = made(P3, cicp.gamma(1), grey=True)
    file = io.BytesIO()
    bright.save(file, "JPEG", icc_profile=bright.info["icc_profile"], quality=95)
    seen = network_view.pixels(decode.read(file.getvalue()), (320, 320))
    assert seen.shape == (700, 700, 3)
    assert np.abs(seen.astype(int) - 188).max() <= 3


@pytest.mark.parametrize("look", [{}, {"bokeh": "disc"}, {"bokeh": "disc", "highlights": 9.0}])
@pytest.mark.parametrize("grey", [False, True])
def test_linear_samples_are_mixed_as_they_are(look: dict[str, Any], grey: bool) -> None:
    """The mean of light is that of linear samples."""
    stripes = np.zeros((120, 120), np.uint8)
    stripes[:, ::2] = 200
    image = Image.fromarray(stripes) if grey else Image.fromarray(stripes[..., None].repeat(3, 2))
    file = io.BytesIO()
    image.save(file, "PNG")
    none = np.zeros((120, 120), np.uint8)
    data = file.getvalue()[:33] + gamma_chunk(1) + file.getvalue()[33:]
    blurred = np.asarray(defocus.portrait(data, matte=none, sigma=8, **look))
    assert np.abs(blurred[50:70, 50:70].astype(int) - 100).max() <= 2
    # Samples of the usual curve are brighter than their mean.
    usual = np.asarray(defocus.portrait(file.getvalue(), matte=none, sigma=8, **look))
    assert usual[50:70, 50:70].min() > 140


def test_backgrounds_are_srgb() -> None:
    half = np.zeros((16, 16), np.uint8)
    half[:, 8:] = 255
    half[:, 7] = 128
    # Linear samples: the background becomes linear, and soft pixels are mixed as they are.
    result = defocus.cutout(stated_png(gamma_chunk(1)), matte=half, background=(188, 188, 188))
    assert result.info["icc_profile"] == made(cicp.PRIMARIES[1], cicp.gamma(1))
    assert result.getpixel((12, 3)) == COLOUR
    assert np.abs(np.array(result.getpixel((2, 3))) - 128).max() <= 1
    mixed = (np.array(COLOUR) * 128 + 128.0 * 127) / 255
    assert np.abs(np.array(result.getpixel((7, 3))) - mixed).max() <= 1
    # PQ becomes sRGB.
    result = defocus.cutout(stated_png(cicp_chunk(9, 16)), matte=half, background=(9, 80, 200))
    assert not {"cicp", "icc_profile"} & set(result.info)
    assert result.getpixel((2, 3)) == (9, 80, 200)
    want = hdr.to_srgb(np.full((1, 1, 3), COLOUR, np.uint8), (9, 16))[0, 0]
    assert result.getpixel((12, 3)) == tuple(want)
    # So does grey of a curve of its own.
    data = stated_png(gamma_chunk(1), "L")
    grey = Image.open(io.BytesIO(data)).getpixel((3, 3))
    result = defocus.cutout(data, matte=half, background=(9, 80, 200))
    light = grey / 255  # type: ignore[operator]
    want = round(255 * (1.055 * light ** (1 / 2.4) - 0.055))
    assert "icc_profile" not in result.info
    assert np.abs(np.array(result.getpixel((12, 3))) - want).max() <= 1
    # And a background in PQ.
    behind = stated_png(cicp_chunk(9, 16))
    result = defocus.cutout(Image.new("RGB", (16, 16)), matte=half, background=behind)
    want = hdr.to_srgb(np.full((1, 1, 3), COLOUR, np.uint8), (9, 16))[0, 0]
    assert result.getpixel((2, 3)) == tuple(want)


def test_the_command(tmp_path: Path) -> None:
    from defocus.cli.command import main

    (tmp_path / "in.png").write_bytes(stated_png(cicp_chunk(9, 16)))
    Image.fromarray(ALL).save(tmp_path / "m.png")
    for name in ("out.png", "out.jpg"):
        call = ["portrait", str(tmp_path / "in.png"), str(tmp_path / name)]
        assert main([*call, "--matte", str(tmp_path / "m.png")]) == 0
    assert cicp_chunk(9, 16) in (tmp_path / "out.png").read_bytes()
    want = hdr.to_srgb(np.full((1, 1, 3), COLOUR, np.uint8), (9, 16))[0, 0].astype(int)
    with Image.open(tmp_path / "out.jpg") as image:
        assert np.abs(np.array(image.getpixel((8, 8))) - want).max() <= 3


def test_shadows_have_srgb_colours() -> None:
    cut = np.zeros((16, 16), np.uint8)
    cut[:8] = 255
    shadow = defocus.Shadow(offset=(0, 4), blur=0, opacity=1, colour=(188, 188, 188))
    # Linear samples: the colour becomes linear too.
    result = defocus.cutout(stated_png(gamma_chunk(1)), matte=cut, shadow=shadow)
    assert result.getpixel((3, 10)) == (128, 128, 128, 255)
    # PQ: the result with a coloured shadow is sRGB, that with a black one stays PQ.
    result = defocus.cutout(stated_png(cicp_chunk(9, 16)), matte=cut, shadow=shadow)
    assert result.getpixel((3, 10)) == (188, 188, 188, 255)
    assert decode.read(stored(result, "png")).info.get("cicp") is None
    black = defocus.cutout(stated_png(cicp_chunk(9, 16)), matte=cut, shadow=True)
    assert decode.read(stored(black, "png")).info["cicp"] == (9, 16)
