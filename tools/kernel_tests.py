"""Build the extension in another way, and run the tests of the kernels with it.

    python -m tools.kernel_tests --plain

It also compiles each ISA level from the plain loops that compilers without vector extensions take,
and compares all of them.  Arguments that are left over are pytest's.  `--module` takes a module
that is compiled.  `tools.sanitize` runs the tests of a sanitized build.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ("tests/native/kernels", "tests/native/test_cut.py", "tests/pipeline/test_kernels_api.py")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--plain", action="store_true", help="compile plain loops beside the vectors")
    how.add_argument("--module", type=Path, help="run the tests with this compiled module")
    parser.add_argument("--build", type=Path, help="a folder to build in, kept (default: none)")
    options, rest = parser.parse_known_args(arguments)
    rest = rest or ["-q", "-p", "no:cacheprovider", *TESTS]
    if options.module is not None:
        return run(options.module, rest)
    with tempfile.TemporaryDirectory() as folder:
        return run(build(options.build or Path(folder), "-DDEFOCUS_PLAIN_LEVELS=ON"), rest)


def build(folder: Path, *choices: str) -> Path:
    """Configure and compile; gives the compiled module."""
    configure(folder, *choices)
    _cmake("--build", str(folder))
    (module,) = folder.glob("_native.*.so")
    return module


def compile_target(folder: Path, target: str, *choices: str) -> None:
    """Configure, and compile one target."""
    configure(folder, *choices)
    _cmake("--build", str(folder), "--target", target)


def configure(folder: Path, *choices: str) -> None:
    """Have CMake prepare a build in the folder."""
    import pybind11

    names = [f"-DSKBUILD_PROJECT_{name}" for name in ("NAME=defocus", "VERSION=0.0.0")]
    names += ["-DSKBUILD_PROJECT_VERSION_FULL=0.0.0", f"-DPython_EXECUTABLE={sys.executable}"]
    names += [f"-Dpybind11_DIR={pybind11.get_cmake_dir()}"]
    _cmake("-S", str(ROOT), "-B", str(folder), "-G", "Ninja", *choices, *names)


def _cmake(*arguments: str) -> None:
    # cmake and ninja of the virtual environment count, if it is not active.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(["cmake", *arguments], check=True, env={**os.environ, "PATH": path})


def run(module: Path, arguments: list[str], *, more: dict[str, str] | None = None) -> int:
    """Run pytest with this module in the place of the installed one, also in child processes."""
    command = [sys.executable, "-m", "pytest", *arguments]
    env = {**environment(module), **(more or {})}
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def environment(module: Path) -> dict[str, str]:
    """Variables with which Python loads this module in the place of the installed one."""
    folders = [str(ROOT / "tools" / "module"), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, folders))
    return {**os.environ, "DEFOCUS_TEST_MODULE": str(module.resolve()), "PYTHONPATH": path}


if __name__ == "__main__":
    sys.exit(main())
