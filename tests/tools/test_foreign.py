"""tools/foreign: digests see a changed bit, and do not depend on what numpy finds in the CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import defocus
from tools.foreign import pictures

ROOT = Path(__file__).resolve().parents[2]
# The features of numpy 2.4 and later, and of earlier ones.
OLDER = "X86_V3 X86_V4 AVX512_ICL AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL"


def written(path: Path, **environment: str) -> dict[str, str]:
    command = [sys.executable, "-W", "ignore", "-m", "tools.foreign.pictures", str(path)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True)
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.long
def test_an_older_processor_gives_the_same_pictures(tmp_path: Path) -> None:
    older = {"NPY_DISABLE_CPU_FEATURES": OLDER, "OPENBLAS_CORETYPE": "Prescott"}
    lowest = defocus._native.isa_levels()[0]
    here = written(tmp_path / "here.json")
    assert len(here) > 500
    assert written(tmp_path / "older.json", DEFOCUS_ISA=lowest, **older) == here


def test_a_changed_bit_changes_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    image = pictures.photo(20, 30, 3, "uint16")
    other = image.copy()
    other[3, 4, 1] ^= 1
    results = {"one": image, "other": other, "high byte first": image.astype(">u2")}
    results["copy"] = image.copy()
    cases = [(name, lambda image=value: image) for name, value in results.items()]
    monkeypatch.setattr(pictures, "cases", lambda: iter(cases))
    found = pictures.digests()
    assert found["one"] == found["copy"] == found["high byte first"]
    assert found["one"] != found["other"]


def test_photographs_and_mattes_have_every_value() -> None:
    for height, width, channels, dtype, kind in pictures.PHOTOS.values():
        image = pictures.photo(height, width, channels, dtype)
        assert image.dtype == dtype
        if height > 1:
            levels = pictures.matte(height, width, kind)
            assert levels.min() == 0
            assert 0 < float(np.count_nonzero(levels)) < levels.size
