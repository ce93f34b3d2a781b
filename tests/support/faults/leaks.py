"""A program: a hundred calls of each kind fail, and nothing is left of them.

Ends with 0 if the process has the threads, descriptors and temporary files that it had before.
"""

from __future__ import annotations

import errno
import io
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

import defocus
from defocus import _native
from defocus.cli.command import main
from defocus.errors import DefocusError
from faults.control import EVER, NATIVE, failing_files, no_memory, no_threads, open_now, returns_to
from faults.native_calls import IMAGE, MASK
from faults.small_batch import FLAGS, photographs

MATTE = np.asarray(_native.resize_bilinear(MASK, 33, 40) * 255, np.uint8)
TIMES = 100


def state() -> tuple[Any, ...]:
    """What a process may leak."""
    folders = (Path(tempfile.gettempdir()), Path("results"))
    return *open_now(), *(sorted(path.name for path in folder.iterdir()) for folder in folders)


def without_memory() -> None:
    several = _native.Threads(3, least_cost=1)
    with no_memory(NATIVE, 40, EVER):
        _native.portrait(IMAGE, MASK, 5.0, guided=True, unmixed=True, threads=several)


def without_threads() -> None:
    with no_threads(2, EVER):
        _native.gaussian_blur(IMAGE, 9.0, threads=_native.Threads(4, least_cost=1))
    raise MemoryError  # it has worked on fewer threads


def on_a_full_disk() -> None:
    with failing_files("results", "write", 1, EVER, errno.ENOSPC):
        defocus.save(IMAGE, "results/a.png")


def animation_on_a_full_disk() -> None:
    with failing_files(tempfile.gettempdir(), "write", 1, EVER, errno.ENOSPC):
        defocus.save_frames([IMAGE, IMAGE[::-1]], "results/a.gif")


def truncated() -> None:
    defocus.portrait("truncated.png", matte=MATTE)


def broken_disk() -> None:
    with failing_files("whole.jpg", "read", 2, EVER, errno.EIO):
        defocus.portrait("whole.jpg", matte=MATTE)


def half_an_animation() -> None:
    for _ in defocus.each_frame("half.gif"):
        pass


def batch() -> None:
    """Photographs of which one is damaged, and a disk that breaks."""
    with failing_files("results", "rename", 1, EVER, errno.EIO):
        code = main(["cutout", "in", "-o", "results", *FLAGS, "--jobs", "2", "-q"])
    assert code == 1
    raise MemoryError


STEPS: dict[Callable[[], None], int] = {
    without_memory: TIMES,
    without_threads: TIMES,
    on_a_full_disk: TIMES,
    animation_on_a_full_disk: TIMES,
    truncated: TIMES,
    broken_disk: TIMES,
    half_an_animation: TIMES,
    batch: TIMES // 5,
}


def fails(step: Callable[[], None]) -> bool:
    with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
        try:
            step()
        except (DefocusError, MemoryError):
            return True
    return False


def prepare(temporary: Path) -> None:
    temporary.mkdir()
    tempfile.tempdir = str(temporary)
    Path("results").mkdir()
    photographs(["a.png", "b.png", "c.png"])
    Path("in/d.png").write_bytes(Path("in/a.png").read_bytes()[:70])
    Path("truncated.png").write_bytes(defocus.to_bytes(IMAGE)[:900])
    defocus.save(IMAGE, "whole.jpg")
    animation = io.BytesIO()
    defocus.save_frames([IMAGE, IMAGE[::-1]], animation, format="gif")
    Path("half.gif").write_bytes(animation.getvalue()[: -len(animation.getvalue()) // 3])


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
    for step, times in STEPS.items():
        assert fails(step), step.__name__
        before = state()
        for _ in range(times):
            assert fails(step), step.__name__
        assert returns_to(before, state), (step.__name__, before, state())
