"""Whatever holds a picture becomes upright RGB, and keeps what belongs to the photograph."""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

import defocus
from defocus.errors import (
    DecodeError,
    ImageTooLargeError,
    ImageTypeError,
    OptionError,
    OptionTypeError,
    UnknownFormatError,
)
from defocus.io import decode, maps, orient, save
from defocus.io.photo import Photo

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 24, 16
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LOSSLESS = {
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True},
    "BMP": {},
    "PPM": {},
}


def picture() -> Pixels:
    """Eight by eight blocks, no two alike, so that no turn maps the picture to itself."""
    blocks = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 14
    return np.ascontiguousarray(blocks.repeat(8, axis=0).repeat(8, axis=1))


def encoded(image: Image.Image, form: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + body


# --- sources ----------------------------------------------------------------------------------


def test_every_kind_of_source_gives_the_same_pixels(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(picture()), "PNG")
    path = tmp_path / "a photo.png"
    path.write_bytes(data)
    sources: list[Any] = [
        path,
        str(path),
        data,
        bytearray(data),
        memoryview(data),
        memoryview(bytes(byte for byte in data for _ in range(2)))[::2],
        io.BytesIO(data),
        Image.open(io.BytesIO(data)),
        Image.fromarray(picture()),
        picture(),
    ]
    for source in sources:
        photo = decode.read(source)
        assert np.array_equal(photo.pixels, picture()), type(source)
        assert photo.size == (WIDTH, HEIGHT)
        assert (photo.layout is not None) == isinstance(source, np.ndarray)


@pytest.mark.parametrize("form", [*LOSSLESS, "GIF"])
def test_formats(form: str) -> None:
    photo = decode.read(encoded(Image.fromarray(picture()), form, **LOSSLESS.get(form, {})))
    assert np.array_equal(photo.pixels, picture())
    assert photo.format == form


def test_a_file_is_read_from_where_it_stands_and_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "two.bin"
    path.write_bytes(b"a header" + encoded(Image.fromarray(picture()), "PNG"))
    with path.open("rb") as file:
        file.seek(8)
        assert np.array_equal(decode.read(file).pixels, picture())
        assert not file.closed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_path_that_is_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = encoded(Image.fromarray(picture()), "PNG")
    writer = threading.Thread(target=lambda: pipe.write_bytes(data), daemon=True)
    writer.start()
    assert np.array_equal(decode.read(pipe).pixels, picture())
    writer.join(10)


def test_a_file_that_cannot_seek() -> None:
    class Pipe:
        def __init__(self, data: bytes) -> None:
            self.read = io.BytesIO(data).read

    source: Any = Pipe(encoded(Image.fromarray(picture()), "PNG"))
    assert np.array_equal(decode.read(source).pixels, picture())


def test_the_callers_image_is_left_alone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(
        io.BytesIO(encoded(Image.fromarray(picture()), "PNG", exif=exif, icc_profile=SRGB))
    )
    before = dict(image.info)
    assert decode.read(image).size == (HEIGHT, WIDTH)
    assert image.size == (WIDTH, HEIGHT)
    assert image.info == before
    assert image.getexif()[0x0112] == 6
    image.getpixel((0, 0))


def test_the_result_does_not_share_memory_with_an_image() -> None:
    image = Image.fromarray(picture())
    photo = decode.read(image)
    image.paste((255, 255, 255), (0, 0, WIDTH, HEIGHT))
    assert np.array_equal(photo.pixels, picture())


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a,
        lambda a: a[::-1, ::-1],
        lambda a: a[..., ::-1],
        lambda a: a[1:-1:2, 2:-2:3],
        lambda a: np.asfortranarray(a),
        lambda a: np.broadcast_to(a[0, 0], a.shape),
        lambda a: a[:1, :1],
    ],
)
def test_arrays_are_taken_as_they_are(view: Callable[[Pixels], Pixels]) -> None:
    array = view(picture())
    array.setflags(write=False)
    pixels = decode.read(array).pixels
    assert np.shares_memory(pixels, array)
    assert np.array_equal(pixels, array)
    assert pixels.strides == array.strides


def test_a_photo_is_taken_as_it_is() -> None:
    photo = Photo(picture())
    assert decode.read(photo) is photo


