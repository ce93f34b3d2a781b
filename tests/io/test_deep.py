"""16 bits a sample: read, kept through every step, and written."""

from __future__ import annotations

import io
import pickle
import shutil
import struct
import subprocess
import tracemalloc
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw

import defocus
from deep_files import chunk, picture, png, tiff
from defocus.cli import command
from defocus.io import decode
from defocus.io.codecs import png as png_writer
from defocus.io.codecs.deep_image import samples_of
from defocus.render import grain
from tests.native.reference.samples16 import to_bytes
from threads_at_once import two_threads_at_once

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rating>5</rating></x:xmpmeta>'
MATTE = np.zeros((23, 31), np.uint8)
MATTE[5:15, 8:20] = 255
MATTE[15:18, 8:20] = 90


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112], tags[0x010F] = orientation, "maker"
    return tags.tobytes()


# ---- reading


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(23, 31), (1, 1), (2, 3), (5, 1), (1, 9)])
def test_png(channels: int, interlaced: bool, size: tuple[int, int]) -> None:
    samples = picture(*size, channels)
    colours = samples[..., :3] if channels > 2 else samples[..., :1].repeat(3, axis=2)
    photo = decode.read(png(samples, interlaced=interlaced))
    assert photo.pixels.dtype == np.uint16
    if channels in (2, 4):
        alpha = samples[..., -1]
        assert photo.alpha is not None
        assert photo.alpha.dtype == np.uint16
        assert (photo.alpha == alpha).all()
        colours = np.where(alpha[..., np.newaxis] > 0, colours, photo.pixels)
    else:
        assert photo.alpha is None
    assert (photo.pixels == colours).all()
    assert (photo.mode, photo.format, photo.deep) == ("RGB" if channels > 2 else "L", "PNG", True)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_with_one_transparent_colour(channels: int) -> None:
    samples = picture(channels=channels)
    unused = chunk(b"tRNS", struct.pack(f">{channels}H", *[1] * channels))
    assert decode.read(png(samples, before=unused)).pixels.shape == (23, 31, 3)
    used = chunk(b"tRNS", samples[3, 4].astype(">u2").tobytes())
    alpha = decode.read(png(samples, before=used)).alpha
    assert alpha is not None
    assert alpha[3, 4] == 0
    assert np.count_nonzero(alpha) >= alpha.size - 2


