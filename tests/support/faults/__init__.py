"""Processes in which allocations, threads and calls on files fail.

The tests compile `faults.c` and start processes with it.  Linux with glibc only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

__all__ = ["build", "python", "without_faults"]

_PATHS = [Path(__file__).resolve().parents[1], Path(__file__).resolve().parents[3]]


def build(folder: Path) -> Path:
    """Compile the library in the folder; skip the test where that cannot be."""
    compiler = shutil.which("gcc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs Linux and gcc, for a library that is preloaded")
    library = folder / "defocus_faults.so"
    options = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-pthread"]
    source = Path(__file__).with_name("faults.c")
    done = subprocess.run(
        [compiler, *options, source, "-o", library, "-ldl"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "__libc_malloc" in done.stderr:
        pytest.skip("needs glibc")
    assert done.returncode == 0, done.stderr
    return library


def python(
    library: Path, *arguments: str | Path, faults: str | None = None, **settings: Any
) -> subprocess.CompletedProcess[str]:
    """Run Python with the library; `faults` is DEFOCUS_TEST_FAULTS (see faults.c)."""
    more = {"LD_PRELOAD": str(library), "PYTHONPATH": os.pathsep.join(map(str, _PATHS))}
    if faults is not None:
        more["DEFOCUS_TEST_FAULTS"] = faults
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        env={**os.environ, **more, **settings.pop("env", {})},
        **settings,
    )


def without_faults(done: subprocess.CompletedProcess[str]) -> None:
    """Assert that a process has ended with 0."""
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
