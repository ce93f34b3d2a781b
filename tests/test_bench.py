"""What the bench judges by: its float64 truth, and its gate on instructions."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference import blur as exact_blur
from reference import stages as exact_stages
from reference import upsample as exact_upsample
from tiny_network import tiny_network

ROOT = Path(__file__).resolve().parents[1]
RNG = np.random.default_rng(8)
IMAGE = RNG.integers(0, 256, (60, 83, 3), dtype=np.uint8)
MASK = RNG.integers(0, 256, (9, 7), dtype=np.uint8)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives the modules of bench/, which is no part of the package."""
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: importlib.import_module(f"bench.{name}")


@pytest.mark.parametrize("sigma", [0.4, 3.0, 40.0])
def test_the_truth_on_windows_is_that_of_the_whole_picture(bench: Any, sigma: float) -> None:
    truth = bench("truth")
    places = truth.windows(83, 60, 31)
    assert len(places) == 8
    for place in places:
        blurred = truth.blur(IMAGE, sigma, place)
        assert np.abs(blurred - place.of(exact_blur.gaussian_blur(IMAGE, sigma))).max() < 1e-9
        stretched = truth.resize(MASK, 83, 60, place)
        assert (
            np.abs(stretched - place.of(exact_upsample.resize_bilinear(MASK, 83, 60))).max() < 1e-12
        )
        for light in ("linear", "srgb"):
            for masked in (True, False):
                options = {"masked": masked, "light": light}
                got = truth.portrait(IMAGE, MASK, sigma, place, **options)
                want = exact_stages.portrait(IMAGE, MASK, sigma, masked=masked, light=light)
                assert np.abs(got - place.of(want)).max() < 1e-6


@pytest.mark.parametrize(("border", "mode"), [("edge", "edge"), ("reflect", "symmetric")])
def test_other_border_rules_are_numpys(bench: Any, border: str, mode: Any) -> None:
    truth = bench("truth")
    wide = np.pad(IMAGE, ((20, 20), (20, 20), (0, 0)), mode=mode)
    want = truth.blur(wide, 3.0, truth.Window(20, 80, 20, 103))
    assert np.abs(truth.blur(IMAGE, 3.0, truth.Window(0, 60, 0, 83), border) - want).max() < 1e-9


def test_the_error_is_that_of_the_worst_pixel_and_of_the_mean_square(bench: Any) -> None:
    truth = bench("truth")
    whole = truth.Window(0, 60, 0, 83)
    got = IMAGE.copy()
    got[0, 0, 0] ^= 4
    error = truth.compare(got, [whole], lambda place: place.of(IMAGE) + 0.25)
    assert error.levels == 4
    assert error.ceiling == pytest.approx(10 * np.log10(255**2 / 0.0625))
    assert 0 < error.loss < 0.1


def test_a_kernel_over_its_instructions_fails(bench: Any) -> None:
    judge = bench("count_instructions").judge
    baseline = {"blur": 100.0, "blend": 10.0}
    assert judge({"blur": 104.9, "blend": 5.0}, baseline)[1]
    table, good = judge({"blur": 105.1, "blend": 10.0}, baseline)
    assert not good
    assert "TOO MANY" in table
    assert not judge({"blur": 100.0}, baseline)[1]
    assert not judge({"blur": 100.0, "blend": 10.0, "cutout": 1.0}, baseline)[1]


def test_the_baseline_has_what_is_counted(bench: Any) -> None:
    baseline = json.loads((ROOT / "bench" / "instructions.json").read_text("utf-8"))
    assert list(bench("count_instructions").works()) == list(baseline["per_pixel"])


def test_the_options_of_a_session_are_those_of_the_library(bench: Any, tmp_path: Path) -> None:
    sessions = bench("bench_sessions")
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_network())
    for variant in ("as shipped", "from bytes", "no arena"):
        figures = sessions.measure(variant, str(path), threads=1, runs=2)
        assert len(figures) == len(sessions.COLUMNS)
        assert all(figure > 0 or figure != figure for figure in figures)
