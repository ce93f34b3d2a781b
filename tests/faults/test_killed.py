"""SIGKILL at random moments of a batch: a further run finishes it, and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from batch_command import run
from defocus.atomic import remove_leftovers
from faults.small_batch import FLAGS, leftovers, photographs, results

pytestmark = pytest.mark.faults

COUNT = int(os.environ.get("DEFOCUS_TEST_PHOTOGRAPHS", "800"))
KILLS = 6
NAMES = [f"{n % 4}/{n:05}.png" for n in range(COUNT)]
JOBS = ["--jobs", "2", "-q"]


def count() -> int:
    return sum(1 for _ in Path("out").rglob("[0-9]*.png"))


def killed(arguments: list[str], more: int) -> bool:
    """Run the command, and kill it after that many more results; whether it was still running."""
    goal = count() + more
    process = subprocess.Popen([sys.executable, "-m", "defocus", *arguments])
    deadline = time.monotonic() + 100
    try:
        while process.poll() is None and count() < goal:
            assert time.monotonic() < deadline
            time.sleep(random.uniform(0, 0.01))
    finally:
        process.kill()
        process.wait()
    return process.returncode == -signal.SIGKILL


def test_a_killed_batch_is_finished_by_the_same_command() -> None:
    photographs(NAMES)
    assert run("cutout", "in", "-o", "undisturbed", *FLAGS, *JOBS).returncode == 0
    want = results("undisturbed")
    assert len(want) == COUNT
    Path("out").mkdir()
    arguments = ["cutout", "in", "-o", "out", *FLAGS, *JOBS]
    pieces = [random.randrange(COUNT // (KILLS + 2)) for _ in range(KILLS)]
    kills = sum(killed(arguments, more) for more in pieces)
    assert kills >= KILLS // 2, "too few photographs: the batch was done before"
    some = results("out")
    assert some == {name: want[name] for name in some}, "half-written, or different"
    for path in leftovers("out"):
        os.utime(path, (1, 1))  # as if the kill were a while ago
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    assert results("out") == want
    assert not leftovers("out")


def test_a_temporary_file_of_a_killed_process_does_not_stay() -> None:
    """A kill between the writing and the renaming of a file leaves one; a later run removes it."""
    photographs(["a.png", "b.png"])
    Path("out").mkdir()
    code = (
        "import os, signal, sys\n"
        "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from defocus.cli.command import main\n"
        "main(sys.argv[1:])\n"
    )
    arguments = ["cutout", "in", "-o", "out", *FLAGS, *JOBS]
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert leftovers("out")
    assert results("out") == {}
    remove_leftovers("out")
    assert leftovers("out"), "the file of a process that may still run"
    for path in leftovers("out"):
        os.utime(path, (1, 1))
    assert run(*arguments).returncode == 0
    assert not leftovers("out")
    assert sorted(results("out")) == ["a.png", "b.png"]
