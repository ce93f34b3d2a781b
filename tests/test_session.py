"""The session of ONNX Runtime: what it keeps and what it gives back."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from defocus import Segmenter, session
from tiny_network import tiny_network

GROWTH = """
import re, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import numpy as np
from defocus import Segmenter

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

segmenter = Segmenter("wide.onnx")
image = np.zeros((640, 640, 3), np.uint8)

def serve(calls):
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda _: segmenter.mask(image).sum(), range(calls)):
            pass

serve(40)
before = resident()
serve(160)
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_service_does_not_grow(tmp_path: Path) -> None:
    (tmp_path / "wide.onnx").write_bytes(tiny_network((1, 3, 640, 640)))
    done = subprocess.run(
        [sys.executable, "-c", GROWTH], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    # Of the 160 inputs, 5 MB each, and as many maps none may stay; threads take a little.
    assert int(done.stdout) < 16 * 1024


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_other_systems_have_no_such_call(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(name: object) -> Any:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    session._give_back()


def test_what_building_leaves_is_given_back_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_network())
    calls: list[str] = []
    monkeypatch.setattr(session, "_give_back", lambda: calls.append("given back"))
    segmenter = Segmenter(path)
    assert calls == []
    for _ in range(3):
        segmenter.mask(np.zeros((48, 64, 3), np.uint8))
    assert calls == ["given back"]
