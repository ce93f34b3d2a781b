"""A program: files that change, shrink or vanish at each moment while they are read.

Ends with 0 if each call gives a picture or an error of the input, and closes the file.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np

import defocus
from defocus.errors import DecodeError, DefocusError
from faults.control import EVER, failing_files

SIZE = (120, 90)
RANDOM = np.random.default_rng(1)
IMAGE, OTHER = (RANDOM.integers(0, 256, (*SIZE, 3), dtype=np.uint8) for _ in range(2))
DEEP = IMAGE.astype(np.uint16) * np.uint16(257)
MATTE = np.zeros(SIZE, np.uint8)
MATTE[30:90, 20:70] = 255


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def overwrite(path: Path) -> None:
    path.write_bytes(other_of(path))


def scribble(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5000)


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(other_of(path))
    new.replace(path)


def remove(path: Path) -> None:
    path.unlink()


CHANGES: tuple[Callable[[Path], None], ...] = (cut, empty, overwrite, scribble, replace, remove)
WHOLE = (replace, remove)  # who has the file open reads the old one


def other_of(path: Path) -> bytes:
    return defocus.to_bytes(OTHER, format=path.suffix[1:])


class Changing:
    """Changes the file at the n-th event of Python's that concerns files or calls."""

    def __init__(self, path: Path, change: Callable[[Path], None], number: int) -> None:
        self.path, self.change, self.number, self.events = path, change, number, 0

    def __call__(self, *_: object) -> None:
        self.events += 1
        if self.events == self.number:
            sys.setprofile(None)
            self.change(self.path)


def attempt(path: Path, changing: Changing) -> bytes | None:
    """The portrait of the file; None after an error of the input."""
    sys.setprofile(changing)
    try:
        return np.asarray(defocus.portrait(path, matte=MATTE)).tobytes()
    except DefocusError:  # never a bug's type
        return None
    finally:
        sys.setprofile(None)


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def unreadable(folder: Path) -> None:
    """Reads fail with EIO, one or all from then on."""
    for form in ("png", "jpeg", "tiff", "webp", "gif", "avif"):
        path = folder / f"b.{form}"
        if form == "gif":
            defocus.save_frames([IMAGE, OTHER], path)
        else:
            path.write_bytes(defocus.to_bytes(IMAGE, format=form))
        want = np.asarray(defocus.portrait(path, matte=MATTE))
        for number in count(1):
            failed = False
            with failing_files(path.name, "open,read", number, EVER, errno.EIO) as seen:
                try:
                    got = defocus.portrait(path, matte=MATTE)
                except DecodeError as error:
                    failed = str(path) in str(error)
            # Pillow maps the pixels of some TIFF, so they are there after a failure.
            assert failed or np.array_equal(np.asarray(got), want), (form, number)
            if seen.calls < number:
                break
            assert failed or form == "tiff", number


def main(folder: Path) -> None:
    unreadable(folder)
    for form, image in (("png", IMAGE), ("png", DEEP), ("jpeg", IMAGE), ("tiff", IMAGE)):
        path = folder / f"a.{form}"
        whole = defocus.to_bytes(image, format=form)
        old, new = (
            np.asarray(defocus.portrait(data, matte=MATTE)).tobytes()
            for data in (whole, other_of(path))
        )
        before = descriptors()
        for change in CHANGES:
            came = set()
            for step in count():
                path.write_bytes(whole)
                changing = Changing(path, change, 1 + step * 37)
                came.add(got := attempt(path, changing))
                assert change not in WHOLE or got in (old, new, None)
                if changing.events < changing.number:
                    break
            assert old in came, "without a change"
        assert descriptors() == before, form


if __name__ == "__main__":
    main(Path(sys.argv[1]))
