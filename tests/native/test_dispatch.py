"""Which ISA levels exist, which one runs, and who decides."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from defocus import _native

CPUINFO = Path("/proc/cpuinfo")


def run(code: str, level: str | None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DEFOCUS_ISA"}
    if level is not None:
        environment["DEFOCUS_ISA"] = level
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )


def test_the_levels_of_this_architecture_are_compiled() -> None:
    expected = {
        "x86_64": ["baseline", "x86-64-v3", "x86-64-v4"],
        "amd64": ["baseline", "x86-64-v3", "x86-64-v4"],
        "aarch64": ["neon"],
        "arm64": ["neon"],
    }.get(platform.machine().lower(), ["baseline"])
    assert _native.compiled_isa_levels() == expected
    assert set(_native.isa_levels()) <= set(expected)
    assert _native.isa_levels()[0] == expected[0]


@pytest.mark.skipif(not CPUINFO.exists(), reason="needs Linux's list of CPU flags")
@pytest.mark.parametrize(("level", "flag"), [("x86-64-v3", "avx2"), ("x86-64-v4", "avx512bw")])
def test_detection_agrees_with_the_kernel(level: str, flag: str) -> None:
    lines = CPUINFO.read_text(encoding="utf-8").splitlines()
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    assert (level in _native.isa_levels()) == (flag in flags)


def test_each_level_has_its_own_vector_width() -> None:
    widths = {"baseline": 16, "neon": 16, "x86-64-v3": 32, "x86-64-v4": 64}
    for level in _native.isa_levels():
        assert _native.vector_bytes(level) == widths[level]


def test_the_best_level_is_the_default() -> None:
    done = run("from defocus import _native; print(_native.active_isa())", None)
    assert done.stdout.strip() == _native.isa_levels()[-1]


def test_environment_forces_a_level(isa: str) -> None:
    done = run("from defocus import _native; print(_native.active_isa())", isa)
    assert done.stdout.strip() == isa, done.stderr


@pytest.mark.parametrize("level", ["avx2", "Baseline", "x86-64-v9", " "])
def test_a_nonsensical_level_is_refused_before_any_work(level: str) -> None:
    done = run("from defocus import portrait", level)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "ImportError" in last
    assert "DEFOCUS_ISA" in last
    assert repr(level) in last
    for valid in _native.isa_levels():
        assert valid in last


def test_an_empty_variable_asks_for_nothing() -> None:
    done = run("from defocus import _native; print(_native.active_isa())", "")
    assert done.stdout.strip() == _native.isa_levels()[-1]


def test_a_forced_level_gives_the_same_picture(isa: str) -> None:
    code = (
        "import numpy as np, hashlib, defocus\n"
        "image = np.random.default_rng(5).integers(0, 256, (99, 123, 3), dtype=np.uint8)\n"
        "matte = np.random.default_rng(6).random((99, 123), dtype=np.float32)\n"
        "print(hashlib.sha256(defocus.portrait(image, matte=matte, sigma=9)).hexdigest())"
    )
    forced, best = run(code, isa), run(code, None)
    assert forced.returncode == 0, forced.stderr
    assert forced.stdout == best.stdout


def test_isa_argument_refuses_nonsense() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match=r"'sse9' is unknown .* choose one of: "):
        _native.gaussian_blur(image, 1.0, isa="sse9")
