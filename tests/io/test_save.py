"""Results come back as what they came as, and files appear whole or not at all."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

import defocus
from defocus.errors import (
    EncodeError,
    ImageTypeError,
    ImageValueError,
    OptionError,
    OptionTypeError,
    OutputError,
    UnsupportedFormatError,
)
from defocus.io import decode, formats, results, save
from defocus.io.photo import Photo
from defocus.pixels.arrays import Layout
from scenes import person

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
Image.init()
SAVED = set(Image.SAVE)  # what this build of Pillow can write
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
FORMATS = ["jpeg", "png", "webp", "tiff"] + ["avif"] * ("AVIF" in SAVED)
SUFFIXES = {"jpeg": ".jpg", "png": ".PNG", "webp": ".webp", "tiff": ".tif", "avif": ".avif"}


def smooth(channels: int = 3) -> NDArray[np.uint8]:
    """What even a lossy format hardly changes."""
    y, x = np.mgrid[:20, :30]
    planes = [x * 6 + 20, y * 9 + 30, 200 - x * 3 - y * 2, 255 - x * 5]
    return np.stack(planes, axis=-1)[..., :channels].astype(np.uint8)


def exif_block() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 1
    exif[0x010F] = "Maker"
    exif[0x8769] = {0x9003: "2024:02:29 12:00:00"}
    return exif.tobytes()


def reread(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def stored(image: Any, form: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    save.save(image, file, format=form, **settings)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder; whatever a test does, no temporary file may be left in it."""
    place = tmp_path / "out"
    place.mkdir()
    yield place
    assert not [path.name for path in place.iterdir() if path.name.startswith(".defocus")]


# --- to_output --------------------------------------------------------------------------------


def test_an_array_stays_an_array() -> None:
    pixels = smooth(4)
    assert results.to_output(pixels, Photo(smooth(), layout=Layout(3))) is pixels


@pytest.mark.parametrize(
    ("source", "channels", "result"),
    [("RGB", 3, "RGB"), ("RGB", 4, "RGBA"), ("L", 3, "L"), ("L", 4, "LA")],
)
def test_an_image_keeps_its_mode_and_its_info(source: Any, channels: int, result: str) -> None:
    pixels = smooth(channels)
    if source == "L":
        pixels[..., 1:3] = pixels[..., :1]
    info = {"icc_profile": SRGB, "dpi": (300.0, 300.0)}
    image = results.to_output(pixels, Photo(smooth(), mode=source, info=info))
    assert isinstance(image, Image.Image)
    assert image.mode == result
    assert image.info == info
    assert np.array_equal(np.asarray(image.convert(f"RGB{'A' * (channels == 4)}")), pixels)


def test_strided_pixels_make_an_image() -> None:
    flipped = smooth()[::-1, ::-1]
    image: Any = results.to_output(flipped, Photo(flipped))
    assert np.array_equal(np.asarray(image), flipped)


# --- formats ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "channels"),
    [
        (form, channels)
        for form in FORMATS
        for channels in (0, 3, 4)
        if (form, channels) != ("jpeg", 4)
    ],
)
def test_pixels_survive(form: str, channels: int, folder: Path) -> None:
    pixels = smooth(channels) if channels else smooth()[..., 0]
    path = folder / f"picture{SUFFIXES[form]}"
    save.save(pixels, path)
    assert path.read_bytes() == stored(pixels, form) == stored(Image.fromarray(pixels), form)
    image = reread(path.read_bytes())
    assert image.format == form.upper()
    back = np.asarray(image.convert({0: "L", 3: "RGB", 4: "RGBA"}[channels]))
    limit = 0 if form in ("png", "tiff") else 10
    assert np.abs(back.astype(int) - pixels).max() <= limit


@pytest.mark.parametrize("form", FORMATS)
def test_metadata_survives(form: str) -> None:
    image = Image.fromarray(smooth())
    image.info.update(icc_profile=SRGB, exif=exif_block(), dpi=(300.0, 240.0), xmp=XMP)
    back = reread(stored(image, form))
    assert back.info["icc_profile"] == SRGB
    assert back.getexif()[0x010F] == "Maker"
    assert back.getexif().get_ifd(0x8769)[0x9003] == "2024:02:29 12:00:00"
    assert decode.read(back).info["xmp"] == XMP
    if form in ("jpeg", "png", "tiff"):
        assert back.info["dpi"] == pytest.approx((300, 240), abs=0.02)


