"""Run the programs of examples/ with the commands of its README, and judge what they make."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import defocus

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ASTRONAUT = EXAMPLES / "astronaut.jpg"
LIMIT = 300  # seconds; no example takes so long, on a busy machine either


def rows() -> dict[str, tuple[list[str], list[str]]]:
    """The commands of the README: for each file those that install, and those that start."""
    table = re.findall(
        r"^\| \[\S+\]\((\S+)\) \|.*\|(.*)\|(.*)\|$",
        (EXAMPLES / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    code = re.compile(r"`([^`]+)`")
    return {name: (code.findall(install), code.findall(start)) for name, install, start in table}


def commands(name: str) -> list[str]:
    """How an example is started."""
    return rows()[name][1]


def checkout(folder: Path) -> Path:
    """A folder with a copy of the examples, in which the commands of the README run."""
    shutil.copytree(EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _settings(**variables: str) -> dict[str, str]:
    """The environment of a program: that of the tests, with their interpreter first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, **variables}


def run(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        ["bash", "-c", f"exec {command}"],  # so that the limit ends the program, not its shell
        cwd=folder,
        env=_settings(**variables),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


class Running(NamedTuple):
    """A program that runs, in a folder where the file `log` has what it writes."""

    process: subprocess.Popen[bytes]
    folder: Path

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(command: str, folder: Path, **variables: str) -> Iterator[Running]:
    """A program that runs until the end of the block."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=folder,
            env=_settings(**variables),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Running(process, folder)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@cache
def astronaut() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The photograph and its matte."""
    with Image.open(ASTRONAUT) as photo:
        pixels = np.asarray(photo)
    return pixels, defocus.find_subject(ASTRONAUT).matte


def _detail(pixels: NDArray[Any], where: NDArray[np.bool_]) -> float:
    """How much a pixel differs from its neighbours in the row, on average: blur makes it small."""
    bends = np.abs(np.diff(pixels.astype(np.float64), n=2, axis=1)).mean(axis=2)
    return float(bends[where[:, 1:-1] & where[:, 2:] & where[:, :-2]].mean())


def assert_portrait(
    result: NDArray[Any], photo: NDArray[Any], matte: NDArray[np.float32], *, lossy: bool = False
) -> None:
    """The subject is as sharp as before, and the background is blurred."""
    assert result.dtype == photo.dtype
    assert result.shape == photo.shape
    subject, background = matte >= 1.0, matte <= 0.0
    assert min(subject.mean(), background.mean()) > 0.1
    if lossy:
        difference = np.abs(result[subject].astype(float) - photo[subject]).mean()
        assert difference < 6
        assert 0.8 < _detail(result, subject) / _detail(photo, subject) < 1.25
    else:
        assert np.array_equal(result[subject], photo[subject])
    assert _detail(result, background) < 0.5 * _detail(photo, background)


def assert_cutout(result: NDArray[Any], photo: NDArray[Any], matte: NDArray[np.float32]) -> None:
    """Alpha is the matte, and the subject has its colours."""
    assert result.shape == (*photo.shape[:2], 4)
    floor = 4  # alpha below it becomes 0
    assert np.abs(result[..., 3] - 255.0 * matte).max() <= floor
    subject = matte >= 1.0
    assert np.array_equal(result[subject][:, :3], photo[subject])