def test_of_several_frames_the_first() -> None:
    frames = [Image.new("RGB", (5, 4), colour) for colour in ("red", "lime", "blue")]
    for form in ("GIF", "TIFF", "WEBP", "PNG"):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
        red = decode.read(data).pixels[2, 2].astype(int)
        assert np.abs(red - (255, 0, 0)).max() <= 2, form


def test_no_other_program_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_settings: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    data = encoded(Image.fromarray(picture()), "EPS")
    with pytest.raises(UnknownFormatError):
        decode.read(data)


# --- orientation ------------------------------------------------------------------------------

UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.transpose(1, 0, 2),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: stored[::-1, ::-1].transpose(1, 0, 2),
    8: lambda stored: np.rot90(stored),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_orientation_is_applied_and_reset(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    settings = {"quality": 100, "subsampling": 0} if form == "JPEG" else LOSSLESS[form]
    photo = decode.read(encoded(Image.fromarray(picture()), form, exif=exif, **settings))
    expected = UPRIGHT[orientation](picture())
    assert photo.pixels.shape == expected.shape
    assert np.abs(photo.pixels.astype(int) - expected).max() <= (2 if form == "JPEG" else 0)
    kept = Image.Exif()
    kept.load(photo.info["exif"])
    assert kept.get(0x0112, 1) == 1
    assert kept[0x010F] == "Maker"


@pytest.mark.parametrize("quote", ['="{}"', "='{}'", ">{}<"])
def test_orientation_in_xmp_alone(quote: str) -> None:
    xmp = f"<x tiff:Orientation{quote.format(6)}/>".encode()
    photo = decode.read(encoded(Image.fromarray(picture()), "WEBP", xmp=xmp, lossless=True))
    assert np.array_equal(photo.pixels, np.rot90(picture(), -1))
    assert photo.info["xmp"] == xmp.replace(b"6", b"1")


def test_exif_decides_over_xmp() -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    xmp = b'<x tiff:Orientation="6"/>'
    data = encoded(Image.fromarray(picture()), "WEBP", xmp=xmp, exif=exif, lossless=True)
    assert np.array_equal(decode.read(data).pixels, picture())


def test_a_tiffs_own_tag_decides_over_xmp() -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    exif[0x02BC] = b'<x tiff:Orientation="6"/>'
    data = encoded(Image.fromarray(picture()), "TIFF", exif=exif)
    assert np.array_equal(decode.read(data).pixels, picture())
    image = Image.open(io.BytesIO(data))
    image.load()  # upright now, whatever its XMP still states
    image.info["xmp"] = exif[0x02BC]
    image.getexif().pop(0x0112, None)
    assert np.array_equal(decode.read(image).pixels, picture())


def test_exif_of_old_imagemagick_pngs() -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    block = exif.tobytes()
    image = Image.fromarray(picture())
    image.info["Raw profile type exif"] = f"\nexif\n{len(block):8}\n{block.hex()}\n"
    assert np.array_equal(decode.read(image).pixels, np.rot90(picture()))
    image.info["Raw profile type exif"] = "\nexif\n 8\nno hex\n"
    assert np.array_equal(decode.read(image).pixels, picture())


# --- the EXIF block ---------------------------------------------------------------------------

NOTE = b"offsets in here count from the start of the block"
THUMBNAIL = b"\xff\xd8 the picture as it was before \xff\xd9"


def camera_exif(order: str, orientation: int = 6, kind: str = "H", tail: bytes = b"") -> bytes:
    """Build a block as cameras do: tags, a maker note, a second directory with a thumbnail."""

    def directory(entries: list[tuple[int, int, int, bytes]], following: int) -> bytes:
        packed = b"".join(
            struct.pack(order + "HHI", tag, type_, count) + value.ljust(4, b"\0")
            for tag, type_, count, value in entries
        )
        return struct.pack(order + "H", len(entries)) + packed + struct.pack(order + "I", following)

    def long(value: int) -> bytes:
        return struct.pack(order + "I", value)

    code = 3 if kind == "H" else 4
    main_at, exif_at, second_at = 8, 8 + 2 + 24 + 4, 8 + 2 + 24 + 4 + 2 + 12 + 4
    note_at = second_at + 2 + 24 + 4
    thumb_at = note_at + len(NOTE)
    main = [
        (0x0112, code, 1, struct.pack(order + kind, orientation)),
        (0x8769, 4, 1, long(exif_at)),
    ]
    second = [(0x0201, 4, 1, long(thumb_at)), (0x0202, 4, 1, long(len(THUMBNAIL)))]
    start = (b"II*\0" if order == "<" else b"MM\0*") + long(main_at)
    note = directory([(0x927C, 7, len(NOTE), long(note_at))], 0)
    block = start + directory(main, second_at) + note + directory(second, 0)
    return b"Exif\0\0" + block + NOTE + THUMBNAIL + tail


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", "HI")
def test_only_what_is_wrong_changes_in_exif(order: str, kind: str) -> None:
    stored = camera_exif(order, kind=kind)
    photo = decode.read(encoded(Image.fromarray(picture()), "PNG", exif=stored))
    assert np.array_equal(photo.pixels, np.rot90(picture(), -1))
    kept: bytes = photo.info["exif"]
    assert THUMBNAIL not in kept
    assert kept.index(NOTE) == stored.index(NOTE)
    assert len(kept) == len(stored) - len(THUMBNAIL)
    tags = Image.Exif()
    tags.load(kept)
    assert tags[0x0112] == 1
    assert tags.get_ifd(0x8769)[0x927C] == NOTE
    assert not tags.get_ifd(1)


def test_what_no_directory_leads_to_is_gone() -> None:
    stored = camera_exif("<", tail=b"more")
    kept = decode.read(encoded(Image.fromarray(picture()), "PNG", exif=stored)).info["exif"]
    assert kept.endswith(NOTE)


def test_a_thumbnail_that_is_no_thumbnail_is_left() -> None:
    stored = bytearray(camera_exif("<"))
    place = stored.index(struct.pack("<HHI", 0x0201, 4, 1)) + 8
    struct.pack_into("<I", stored, place, 8)  # points at the main directory
    photo = decode.read(encoded(Image.fromarray(picture()), "PNG", exif=bytes(stored)))
    tags = Image.Exif()
    tags.load(photo.info["exif"])
    assert tags[0x0112] == 1
    assert tags.get_ifd(0x8769)[0x927C] == NOTE


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_is_none(orientation: int) -> None:
    stored = camera_exif("<", orientation)
    photo = decode.read(encoded(Image.fromarray(picture()), "PNG", exif=stored))
    assert np.array_equal(photo.pixels, picture())
    tags = Image.Exif()
    tags.load(photo.info["exif"])
    assert tags[0x0112] == 1


def test_a_damaged_block_does_not_harm_the_picture() -> None:
    whole = camera_exif("<", 1)
    image = Image.fromarray(picture())
    rng = np.random.default_rng(1)
    blocks = [whole[:length] for length in range(len(whole))]
    for _ in range(300):
        noisy = np.frombuffer(whole, np.uint8).copy()
        noisy[rng.integers(14, noisy.size, 6)] = rng.integers(0, 256, 6)
        blocks.append(noisy.tobytes())
    for block in blocks:
        image.info["exif"] = block
        photo = decode.read(image)
        assert sorted(photo.size) == [HEIGHT, WIDTH]
        assert photo.info.get("exif", b"Exif\0\0").startswith(b"Exif\0\0")


def test_what_cannot_be_read_is_left_out() -> None:
    image = Image.fromarray(picture())
    image.info.update(exif=b"Exif\0\0nonsense", icc_profile=b"nonsense", dpi=("a", "b"))
    assert decode.read(image).info == {}
    assert decode.read(image).lost == ("EXIF, which is damaged",)


# --- the rest of the metadata -----------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_profile_and_resolution_are_kept(form: str) -> None:
    image = Image.fromarray(picture())
    info = decode.read(encoded(image, form, icc_profile=SRGB, dpi=(300, 240))).info
    assert info["icc_profile"] == SRGB
    assert info["dpi"] == pytest.approx((300, 240), abs=0.02)


def test_tags_of_a_tiff_are_kept_but_not_its_layout() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x8769] = {0x9003: "2024:02:29 12:00:00"}
    exif[0x8825] = {1: "N"}
    photo = decode.read(encoded(Image.fromarray(picture()), "TIFF", exif=exif.tobytes()))
    kept = Image.Exif()
    kept.load(photo.info["exif"])
    assert kept[0x010F] == "Maker"
    assert kept.get_ifd(0x8769)[0x9003] == "2024:02:29 12:00:00"
    assert kept.get_ifd(0x8825)[1] == "N"
    assert set(kept) == {0x010F, 0x8769, 0x8825}


