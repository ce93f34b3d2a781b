"""Run tests with the oldest or the newest Python and libraries.

    python -m tools.versions oldest [--wheel FILE] [arguments of pytest]
    python -m tools.versions newest [--wheel FILE] [arguments of pytest]

`oldest` takes the Python that runs it, which has to be the oldest supported one, and of each
library the oldest release that pyproject.toml allows.  `newest` takes CPython from Debian's testing
release, and of each library the newest release.  Without `--wheel` the extension is compiled,
for one ISA level.  The environments are in build/versions/.  The exit code is 77 if Debian's
packages cannot be had.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from defocus import _native
from tools.versions import debian_python
from tools.versions.floors import floors, oldest_python

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "versions"
# Newer ones have no wheel of onnxruntime.
NEWEST = "3.14"
# What meets the libraries: files, networks, arrays, threads and requests.
TESTS = (
    "tests/native/test_binding.py",
    "tests/models",
    "tests/pixels",
    "tests/render",
    "tests/pipeline/test_pipeline.py",
    "tests/pipeline/test_one_matte.py",
    "tests/io/test_decode.py",
    "tests/io/test_formats.py",
    "tests/io/test_limits.py",
    "tests/io/test_save.py",
    "tests/process/test_threads.py",
    "tests/serve/test_photos.py",
    "tests/serve/test_v1.py",
)
PYTEST = ("-q", "-p", "no:cacheprovider", "-n", "auto", "--maxprocesses", "4")
NOT_AVAILABLE = 77
LIBRARIES = ("numpy", "onnxruntime", "pillow", "simplejpeg", "isal", "pi-heif", "fastapi")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.versions")
    parser.add_argument("row", choices=["oldest", "newest"])
    parser.add_argument("--wheel", type=Path, help="a wheel for the Python of the row")
    options, rest = parser.parse_known_args()
    return run(options.row, options.wheel, rest)


def run(row: str, wheel: Path | None, arguments: list[str]) -> int:
    """Make the environment of a row, and run pytest in it; gives the status of pytest."""
    folder = PLACE / row
    python, include = (oldest if row == "oldest" else newest)(folder)
    limits = folder / "limits.txt"
    limits.write_text("\n".join(floors(project()) if row == "oldest" else []), encoding="utf-8")
    install = ["install", "--quiet", "--no-compile", "--constraint", str(limits)]
    level = f"--config-settings=cmake.define.DEFOCUS_ONLY_LEVEL={_native.active_isa()}"
    place = f"--config-settings=build-dir={PLACE / 'compiled' / row}"
    what = [f"{wheel}[test]"] if wheel else [level, place, f"{ROOT}[test]"]
    flags = {"CXXFLAGS": f"-idirafter {include}"} if include else {}
    subprocess.run([python, "-m", "pip", *install, *what], env={**os.environ, **flags}, check=True)
    print(row, describe(python), flush=True)
    tests = arguments or [*PYTEST, *TESTS]
    return subprocess.run([python, "-m", "pytest", *tests], cwd=ROOT, check=False).returncode


def project() -> dict[str, object]:
    """The table [project] of pyproject.toml."""
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))[
        "project"
    ]
    return table


def oldest(folder: Path) -> tuple[Path, None]:
    """Make an environment of the Python that runs this.  Raises SystemExit if it is newer."""
    needed = oldest_python(project())
    if sys.version_info[:2] != needed:
        raise SystemExit(f"the row oldest needs Python {needed[0]}.{needed[1]}")
    venv.create(folder, clear=True, with_pip=True)
    return folder / "bin" / "python", None


def newest(folder: Path) -> tuple[Path, Path]:
    """Make an environment of Debian's Python: its program, and the folder of its headers."""
    root = PLACE / f"python{NEWEST}"
    try:
        debian_python.unpack(NEWEST, root)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no CPython {NEWEST} of Debian, so this row is skipped: {error}")
        raise SystemExit(NOT_AVAILABLE) from error
    python = debian_python.environment(NEWEST, root, folder)
    return python, root / "usr" / "include"


def describe(python: Path) -> str:
    """The versions in an environment, in one line."""
    code = (
        "import sys, importlib.metadata as found\n"
        "print('Python', sys.version.split()[0], *(name + ' ' + found.version(name) "
        f"for name in {LIBRARIES}), sep=', ')"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
