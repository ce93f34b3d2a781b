"""Small C++ programs for what Python cannot reach, compiled where there is a compiler."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CPP = ROOT / "cpp"
STANDARD = ("-std=c++17", "-ffp-contract=off", f"-I{CPP}")


def compiler() -> list[str]:
    """The command of a C++ compiler that understands GCC's options; skips where there is none."""
    command = shlex.split(os.environ.get("CXX", "c++"))
    if shutil.which(command[0]) is None or os.name == "nt":
        pytest.skip("needs a C++ compiler: c++, or what CXX says")
    return command


def compiled(*arguments: str | Path) -> None:
    """Run the compiler; its messages are the test's."""
    command = [*compiler(), *STANDARD, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
