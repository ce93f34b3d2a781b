"""Programs of libFuzzer in C++, which `cpp/fuzz` holds: how they are built and started."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

from tools.kernel_tests import ROOT, compile_target

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
    folder = ROOT / "build" / "sanitized" / _PRESET
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:  # the programs share object files
        fcntl.flock(lock, fcntl.LOCK_EX)
        compile_target(folder, f"fuzz_{name}", f"--preset={_PRESET}")
        seeds = _write_seeds(folder)
    program = folder / "cpp" / "fuzz" / f"fuzz_{name}"
    return [str(program), f"-max_len={_LONGEST}", "-len_control=0", f"-seed_inputs=@{seeds}"]


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