def test_a_profile_for_other_pixels_is_left_out() -> None:
    for space, mode, kept in [
        (b"CMYK", "RGB", False),
        (b"GRAY", "RGB", False),
        (b"GRAY", "L", True),
        (b"RGB ", "L", True),
    ]:
        image = Image.new(mode, (3, 2))
        image.info["icc_profile"] = SRGB[:16] + space + SRGB[20:]
        assert ("icc_profile" in decode.read(image).info) == kept, (space, mode)


@pytest.mark.parametrize("dpi", [(0, 0), (-1, 5), (1e9, 72), (float("nan"), 72), None, 5, "72"])
def test_a_senseless_resolution_is_left_out(dpi: object) -> None:
    image = Image.new("RGB", (3, 2))
    image.info["dpi"] = dpi
    assert "dpi" not in decode.read(image).info


# --- modes ------------------------------------------------------------------------------------


def grey_ramp() -> Image.Image:
    return Image.fromarray(np.arange(60, dtype=np.uint8).reshape(6, 10) * 4)


@pytest.mark.parametrize("mode", ["L", "1", "LA", "La"])
def test_grey_stays_known_as_grey(mode: str) -> None:
    image = grey_ramp().convert("LA").convert(mode) if mode == "La" else grey_ramp().convert(mode)
    photo = decode.read(image)
    assert photo.mode == "L"
    grey = np.asarray(image.convert("LA").convert("L"))
    assert np.array_equal(photo.pixels, np.stack([grey] * 3, axis=-1))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "RGBa", "RGBX", "YCbCr"])
