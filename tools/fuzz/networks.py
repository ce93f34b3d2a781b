"""A small network for targets that need one: it takes for the subject what is bright."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from defocus import Segmenter
from tiny_network import bright_network


@cache
def folder() -> Path:
    """Return a temporary folder of this process."""
    path = Path(tempfile.mkdtemp(prefix="defocus-fuzz-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    (path / "bright.onnx").write_bytes(bright_network())
    return path


@cache
def segmenter() -> Segmenter:
    """Return the network, with one thread."""
    return Segmenter(folder() / "bright.onnx", threads=1)


@contextmanager
def inside(path: Path) -> Iterator[None]:
    """Make a folder the current one: paths that an input names lie in it."""
    before = Path.cwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)
