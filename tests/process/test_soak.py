"""The soak of bench/ runs, and fails where something grows; a short one is run by name."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("bench.speed.soak")


def test_growth_is_found(soak: Any) -> None:
    first = soak.State(100.0, 7, 9)
    assert soak.growth(first, soak.State(104.9, 7, 9)) == []
    assert soak.growth(first, soak.State(90.0, 6, 8)) == []
    assert len(soak.growth(first, soak.State(105.1, 7, 9))) == 1
    assert len(soak.growth(first, soak.State(200.0, 8, 10))) == 3


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_leak_and_a_wrong_end_are_found(soak: Any, capsys: pytest.CaptureFixture[str]) -> None:
    kept: list[bytes] = []

    def leak() -> None:
        kept.append(b"x" * 2_000_000)

    chosen = [soak.Call(leak), soak.Call(leak, ValueError), soak.Call(lambda: 1 / 0)]
    states, failures = soak.soak(chosen, 300, 2)
    assert len(states) == len(capsys.readouterr().out.splitlines()) == soak.TENTHS
    assert any("memory" in text for text in soak.growth(states[0], states[-1]))
    assert len(failures) == 200


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat() -> None:
    command = [sys.executable, "-m", "bench.speed.soak", "--calls", "1000"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "flat"
