"""Row bands on several threads: what happens when threads, or memory, cannot be had."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from defocus import _native
from tests.native.programs import CPP, ROOT, compiled


def test_an_allocation_that_fails_is_an_exception_or_no_matter(tmp_path: Path) -> None:
    program = tmp_path / "low_memory"
    source = ROOT / "tests" / "native" / "low_memory.cpp"
    compiled("-O1", "-pthread", source, CPP / "core" / "base" / "parallel.cpp", "-o", program)
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


CHILD = """
import resource, sys
import numpy as np
from defocus import _native

image = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
mask = np.zeros((30, 40), np.float32)
mask[10:20] = 1
calls = [
    lambda threads: _native.gaussian_blur(image, 9.0, threads=threads),
    lambda threads: _native.portrait(image, mask, 9.0, unmixed=True, threads=threads),
    lambda threads: _native.shrink_planes(image, 64, 64, threads=threads),
]
want = [call(1).tobytes() for call in calls]
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
outcomes = set()
for spare in (*range(0, 2 << 20, 1 << 17), *range(2 << 20, 600 << 20, 9 << 20)):
    for call, right in zip(calls, want):
        resource.setrlimit(resource.RLIMIT_AS, (used + spare, hard))
        try:
            threads = _native.Threads(16, least_cost=1)
            outcomes.add(call(threads).tobytes() == right)
        except MemoryError:
            outcomes.add("MemoryError")
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        outcomes.add("threads" if threads.ran > 1 else "no threads")
assert outcomes >= {True, "threads", "no threads"}, outcomes
assert False not in outcomes, outcomes
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS and /proc")
def test_a_process_short_of_memory_gets_a_result_or_a_memory_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_threads_says_how_many_ran() -> None:
    image = np.zeros((5, 64, 3), np.uint8)
    for most, least_cost, ran in ((1, 1, 1), (4, 1, 4), (4, 10**9, 1), (1000, 1, 5), (0, 1, 1)):
        threads = _native.Threads(most, least_cost=least_cost)
        assert threads.ran == 0
        _native.gaussian_blur(image, 3.0, threads=threads)
        assert threads.ran == ran
    with pytest.raises(ValueError, match="least_cost"):
        _native.Threads(2, least_cost=0)
