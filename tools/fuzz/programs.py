"""Native code that guides a search: programs of libFuzzer in `cpp/fuzz`, and the extension."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.kernel_tests import ROOT, compile_target, environment

_PRESET = "fuzz"
_LONGEST = 400  # bytes of an input
# After the number of a case: choices, a row of random samples, and a row of the input's own bytes.
_TAILS = (
    bytes([16, 0, 0, 5, 0, 200, 1, 0] * 8),
    bytes([70, 3, 1, 2, 3, 4, 128, 77] * 8),
    bytes(range(1, 65)),
)
_SMALLEST = (
    'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
)
_CASES = 100  # at least as many as a program has; it counts them modulo its own number


def command(name: str) -> list[str] | None:
    """Build a program, and return how it is started; None where Clang is missing."""
    if not _has_engine():
        print("no clang++ with libFuzzer, so the native code is not searched")
        return None
    with _locked() as folder:
        compile_target(folder, f"fuzz_{name}", f"--preset={_PRESET}")
        seeds = _write_seeds(folder)
    program = folder / "cpp" / "fuzz" / f"fuzz_{name}"
    return [str(program), f"-max_len={_LONGEST}", "-len_control=0", f"-seed_inputs=@{seeds}"]


def guided(runtimes: Path) -> dict[str, str] | None:
    """Build the extension so that its code guides a search in Python, and checks its memory.

    Returns the variables with which Python loads it; None where Clang is missing.  `runtimes` is
    the folder in which atheris has its engine together with AddressSanitizer.
    """
    if not _has_engine():
        print("no clang++ with libFuzzer, so the extension does not guide the search")
        return None
    with _locked() as folder:
        compile_target(folder, "_native", f"--preset={_PRESET}")
    (module,) = folder.glob("_native.*.so")
    return {
        **environment(module),
        "LD_PRELOAD": str(runtimes / "asan_with_fuzzer.so"),
        # An allocation that fails is a MemoryError.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        # Each allocation of Python comes from malloc, so that each has guard bytes.
        "PYTHONMALLOC": "malloc",
    }


@contextmanager
def _locked() -> Iterator[Path]:
    """Give the build folder to one process at a time: programs share object files."""
    folder = ROOT / "build" / "sanitized" / _PRESET
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _has_engine() -> bool:
    """Whether Clang is there, with the libraries of libFuzzer and AddressSanitizer."""
    if shutil.which("clang++") is None:
        return False
    flags = ["-fsanitize=fuzzer,address", "-x", "c++", "-", "-o", "/dev/null"]
    done = subprocess.run(
        ["clang++", *flags], input=_SMALLEST, text=True, capture_output=True, check=False
    )
    return done.returncode == 0


def _write_seeds(build: Path) -> Path:
    """Write inputs for each case, and return the file that lists them."""
    folder = build / "seeds"
    folder.mkdir(exist_ok=True)
    paths = []
    for case in range(_CASES):
        for number, tail in enumerate(_TAILS):
            paths.append(folder / f"{case}-{number}")
            paths[-1].write_bytes(bytes([case]) + tail)
    listing = folder.with_suffix(".txt")
    listing.write_text(",".join(map(str, paths)), encoding="utf-8")
    return listing
