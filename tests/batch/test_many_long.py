"""A thousand mixed files through the command line, by a process of its own.  Takes a minute or two.

pytest -m long
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import mixed

COUNT = 1000
GROWTH = 1.15  # of the resident memory, from the second quarter of the way to the last


def resident(pid: int) -> int:
    """Bytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def follow(arguments: list[str]) -> tuple[int, list[dict[str, Any]], list[int]]:
    """The exit code, the lines of JSON, and the memory at each of them."""
    command = [sys.executable, "-m", "defocus", *arguments, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        records, memory = [], []
        for line in process.stdout:
            records.append(json.loads(line))
            if "summary" not in records[-1]:
                memory.append(resident(process.pid))
    return process.returncode, records, memory


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_thousand_mixed_files(tmp_path: Path) -> None:
    made = mixed.make(tmp_path / "in", COUNT)
    assert len(made.good) == 0.8 * COUNT
    assert set(made.bad.values()) == set(mixed._BAD)
    arguments = ["portrait", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--model", "u2netp"]
    code, records, memory = follow(arguments)
    *pictures, last = records
    assert code == last["summary"]["exit_code"] == 1

    def named(status: str) -> set[str]:
        paths = [Path(p["in"]) for p in pictures if p["status"] == status]
        return {str(path.relative_to(tmp_path / "in")) for path in paths}

    assert made.good ^ named("done") == set()
    assert set(made.bad) ^ named("failed") == set()
    assert made.without ^ named("no_subject") == set()
    assert len(pictures) == len(made.good) + len(made.bad) + len(made.without)
    for picture in pictures:
        if picture["status"] == "done":
            with Image.open(picture["in"]) as before, Image.open(picture["out"]) as after:
                after.load()
                turned = before.getexif().get(0x0112, 1) == 6
                assert after.size == (before.size[::-1] if turned else before.size)
        else:
            assert not Path(picture["out"]).exists()
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) == len(made.good)
    quarter = len(memory) // 4
    early, late = max(memory[quarter : 2 * quarter]), max(memory[-quarter:])
    assert late < GROWTH * early, f"{early / 1e6:.0f} MB became {late / 1e6:.0f} MB"

    code, records, _ = follow(arguments)
    assert (code, records[-1]["summary"]["exists"]) == (1, len(made.good)), "nothing is done twice"
    assert records[-1]["summary"]["done"] == 0
