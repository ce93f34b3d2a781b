"""A program: reads and writes that are interrupted by signals, or do only a part.

Ends with 0 if every result is that of an undisturbed call.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

import defocus
from defocus.frames import rawvideo
from faults.control import EVER, failing_files

IMAGE = np.random.default_rng(1).integers(0, 256, (120, 90, 3), dtype=np.uint8)
MATTE = np.zeros(IMAGE.shape[:2], np.uint8)
MATTE[30:90, 20:70] = 255
FORMS = ("png", "jpg", "webp", "tif", "gif", "avif")


@contextmanager
def alarms() -> Iterator[list[int]]:
    """Signals with a handler, a thousand times a second."""
    arrived: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: arrived.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        yield arrived
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def written(path: Path) -> Path:
    if path.suffix == ".gif":
        defocus.save_frames([IMAGE, IMAGE[::-1]], path)
    else:
        defocus.save(IMAGE, path)
    return path


def short_and_interrupted(folder: Path) -> None:
    """Every call alone is interrupted, and all reads and writes do only a part."""
    for form in FORMS:
        path = folder / f"a.{form}"
        written(path)
        data, pixels = path.read_bytes(), np.asarray(defocus.portrait(path, matte=MATTE))
        for code, last in ((0, EVER), (errno.EINTR, 0)):
            for number in count(1):
                with failing_files(path.name, "read", number, last or number, code) as seen:
                    assert np.array_equal(np.asarray(defocus.portrait(path, matte=MATTE)), pixels)
                if last or seen.calls < number:
                    break
            assert seen.calls, form
            path.unlink()
            with failing_files(str(folder), "write", 1, last or 1, code) as seen:
                written(path)
            assert seen.calls, form
            assert path.read_bytes() == data, form


def signals(folder: Path) -> None:
    """Portraits and files are the same while signals arrive."""
    path = folder / "b.png"
    steps: list[Callable[[], Any]] = [
        lambda: np.asarray(defocus.portrait(IMAGE, matte=MATTE)).tobytes(),
        lambda: written(path).read_bytes(),
    ]
    for step in steps:
        want = step()
        with alarms() as arrived:
            for _ in range(10_000):
                assert step() == want
                if len(arrived) > 50:
                    break
        assert len(arrived) > 50


def pipes() -> None:
    """Raw frames through a pipe that is full or empty while signals arrive."""
    size, clip = (90, 120), [np.roll(IMAGE, n, axis=0) for n in range(40)]
    out, back = os.pipe()
    got: list[Any] = []

    def receive() -> None:
        with io.FileIO(out, "rb") as file:
            for frame in rawvideo.read(file, size):
                got.append(frame.copy())
                threading.Event().wait(0.003)

    reader = threading.Thread(target=receive)
    reader.start()
    with alarms() as arrived, io.FileIO(back, "wb") as file:
        for frame in clip:
            rawvideo.write(file, frame)
    reader.join()
    assert len(arrived) > 5
    assert np.array_equal(got, clip)


if __name__ == "__main__":
    short_and_interrupted(Path(sys.argv[1]))
    signals(Path(sys.argv[1]))
    pipes()