@pytest.mark.parametrize("form", FORMATS)
def test_one_kind_of_metadata_alone(form: str) -> None:
    for key, value in {"icc_profile": SRGB, "exif": exif_block(), "xmp": XMP}.items():
        image = Image.fromarray(smooth())
        image.info[key] = value
        info = decode.read(stored(image, form)).info
        assert {"icc_profile", "exif", "xmp"} & set(info) == {key}
    bare = decode.read(stored(smooth(), form)).info
    assert set(bare) <= {"dpi", "jpeg"}


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("form", FORMATS)
def test_metadata_goes_round(source: str, form: str) -> None:
    image = Image.fromarray(smooth())
    image.info.update(icc_profile=SRGB, exif=exif_block(), xmp=XMP)
    first = decode.read(stored(image, source))
    second = decode.read(stored(results.to_output(first.pixels, first), form))
    for key in ("icc_profile", "xmp"):
        assert second.info[key] == image.info[key]
    tags = Image.Exif()
    tags.load(second.info["exif"])
    assert tags[0x010F] == "Maker"


def test_exif_without_its_prefix_as_webp_keeps_it() -> None:
    image = Image.fromarray(smooth())
    image.info["exif"] = exif_block()[6:]
    assert reread(stored(image, "jpeg")).getexif()[0x010F] == "Maker"


@pytest.mark.parametrize("form", [form for form in FORMATS if form in ("tiff", "avif")])
def test_tags_about_another_files_layout_stay_behind(form: str) -> None:
    exif = Image.Exif()
    for tag, value in {0x0100: 7, 0x0101: 9, 0x0103: 6, 0x0106: 6, 0x0115: 1}.items():
        exif[tag] = value
    exif[0x010F] = "Maker"
    image = Image.fromarray(smooth())
    image.info["exif"] = exif.tobytes()
    back = reread(stored(image, form))
    assert back.size == image.size
    assert back.getexif()[0x010F] == "Maker"
    if form == "tiff":
        assert np.array_equal(np.asarray(back), smooth())


def test_a_tag_that_pillow_cannot_write_costs_only_itself() -> None:
    # 0x010E is text; this block gives it as a fraction, which Pillow reads.
    fraction = struct.pack("<II", 1, 3)
    maker = struct.pack("<HHI4s", 0x010F, 2, 4, b"Me!\0")
    title = struct.pack("<HHII", 0x010E, 5, 1, 8 + 2 + 24 + 4)
    block = b"II*\0" + struct.pack("<IH", 8, 2) + title + maker + bytes(4) + fraction
    image = Image.fromarray(smooth())
    image.info["exif"] = b"Exif\0\0" + block
    for form in FORMATS:
        assert reread(stored(image, form)).getexif()[0x010F] == "Me!", form


def test_a_grey_profile_is_never_put_on_colour() -> None:
    grey = SRGB[:16] + b"GRAY" + SRGB[20:]
    for mode, form, fits in [
        ("L", "jpeg", True),
        ("L", "png", True),
        ("LA", "png", True),
        ("LA", "tiff", True),
        ("L", "webp", False),
        ("LA", "webp", False),
        *([("L", "avif", False), ("LA", "avif", False)] if "avif" in FORMATS else []),
    ]:
        image = Image.new(mode, (9, 8))
        image.info["icc_profile"] = grey
        if fits:
            back = reread(stored(image, form))
            assert back.mode == mode
            assert back.info["icc_profile"] == grey
        else:
            assert "icc_profile" not in reread(stored(image, form)).info


@pytest.mark.skipif("avif" not in FORMATS, reason="this Pillow has no AVIF")
def test_avif_keeps_grey_as_grey_as_pillow_does() -> None:
    file = io.BytesIO()
    Image.fromarray(smooth()[..., 0]).save(file, "AVIF")
    assert reread(stored(smooth()[..., 0], "avif")).mode == reread(file.getvalue()).mode


