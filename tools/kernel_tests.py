"""Build the extension in another way, and run the tests of the kernels with it.

    python -m tools.kernel_tests --sanitize address,undefined
    python -m tools.kernel_tests --plain

The first finds what reads or writes outside its arrays.  The second also compiles each ISA level
from the plain loops that compilers without vector extensions take, and compares all of them.
Arguments that are left over are pytest's.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ("tests/native/kernels", "tests/native/test_cut.py", "tests/pipeline/test_kernels_api.py")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--sanitize", metavar="LIST", help="compile with these sanitizers")
    how.add_argument("--plain", action="store_true", help="compile plain loops beside the vectors")
    how.add_argument("--module", type=Path, help="run the tests with this compiled module")
    parser.add_argument("--build", type=Path, help="a folder to build in, kept (default: none)")
    options, rest = parser.parse_known_args(arguments)
    # Not captured: a sanitizer ends the process with its report.
    rest = rest or ["-q", "-s", "-p", "no:cacheprovider", *TESTS]
    if options.module is not None:
        return run(options.module, rest)
    with tempfile.TemporaryDirectory() as folder:
        choice = (
            f"-DDEFOCUS_SANITIZE={options.sanitize}"
            if options.sanitize
            else "-DDEFOCUS_PLAIN_LEVELS=ON"
        )
        module = build(options.build or Path(folder), choice)
        command = [sys.executable, "-m", "tools.kernel_tests", "--module", str(module), *rest]
        environment = {**os.environ, **runtime((options.sanitize or "").split(","))}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def build(folder: Path, choice: str) -> Path:
    """Configure and compile; gives the compiled module."""
    import pybind11

    configure = ["cmake", "-S", str(ROOT), "-B", str(folder), "-G", "Ninja", choice]
    configure += [f"-DSKBUILD_PROJECT_{name}" for name in ("NAME=defocus", "VERSION=0.0.0")]
    configure += [f"-Dpybind11_DIR={pybind11.get_cmake_dir()}"]
    configure += ["-DSKBUILD_PROJECT_VERSION_FULL=0.0.0", f"-DPython_EXECUTABLE={sys.executable}"]
    # cmake and ninja of the virtual environment count, if it is not active.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    for command in (configure, ["cmake", "--build", str(folder)]):
        subprocess.run(command, check=True, env={**os.environ, "PATH": path})
    (module,) = folder.glob("_native.*.so")
    return module


def runtime(sanitizers: list[str]) -> dict[str, str]:
    """The environment in which a module compiled with these can be loaded."""
    names = {"address": "libasan.so", "undefined": "libubsan.so"}
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    libraries = [
        subprocess.run(
            [*compiler, f"-print-file-name={names[name]}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for name in sanitizers
        if name in names
    ]
    if not libraries:
        return {}
    # Python itself gives much back only when it ends, or never.
    return {"LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0"}


def run(module: Path, arguments: list[str]) -> int:
    """Run pytest with this module in the place of the installed one."""
    spec = importlib.util.spec_from_file_location("defocus._native", module)
    assert spec is not None
    assert spec.loader is not None
    native = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(native)
    sys.modules["defocus._native"] = native
    import pytest

    import defocus

    defocus._native = native
    return int(pytest.main(arguments))


if __name__ == "__main__":
    sys.exit(main())
