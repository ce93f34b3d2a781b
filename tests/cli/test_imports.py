"""What the command imports: not more than it uses, because one photograph waits for all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

LIST = """
import atexit, sys
atexit.register(lambda: print(*sys.modules))
from defocus.cli import main
sys.argv = ["defocus", *sys.argv[1:]]
sys.exit(main())
"""
# Libraries, and the rooms that lie above those of one photograph.
OTHERS = """
    asyncio ssl http email concurrent multiprocessing unittest xml json uuid
    shutil tempfile random difflib webbrowser importlib.metadata typing_extensions
    numpy.ma numpy.random numpy.fft numpy.polynomial numpy.testing
    pillow_heif pi_heif fastapi uvicorn ray pyarrow
    defocus.aio defocus.compat defocus.frames defocus.kernels defocus.ray defocus.serve
    defocus.cli.batch_run defocus.cli.frames defocus.cli.many defocus.cli.models
    defocus.cli.progress defocus.cli.ray defocus.cli.reporter defocus.cli.serve defocus.cli.shells
    defocus.batch.map defocus.batch.pool defocus.batch.watch
    defocus.io.animation defocus.io.frame_spool
"""
CUTOUT = ["defocus.pipeline.cutout", "defocus.pipeline.shaping", "defocus.render.shadow"]
PORTRAIT = ["defocus.pipeline.portrait", "defocus.render.grain", "defocus.render.layers"]


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A photograph with a light square, of which `matte.png` is the matte."""
    monkeypatch.chdir(tmp_path)
    matte = np.zeros((384, 512), np.uint8)
    matte[96:288, 160:352] = 255
    Image.fromarray(matte).save("matte.png")
    Image.fromarray(np.stack([matte // 2 + 40] * 3, axis=2)).save("photo.jpg")
    return "photo.jpg"


def modules(*words: str) -> set[str]:
    """The modules that the process of the command has at its end."""
    code = [sys.executable, "-c", LIST, *words]
    done = subprocess.run(code, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return {*done.stdout.splitlines()[-1].split()}


def of(names: list[str], found: set[str]) -> list[str]:
    """Those names whose module is there."""
    return [name for name in names if name in found]


@pytest.mark.parametrize("more", [["--matte", "matte.png"], ["--model", "u2netp"]])
def test_a_portrait_imports_only_what_it_uses(photo: str, more: list[str]) -> None:
    found = modules("portrait", photo, "portrait.jpg", *more)
    assert of([*OTHERS.split(), *CUTOUT], found) == []
    assert of(PORTRAIT, found) == PORTRAIT
    assert ("onnxruntime" in found) == ("u2netp" in more)


def test_a_cutout_imports_only_what_it_uses(photo: str) -> None:
    found = modules("cutout", photo, "cutout.png", "--matte", "matte.png")
    assert of([*OTHERS.split(), *PORTRAIT], found) == []
    assert of(CUTOUT, found) == CUTOUT


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_a_question_about_the_command_imports_no_library(word: str) -> None:
    found = modules("portrait", word) if word == "--help" else modules(word)
    assert of(["numpy", "PIL", "onnxruntime", "dataclasses"], found) == []