def test_colour_modes(mode: str) -> None:
    image = Image.fromarray(picture())
    image = image.convert("RGBA").convert(mode) if mode == "RGBa" else image.convert(mode)
    photo = decode.read(image)
    assert photo.mode == "RGB"
    assert np.abs(photo.pixels.astype(int) - picture()).max() <= (3 if mode == "YCbCr" else 0)


def transparent(mode: str) -> Image.Image:
    image = Image.new("RGBA", (4, 3), (10, 20, 30, 255))
    image.putpixel((1, 1), (10, 20, 30, 254))
    if mode == "P":
        image = Image.new("P", (4, 3))
        image.putpalette([0, 0, 0, 255, 255, 255])
        image.info["transparency"] = 0
    elif mode in ("RGB", "L"):
        image = Image.new(mode, (4, 3))
        image.info["transparency"] = (0, 0, 0) if mode == "RGB" else 0
    elif mode == "PA":
        image = Image.new("PA", (4, 3))
        image.putalpha(Image.linear_gradient("L").resize((4, 3)))
    elif mode != "RGBA":
        image = (image if mode == "RGBa" else image.convert("LA")).convert(mode)
    return image


@pytest.mark.parametrize("mode", ["RGBA", "RGBa", "LA", "La", "P", "PA", "RGB", "L"])
def test_alpha_is_kept(mode: str) -> None:
    image = transparent(mode)
    photo = decode.read(image)
    assert photo.alpha is not None
    want = image.convert("LA").convert("RGBA") if mode == "La" else image.convert("RGBA")
    assert np.array_equal(photo.alpha, np.asarray(want.getchannel("A")))
    assert photo.mode == ("L" if mode.startswith("L") else "RGB")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_alpha_is_turned_with_the_pixels(orientation: int) -> None:
    image = Image.fromarray(picture())
    image.putalpha(Image.fromarray(picture()[..., 0] + np.uint8(1)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    for form in ("PNG", "TIFF"):
        photo = decode.read(encoded(image, form, exif=exif))
        assert photo.alpha is not None
        assert np.array_equal(photo.alpha, photo.pixels[..., 0] + 1), form


def test_an_opaque_alpha_channel_says_nothing() -> None:
    assert decode.read(Image.new("RGBA", (4, 3), (1, 2, 3, 255))).alpha is None


@pytest.mark.parametrize("mode", ["HSV"])
def test_other_colour_spaces_are_refused(mode: str) -> None:
    with pytest.raises(ImageTypeError, match=f"has mode {mode}; convert it to RGB first"):
        decode.read(Image.new(mode, (4, 3)))


# --- limits -----------------------------------------------------------------------------------


def test_the_limit_is_checked_before_pixels_are_decoded() -> None:
    bomb = png(50_000, 50_000, 8, 2, b"")
    with pytest.raises(ImageTooLargeError, match=r"2500000000 pixels, the limit is \d+; raise max"):
        decode.read(bomb)
    with pytest.raises(DecodeError) as damaged:
        decode.read(bomb, max_pixels=2_500_000_000)
    assert not isinstance(damaged.value, ImageTooLargeError)


@pytest.mark.parametrize("form", LOSSLESS)
def test_the_limit_can_be_lowered_and_raised(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(Image.fromarray(picture()), form, **LOSSLESS[form])
    pixels = WIDTH * HEIGHT
    assert decode.read(data, max_pixels=pixels).size == (WIDTH, HEIGHT)
    with pytest.raises(ImageTooLargeError, match=f"= {pixels} pixels, the limit is {pixels - 1}"):
        decode.read(data, max_pixels=pixels - 1)
    # Pillow warns above its setting and refuses above twice that; tests fail on warnings.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pixels // 2)
    assert decode.read(data).size == (WIDTH, HEIGHT)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pixels // 2 - 1)
    with pytest.raises(ImageTooLargeError, match=f"limit (is|of) {pixels - 2}.* raise max_pix"):
        decode.read(data)
    assert decode.read(data, max_pixels=pixels).size == (WIDTH, HEIGHT)
    assert pixels // 2 - 1 == Image.MAX_IMAGE_PIXELS
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert decode.read(data).size == (WIDTH, HEIGHT)


@pytest.mark.parametrize("shades", [b"\xff" * 4, b"\xff\xff", b"\0\x55", b"\xff\0\xff\0", 1, None])
@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP"])
def test_palettes_with_transparency_are_read_without_a_warning(
    form: str, shades: bytes | int | None
) -> None:
    image = Image.new("P", (WIDTH, HEIGHT))
    image.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200, 9, 9, 9])
    image.putdata([i % 4 for i in range(WIDTH * HEIGHT)])
    settings = {} if shades is None else {"transparency": shades}
    if form == "GIF" and isinstance(shades, bytes):
        settings = {"transparency": 1}
    data = encoded(image, form, **settings)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
    for source in (data, Image.open(io.BytesIO(data))):  # warnings are errors here
        photo = decode.read(source)
        alpha = np.full((HEIGHT, WIDTH), 255) if photo.alpha is None else photo.alpha
        assert np.array_equal(alpha, expected[..., 3])
        assert np.array_equal(photo.pixels[alpha > 0], expected[alpha > 0][:, :3])
        maps.read_matte(source)
        assert len(list(decode.frames(source))) == 1
    for target in ("png", "webp"):
        save.save(Image.open(io.BytesIO(data)), io.BytesIO(), format=target)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_shades_of_a_palette_in_the_info_of_any_image(mode: str) -> None:
    image = Image.new(mode, (4, 3), 1)
    image.info["transparency"] = b"\xff\xff"
    assert orient.convert(image, "L").mode == "L"
    assert orient.convert(image, "RGB").mode == "RGB"
    assert image.info["transparency"] == b"\xff\xff"


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """A limit of Pillow's own that every picture of these tests exceeds, and that stays as it is.

    Gives the number of pixels of such a picture.
    """

    class Fixed(ModuleType):
        def __setattr__(self, name: str, value: object) -> None:
            assert name != "MAX_IMAGE_PIXELS", "Pillow's limit is the whole process's"
            super().__setattr__(name, value)

    size = 96 * 64
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", size // 3)
    monkeypatch.setattr(Image, "__class__", Fixed)
    return size


@pytest.mark.parametrize("turned", [1, 6])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "tiff", "avif", "heic"])
def test_beyond_pillows_limit(form: str, deep: bool, turned: int, small_limit: int) -> None:
    if form == "heic":
        pytest.importorskip("pillow_heif")
        if turned != 1:
            pytest.skip("pillow-heif turns pictures itself")
    if form == "avif" and "AVIF" not in Image.SAVE:
        pytest.skip("this Pillow was built without AVIF")
    shade = np.linspace(0, 65535 if deep else 255, small_limit).reshape(64, 96)
    pixels = np.dstack([shade.astype(np.uint16 if deep else np.uint8)] * 3)
    image = save.as_picture(pixels)
    exif = Image.Exif()
    exif[0x0112] = turned
    image.info["exif"] = exif.tobytes()
    file = io.BytesIO()
    save.save(image, file, format=form)
    file.seek(0)
    with pytest.raises(ImageTooLargeError):
        decode.read(file)
    file.seek(0)
    photo = decode.read(file, max_pixels=small_limit)
    assert photo.deep == (deep and form in ("png", "tiff"))
    expected = np.rot90(shade / 257 if deep else shade, -1 if turned == 6 else 0)
    assert np.abs(photo.in_bytes().pixels[..., 1] - expected).max() < 12
    defocus.cutout(photo, matte=np.full(photo.size[::-1], 99, np.uint8))


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg", "packbits"])
def test_a_tiff_beyond_pillows_limit(compression: str, small_limit: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    shade = np.linspace(0, 255, small_limit).reshape(64, 96).astype(np.uint8)
    stored = Image.fromarray(shade)
    data = encoded(stored, "TIFF", compression=compression, exif=exif)
    photo = decode.read(data, max_pixels=small_limit)
    assert photo.size == (64, 96)
    assert np.abs(photo.pixels[..., 0].astype(int) - np.rot90(shade)).max() < 6
    pages = encoded(stored, "TIFF", save_all=True, append_images=[stored.rotate(90, expand=True)])
    assert [page.size for page in decode.frames(pages, max_pixels=small_limit)] == [
        (96, 64),
        (64, 96),
    ]
    assert maps.read_matte(data, max_pixels=small_limit).shape == (96, 64)
    assert maps.read_depth(pages, max_pixels=small_limit).shape == (64, 96)


def test_a_webp_is_refused_before_there_is_room_for_it() -> None:
    for header in (
        b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\x3f\0" * 2,
        b"VP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", 0x3FFF << 14 | 0x3FFF),
        b"VP8 " + struct.pack("<I", 10) + b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f",
    ):
        data = b"RIFF" + struct.pack("<I", 1 << 20) + b"WEBP" + header + bytes(64)
        with pytest.raises(ImageTooLargeError, match="the limit is 1000000"):
            decode.read(data, max_pixels=1_000_000)


