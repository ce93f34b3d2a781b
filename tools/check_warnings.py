"""Check that our own C++ has no warning by the compiler that CXX names; nothing is written.

CXX=clang++ python -m tools.check_warnings
CXX=aarch64-linux-gnu-g++ python -m tools.check_warnings --processor aarch64
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.kernel_tests import configure


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processor", help="what a cross-compiler compiles for, as CMake names it")
    processor = parser.parse_args().processor
    choices = ["-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-DDEFOCUS_WERROR=ON"]
    if processor:
        choices += [f"-DCMAKE_SYSTEM_NAME={platform.system()}"]
        choices += [f"-DCMAKE_SYSTEM_PROCESSOR={processor}"]
        choices += [f"-DPython_INCLUDE_DIR={sysconfig.get_path('include')}"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configure(folder, *choices)
        commands = json.loads((folder / "compile_commands.json").read_text(encoding="utf-8"))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            reports = [report for report in pool.map(warnings, commands) if report]
    print("\n".join(reports) or f"{len(commands)} files, no warning")
    return 1 if reports else 0


def warnings(entry: Mapping[str, str]) -> str:
    """What the compiler reports for one entry of compile_commands.json; empty if nothing."""
    command = shlex.split(entry["command"])
    start = command[: command.index("-o")]
    done = subprocess.run(
        [*start, "-fsyntax-only", entry["file"]],
        cwd=entry["directory"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr:
        return done.stderr
    return f"{entry['file']}: status {done.returncode}" if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