def test_colours_are_not_thinned_out_in_jpeg() -> None:
    edge = np.zeros((16, 16, 3), np.uint8)
    edge[:, ::2] = (255, 0, 0)
    edge[:, 1::2] = (0, 255, 255)
    back = np.asarray(reread(stored(edge, "jpeg"))).astype(int)
    assert np.abs(back - edge).max() < 40


def test_quality_matters() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for form in set(FORMATS) - {"png", "tiff"}:
        sizes = [len(stored(noise, form, quality=quality)) for quality in (1, 50, 100)]
        assert sizes == sorted(set(sizes)), form
        default = formats.FORMATS[form.upper()].quality
        assert stored(noise, form) == stored(noise, form, quality=default)


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("image", [smooth(4), Image.new("LA", (3, 2)), Image.new("RGBA", (3, 2))])
def test_jpeg_refuses_transparency(image: Any, folder: Path) -> None:
    path = folder / "a.jpg"
    with pytest.raises(UnsupportedFormatError, match="use one of PNG, WEBP, TIFF, AVIF"):
        save.save(image, path)
    assert not path.exists()


@pytest.mark.parametrize("name", ["a.bmp", "a.jp2", "a.jpg.txt", "a.", "a", ".png"])
def test_unknown_extensions(name: str, folder: Path) -> None:
    expected = r"is not a known format; expected one of \.jpg, \.jpeg, \.png, \.webp"
    with pytest.raises(UnsupportedFormatError, match=expected):
        save.save(smooth(), folder / name)
    save.save(smooth(), folder / name, format="PNG")
    assert reread((folder / name).read_bytes()).format == "PNG"


@pytest.mark.parametrize("form", ["bmp", "", ".png", "image/png"])
def test_unknown_formats(form: Any) -> None:
    with pytest.raises(UnsupportedFormatError):
        stored(smooth(), form)


def test_a_file_needs_a_format_or_a_name(folder: Path) -> None:
    with pytest.raises(UnsupportedFormatError):
        save.save(smooth(), io.BytesIO())
    with (folder / "a.webp").open("wb") as file:
        save.save(smooth(), file)
    assert reread((folder / "a.webp").read_bytes()).format == "WEBP"


@pytest.mark.parametrize("quality", [0, 101, -5])
def test_quality_out_of_range(quality: int) -> None:
    with pytest.raises(OptionError, match=f"quality={quality} is out of range; .*1 to 100"):
        stored(smooth(), "jpeg", quality=quality)


@pytest.mark.parametrize("quality", [True, 90.0, "90"])
def test_quality_of_the_wrong_type(quality: Any) -> None:
    with pytest.raises(OptionTypeError, match=r"quality=.* is a .*; expected a whole number"):
        stored(smooth(), "jpeg", quality=quality)


