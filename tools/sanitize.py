"""Build the extension with sanitizers, and run the tests of kernels, binding and threads with it.

    python -m tools.sanitize address    # over-reads, over-writes, undefined behaviour
    python -m tools.sanitize thread     # data races
    python -m tools.sanitize leak       # memory that a call does not give back

Without a name all three run.  `--quick` compiles one ISA level and runs fewer tests.
Arguments that are left over are pytest's.  The presets are in CMakePresets.json.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from defocus import _native
from tools import kernel_tests
from tools.kernel_tests import ROOT, build

SUPPRESSIONS = ROOT / "tools" / "leak.supp"
# Not captured: a sanitizer ends the process with its report.
PYTEST = ("-q", "-s", "-p", "no:cacheprovider")
# These limit the address space, of which AddressSanitizer takes terabytes.
_LIMITED = (
    "--deselect=tests/native/test_binding.py::test_a_cut_that_finds_too_little_memory_is_a_memory_error",
    "--deselect=tests/native/test_parallel.py::test_a_process_short_of_memory_gets_a_result_or_a_memory_error",
)


@dataclass(frozen=True)
class Check:
    """A preset, the libraries that must be loaded before Python, options and tests."""

    preset: str
    libraries: tuple[str, ...]
    options: dict[str, str]
    tests: tuple[str, ...]
    quick: tuple[str, ...]


_ADDRESS = ("libasan.so", "libubsan.so")
_PROCESSES = ("tests/process/test_threads.py", "tests/process/test_forks.py")
_THREADS = ("tests/native/test_shared.py", "tests/native/kernels/test_stages.py")
CHECKS = {
    "address": Check(
        "address",
        _ADDRESS,
        # Each allocation of Python comes from malloc, so that each has guard bytes.
        {"ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"},
        ("tests/native", "tests/pipeline/test_kernels_api.py", *_PROCESSES),
        ("tests/native/kernels/test_stages.py", "tests/native/test_binding.py"),
    ),
    "thread": Check(
        "thread",
        ("libtsan.so",),
        # Nothing is suppressed.  numpy's linear algebra must not start threads of its own.
        {"TSAN_OPTIONS": "halt_on_error=1", "OPENBLAS_NUM_THREADS": "1"},
        (
            *_THREADS,
            "tests/native/kernels/test_matte.py",
            "tests/native/kernels/test_bokeh.py",
            "tests/native/kernels/test_shrink.py",
            "tests/native/kernels/test_samples16.py",
            "tests/native/test_cut.py",
            "tests/native/test_binding.py",
            "tests/pipeline/test_kernels_api.py",
        ),
        ("tests/native/test_shared.py",),
    ),
    "leak": Check(
        "address",
        _ADDRESS,
        {
            "ASAN_OPTIONS": "detect_leaks=1:malloc_context_size=2",
            "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}:print_suppressions=0",
            "PYTHONMALLOC": "malloc",
        },
        ("tests/native/test_shared.py", "tests/native/test_binding.py"),
        ("tests/native/test_shared.py",),
    ),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "checks", nargs="*", metavar="CHECK", help="address, thread or leak, and paths of tests"
    )
    parser.add_argument("--quick", action="store_true", help="one ISA level and fewer tests")
    options, rest = parser.parse_known_args(arguments)
    paths = [name for name in options.checks if Path(name.split("::")[0]).exists()]
    names = [name for name in options.checks if name not in paths] or list(CHECKS)
    unknown = set(names) - set(CHECKS)
    if unknown:
        parser.error(f"unknown check: {', '.join(sorted(unknown))}; expected {', '.join(CHECKS)}")
    failed = [name for name in names if run(name, rest + paths, quick=options.quick) != 0]
    for name in failed:
        print(f"failed: {name}")
    return len(failed)


def run(name: str, arguments: list[str], *, quick: bool = False) -> int:
    """Compile what has changed, run the tests of a check, and return pytest's exit code."""
    check = CHECKS[name]
    more = [f"-DDEFOCUS_ONLY_LEVEL={_native.active_isa()}"] if quick else []
    folder = ROOT / "build" / "sanitized" / (check.preset + ("-quick" if quick else ""))
    module = build(folder, f"--preset={check.preset}", *more)
    tests = arguments or [*PYTEST, *_LIMITED, *(check.quick if quick else check.tests)]
    settings = {**check.options, "LD_PRELOAD": _preloaded(check.libraries)}
    return kernel_tests.run(module, tests, more=settings)


def _preloaded(libraries: Iterable[str]) -> str:
    """Return the paths of the compiler's run-time libraries."""
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    commands = ([*compiler, f"-print-file-name={library}"] for library in libraries)
    return " ".join(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        for command in commands
    )


if __name__ == "__main__":
    sys.exit(main())
