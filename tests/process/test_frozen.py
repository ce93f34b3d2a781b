"""A program with defocus that PyInstaller has frozen.

The run itself is not in the default suite: pip install pyinstaller, then pytest -m frozen.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import defocus

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "astronaut.jpg"
PROGRAM = """
import importlib
import sys

import defocus

importlib.import_module(f"{defocus.__name__}.cli")  # no analysis of the source sees the name

defocus.save(defocus.portrait(sys.argv[1]), sys.argv[2])
"""


def test_pyinstaller_is_told_where_the_hook_lies() -> None:
    (point,) = (p for p in entry_points(group="pyinstaller40") if p.value.startswith("defocus"))
    assert point.name == "hook-dirs"
    (folder,) = point.load()()
    assert (Path(folder) / "hook-defocus.py").is_file()


@pytest.mark.frozen
def test_a_frozen_program(tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller")
    (tmp_path / "program.py").write_text(PROGRAM)
    build = [sys.executable, "-m", "PyInstaller", "--log-level", "WARN", "program.py"]
    subprocess.run(build, cwd=tmp_path, check=True, timeout=900)
    # Far from where it was made, and without the environment: what it uses is its own.
    place, photo = tmp_path / "elsewhere", tmp_path / "photo.jpg"
    shutil.move(tmp_path / "dist" / "program", place)
    shutil.copy(EXAMPLE, photo)
    for suffix in ("jpg", "png", "webp", "tif"):
        result = tmp_path / f"result.{suffix}"
        done = subprocess.run(
            [place / "program", photo, result],
            cwd=place,
            env={"HOME": str(tmp_path)},
            capture_output=True,
            timeout=300,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        expected = io.BytesIO()
        defocus.save(defocus.portrait(EXAMPLE), expected, format=suffix)
        same = result.read_bytes() == expected.getvalue()
        assert same, suffix  # without a comparison of millions of bytes
    held = {path.name for path in (place / "_internal").iterdir()}
    assert {"PIL", "onnxruntime", "defocus"} <= held
    assert not {"ray", "pyarrow"} & held