@pytest.mark.parametrize("form", ["png", "tiff"])
def test_quality_where_nothing_is_lost(form: str) -> None:
    with pytest.raises(OptionError, match=f"quality=90 has no meaning for {form.upper()}"):
        stored(smooth(), form, quality=90)


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (smooth().astype(np.float32), ImageValueError),
        (smooth().astype(np.uint32), ImageTypeError),
        (smooth()[..., :2], ImageValueError),
        (np.zeros((2, 2, 3, 1), np.uint8), ImageValueError),
        (np.zeros(5, np.uint8), ImageValueError),
        (np.zeros((0, 5, 3), np.uint8), ImageValueError),
        (Image.new("RGB", (0, 5)), EncodeError),
        (b"bytes", ImageTypeError),
        (None, ImageTypeError),
        (Image.new("CMYK", (3, 2)), EncodeError),
        (Image.new("F", (3, 2)), EncodeError),
    ],
)
def test_what_is_no_picture(image: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        stored(image, "png")


@pytest.mark.parametrize(("form", "side"), [("jpeg", 65500), ("webp", 16383), ("avif", 32768)])
def test_sides_too_long_for_the_format(
    form: str, side: int, capfd: pytest.CaptureFixture[str]
) -> None:
    if form not in FORMATS:
        pytest.skip("this Pillow has no AVIF")
    assert decode.read(stored(np.zeros((side, 1), np.uint8), form)).size == (1, side)
    with pytest.raises(
        EncodeError, match=f"cannot hold {side + 1} x 1 pixels; sides may be 1 to {side}"
    ):
        stored(np.zeros((1, side + 1), np.uint8), form)
    assert capfd.readouterr() == ("", "")  # libjpeg would complain on stderr


@pytest.mark.parametrize("target", [None, 5, io.StringIO(), b"a.png"])
def test_what_is_no_target(target: Any) -> None:
    with pytest.raises(OptionTypeError):
        save.save(smooth(), target, format="png")


def test_check_target_says_what_save_would(folder: Path) -> None:
    assert save.check_target(folder / "a.jpeg", needs_alpha=False) == "JPEG"
    assert save.check_target(str(folder / "a"), needs_alpha=True, format="tif") == "TIFF"
    with pytest.raises(UnsupportedFormatError):
        save.check_target(folder / "a.jpg", needs_alpha=True)
    with pytest.raises(OptionError):
        save.check_target(folder / "a.png", needs_alpha=True, quality=90)
    with pytest.raises(OutputError):
        save.check_target(folder / "none" / "a.png", needs_alpha=True)
    assert list(folder.iterdir()) == []


# --- files ------------------------------------------------------------------------------------


def test_places_that_cannot_be_written(folder: Path) -> None:
    file = folder / "file.txt"
    file.write_text("mine")
    (folder / "sub.png").mkdir()
    (folder / "loop.png").symlink_to("loop.png")
    for path, reason in {
        folder / "none" / "a.png": "the folder '.*none' does not exist; create it first",
        file / "a.png": "Not a directory",
        folder / "sub.png": "it is a folder; name a file in it",
        f"{folder}/new/": "it is a folder",
        folder / "loop.png": "Too many levels of symbolic links",
        folder / ("a" * 300 + ".png"): "File name too long",
        "a\0b.png": "null",
    }.items():
        for call in (
            lambda target: save.save(smooth(), target),
            lambda target: save.check_target(target, needs_alpha=False),
        ):
            with pytest.raises(OutputError, match=f"^cannot write '.*': .*{reason}") as caught:
                call(path)
            assert "\n" not in str(caught.value)
    assert {path.name for path in folder.iterdir()} == {"file.txt", "sub.png", "loop.png"}
    assert file.read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_write_protection_is_heeded(folder: Path) -> None:
    path = folder / "a.png"
    path.write_bytes(b"mine")
    path.chmod(0o444)
    with pytest.raises(OutputError, match="write-protected"):
        save.save(smooth(), path)
    folder.chmod(0o555)
    try:
        with pytest.raises(OutputError, match="its folder is not writable"):
            save.save(smooth(), folder / "b.png")
    finally:
        folder.chmod(0o755)


def test_write_protection_as_the_system_reports_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "a.png"
    path.write_bytes(b"mine")
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(OutputError, match="the file is write-protected"):
        save.save(smooth(), path)
    with pytest.raises(OutputError, match="its folder is not writable"):
        save.save(smooth(), folder / "b.png")
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    step: str, error: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "a.png"
    path.write_bytes(b"mine")

    def fail(*_arguments: object) -> None:
        assert len(list(folder.iterdir())) == 2, "there is a temporary file at this moment"
        raise error

    monkeypatch.setattr(os, step, fail)
    expected = OutputError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        save.save(smooth(), path)
    if expected is OutputError:
        assert str(caught.value) == f"cannot write {str(path)!r}: No space left on device"
        assert caught.value.__cause__ is error
    assert path.read_bytes() == b"mine"
    assert [entry.name for entry in folder.iterdir()] == ["a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no resource limits")
def test_a_full_disk(folder: Path) -> None:
    code = (
        "import resource, sys, defocus, numpy\n"
        "from defocus import errors\n"
        "noise = numpy.random.default_rng(0).integers(0, 256, (99, 99, 3), dtype=numpy.uint8)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    defocus.save(noise, sys.argv[1])\n"
        "except errors.OutputError as error:\n"
        "    print(error)\n"
    )
    path = folder / "a.png"
    path.write_bytes(b"mine")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"cannot write {str(path)!r}: File too large"
    assert [entry.name for entry in folder.iterdir()] == ["a.png"]
    assert path.read_bytes() == b"mine"


@pytest.fixture
def full_device(folder: Path) -> Path:
    """A device that is always full.  Not the system's own: broken code run as root replaces it."""
    device = folder / "full.png"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 7))
        with pytest.raises(OSError, match="No space left"), device.open("wb", buffering=0) as file:
            file.write(b"x")
    except (AttributeError, OSError):
        pytest.skip("needs the right to make a device")
    return device


