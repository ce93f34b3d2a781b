"""An error of a codec about the data is converted; bugs and a lack of memory keep their type."""

from __future__ import annotations

import errno
import io
import re
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.cli import command
from defocus.io import decode, maps
from defocus.io.codecs import codec_errors
from defocus.models import ModelSpec, session
from defocus.models.network import Network

OWN = [
    MemoryError("no memory"),
    AttributeError("a bug"),
    NameError("a bug"),
    AssertionError("a bug"),
    RuntimeError("a bug"),
    ImportError("a bug"),
    KeyboardInterrupt(),
]
CODEC_ERRORS = [
    OSError("image file is truncated"),
    SyntaxError("broken PNG file"),
    EOFError("no more images"),
    ValueError("bad value"),
    TypeError("bad tag"),
    KeyError("no such tag"),
    IndexError("out of range"),
    OverflowError("too large"),
    ZeroDivisionError("division by zero"),
    struct.error("unpack requires 4 bytes"),
    zlib.error("incorrect data check"),
]
SIZE = (300, 200)
MATTE = np.full(SIZE[::-1], 255, np.uint8)


def stored(form: str = "JPEG", size: tuple[int, int] = SIZE, **settings: Any) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(file, form, **settings)
    return file.getvalue()


def grey(form: str = "TIFF") -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, form)
    return file.getvalue()


GIF = io.BytesIO()
Image.new("L", SIZE).save(GIF, "GIF", save_all=True, append_images=[Image.new("L", SIZE, 99)])
NEVER = defocus.Segmenter(ModelSpec(file=Path(__file__)))  # is no network; must not be asked
USES: dict[str, Callable[[], Any]] = {
    "portrait": lambda: defocus.portrait(stored(), matte=MATTE),
    "cutout": lambda: defocus.cutout(stored("PNG"), matte=MATTE),
    "matte": lambda: maps.read_matte(grey()),
    "depth": lambda: maps.read_depth(grey()),
    "frames": lambda: list(defocus.each_frame(GIF.getvalue())),
    "map": lambda: next(defocus.map([stored()], matte=MATTE)).unwrap(),
    "subject": lambda: defocus.find_subject(
        stored(size=(1500, 1300)), segmenter=defocus.Segmenter("u2netp", threads=1)
    ),
}


@contextmanager
def loading_raises(error: BaseException) -> Iterator[None]:
    by_pillow = mock.patch("defocus.io.codecs.jpeg.decode", return_value=None)
    with by_pillow, mock.patch("PIL.ImageFile.ImageFile.load", side_effect=error):
        yield


def saving_raises(error: BaseException) -> Any:
    return mock.patch("PIL.Image.Image.save", side_effect=error)


# --- decoding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("error", OWN, ids=lambda error: type(error).__name__)
def test_bugs_and_a_lack_of_memory_keep_their_type(use: str, error: BaseException) -> None:
    if use == "map" and isinstance(error, KeyboardInterrupt):
        pytest.skip("which is the caller's")
    with loading_raises(error), pytest.raises(type(error)) as caught:
        USES[use]()
    assert caught.value is error


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("error", CODEC_ERRORS, ids=lambda error: type(error).__name__)
def test_what_a_codec_says_of_the_data(use: str, error: Exception) -> None:
    with loading_raises(error), pytest.raises(defocus.DecodeError) as caught:
        USES[use]()
    assert caught.value.__cause__ is error
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "place", ["defocus.io.decode.pixels_of", "defocus.io.decode.fill_hidden", "numpy.asarray"]
)
@pytest.mark.parametrize("error", [*OWN, *CODEC_ERRORS], ids=lambda error: type(error).__name__)
def test_our_own_code_after_decoding(place: str, error: BaseException) -> None:
    file = io.BytesIO()
    Image.new("RGBA", SIZE, (1, 2, 3, 99)).save(file, "PNG")
    with mock.patch(place, side_effect=error), pytest.raises(type(error)) as caught:
        decode.read(file.getvalue())
    assert caught.value is error


def test_a_bug_in_our_own_code_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    namespace: dict[str, Any] = {"__name__": "defocus.io.decode"}
    exec("def wrong(*_): return None + 1", namespace)
    monkeypatch.setattr(decode, "alpha_of", namespace["wrong"])
    with pytest.raises(TypeError) as caught:
        decode.read(stored())
    assert not isinstance(caught.value, defocus.DefocusError)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES])
