"""The session of ONNX Runtime: what it keeps and what it gives back."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from defocus import Segmenter
from defocus.models import session
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
def test_memory_of_a_service_does_not_grow(tmp_path: Path) -> None:
    (tmp_path / "wide.onnx").write_bytes(tiny_network((1, 3, 640, 640)))
    done = subprocess.run(
        [sys.executable, "-c", GROWTH], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    # Of the 160 inputs and views, 5 MB each, and as many maps none may stay.  The C library keeps
    # up to two of them for each of the four threads.
    assert int(done.stdout) < 64 * 1024


FIRST_RUN = """
import re, sys
from pathlib import Path
import numpy as np
from defocus import Segmenter
from defocus.models import session

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

def planned(*arguments, shipped=session._options):
    options = shipped(*arguments)
    options.enable_mem_reuse = True
    return options

if sys.argv[1] == "planned":
    session._options = planned
segmenter = Segmenter("u2netp", threads=1)
segmenter.mask(np.zeros((2, 2, 3), np.uint8))
print(resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_run_keeps_no_buffer_for_a_later_layer() -> None:
    command = [sys.executable, "-c", FIRST_RUN]
    shipped, planned = (
        int(subprocess.check_output([*command, name], text=True, timeout=120))
        for name in ("shipped", "planned")
    )
    assert shipped < planned - 10 * 1024  # 26 MB less


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_other_systems_have_no_such_call(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(name: object) -> Any:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    session._trim_heap()


def test_unused_memory_is_returned_once_after_building(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_network())
    calls: list[str] = []
    monkeypatch.setattr(session, "_trim_heap", lambda: calls.append("given back"))
    segmenter = Segmenter(path)
    assert calls == []
    for _ in range(3):
        segmenter.mask(np.zeros((48, 64, 3), np.uint8))
    assert calls == ["given back"]


MISSING = """
import sys
sys.modules["onnxruntime"] = None  # Python's way to say that there is none
import numpy as np
import defocus
from defocus import cli

picture, matte = np.zeros((8, 9, 3), np.uint8), np.full((8, 9), 255, np.uint8)
defocus.portrait(picture, matte=matte)  # which needs no network
for call in (
    lambda: defocus.find_subject(picture),
    lambda: defocus.Segmenter().warmup(),
    lambda: defocus.Segmenter(providers="cuda"),
    lambda: next(defocus.map([picture])).unwrap(),
):
    for _ in range(2):
        try:
            call()
        except defocus.MissingLibraryError as error:
            assert isinstance(error, ImportError) and isinstance(error, defocus.DefocusError)
            assert "pip install onnxruntime" in str(error) and "\\n" not in str(error)
            assert not isinstance(error, defocus.MissingExtraError)
        else:
            raise AssertionError("there is an onnxruntime")
defocus.save(picture, "a.png")
assert cli.main(["cutout", "a.png", "b.png"]) == 1
assert cli.main(["cutout", "a.png", "-o", "results/"]) == 1
"""


def test_without_onnxruntime(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stderr.splitlines()
    assert first == second
    assert first.startswith("defocus: error: ONNX Runtime")