def test_where_pillow_leaves_no_way_its_own_limit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (Image.fromarray(picture()).rotate(turn) for turn in (0, 180))
    data = encoded(first, "GIF", save_all=True, append_images=[second], disposal=2)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", WIDTH * HEIGHT // 3)
    with pytest.raises(ImageTooLargeError, match=r"PIL\.Image\.MAX_IMAGE_PIXELS"):
        list(decode.frames(data, max_pixels=WIDTH * HEIGHT))


def test_the_limit_counts_for_what_is_in_memory_if_it_is_given() -> None:
    for source in (picture(), Image.fromarray(picture())):
        assert decode.read(source, max_pixels=WIDTH * HEIGHT).size == (WIDTH, HEIGHT)
        with pytest.raises(ImageTooLargeError, match="the limit is 100"):
            decode.read(source, max_pixels=100)


@pytest.mark.parametrize(("limit", "error"), [(0, OptionError), (-5, OptionError)])
def test_limits_out_of_range(limit: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"max_pixels={limit} is out of range"):
        decode.read(picture(), max_pixels=limit)


@pytest.mark.parametrize("limit", [True, 1e6, "1000"])
def test_limits_of_the_wrong_type(limit: Any) -> None:
    for call in (decode.read, maps.read_matte, maps.read_depth):
        with pytest.raises(
            OptionTypeError, match=r"max_pixels=.* is a .*; expected a whole number"
        ):
            call(b"", max_pixels=limit)
