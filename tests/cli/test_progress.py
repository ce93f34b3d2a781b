"""The progress meter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from batch_command import SMALL
from defocus.cli.progress import Meter
from pictures import photographs


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_shows_the_meter() -> None:
    import pty

    photographs(Path("in"), [f"{n}.png" for n in range(6)])
    Path("in/torn.png").write_bytes(b"junk")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "defocus", "mask", "in", "-o", "out", *SMALL],
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    text = shown.decode()
    assert process.returncode == 1
    assert out == b""
    assert "\r\x1b[K[" in text
    assert "/s  " in text
    assert " left" in text
    assert "1 failed" in text
    assert "->" not in text
    lines = [line.split("\x1b[K")[-1] for line in text.replace("\r\n", "\n").splitlines()]
    assert any(line.startswith("defocus: error: 'in/torn.png'") for line in lines)
    assert lines[-1].startswith("defocus: 6 done, 1 failed, in ")


def test_the_meter() -> None:
    now = iter(range(100))
    meter = Meter(400, clock=lambda: float(next(now)))
    for _ in range(3):
        meter.advance()
    meter.advance(failed=True)
    text = "4/400  1 %  1.0/s  6:36 left  1 failed"
    assert meter.text() == text
    assert meter.bar(80) == f"[{'-' * 30}]  {text}"
    for width in range(1, 80):
        assert len(meter.bar(width)) < max(width, 2)


def test_the_meter_has_units_and_may_have_no_total() -> None:
    now = iter(range(0, 100, 2))
    meter = Meter(168_000_000, unit=" MB", scale=1e6, clock=lambda: float(next(now)))
    meter.advance(21_000_000)
    assert meter.text() == "21.0/168.0 MB  12 %  10.5 MB/s  0:14 left"
    assert meter.bar(80).startswith("[###--")
    frames = Meter(unit=" frames", redraw=False, clock=lambda: float(next(now)))
    frames.advance(6)
    assert frames.text() == "6 frames  3.0 frames/s"
