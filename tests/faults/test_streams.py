"""A reader of standard output that stops.  tests/cli/test_streams.py has the other cases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.small_batch import FLAGS, leftovers, photographs, results

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/syscall").exists(), reason="needs Linux's /proc"),
]

COMMANDS = {
    "one": ["cutout", "in/a.png", "-", "--format", "png", *FLAGS],
    "many": ["cutout", "in", "-o", "out", "--json", *FLAGS],
    "frames": ["frames", "--size", "32x24", *FLAGS],
}
RAW = bytes(range(256)) * 9 * 60  # 60 frames


def wait(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process is in a call on descriptor 1, or has ended."""
    deadline = time.monotonic() + 60
    call = [""]
    while call[1:2] != ["0x1"] and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
        try:
            call = Path(f"/proc/{process.pid}/syscall").read_text(encoding="ascii").split()
        except ProcessLookupError:
            return


@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c_ends_a_command_whose_reader_has_stopped(name: str) -> None:
    photographs(["a.png", "b.png"])
    reader, writer = os.pipe()
    os.write(writer, bytes(65536))  # now the pipe is full
    process = subprocess.Popen(
        [sys.executable, "-m", "defocus", *COMMANDS[name]],
        stdin=subprocess.PIPE,
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert process.stdin is not None
    process.stdin.write(RAW[:2304])  # one frame
    process.stdin.flush()
    for _ in range(2):  # the first one may still wait for the line about the end
        wait(process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _, err = process.communicate(timeout=60)
    os.close(reader)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert not leftovers(".")
    if Path("out").exists():
        assert set(results("out")) <= {"a.png", "b.png"}
