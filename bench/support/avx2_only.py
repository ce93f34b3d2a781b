"""Run a bench as on a processor that has AVX2, but neither AVX-512 nor VNNI.

    python -m bench.support.avx2_only bench.speed.file_to_file [ARGUMENTS...]

All libraries of the bench and of its children choose their instructions for such a processor:
ONNX Runtime, OpenCV, numpy and defocus.  Clock rate, caches and memory stay those of the machine,
so ratios within a run count, and not milliseconds.

Needs Linux on x86-64, gcc, and a processor or hypervisor with `cpuid_fault` in /proc/cpuinfo.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["VARIABLE", "library", "possible"]

VARIABLE = "DEFOCUS_BENCH_AVX2_ONLY"  # set in the processes whose processor has a part hidden
SOURCE = Path(__file__).with_suffix(".c")


def possible() -> bool:
    """Whether this machine can hide a part of its processor's features."""
    try:
        return "cpuid_fault" in Path("/proc/cpuinfo").read_text("utf-8").split()
    except OSError:
        return False


def library(folder: Path) -> Path:
    """Compile the library that is preloaded, into the folder."""
    made = folder / "avx2_only.so"
    options = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    subprocess.run(["gcc", *options, str(SOURCE), "-o", str(made)], check=True)
    return made


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if not possible():
        sys.exit("/proc/cpuinfo does not have cpuid_fault: this machine cannot hide its features")
    if shutil.which("gcc") is None:
        sys.exit("gcc is not installed; install it to compile the library that hides the features")
    with tempfile.TemporaryDirectory() as name:
        own = {"LD_PRELOAD": str(library(Path(name))), VARIABLE: "1"}
        command = [sys.executable, "-m", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env={**os.environ, **own}, check=False).returncode)


if __name__ == "__main__":
    main()
