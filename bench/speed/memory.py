"""How much memory a stage takes beyond its input and its result, at its peak.

In MB (10^6 bytes), for one of peers.stages.  A process of its own per figure, because Linux tells
a peak per process.  Huge pages are off: they round every block up to 2 MB.
"""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

from bench.peers import libraries as peers
from bench.support import harness, patterns

DISABLE_HUGE_PAGES = 41  # PR_SET_THP_DISABLE
RESET_PEAK = "5"  # to clear_refs: the peak is what is resident now
# Blocks of any size that matters go back to the system when freed, rather than hide the next ones.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


def peak(name: str, size: str) -> float:
    """MB beyond input and result, or NaN where the system does not tell."""
    if not Path("/proc/self/clear_refs").exists():
        return float("nan")
    done = subprocess.run(
        [sys.executable, "-m", "bench.speed.memory", name, size],
        cwd=harness.ROOT,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


def measure(name: str, size: str) -> float:
    """The same, in this process."""
    libc = ctypes.CDLL(None)
    libc.prctl(DISABLE_HUGE_PAGES, 1, 0, 0, 0)
    sigma = stage_sigma(patterns.SIZES[size][0])
    # Libraries load and start what they keep at the first use; that is not the picture's.
    first = peers.Pictures(patterns.scene(64, 64), patterns.person_mask())
    peers.stages(first, 3.0)[name]()
    runner = peers.stages(peers.Pictures.of(size), sigma)[name]
    libc.malloc_trim(0)
    Path("/proc/self/clear_refs").write_text(RESET_PEAK, "ascii")
    before = _kilobytes("VmRSS")
    result = runner()
    taken = (_kilobytes("VmHWM") - before) * 1024
    return (taken - peers.as_array(result).nbytes) / 1e6


def stage_sigma(width: int) -> float:
    """The blur that the bench's stages use: the same look at any size."""
    return 10.0 * width / 1920.0


def _kilobytes(field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.M)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":  # for peak()
    print(measure(sys.argv[1], sys.argv[2]))
