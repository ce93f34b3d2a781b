"""Many calls of the library from several threads, with errors between: is the memory flat?

    python -m bench.speed.soak [--calls 10000] [--threads 4] [--model NAME|FILE]

Prints the resident memory, its peak, the threads and the open files after each tenth of the calls.
The C library returns freed blocks to the system at once; what it keeps of them otherwise varies.
Exits with 1 if, from the first tenth to the end, memory grew by more than 5 %, or threads or files
grew.  It also does if a call did not end as it has to: with its result, or with its error.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import io
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

import defocus

MOST_GROWTH = 0.05
M_MMAP_THRESHOLD, BLOCK = -3, 65536
TENTHS = 10
SIZES = ((160, 120), (97, 61), (320, 214), (33, 200), (7, 5), (480, 360))
FORMATS = ("png", "jpeg", "webp", "tiff")
LOOKS: tuple[dict[str, Any], ...] = (
    {},
    {"bokeh": "disc", "blades": 6},
    {"grain": 1.0, "effort": "fast"},
    {"sigma": 40.0, "effort": "best"},
    {"light": "srgb", "aperture": 1.0},
)
FINISHES: tuple[dict[str, Any], ...] = (
    {},
    {"background": "white"},
    {"crop": "10%", "fill_holes": 0.01},
    {"matte_only": True, "effort": "fast"},
)


class State(NamedTuple):
    """What the process holds."""

    megabytes: float
    threads: int
    files: int
    peak: float = 0.0

    @staticmethod
    def now() -> State:
        """Measure it, after what nobody holds has been freed."""
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        status = dict(
            line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines()
        )
        files = len(list(Path("/proc/self/fd").iterdir()))
        memory, peak = (int(status[name].split()[0]) / 1000 for name in ("VmRSS", "VmHWM"))
        return State(memory, int(status["Threads"]), files, peak)


class Call(NamedTuple):
    """A call, and the error with which it has to end, if with any.

    The network finds no subject in some of the photographs; that is a good end, too.
    """

    function: Callable[[], Any]
    error: type[Exception] | None = None


def growth(first: State, last: State) -> list[str]:
    """What grew too much between the two."""
    more = last.megabytes / first.megabytes - 1.0
    found = [f"memory grew by {more:.1%}"] if more > MOST_GROWTH else []
    pairs = (("threads", first.threads, last.threads), ("files", first.files, last.files))
    return found + [f"{name}: {a} became {b}" for name, a, b in pairs if b > a]


def pictures() -> list[tuple[np.ndarray[Any, Any], bytes]]:
    """Small photographs with a bright subject, as arrays and as files of many kinds."""
    found = []
    for number, (width, height) in enumerate(SIZES):
        rng = np.random.default_rng(number)
        pixels = rng.integers(0, 80, (height, width, 3), dtype=np.uint8)
        pixels[height // 4 : -height // 4, width // 4 : -width // 4] = (240, 230, 220)
        for mode, form in (
            ("RGB", "JPEG"),
            ("RGBA", "PNG"),
            ("L", "PNG"),
            ("P", "GIF"),
            ("CMYK", "TIFF"),
            ("RGB", "WEBP"),
        ):
            file, image = io.BytesIO(), Image.fromarray(pixels).convert(mode)
            image.save(file, form)
            found.append((pixels, file.getvalue()))
    return found


def errors(photo: bytes) -> list[Call]:
    """Calls that have to fail, each in its own way."""
    black = np.zeros((40, 60, 3), np.uint8)
    return [
        Call(lambda: defocus.portrait(b"no image"), defocus.UnknownFormatError),
        Call(lambda: defocus.cutout(photo[: len(photo) // 2]), defocus.DecodeError),
        Call(lambda: defocus.portrait(b""), defocus.DecodeError),
        Call(lambda: defocus.find_subject("/absent.jpg"), defocus.InputNotFoundError),
        Call(lambda: defocus.portrait(photo, aperture=-1.0), defocus.OptionError),
        Call(lambda: defocus.cutout(photo, max_pixels=10), defocus.ImageTooLargeError),
        Call(lambda: defocus.cutout(photo, matte=black[..., 0][1:]), defocus.ImageValueError),
        Call(lambda: defocus.save(black, io.BytesIO(), format="bmp"), defocus.DefocusError),
    ]


def stored(picture: Any, form: str) -> int:
    """The bytes of the picture as a file."""
    file = io.BytesIO()
    if form == "jpeg" and getattr(picture, "mode", "") not in ("L", "RGB", "array"):
        form = "png"
    defocus.save(picture, file, format=form)
    return len(file.getvalue())


def calls(segmenter: defocus.Segmenter, folder: Path) -> list[Call]:
    """One of each kind; the soak repeats them."""
    made: list[Call] = []
    all_errors = errors(pictures()[0][1])
    for number, (pixels, data) in enumerate(pictures()):
        path = folder / f"{number}.image"
        path.write_bytes(data)
        form = FORMATS[number % len(FORMATS)]
        look, finish = LOOKS[number % len(LOOKS)], FINISHES[number % len(FINISHES)]
        deep: Any = pixels.astype(np.uint16) * 257
        for source in (data, path, pixels, deep[:, ::-1]):
            made.append(Call(partial(_portrait, source, form, look, segmenter)))
            made.append(Call(partial(_cutout, source, form, finish, segmenter)))
            made.append(Call(partial(_subject, source, segmenter)))
        made.append(all_errors[number % len(all_errors)])
    return made


def _portrait(source: Any, form: str, look: dict[str, Any], segmenter: defocus.Segmenter) -> int:
    return stored(defocus.portrait(source, segmenter=segmenter, **look), form)


def _cutout(source: Any, form: str, finish: dict[str, Any], segmenter: defocus.Segmenter) -> int:
    picture = defocus.cutout(source, segmenter=segmenter, **finish)
    return stored(picture, "png" if isinstance(picture, np.ndarray) else form)


def _subject(source: Any, segmenter: defocus.Segmenter) -> object:
    return defocus.find_subject(source, segmenter=segmenter).box


def wrong(call: Call) -> str | None:
    """Run it; what was wrong with its end."""
    try:
        call.function()
    except Exception as error:
        if isinstance(error, call.error or defocus.NoSubjectError):
            return None
        return f"{str(call.function)[:200]}: {type(error).__name__}: {error}"
    return None if call.error is None else f"no {call.error.__name__}"


def soak(chosen: Sequence[Call], count: int, threads: int) -> tuple[list[State], list[str]]:
    """The state after each tenth, and what was wrong."""
    states, failures = [], []
    with ThreadPoolExecutor(threads) as pool:
        for tenth in range(TENTHS):
            part = range(tenth * count // TENTHS, (tenth + 1) * count // TENTHS)
            results = pool.map(lambda number: wrong(chosen[number % len(chosen)]), part)
            failures += [text for text in results if text is not None]
            states.append(State.now())
            row = states[-1]
            print(
                f"{part.stop:6} calls  {row.megabytes:7.1f} MB  (peak {row.peak:.1f})"
                f"  {row.threads} threads  {row.files} files",
                flush=True,
            )
    return states, failures


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--model", default="u2netp")
    asked = parser.parse_args(words)
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, BLOCK)
    segmenter = defocus.Segmenter(asked.model, threads=1)
    with tempfile.TemporaryDirectory() as folder:
        states, failures = soak(calls(segmenter, Path(folder)), asked.calls, asked.threads)
    bad = [*failures[:20], *growth(states[0], states[-1])]
    print(*(bad or ["flat"]), sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