@pytest.mark.parametrize("use", USES)
def test_a_file_that_cannot_be_read_is_not_called_damaged(use: str, number: int) -> None:
    error = OSError(number, "the system says so")
    with loading_raises(error), pytest.raises(defocus.DecodeError, match="cannot be read: the sys"):
        USES[use]()


def test_a_device_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(stored("PNG"))
    with path.open("rb") as file:
        os_file: Any = mock.Mock(wraps=file)
        os_file.read.side_effect = OSError(errno.EIO, "Input/output error")
        os_file.name = str(path)
        with pytest.raises(defocus.DecodeError, match="cannot be read"):
            decode.read(os_file)


def test_modules_that_raise_builtin_errors_about_data_are_listed() -> None:
    folder = Path(defocus.__file__).parent
    modules = {
        ".".join(path.relative_to(folder).with_suffix("").parts): path.read_text("utf-8")
        for path in folder.rglob("*.py")
    }
    builtin = re.compile(r"raise (Value|Type|Key|Index|Overflow)Error\(")
    raisers = {name for name, source in modules.items() if builtin.search(source)}
    raisers = {name for name in raisers if not name.startswith("serve.")}  # its validators do
    assert raisers
    assert all(name.startswith(codec_errors._FORMATS) for name in raisers)
    for prefix in codec_errors._FORMATS:
        assert any(name.startswith(prefix) for name in modules), prefix


# --- encoding -------------------------------------------------------------------------------------


def save(form: str) -> None:
    defocus.save(np.zeros((9, 8, 3), np.uint8), io.BytesIO(), format=form)


def save_frames() -> None:
    frames = [np.full((9, 8, 3), shade, np.uint8) for shade in (0, 99)]
    defocus.save_frames(frames, io.BytesIO(), format="gif")


SAVES: dict[str, Callable[[], None]] = {
    **{form: lambda form=form: save(form) for form in ("jpeg", "png", "webp", "tiff")},  # type: ignore[misc]
    "frames": save_frames,
}


@pytest.mark.parametrize("use", SAVES)
@pytest.mark.parametrize("error", OWN, ids=lambda error: type(error).__name__)
def test_encoding_bugs_and_a_lack_of_memory(use: str, error: BaseException) -> None:
    with saving_raises(error), pytest.raises(type(error)) as caught:
        SAVES[use]()
    assert caught.value is error


@pytest.mark.parametrize("use", SAVES)
@pytest.mark.parametrize("error", CODEC_ERRORS, ids=lambda error: type(error).__name__)
def test_what_an_encoder_says(use: str, error: Exception) -> None:
    with saving_raises(error), pytest.raises(defocus.EncodeError) as caught:
        SAVES[use]()
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("use", SAVES)
def test_no_room_for_what_is_encoded(use: str) -> None:
    error = OSError(errno.ENOSPC, "no space left")
    with saving_raises(error), pytest.raises(defocus.OutputError, match="no space left"):
        SAVES[use]()


# --- the network ----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", OWN, ids=lambda error: type(error).__name__)
def test_the_network_did_not_say_that(error: BaseException, monkeypatch: Any) -> None:
    def run(_: Any) -> Any:
        raise error

    if isinstance(error, RuntimeError):
        pytest.skip("ONNX Runtime raises them, too")
    monkeypatch.setattr("defocus.models.segmenter.build", lambda *_: Network(run, (320, 320)))
    with pytest.raises(type(error)) as caught:
        defocus.Segmenter("u2netp").mask(np.zeros((9, 8, 3), np.uint8))
    assert caught.value is error


