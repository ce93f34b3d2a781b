"""The command for many images: interruption, resumption and watching."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from batch_command import SMALL, records, results, run
from defocus import atomic
from defocus.cli.command import main
from pictures import photographs


def started(arguments: list[str], count: int) -> subprocess.Popen[bytes]:
    """A running process that has written that many results."""
    process = subprocess.Popen(
        [sys.executable, "-m", "defocus", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while len([*Path("out").rglob("*.png")]) < count and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    return process


def test_killed_and_run_again(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), [f"{n % 3}/{n:03}.png" for n in range(24)])
    arguments = ["mask", "in", "-o", "out", *SMALL, "--json"]
    process = started(arguments, 5)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    left = Path("out/0/.defocus-0123456789abcdef")  # half a file
    left.write_bytes(b"half")
    for temporary in Path("out").rglob(".defocus-*"):  # also one that the killed process had open
        os.utime(temporary, (1, 1))
    whole = {path: path.stat().st_mtime_ns for path in Path("out").rglob("[0-9]*.png")}
    assert 5 <= len(whole) < 24
    assert main(arguments) == 0
    pictures, summary = records(capfd.readouterr().out)
    assert summary["exists"] == len(whole)
    assert summary["done"] == 24 - len(whole)
    assert len(results()) == 24, "the incomplete file is removed"
    assert {path: path.stat().st_mtime_ns for path in whole} == whole
    assert sorted(picture["in"] for picture in pictures) == sorted(
        map(str, Path("in").rglob("*.png"))
    )


def test_a_folder_whose_photographs_are_done_is_cleared_too() -> None:
    photographs(Path("in"), ["0/a.png", "1/b.png"])
    for name in ("0/a.png", "1/b.png"):
        Path("out", name).parent.mkdir(parents=True)
        Path("out", name).write_bytes(Path("in", name).read_bytes())
    left = Path("out/0/.defocus-0123456789abcdef")
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    assert main(["mask", "in", "-o", "out", *SMALL, "-q"]) == 0
    assert not left.exists()


def test_temporary_files_of_others_are_kept(folder: Path) -> None:
    young, old = folder / ".defocus-0123456789abcdef", folder / ".defocus-fedcba9876543210"
    other, mine = folder / ".defocus-settings", folder / "0123456789abcdef"
    for path in (young, old, other, mine):
        path.write_bytes(b"x")
    for path in (old, other, mine):
        os.utime(path, (1, 1))
    atomic.remove_leftovers(str(folder))
    assert {path.name for path in folder.iterdir()} == {young.name, other.name, mine.name}
    atomic.remove_leftovers(str(folder / "missing"))


def test_ctrl_c_leaves_complete_files_and_can_be_resumed() -> None:
    photographs(Path("in"), [f"{n:03}.png" for n in range(24)])
    arguments = ["mask", "in", "-o", "out", *SMALL]
    process = started(arguments, 4)
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - start < 10
    assert process.returncode == 130
    done = len(results())
    assert 4 <= done < 24
    last = err.decode().splitlines()[-1]
    assert f" {24 - done} not started" in last
    assert last.endswith("interrupted; run the same command again to resume")
    assert b"Traceback" not in err
    assert run(*arguments, "-q").returncode == 0
    assert len(results()) == 24


def test_a_second_ctrl_c_ends_at_once() -> None:
    code = (
        "import signal, sys, time\n"
        "from defocus.cli.many import interruptible\n"
        "with interruptible():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        print('first', flush=True)\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "        print('never')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30)
    assert (done.returncode, done.stdout) == (130, b"first\n")


def test_watching() -> None:
    photographs(Path("in"), ["a.png"])
    process = subprocess.Popen(
        [sys.executable, "-m", "defocus", "mask", "--watch", "in", "-o", "out", *SMALL],
        stderr=subprocess.PIPE,
    )

    def wait_for(name: str) -> None:
        deadline = time.monotonic() + 30
        while not Path("out", name).exists():
            assert time.monotonic() < deadline, name
            time.sleep(0.05)

    wait_for("a.png")
    Path("in/bad.png").write_bytes(b"junk")
    photographs(Path(), ["moved.png"])
    Path("moved.png").rename("in/b.png")
    wait_for("b.png")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert results() == ["a.png", "b.png"]
    text = err.decode()
    assert text.startswith("defocus: watching in; Ctrl-C ends\n")
    assert text.count("'in/bad.png' is not an image") <= 2
    assert "Traceback" not in text
