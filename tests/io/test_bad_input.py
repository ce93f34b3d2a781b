"""Bad input gets one clear, typed error, and nothing is lost."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import defocus
from defocus import models
from defocus.cli.command import main
from defocus.io import decode, maps
from defocus.io.photo import Photo
from scenes import person

IMAGE, MATTE = person(96, 128)


def encoded(image: Any, form: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, **settings)
    return file.getvalue()


JPEG = encoded(IMAGE, "JPEG")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a good photograph and its matte."""
    (tmp_path / "good.jpg").write_bytes(JPEG)
    (tmp_path / "matte.png").write_bytes(encoded(MATTE, "PNG"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


# --- files that are not images, in the library and on the command line -----------------------


def truncated(form: str) -> bytes:
    whole = encoded(IMAGE, form)
    return whole[: len(whole) * 2 // 3]


BAD_FILES: dict[str, tuple[bytes | None, type[Exception], str]] = {
    "missing.jpg": (None, defocus.InputNotFoundError, "does not exist; check the path"),
    "good.jpg/x.jpg": (None, defocus.InputNotFoundError, "does not exist"),
    "https://example.org/a.jpg": (None, defocus.InputNotFoundError, "defocus does not download"),
    "data:image/png;base64,AAAA": (None, defocus.InputNotFoundError, "is a data URI"),
    "": (None, defocus.InputNotFoundError, "is an empty name"),
    ".": (None, defocus.InputNotFoundError, "is a folder; name an image file in it"),
    "a" * 300 + ".jpg": (None, defocus.DecodeError, "cannot be opened: File name too long"),
    "empty.jpg": (b"", defocus.DecodeError, "is empty; it holds 0 bytes"),
    "text.jpg": (
        b"Dear Sir or Madam,\n",
        defocus.DecodeError,
        "is not an image that defocus reads",
    ),
    "one.jpg": (b"\xff", defocus.DecodeError, "is not an image"),
    "p.ppm": (b"P", defocus.DecodeError, "'p.ppm' (is|cannot be decoded)"),
    "phone.heic": (
        b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(30),
        defocus.DecodeError,
        "'phone.heic' is damaged",
    ),
    "zeros.png": (bytes(5000), defocus.DecodeError, "is not an image"),
    "short.jpg": (truncated("JPEG"), defocus.DecodeError, "cannot be decoded: .*truncated"),
    "short.png": (truncated("PNG"), defocus.DecodeError, "cannot be decoded"),
    "short.webp": (truncated("WEBP"), defocus.DecodeError, "short.webp' "),
    "short.tif": (truncated("TIFF"), defocus.DecodeError, "cannot be decoded"),
    "header.jpg": (JPEG[:10], defocus.DecodeError, "header.jpg' "),
    "header.png": (encoded(IMAGE, "PNG")[:30], defocus.DecodeError, "header.png' "),
    "odd\nname.jpg": (b"text", defocus.DecodeError, r"odd\\nname.jpg' is not an image"),
}


def place(folder: Path, name: str) -> None:
    data = BAD_FILES[name][0]
    if data is not None:
        (folder / name).write_bytes(data)


@pytest.mark.parametrize("name", BAD_FILES, ids=lambda name: name[:20].replace("\n", " "))
def test_bad_files_in_the_library(name: str, folder: Path) -> None:
    place(folder, name)
    data, error, reason = BAD_FILES[name]
    calls: list[Callable[[Any], object]] = [
        defocus.portrait,
        defocus.cutout,
        defocus.find_subject,
        maps.read_matte,
        maps.read_depth,
    ]
    for call in calls:
        with pytest.raises(error, match=reason) as caught:
            call(name)
        assert isinstance(caught.value, defocus.DefocusError)
        assert isinstance(caught.value, OSError)
        assert str(caught.value).startswith(repr(name)[:50])
        assert "\n" not in str(caught.value)
        if data is not None:
            for source in (data, io.BytesIO(data)):
                with pytest.raises(defocus.DecodeError, match=r"^<(bytes|file)> "):
                    call(source)


@pytest.mark.parametrize("name", BAD_FILES, ids=lambda name: name[:20].replace("\n", " "))
def test_bad_files_in_the_command(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place(folder, name)
    before = contents(folder)
    for arguments in (
        ["portrait", name, "out.jpg"],
        ["cutout", name, "out.png"],
        ["mask", name, "out.png"],
        ["portrait", "good.jpg", "out.jpg", "--matte", name],
    ):
        # A folder as IN is wrong usage: it wants -o.
        assert main(arguments) == (2 if arguments[1] == "." else 1)
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("defocus: error: ")
        assert output.err.count("\n") == 1
        assert contents(folder) == before


# --- a real command ---------------------------------------------------------------------------


def command(*arguments: str, stdin: bytes = b"", **environment: str) -> tuple[int, bytes, str]:
    done = subprocess.run(
        [sys.executable, "-m", "defocus", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        ("portrait missing.jpg out.jpg", b"", 1, "'missing.jpg' does not exist"),
        ("portrait - out.jpg", b"", 1, "<stdin> is empty"),
        ("cutout - -", JPEG[: len(JPEG) // 2], 1, "<stdin> cannot be decoded"),
        ("cutout good.jpg out.jpg", b"", 2, "JPEG cannot hold transparent pixels"),
        ("cutout good.jpg none/out.png", b"", 1, "none' does not exist; create it first"),
        ("cutout good.jpg good.jpg/out.png", b"", 1, "Not a directory"),
        ("portrait good.jpg ./good.jpg", b"", 2, "OUT './good.jpg' is the input 'good.jpg'"),
        ("portrait good.jpg out.xyz", b"", 2, "'out.xyz' is not a known format"),
        ("portrait good.jpg out.jpg --max-pixels 100", b"", 1, "12288 pixels, the limit is 100"),
        ("portrait good.jpg out.jpg --aperture 0", b"", 2, "aperture=0.0 is out of range"),
        ("portrait good.jpg out.jpg --apertur 2", b"", 2, "did you mean '--aperture'?"),
        ("portrait good.jpg out.jpg --model u2", b"", 2, "unknown model 'u2'"),
    ],
)
def test_the_command_says_one_line(
    arguments: str, stdin: bytes, code: int, message: str, folder: Path
) -> None:
    before = contents(folder)
    returned, out, err = command(*arguments.split(), stdin=stdin)
    assert (returned, out) == (code, b"")
    assert err.startswith("defocus: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert contents(folder) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output(unbuffered: str, folder: Path) -> None:
    # So small that it all fits into the buffer of standard output.
    (folder / "tiny.png").write_bytes(encoded(IMAGE[:8, :8], "PNG"))
    (folder / "matte.png").write_bytes(encoded(MATTE[:8, :8], "PNG"))
    before = contents(folder)
    arguments = ["cutout", "tiny.png", "-", "--matte", "matte.png"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "defocus", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 1
    assert done.stderr == b"defocus: error: cannot write '<stdout>': No space left on device\n"
    assert contents(folder) == before


def test_an_unknown_isa_level(folder: Path) -> None:
    arguments = ("portrait", "good.jpg", "out.jpg", "--matte", "matte.png")
    returned, out, err = command(*arguments, DEFOCUS_ISA="nonsense")
    assert (returned, out) == (1, b"")
    assert err.startswith("defocus: error: ")
    assert "DEFOCUS_ISA" in err
    assert "'nonsense'" in err
    assert "choose one of: " in err
    assert err.count("\n") == 1
    assert not Path("out.jpg").exists()
    assert command("--help", DEFOCUS_ISA="nonsense")[0] == 0


def test_a_full_disk(folder: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("has no resource limits")
    code = (
        "import resource, sys\n"
        "from defocus.cli.command import main\n"
        "import defocus.io.decode\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    before = contents(folder)
    arguments = ["portrait", "good.jpg", "out.png", "--matte", "matte.png"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "defocus: error: cannot write 'out.png': File too large\n"
    assert contents(folder) == before


# --- models -----------------------------------------------------------------------------------


def test_unknown_models() -> None:
    for name in ("nonsense", "", None, 5):
        model: Any = name
        with pytest.raises(defocus.UnknownModelError):
            defocus.Segmenter(model)


def test_a_corrupted_model_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = models.find(models.DEFAULT_MODEL)
    whole = models.locate(spec).read_bytes()
    (folder / spec.file).write_bytes(whole[: len(whole) // 2])
    monkeypatch.setattr("defocus.models.weights.EMBEDDED", folder)
    before = contents(folder)
    segmenter = defocus.Segmenter()
    for _ in range(2):
        with pytest.raises(defocus.ModelError, match="is damaged"):
            defocus.portrait("good.jpg", segmenter=segmenter)
    assert main(["portrait", "good.jpg", "out.jpg"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("defocus: error: model ")
    assert err.count("\n") == 1
    (folder / spec.file).unlink()
    with pytest.raises(defocus.ModelError, match="is not on this machine; reinstall defocus"):
        defocus.find_subject("good.jpg", segmenter=segmenter)
    assert "out.jpg" not in before
    assert not Path("out.jpg").exists()


# --- arrays -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "error", "advice"),
    [
        (np.zeros((0, 5, 3), np.uint8), defocus.ImageValueError, "has no pixels"),
        (np.zeros((5, 0, 3), np.uint8), defocus.ImageValueError, "has no pixels"),
        (np.zeros((6, 5, 2), np.uint8), defocus.ImageValueError, "order of the axes"),
        (np.zeros((3, 4, 5), np.uint8), defocus.ImageValueError, r"moveaxis\(image, 0, -1\)"),
        (np.zeros((1, 4, 5, 3), np.uint8), defocus.ImageValueError, r"defocus\.map"),
        (np.zeros(15, np.uint8), defocus.ImageValueError, "order of the axes"),
        (np.zeros((), np.uint8), defocus.ImageValueError, "order of the axes"),
        (np.full((4, 5, 3), np.nan), defocus.ImageValueError, "NaN"),
        (np.full((4, 5, 3), 900, np.uint32), defocus.ImageTypeError, r"astype\(numpy.uint16\)"),
        (
            np.full((4, 5, 3), 200, np.int64),
            defocus.ImageTypeError,
            r"image.astype\(numpy.uint8\)$",
        ),
        (np.full((4, 5, 3), 200.0), defocus.ImageValueError, "image / 255$"),
        (np.full((4, 5, 3), 900.0), defocus.ImageValueError, "image / 65535$"),
        (np.ones((4, 5, 3), np.int64), defocus.ImageTypeError, r"uint8\) \* 255"),
        (np.full((4, 5, 3), 1 << 20), defocus.ImageTypeError, "scale them"),
        (np.full((4, 5, 3), -1.5), defocus.ImageValueError, "scale them"),
        (np.zeros((4, 5, 3), np.bool_), defocus.ImageTypeError, r"uint8\) \* 255"),
        (np.zeros((4, 5, 3), np.int8), defocus.ImageTypeError, r"image.astype\(numpy.uint8\)"),
        (np.zeros((4, 5, 3), object), defocus.ImageTypeError, "pass numbers"),
        (np.zeros((4, 5, 3), "S1"), defocus.ImageTypeError, "pass numbers"),
    ],
)
def test_bad_arrays(array: Any, error: type[Exception], advice: str) -> None:
    for call in (defocus.portrait, defocus.cutout, defocus.find_subject):
        with pytest.raises(error, match=advice) as caught:
            call(array)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("source", [None, 5, 2.5, [[1, 2, 3]], object(), io.StringIO("text")])
def test_things_that_are_no_image(source: Any) -> None:
    for call in (defocus.portrait, defocus.cutout, defocus.find_subject):
        with pytest.raises(defocus.ImageTypeError):
            call(source)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_images_without_pixels(size: tuple[int, int]) -> None:
    with pytest.raises(defocus.ImageValueError, match=r"size \(\d, \d\); it has no pixels"):
        defocus.portrait(Image.new("RGB", size))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError("two\nlines"), "two lines"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (EOFError(), "EOFError"),
        (ValueError("closed"), "closed"),
    ],
)
def test_a_file_that_fails(error: Exception, reason: str) -> None:
    class File:
        name = "a file"

        def read(self) -> bytes:
            raise error

    source: Any = File()
    with pytest.raises(defocus.DecodeError) as caught:
        defocus.portrait(source)
    assert str(caught.value) == f"a file cannot be read: {reason}"
    assert caught.value.__cause__ is error


def test_a_file_with_an_error_of_its_own() -> None:
    class File:
        def read(self) -> bytes:
            raise MemoryError

    source: Any = File()
    with pytest.raises(MemoryError):
        defocus.portrait(source)


def test_a_file_that_gives_no_bytes() -> None:
    class File:
        def read(self) -> str:
            return "text"

    source: Any = File()
    with pytest.raises(defocus.ImageTypeError):
        defocus.portrait(source)


def views() -> Iterator[Any]:
    yield IMAGE[::-1, ::-1]
    yield IMAGE[..., ::-1]
    yield IMAGE[::2, 1::3]
    yield np.asfortranarray(IMAGE)
    frozen = IMAGE.copy()
    frozen.setflags(write=False)
    yield frozen


@pytest.mark.parametrize("index", range(5))
def test_read_only_and_strided_arrays(index: int) -> None:
    view = list(views())[index]
    matte = np.zeros(view.shape[:2], np.uint8)
    matte[5:20, 5:20] = 255
    before = view.copy()
    for call in (defocus.portrait, defocus.cutout):
        result = call(view, matte=matte)
        assert np.array_equal(result, call(before, matte=matte))
        assert result.flags.writeable
        assert not np.shares_memory(result, view)
    assert np.array_equal(view, before)


def test_arrays_that_are_not_aligned() -> None:
    deep = IMAGE * np.uint16(257)
    unaligned = np.frombuffer(b"x" + deep.tobytes(), np.uint16, offset=1).reshape(deep.shape)
    matte = np.zeros(deep.shape[:2], np.uint8)
    for call in (defocus.portrait, defocus.cutout):
        assert np.array_equal(call(unaligned, matte=matte), call(deep, matte=matte))


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 3)])
def test_extreme_shapes(
    size: tuple[int, int], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    (folder / "thin.png").write_bytes(encoded(image, "PNG"))
    (folder / "matte.png").write_bytes(encoded(image[..., 0], "PNG"))
    subject = defocus.find_subject(image)
    assert subject.matte.shape == size
    arguments = ["thin.png", "-o", "out.png", "--matte", "matte.png"]
    assert main(["portrait", *arguments]) == 0
    assert decode.read("out.png").size == size[::-1]
    assert main(["cutout", *arguments]) == 0
    with Image.open("out.png") as cut:
        assert np.array_equal(np.asarray(cut)[..., 3], image[..., 0])
    code = main(["mask", "thin.png", "mask.png"])
    assert code == (0 if subject.found else 3)
    assert Path("mask.png").exists() == subject.found
    assert "Traceback" not in capsys.readouterr().err


# --- damage at random -------------------------------------------------------------------------

SMALL = IMAGE[::4, ::4]
DAMAGED = {form: encoded(SMALL, form) for form in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")}
DAMAGED["PPM"] = encoded(SMALL, "PPM")
DAMAGED["progressive"] = encoded(SMALL, "JPEG", progressive=True)
DAMAGED["exif"] = encoded(SMALL, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0" + bytes(20))
DAMAGED["lzw"] = encoded(SMALL, "TIFF", compression="tiff_lzw")
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


def reads_or_refuses(data: bytes) -> None:
    for read in (decode.read, maps.read_matte, maps.read_depth):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow warns of some damage and goes on
                result = read(data, max_pixels=1_000_000)
        except defocus.DefocusError as error:
            message = str(error)
        else:
            message = "<bytes> it is"
            pixels = result.pixels if isinstance(result, Photo) else result
            assert pixels.dtype == (np.float32 if read is maps.read_depth else np.uint8)
            assert pixels.size > 0
        assert message.startswith(("<bytes> ", "depth "))
        assert "\n" not in message


@pytest.mark.parametrize("form", DAMAGED)
def test_any_truncation(form: str) -> None:
    data = DAMAGED[form]
    for length in {*range(min(64, len(data))), *range(0, len(data), 29), len(data) - 1}:
        reads_or_refuses(data[:length])


@pytest.mark.parametrize("form", DAMAGED)
@QUICK
@given(data=st.data())
def test_any_damage(form: str, data: st.DataObject) -> None:
    noisy = bytearray(DAMAGED[form])
    places = st.integers(0, len(noisy) - 1)
    for index, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        noisy[index] = value
    reads_or_refuses(bytes(noisy))


@pytest.mark.parametrize(
    "start", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"P6 "]
)
@QUICK
@given(rest=st.binary(max_size=200))
def test_any_bytes(start: bytes, rest: bytes) -> None:
    reads_or_refuses(start + rest)