def test_the_network_finds_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: Any) -> Any:
        raise RuntimeError(
            "[ONNXRuntimeError] : 6 : Failed to allocate memory for requested buffer"
        )

    monkeypatch.setattr("defocus.models.segmenter.build", lambda *_: Network(run, (320, 320)))
    with pytest.raises(MemoryError):
        defocus.Segmenter("u2netp").mask(np.zeros((9, 8, 3), np.uint8))
    runtime = mock.Mock(wraps=session.import_onnxruntime())
    runtime.InferenceSession.side_effect = RuntimeError("std::bad_alloc")
    monkeypatch.setattr(session, "import_onnxruntime", lambda: runtime)
    with pytest.raises(MemoryError):
        defocus.Segmenter("u2net").warmup()


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [False, True])
def test_the_command_tells_them_apart(
    many: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEFOCUS_TRACEBACK", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("a.jpg").write_bytes(stored())
    Image.fromarray(MATTE).save("matte.png")
    arguments = ["a.jpg", "b.jpg", "--matte", "matte.png"]
    if many:
        arguments = ["a.jpg", "-o", "out", "--jobs", "1", "--model", "u2netp"]
    for error, expected in (
        (MemoryError(), "memory"),
        (AttributeError("a bug"), "AttributeError: a bug"),
        (OSError("truncated"), "cannot be decoded"),
        (OSError(errno.EIO, "device"), "cannot be read"),
    ):
        with loading_raises(error):
            assert command.main(["portrait", *arguments]) == 1
        message = capsys.readouterr().err
        assert expected in message
        assert ("cannot be decoded" in message) == (expected == "cannot be decoded")


# --- damage at random -----------------------------------------------------------------------------


def seeds() -> list[bytes]:
    """Small files of every format, as varied as they come."""
    found = [stored(), stored(progressive=True), stored("PNG"), stored("BMP"), stored("PPM")]
    found += [stored("TIFF", compression=name) for name in ("raw", "tiff_lzw", "jpeg", "packbits")]
    found += [stored("WEBP"), stored("WEBP", lossless=True), GIF.getvalue(), grey(), grey("PNG")]
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a picture"
    found += [stored(form, size=(60, 40), exif=exif) for form in ("JPEG", "PNG", "TIFF", "WEBP")]
    for form in ("png", "tiff"):
        file = io.BytesIO()
        defocus.save(np.full((40, 60, 4), 999, np.uint16), file, format=form)
        found.append(file.getvalue())
    pages = io.BytesIO()
    Image.new("L", (60, 40)).save(
        pages, "TIFF", save_all=True, append_images=[Image.new("1", (9, 9))]
    )
    palette = io.BytesIO()
    Image.new("P", (60, 40), 3).save(palette, "PNG", transparency=b"\0\x55\xaa")
    found += [pages.getvalue(), palette.getvalue()]
    for form in ("avif", "heic"):
        try:
            defocus.save(np.zeros((40, 60, 3), np.uint8), file := io.BytesIO(), format=form)
        except (defocus.MissingLibraryError, defocus.UnsupportedFormatError):
            continue
        found.append(file.getvalue())
    return found


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes changed, most of them near the start, or a piece left out, doubled or cut off."""
    spoilt = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        reach = len(spoilt) if rng.random() < 0.3 else min(len(spoilt), 300)
        place = int(rng.integers(0, max(1, reach)))
        kind = rng.random()
        if kind < 0.7 and spoilt:
            spoilt[place] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(0, 256))]))
        elif kind < 0.8:
            del spoilt[place : place + int(rng.integers(1, 40))]
        elif kind < 0.9:
            spoilt[place:place] = spoilt[place : place + int(rng.integers(1, 40))]
        else:
            del spoilt[int(rng.integers(0, len(spoilt) + 1)) :]
    return bytes(spoilt)


def all_frames(data: bytes, *, max_pixels: int) -> list[Any]:
    return list(decode.frames(data, max_pixels=max_pixels))


def try_damaged(turns: int, seed: int) -> None:
    """Read damaged files in every way: only errors of ours come out."""
    rng = np.random.default_rng(seed)
    files = seeds()
    ways = (
        decode.read,
        maps.read_matte,
        maps.read_depth,
        all_frames,
    )
    for turn in range(turns):
        data = damaged(files[turn % len(files)], rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for way in ways:
                try:
                    way(data, max_pixels=1_000_000)
                except defocus.DefocusError:
                    continue
                except Exception as error:
                    raise AssertionError(f"turn {turn}, seed {seed}, {way.__name__}") from error


def test_damaged_files() -> None:
    try_damaged(150, 1)


@pytest.mark.long
def test_many_damaged_files() -> None:
    for seed in range(2, 12):
        try_damaged(1000, seed)


@pytest.mark.parametrize("said", ["encoding error 1", "encoding error 2", "Out of memory"])
def test_an_encoder_without_memory_is_a_memory_error(said: str) -> None:
    with pytest.raises(MemoryError, match=said), codec_errors.encoding("a picture", "WEBP"):
        raise ValueError(said) from None
    with pytest.raises(defocus.EncodeError), codec_errors.encoding("a picture", "WEBP"):
        raise OSError("encoding error 10")