def test_a_full_device_is_written_to_and_not_replaced(full_device: Path) -> None:
    with pytest.raises(OutputError, match=r"^cannot write '.*full.png': No space left on device$"):
        save.save(smooth(), full_device)
    with (
        full_device.open("wb", buffering=0) as file,
        pytest.raises(OutputError, match="No space left on device"),
    ):
        save.save(smooth(), file, format="png")
    assert stat.S_ISCHR(full_device.stat().st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_is_written_to_and_not_replaced(folder: Path) -> None:
    pipe = folder / "pipe.png"
    os.mkfifo(pipe)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()), daemon=True)
    reader.start()
    save.save(smooth(), pipe)
    reader.join(10)
    assert received == [stored(smooth(), "png")]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_is_followed(folder: Path) -> None:
    (folder / "far").mkdir()
    real, link = folder / "far" / "real.png", folder / "link.png"
    link.symlink_to(real)
    for _ in range(2):  # first it points at nothing, then at a file
        save.save(smooth(), link)
        assert link.is_symlink()
        assert real.read_bytes() == stored(smooth(), "png")
        real.write_bytes(b"old")
    assert [entry.name for entry in real.parent.iterdir()] == ["real.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such permissions")
def test_permissions(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        save.save(smooth(), folder / "new.png")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "new.png").stat().st_mode) == 0o640
    (folder / "new.png").chmod(0o604)
    save.save(smooth(), folder / "new.png")
    assert stat.S_IMODE((folder / "new.png").stat().st_mode) == 0o604


def test_a_reader_never_sees_half_a_file(folder: Path) -> None:
    path = folder / "a.png"
    save.save(smooth(), path)
    with path.open("rb") as old:
        save.save(smooth()[::-1], path)
        assert old.read() == stored(smooth(), "png")


def test_a_path_relative_to_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    save.save(smooth(), "a.png")
    assert [entry.name for entry in folder.iterdir()] == ["a.png"]


def test_a_file_that_takes_little_at_a_time() -> None:
    class Trickle(io.RawIOBase):
        def __init__(self) -> None:
            self.got = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.got += bytes(data[:7])
            return min(7, len(data))

    file: Any = Trickle()
    save.save(smooth(), file, format="png")
    assert file.got == stored(smooth(), "png")


def test_a_file_that_fails_only_at_the_end() -> None:
    class Buffer(io.BytesIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        save.save(smooth(), Buffer(), format="png")


def test_a_closed_file() -> None:
    file = io.BytesIO()
    file.close()
    with pytest.raises(OutputError, match=r"cannot write '<file>': .*closed file"):
        save.save(smooth(), file, format="png")


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_results_are_images_that_can_be_written_to(mode: str) -> None:
    matte = np.full((96, 128), 200, np.uint8)
    image = Image.fromarray(person(96, 128)[0]).convert(mode)
    for result in (
        defocus.cutout(image, matte=matte),
        defocus.cutout(image, matte=matte, matte_only=True),
        defocus.portrait(image, matte=matte),
    ):
        pixels: Any = result.load()
        value: Any = (7,) * len(result.getbands()) if len(result.getbands()) > 1 else 7
        pixels[0, 0] = value
        assert result.getpixel((0, 0)) == value
    assert (matte == 200).all(), "the caller's matte is not shared"
