"""The check of warnings reports what a compiler writes, and nothing for clean code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.check_warnings import warnings

COMPILER = shutil.which("c++")


@pytest.mark.skipif(COMPILER is None, reason="needs c++")
@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("int f(int a) { return a; }", ""),
        ("int f(int) { int b; return 0; }", "unused"),
        ("int f(", "error"),
    ],
)
def test_warnings_and_errors(tmp_path: Path, source: str, word: str) -> None:
    file = tmp_path / "a.cpp"
    file.write_text(source, encoding="utf-8")
    command = f"{COMPILER} -Wall -Werror -o a.o -c {file}"
    report = warnings({"command": command, "directory": str(tmp_path), "file": str(file)})
    assert (word in report) if word else not report
    assert not (tmp_path / "a.o").exists()