TIFFS: list[dict[str, Any]] = [
    {"compression": compression, "predictor": predictor}
    for compression, predictor in ((1, False), (5, False), (5, True), (8, True), (32773, False))
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("layout", [{}, {"rows": 100}, {"tile": (16, 16)}, {"planar": True}])
@pytest.mark.parametrize("coding", TIFFS)
def test_tiff(coding: dict[str, Any], layout: dict[str, Any], order: str) -> None:
    samples = picture()
    photo = decode.read(tiff(samples, order=order, **coding, **layout))
    assert photo.pixels.dtype == np.uint16
    assert (photo.pixels == samples).all()
    assert (photo.mode, photo.format) == ("RGB", "TIFF")
    grey = decode.read(tiff(samples[..., :1], order=order, **coding, **layout))
    assert (grey.pixels == samples[..., :1]).all()
    assert grey.mode == "L"


def test_tiffs_of_other_kinds() -> None:
    samples = picture(channels=4)
    opaque = samples.copy()
    opaque[..., 3] = 65535
    for extra in (1, 2):
        assert (decode.read(tiff(opaque, extra=extra)).pixels == samples[..., :3]).all()
        soft = decode.read(tiff(samples, extra=extra))
        assert soft.alpha is not None
        assert (soft.alpha == samples[..., 3]).all()
        shown = samples[..., :3].astype(float)
        if extra == 1:  # premultiplied
            shown = shown * 65535 / np.maximum(samples[..., 3:], 1)
        opaque_enough = samples[..., 3] > 0
        expected = np.minimum(shown, 65535)[opaque_enough]
        assert np.abs(soft.pixels[opaque_enough] - expected).max() <= 1
    # A fourth sample is dropped unless the tags call it alpha.
    assert (decode.read(tiff(samples, extra=0)).pixels == samples[..., :3]).all()
    white_is_zero = decode.read(tiff(samples[..., :1], photometric=0))
    assert (white_is_zero.pixels == 65535 - samples[..., :1]).all()


@pytest.mark.parametrize("most", [65535, 1023, 4095])
@pytest.mark.parametrize("channels", [1, 3])
def test_portable_pictures(channels: int, most: int) -> None:
    samples = (picture(channels=channels).astype(int) % (most + 1)).astype(np.uint16)
    magic = b"P5" if channels == 1 else b"P6"
    data = magic + b"\n# a comment\n31 23\n%d\n" % most + samples.astype(">u2").tobytes()
    photo = decode.read(data)
    assert (photo.pixels == np.floor(samples * (65535 / most) + 0.5).astype(int)).all()
    with pytest.raises(defocus.DecodeError, match="truncated"):
        decode.read(data[:-1])


def test_pil_images_and_arrays() -> None:
    samples = picture()
    grey = samples[..., 0]
    for mode in ("I;16", "I;16B"):
        image = Image.fromarray(grey.astype(">u2" if mode == "I;16B" else "<u2"))
        assert image.mode == mode
        photo = decode.read(image)
        assert photo.mode == "L"
        assert (photo.pixels == grey[..., np.newaxis]).all()
    assert decode.read(samples).pixels is samples
    assert (decode.read(samples[::-1, ::2]).pixels == samples[::-1, ::2]).all()
    # What Image.open gives still has its file to read from, and stays as it was.
    for data in (png(samples), tiff(samples), png(samples[..., :1])):
        with Image.open(io.BytesIO(data)) as image:
            got = decode.read(image).pixels
            assert (got == samples[..., : 1 if image.mode.startswith("I") else 3]).all()
            image.load()
    with pytest.raises(defocus.ImageTypeError, match="cut to 8; pass the file itself"):
        decode.read(loaded(tiff(samples)))


def loaded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("form", ["png", "tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations(form: str, orientation: int, tmp_path: Path) -> None:
    samples = picture()
    eight, file = Image.fromarray(to_bytes(samples)), io.BytesIO()
    eight.save(file, form, exif=exif(orientation))
    want = decode.read(file.getvalue()).pixels
    block = exif(orientation)[6:]
    if form == "png":
        data = png(samples, before=chunk(b"eXIf", block))
    else:
        data = tiff(samples, tags={274: (3, (orientation,))})
    photo = decode.read(data)
    assert (to_bytes(photo.pixels) == want).all()
    assert photo.pixels.flags.c_contiguous
    tags = Image.Exif()
    tags.load(photo.info.get("exif", b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"))
    assert tags.get(0x0112, 1) == 1


def test_metadata_before_and_behind_the_pixels() -> None:
    profile = chunk(b"iCCP", b"name\0\0" + zlib.compress(SRGB))
    dpi = chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1))
    xmp = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    late = chunk(b"eXIf", exif()[6:]) + xmp
    info = decode.read(png(picture(), before=profile + dpi, after=late)).info
    assert info["icc_profile"] == SRGB
    assert info["xmp"] == XMP
    assert info["exif"].startswith(b"Exif")
    assert info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize(
    ("source", "match"),
    [
        (Image.new("F", (3, 2)), "has mode F"),
        (Image.new("I", (3, 2)), r"has mode I, .* scale it to 16 bits"),
        (b"Pf 1 1 -1.0\n" + bytes(4), "a floating-point file"),
    ],
)
def test_what_is_refused(source: Any, match: str) -> None:
    with pytest.raises(defocus.ImageTypeError, match=match):
        decode.read(source)


@pytest.mark.parametrize(
    ("mode", "match"), [("F", "1 x 32 bits, floating-point"), ("I", "1 x 32 bits, signed")]
)
def test_deeper_tiffs_are_refused(mode: str, match: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (3, 2)).save(file, "TIFF")
    with pytest.raises(defocus.ImageTypeError, match=match):
        decode.read(file.getvalue())


BITS_OF_BMP = {  # masks of red, green and blue; None for those of a file that states none
    "5-6-5": (0xF800, 0x07E0, 0x001F),
    "5-5-5": (0x7C00, 0x03E0, 0x001F),
    "unstated": None,
}


@pytest.mark.parametrize("name", BITS_OF_BMP)
def test_bmp_of_16_bits_a_pixel_has_8_a_sample(name: str) -> None:
    pixels = np.random.default_rng(6).integers(0, 1 << 15, (4, 6), np.uint16)
    masks = BITS_OF_BMP[name]
    stated = b"" if masks is None else struct.pack("<3I", *masks)
    data = pixels[::-1].astype("<u2").tobytes()
    head = struct.pack("<IiiHHIIiiII", 40, 6, 4, 1, 16, 3 if stated else 0, len(data), 0, 0, 0, 0)
    start = 14 + len(head) + len(stated)
    file = b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + head + stated + data
    photo = decode.read(file)
    for channel, mask in enumerate(masks or (0x7C00, 0x03E0, 0x001F)):
        share = (pixels & mask) / mask
        assert np.abs(photo.pixels[..., channel] - 255 * share).max() <= 1
    with Image.open(io.BytesIO(file)) as image:
        assert (decode.read(image).pixels == photo.pixels).all()


def test_bmp_of_other_masks_is_refused_for_what_it_is() -> None:
    head = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 16, 3, 4, 0, 0, 0, 0)
    masks = struct.pack("<3I", 0xF00, 0xF0, 0xF)
    file = b"BM" + struct.pack("<IHHI", 70, 0, 0, 66) + head + masks + bytes(4)
    with pytest.raises(defocus.DecodeError, match="bitfields"):
        decode.read(file)


# ---- damage


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut off, or with some bytes changed, inserted or left out."""
    kind, place = rng.integers(4), int(rng.integers(8, len(data)))
    noise = rng.integers(0, 256, int(rng.integers(1, 9)), dtype=np.uint8).tobytes()
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + noise + data[place:]
    return data[:place] + noise * int(kind == 2) + data[place + len(noise) :]


def repaired(data: bytes) -> bytes:
    """A PNG with the checksums that its chunks ought to have."""
    out, place = data[:8], 8
    while place + 12 <= len(data):
        length = min(int.from_bytes(data[place : place + 4], "big"), len(data) - place - 12)
        out += chunk(data[place + 4 : place + 8], data[place + 8 : place + 8 + length])
        place += 12 + length
    return out


FILES = [
    png(picture()),
    png(picture(channels=1), interlaced=True, before=chunk(b"eXIf", exif()[6:])),
    tiff(picture()),
    tiff(picture(), compression=5, predictor=True),
    tiff(picture(), compression=8, tile=(16, 16), order=">"),
    tiff(picture(), planar=True, compression=32773),
    b"P6 31 23 65535\n" + picture().astype(">u2").tobytes(),
]


@pytest.mark.parametrize("number", range(len(FILES)))
def test_damaged_files_give_a_picture_or_a_typed_error(number: int, capfd: Any) -> None:
    rng = np.random.default_rng(number)
    for _ in range(120):
        data = damaged(FILES[number], rng)
        for variant in (data, repaired(data)) if number < 2 else (data,):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    photo = decode.read(variant, max_pixels=100_000)
                except defocus.DefocusError:
                    continue
                assert photo.pixels.dtype in (np.uint8, np.uint16)
    capfd.readouterr()  # libtiff prints what it thinks of them


def test_every_truncation_of_a_png_is_an_error() -> None:
    data = FILES[0]
    for end in range(9, data.index(b"IEND") - 8, 37):
        with pytest.raises(defocus.DecodeError):
            decode.read(data[:end])


def test_a_wrong_checksum_is_an_error() -> None:
    place = FILES[0].index(b"IDAT") + 500
    data = bytearray(FILES[0])
    data[place] ^= 1
    with pytest.raises(defocus.DecodeError, match=r"^<bytes> cannot be decoded.*wrong checksum"):
        decode.read(bytes(data))


def test_a_wrong_checksum_of_the_stream_is_an_error() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 16, 0, 0, 0, 0))
    good = zlib.compress(b"\0\1\2\3\4")
    for data, fine in ((good, True), (good[:-4], True), (good[:-1] + b"\0", False)):
        body = chunk(b"IDAT", data[:-4]) + chunk(b"IDAT", data[-4:]) + chunk(b"IEND", b"")
        file = b"\x89PNG\r\n\x1a\n" + header + body
        if fine:  # with all pixels there, as other readers have it
            assert decode.read(file).pixels[0, :, 0].tolist() == [258, 772]
            continue
        with pytest.raises(defocus.DecodeError):
            decode.read(file)


def test_a_filter_that_png_does_not_know() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\x05\0\0")) + chunk(b"IEND", b"")
    with pytest.raises(defocus.DecodeError, match="does not know"):
        decode.read(b"\x89PNG\r\n\x1a\n" + header + body)


def test_bombs_are_bounded() -> None:
    bomb = zlib.compress(bytes(1 << 27), 9)  # 128 MB from 130 KB
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0))
    small = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", bomb) + chunk(b"IEND", b"")
    tracemalloc.start()
    assert decode.read(small).pixels.shape == (2, 2, 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 22
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 16, 2, 0, 0, 0))
    with pytest.raises(defocus.ImageTooLargeError):
        decode.read(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", bomb) + chunk(b"IEND", b""))


# ---- writing


def stored(image: Any, form: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    defocus.save(image, file, format=form, **settings)
    return file.getvalue()


def by_another_reader(data: bytes, tmp_path: Path, channels: int) -> NDArray[np.uint16]:
    tool = shutil.which("magick") or shutil.which("convert")
    about = subprocess.run([tool, "-version"], capture_output=True, check=False) if tool else None
    if tool is None or about is None or b"ImageMagick" not in about.stdout:  # others have that name
        pytest.skip("needs ImageMagick")
    path = tmp_path / "file"
    path.write_bytes(data)
    kind = {1: "gray", 2: "graya", 3: "rgb", 4: "rgba"}[channels]
    done = subprocess.run(
        [tool, str(path), "-depth", "16", "-endian", "LSB", f"{kind}:-"],
        capture_output=True,
        check=True,
    )
    return np.frombuffer(done.stdout, "<u2")


@pytest.mark.parametrize("form", ["png", "tiff"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_written_files_by_another_reader(form: str, channels: int, tmp_path: Path) -> None:
    samples = picture(channels=channels)
    image: Any = samples[..., 0] if channels == 1 else defocus.DeepImage.of(samples)
    if channels > 2:
        assert stored(samples, form) == stored(image, form)
    got = by_another_reader(stored(image, form), tmp_path, channels)
    assert (got == samples.ravel()).all()


@pytest.mark.parametrize("form", ["png", "tiff"])
def test_what_is_written_is_read(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Several bands.
    wide = picture(700, 500)
    data = stored(wide, form, threads=1)
    assert (decode.read(data).pixels == wide).all()
    with monkeypatch.context() as patch:
        two_threads_at_once(patch, png_writer)  # a TIFF is written by one thread
        patch.setattr("defocus.threads.available_threads", lambda: 4)
        assert data == stored(wide, form, threads=3)
    grey = wide[..., 0]
    assert np.array_equal(np.asarray(loaded(stored(grey, form))), grey)  # by Pillow itself
    strided = wide[::-1, ::2]
    assert (decode.read(stored(strided, form)).pixels == strided).all()


@pytest.mark.parametrize("form", ["png", "tiff"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_metadata_is_written(form: str, channels: int) -> None:
    samples = picture(channels=channels)
    image: Image.Image = (
        Image.fromarray(samples[..., 0]) if channels == 1 else defocus.DeepImage.of(samples)
    )
    space = b"GRAY" if channels < 3 else b"RGB "
    profile = SRGB[:16] + space + SRGB[20:]
    image.info.update(icc_profile=profile, exif=exif(), xmp=XMP, dpi=(300.0, 300.0))
    data = stored(image, form)
    if form == "tiff" and channels == 2:  # Pillow reads no such TIFF
        assert profile in data
        assert XMP in data
        return
    with Image.open(io.BytesIO(data)) as back:
        assert back.info["icc_profile"] == profile
        assert back.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert back.getexif()[0x010F] == "maker"
        assert back.info.get("xmp", b"") == XMP
        assert back.size == (31, 23)


@pytest.mark.parametrize("form", ["jpeg", "webp", "avif"])
def test_formats_of_8_bits_get_rounded_samples(form: str) -> None:
    samples = picture(60, 80)
    try:
        want = stored(to_bytes(samples), form)
    except defocus.UnsupportedFormatError as error:
        pytest.skip(str(error))
    assert stored(samples, form) == want
    grey = samples[..., 0]
    assert stored(grey, form) == stored(to_bytes(grey), form)


# ---- the image that carries them


def test_deep_images() -> None:
    for channels, mode in ((2, "LA"), (3, "RGB"), (4, "RGBA")):
        samples = picture(channels=channels)
        image = defocus.DeepImage.of(samples)
        assert image.mode == mode
        assert (np.asarray(image) == to_bytes(samples)).all()
        assert not image.samples.flags.writeable
        image.info["dpi"] = (72.0, 72.0)
        for other in (image.copy(), pickle.loads(pickle.dumps(image))):
            assert np.array_equal(np.asarray(samples_of(other)), samples)
            assert other.info == image.info
        # What Pillow makes of it has 8 bits, and what is done to it counts.
        assert samples_of(image.crop((0, 0, 5, 5))) is None
        assert samples_of(image.rotate(90, expand=True)) is None
    for bad in (picture()[..., 0], picture(channels=1), to_bytes(picture())):
        with pytest.raises(defocus.ImageTypeError, match="expected uint16"):
            defocus.DeepImage.of(bad)  # type: ignore[arg-type]


def test_what_was_drawn_on_an_image_counts() -> None:
    image = defocus.DeepImage.of(picture())
    ImageDraw.Draw(image).rectangle((3, 3, 6, 6), fill=(255, 0, 0))
    shown = np.asarray(image)
    assert (decode.read(stored(image, "png")).pixels == shown).all()
    assert decode.read(image).pixels.dtype == np.uint8
    for other in (image.copy(), pickle.loads(pickle.dumps(image))):
        assert (np.asarray(other) == shown).all()
    for samples in (picture(), 0 * picture()):
        smaller = defocus.DeepImage.of(samples)
        smaller.thumbnail((10, 10))
        assert decode.read(stored(smaller, "png")).pixels.dtype == np.uint8


# ---- from end to end


def test_a_file_stays_at_16_bits() -> None:
    samples = picture()
    data = png(samples, before=chunk(b"iCCP", b"name\0\0" + zlib.compress(SRGB)))
    of_array = defocus.portrait(samples, matte=MATTE, sigma=3)
    assert of_array.dtype == np.uint16
    assert (of_array[MATTE == 255] == samples[MATTE == 255]).all()
    image = defocus.portrait(data, matte=MATTE, sigma=3)
    assert isinstance(image, defocus.DeepImage)
    assert (image.samples == of_array).all()
    assert image.info["icc_profile"] == SRGB
    assert (decode.read(stored(image, "tiff")).pixels == of_array).all()
    again = defocus.portrait(image, matte=MATTE, sigma=3)
    assert (np.asarray(samples_of(again)) == defocus.portrait(of_array, matte=MATTE, sigma=3)).all()


def test_grey_stays_grey() -> None:
    samples = picture(channels=1)
    image = defocus.portrait(png(samples), matte=MATTE, sigma=3)
    assert image.mode == "I;16"
    of_array = defocus.portrait(samples.repeat(3, axis=2), matte=MATTE, sigma=3)
    assert (np.asarray(image) == of_array[..., 0]).all()
    from_pil = defocus.portrait(Image.fromarray(samples[..., 0]), matte=MATTE, sigma=3)
    assert from_pil.mode == "I;16"
    cut = defocus.cutout(png(samples), matte=MATTE)
    assert isinstance(cut, defocus.DeepImage)
    assert cut.mode == "LA"
    assert cut.samples.shape == (23, 31, 2)


def test_the_subject_is_that_of_8_bits() -> None:
    samples = picture(60, 80)
    deep, eight = defocus.find_subject(samples), defocus.find_subject(to_bytes(samples))
    assert (deep.map == eight.map).all()
    assert deep.warnings == eight.warnings
    segmenter = defocus.Segmenter()
    assert (segmenter.mask(samples) == segmenter.mask(to_bytes(samples))).all()


FINISHES: list[dict[str, Any]] = [
    {},
    {"crop": "10%"},
    {"alpha_floor": 0.5, "fill_holes": 0.5},
    {"matte_only": True},
    {"background": (10, 200, 30)},
    {"background": picture(40, 40)},
    {"background": to_bytes(picture(40, 40))},
]


@pytest.mark.parametrize("finish", FINISHES)
def test_cutouts_are_those_of_8_bits(finish: dict[str, Any]) -> None:
    eight = to_bytes(picture())
    matte = MATTE.copy()
    matte[8:10, 10:12] = 0  # a hole
    want = defocus.cutout(eight, matte=matte, **finish)
    got = defocus.cutout(eight * np.uint16(257), matte=matte, **finish)
    assert got.dtype == np.uint16
    assert got.shape == want.shape
    assert np.abs(got / 257 - want).max() <= (2.1 if "background" in finish else 1.1)
    opaque = MATTE == 255
    if got.shape[:2] == opaque.shape and "matte_only" not in finish:
        assert (
            got[opaque & (matte > 0)][:, :3] == eight[opaque & (matte > 0)] * np.uint16(257)
        ).all()


def test_a_deep_background_of_an_8_bit_photo() -> None:
    eight, background = to_bytes(picture()), picture(40, 40)
    got = defocus.cutout(eight, matte=MATTE, background=background)
    assert (got == defocus.cutout(eight, matte=MATTE, background=to_bytes(background))).all()
    opaque = defocus.cutout(picture(), matte=MATTE, background=eight)
    assert (opaque[MATTE == 0] == eight[MATTE == 0] * np.uint16(257)).all()
    flat = np.full((23, 31, 3), 12345, np.uint16)
    deep = defocus.cutout(picture(), matte=MATTE, background=flat)
    assert (deep[MATTE == 0] == 12345).all()


@pytest.mark.parametrize(
    "effect",
    [
        {"depth": np.linspace(1, 9, 23 * 31, dtype=np.float32).reshape(23, 31)},
        {"ramp": 0.1},
        {"grain": 1.0},
        {"bokeh": "disc"},
        {"light": "srgb"},
    ],
)
def test_effects_are_those_of_8_bits(effect: dict[str, Any]) -> None:
    eight = to_bytes(picture())
    want = defocus.portrait(eight, matte=MATTE, sigma=3, **effect)
    got = defocus.portrait(eight * np.uint16(257), matte=MATTE, sigma=3, **effect)
    assert got.dtype == np.uint16
    # Layer on layer rounds to bytes once for each layer.
    assert np.abs(got / 257 - want).max() <= 3.1
    assert (got[MATTE == 255] == eight[MATTE == 255] * np.uint16(257)).all()
    assert (got % 257 != 0).mean() > 0.2


def test_grain_is_as_strong_as_at_8_bits() -> None:
    rng = np.random.default_rng(9)
    noisy = np.clip(rng.normal(30000, 1500, (150, 150, 1)), 0, 65535).repeat(3, axis=2)
    samples, matte = noisy.astype(np.uint16), np.zeros((150, 150), np.uint8)
    assert grain.measure(samples) == pytest.approx(grain.measure(to_bytes(samples)), rel=0.02)
    for pixels, level in ((samples, 1.0), (to_bytes(samples), 257.0)):
        film = defocus.portrait(pixels, matte=matte, sigma=5, grain=1.0)
        assert level * film[..., 1].std() == pytest.approx(1500, rel=0.15)


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_command_line(suffix: str, tmp_path: Path) -> None:
    samples = picture()
    source, matte, out = (tmp_path / name for name in ("in.png", "matte.png", f"out.{suffix}"))
    source.write_bytes(png(samples))
    Image.fromarray(MATTE).save(matte)
    assert (
        command.main(["portrait", str(source), str(out), "--matte", str(matte), "--sigma", "3"])
        == 0
    )
    want = defocus.portrait(samples, matte=MATTE, sigma=3)
    assert (decode.read(out).pixels == want).all()
    assert command.main(["cutout", str(source), "-o", str(out), "--matte", str(matte)]) == 0
    got = by_another_reader(out.read_bytes(), tmp_path, 4)
    assert (got == defocus.cutout(samples, matte=MATTE).ravel()).all()


def test_transparent_pictures_keep_16_bits() -> None:
    samples = picture(channels=4)
    samples[2:6, 2:9, 3] = 0
    samples[8:12, :, 3] = 30000
    source = png(samples)
    portrait = defocus.portrait(source, matte=MATTE, sigma=2)
    assert isinstance(portrait, defocus.DeepImage)
    assert (portrait.samples[..., 3] == samples[..., 3]).all()
    sure = (MATTE == 255) & (samples[..., 3] > 0)
    assert (portrait.samples[sure] == samples[sure]).all()

    cut = defocus.cutout(source, matte=MATTE)
    assert isinstance(cut, defocus.DeepImage)
    product = samples[..., 3].astype(float) * MATTE / 255
    assert np.abs(cut.samples[..., 3] - product).max() <= 4  # a matte has 14 bits


@pytest.mark.parametrize("options", [{}, {"effort": "fast"}, {"ramp": 0.4}])
def test_a_found_subject_under_soft_alpha_of_16_bits(options: dict[str, Any]) -> None:
    height, width = 90, 120
    samples = np.full((height, width, 4), 20000, np.uint16)
    samples[20:80, 40:80, :3] = (60000, 9000, 9000)
    samples[..., 3] = 40000
    map_ = np.zeros((320, 320), np.float32)
    map_[80:280, 110:210] = 1
    subject = defocus.Subject(
        map_, (width, height), confidence=1.0, guide=(samples[..., :3] // 257).astype(np.uint8)
    )
    portrait = defocus.portrait(png(samples), subject=subject, sigma=4, **options)
    assert isinstance(portrait, defocus.DeepImage)
    assert (portrait.samples[..., 3] == 40000).all()
    assert np.abs(portrait.samples[50, 60, :3].astype(int) - (60000, 9000, 9000)).max() <= 8


def test_hidden_colours_of_16_bits_stay_hidden() -> None:
    samples = np.full((40, 40, 4), 20000, np.uint16)
    samples[..., 3] = 65535
    samples[:, :20] = (65535, 0, 0, 0)
    photo = np.zeros((40, 40), np.uint8)
    portrait = defocus.portrait(png(samples), matte=photo, sigma=6)
    assert isinstance(portrait, defocus.DeepImage)
    assert np.abs(portrait.samples[..., :3].astype(int) - 20000).max() <= 2


def test_pages_of_16_bits(tmp_path: Path) -> None:
    pages = [Image.fromarray(picture(channels=1)[..., 0] // divisor) for divisor in (1, 3)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    read = list(decode.frames(tmp_path / "pages.tif"))
    assert [photo.deep for photo in read] == [True, True]
    for photo, page in zip(read, pages, strict=True):
        assert (photo.pixels[..., 0] == np.asarray(page)).all()
