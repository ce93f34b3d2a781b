"""Arguments of the command: an exit code that is documented, and one line for each mistake."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import numpy as np
from PIL import Image

from defocus.cli import flags
from defocus.cli.arguments import parse
from defocus.cli.command import main
from defocus.cli.parser import FAILED, NO_SUBJECT, WRONG_USAGE
from tools.fuzz.inputs import Choices
from tools.fuzz.networks import folder, inside
from tools.fuzz.pictures import PIXELS, encoded, exif

_CODES = {0, FAILED, WRONG_USAGE, NO_SUBJECT}
_PARSED_ONLY = {"serve", "pull"}  # these would wait for requests, or download
_ENDLESS = ("--watch", "--ray")
_MOST_WORDS = 14
_GROUPS = (
    *(flags.LENS, flags.GROUND, flags.SUBJECT, flags.MARKS, flags.MATTE, flags.CUTOUT),
    *(flags.NETWORK, flags.INPUT_OUTPUT, flags.MANY, flags.FRAMES),
)
_NAMES = [name for group in _GROUPS for key in group for name in flags.names_of(key)]
_FLAGS = [name for name in _NAMES if name not in _ENDLESS]
_COMMON = ("--model=bright.onnx", "--max-pixels=65536")
_VALUES = [
    *("photo.jpg", "sub", "sub/two.png", "bad.jpg", "none.png", "matte.png", "-", "out.png"),
    *("out", "out-%03d.png", "%d", "*.png", "**/*", ".", "", "'", "\n", "--", "-5,10,90,80"),
    *("0", "1", "2", "0.5", "-1", "1e9", "nan", "inf", "99999999999999999999", "10%", "3px", "5%"),
    *("1,2", "1,1,8,6", "largest", "all", "disc", "gaussian", "srgb", "auto", "best", "fast"),
    *("white", "#ff8800", "square", "4:5", "20x10", "drop blur=3%", "contact", "top", "png"),
    *("jpeg", "webp", "tiff", "avif", "4:2:0", "small", "gps", "first", "skip", "update", "rename"),
    *("overwrite", "error", "copy", "fail", "16x8", "rgba", "rgb24", "cpu", "u2net", "bright.onnx"),
    *("list", "pull", "bash", "zsh", "fish", "man", "--json", "--help", "--version", "x", "--zip"),
]
_GOOD = (
    *(("portrait", "--sigma", "2"), ("portrait", "--bokeh", "disc"), ("mask", "--effort", "best")),
    *(("cutout", "--matte", "matte.png"), ("cutout", "--crop", "10%"), ("cutout", "--grow", "1")),
    *(("cutout", "--shadow", "contact"), ("cutout", "--canvas", "4:5"), ("mask", "--strip", "all")),
    *(("cutout", "--background", "white"), ("portrait", "--box", "1,1,8,6")),
)
_COMMANDS = ["portrait", "cutout", "mask", "frames", "models", "completion", "serve"]


def seeds() -> Iterable[bytes]:
    """Each command, for one photograph and for a folder, and each flag with a value."""
    into_file, into_folder = (1, 0, 1, 7), (1, 1, 0, _FLAGS.index("-o"), 1, _VALUES.index("out"))
    for command in range(len(_COMMANDS)):
        yield bytes((command, 2, *into_file))
        yield bytes((command, 3, *into_folder))
    for flag in range(len(_FLAGS)):
        yield bytes((flag % 3, 4, *into_file, 0, flag, 1, 17 + flag % 60))
    for name, option, value in _GOOD:
        words = (0, _FLAGS.index(option), 1, _VALUES.index(value))
        yield bytes((_COMMANDS.index(name), 4, *into_file, *words))


def check(data: bytes) -> None:
    """Run the command in a folder of its own, with these words."""
    words = _words(Choices(data))
    out, errors = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with _folder(), redirect_stdout(out), redirect_stderr(errors), _stdin(data):
        if _PARSED_ONLY & {*words}:
            with suppress(SystemExit):
                parse(words)
        else:
            code = main(words)
            assert code in _CODES, f"exit code {code}"
            assert code == 0 or errors.getvalue(), "a failure without a message"
    text = errors.getvalue()
    assert "Traceback" not in text, text
    assert "DEFOCUS_TRACEBACK" not in text or "--help" in words or not words, text


def _words(choices: Choices) -> list[str]:
    words = [choices.one_of(_COMMANDS)]
    for _ in range(choices.number(_MOST_WORDS)):
        kind = choices.number(8)
        if kind == 0:
            words.append(choices.one_of(_FLAGS))
        elif kind < 6:
            words.append(choices.one_of(_VALUES))
        elif kind == 6:
            words.append(f"{choices.one_of(_FLAGS)}={choices.one_of(_VALUES)}")
        else:  # without a separator the word cannot lead out of the folder
            text = choices.take(choices.number(16)).decode("utf-8", "surrogateescape")
            words.append(text.replace("/", "_"))
    words = [word for word in words if not word.startswith(_ENDLESS)]
    if words[0] in ("portrait", "cutout", "mask"):
        words[1:1] = _COMMON[any(word.startswith("--matte") for word in words) :]
    elif words[0] == "frames":
        words[1:1] = _COMMON[:1]
    return words


@contextmanager
def _folder() -> Iterator[None]:
    """A folder with a photograph, a matte, a damaged file and a folder."""
    place = folder() / "work"
    shutil.rmtree(place, ignore_errors=True)
    (place / "sub").mkdir(parents=True)
    shutil.copy(folder() / "bright.onnx", place)
    for name, data in _FILES.items():
        (place / name).write_bytes(data)
    with inside(place):
        yield


@contextmanager
def _stdin(data: bytes) -> Iterator[None]:
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(_FILES["photo.jpg"] if len(data) % 2 else data))
    try:
        yield
    finally:
        sys.stdin = before


def _bright() -> bytes:
    pixels = np.full((24, 32, 3), 20, np.uint8)
    pixels[6:18, 8:24] = 240
    return encoded(pixels, "JPEG", exif=exif())


def _matte() -> bytes:
    image = Image.new("L", (24, 32))
    image.paste(255, (6, 8, 18, 24))
    return encoded(np.asarray(image), "PNG")


_FILES = {
    "photo.jpg": _bright(),
    "matte.png": _matte(),
    "bad.jpg": b"\xff\xd8\xff\xe0 no photograph",
    str(Path("sub") / "two.png"): encoded(PIXELS, "PNG"),
}
