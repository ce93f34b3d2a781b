"""What the bench judges by: its float64 truth, and its gate on instructions."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from defocus import _native
from tests.native.reference import blur as exact_blur
from tests.native.reference import stages as exact_stages
from tests.native.reference import upsample as exact_upsample
from tiny_network import tiny_network

ROOT = Path(__file__).resolve().parents[2]
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
    truth = bench("support.truth")
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
    truth = bench("support.truth")
    wide = np.pad(IMAGE, ((20, 20), (20, 20), (0, 0)), mode=mode)
    want = truth.blur(wide, 3.0, truth.Window(20, 80, 20, 103))
    assert np.abs(truth.blur(IMAGE, 3.0, truth.Window(0, 60, 0, 83), border) - want).max() < 1e-9


def test_the_error_is_that_of_the_worst_pixel_and_of_the_mean_square(bench: Any) -> None:
    truth = bench("support.truth")
    whole = truth.Window(0, 60, 0, 83)
    got = IMAGE.copy()
    got[0, 0, 0] ^= 4
    error = truth.compare(got, [whole], lambda place: place.of(IMAGE) + 0.25)
    assert error.levels == 4
    assert error.ceiling == pytest.approx(10 * np.log10(255**2 / 0.0625))
    assert 0 < error.loss < 0.1


def test_a_kernel_over_its_instructions_fails(bench: Any) -> None:
    judge = bench("speed.count_instructions").judge
    baseline = {"blur": 100.0, "blend": 10.0}
    assert judge({"blur": 104.9, "blend": 5.0}, baseline)[1]
    table, good = judge({"blur": 105.1, "blend": 10.0}, baseline)
    assert not good
    assert "TOO MANY" in table
    assert not judge({"blur": 100.0}, baseline)[1]
    assert not judge({"blur": 100.0, "blend": 10.0, "cutout": 1.0}, baseline)[1]


def test_the_baseline_has_what_is_counted(bench: Any) -> None:
    baseline = json.loads((ROOT / "bench" / "results" / "instructions.json").read_text("utf-8"))
    assert list(bench("speed.count_instructions").works()) == list(baseline["per_pixel"])


def test_the_options_of_a_session_are_those_of_the_library(bench: Any, tmp_path: Path) -> None:
    sessions = bench("speed.sessions")
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_network())
    for variant in ("as shipped", "from bytes", "no arena"):
        figures = sessions.measure(variant, str(path), threads=1, runs=2)
        assert len(figures) == len(sessions.COLUMNS)
        assert all(figure > 0 or figure != figure for figure in figures)


def test_a_target_from_file_to_file(bench: Any) -> None:
    targets, end_to_end = bench("peers.targets"), bench("speed.end_to_end")
    row = {"kind": "warm", "work": "portrait", "ms": 100.0, "peak": 400.0}
    ours = {**row, "name": end_to_end.OURS, "model": end_to_end.SMALL}
    peer = {**row, "name": end_to_end.REMBG, "model": end_to_end.SMALL, "ms": 510.0}
    target = targets.file_times("warm", "portrait", end_to_end.SMALL, end_to_end.SMALL, 5)
    assert target.figure({"files": [ours, peer]}) == pytest.approx(5.1)
    with pytest.raises(targets.MissingError):
        target.figure({"files": [ours]})
    assert "portrait" in end_to_end.table([ours, peer])


def test_the_photograph_of_whole_runs(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photographs = bench("support.photographs")
    assert abs(photographs.SIDE**2 / 1e6 - 12) < 0.1
    monkeypatch.setattr(photographs, "SIDE", 500)
    with pytest.raises(SystemExit, match=r"no \.jpg"):
        photographs.jpegs(tmp_path, tmp_path)
    (made,) = photographs.jpegs(None, tmp_path)
    assert photographs.megapixels(made) == pytest.approx(0.25)
    assert photographs.jpegs(tmp_path, tmp_path) == [made]


def test_a_process_is_timed_from_start_to_file(bench: Any, tmp_path: Path) -> None:
    processes, target = bench("support.processes"), tmp_path / "out"
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('x'); print('noise')"
    ms, peak = processes.cold([sys.executable, "-c", code, str(target)], target, 1)
    assert ms > 1
    assert peak > 1 or peak != peak
    with pytest.raises(RuntimeError, match="failed: noise"):
        processes.cold([sys.executable, "-c", "print('noise')"], target, 1)


def test_a_child_answers_line_by_line(bench: Any, tmp_path: Path) -> None:
    processes, end_to_end = bench("support.processes"), bench("speed.end_to_end")
    work = end_to_end.Work("cutout", end_to_end.OURS, end_to_end.SMALL)
    child = processes.Child("bench.speed.end_to_end", *work, threads=1)
    assert child.ask()["ms"] < 50
    target = tmp_path / "out.png"
    answer = child.ask(f"{ROOT / 'examples' / 'astronaut.jpg'}\t{target}")
    child.end()
    assert answer["ms"] > 1
    assert target.exists()
    assert child.process.returncode == 0


def test_features_of_the_processor_are_hidden_from_a_bench_and_its_children(
    bench: Any, tmp_path: Path
) -> None:
    avx2_only = bench("support.avx2_only")
    if not avx2_only.possible() or shutil.which("gcc") is None:
        pytest.skip("needs gcc, and a processor whose features can be hidden")
    if "x86-64-v3" not in _native.isa_levels():
        pytest.skip("needs AVX2")
    program = (
        "import subprocess, sys\n"
        "import numpy as np\n"
        "from numpy._core._multiarray_umath import __cpu_features__\n"
        "from defocus import _native\n"
        "print(_native.active_isa(), __cpu_features__['AVX2'], __cpu_features__['AVX512F'])\n"
        "if len(sys.argv) == 1:\n"
        "    subprocess.run([sys.executable, __file__, 'child'], check=True)\n"
    )
    tmp_path.joinpath("seen.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "bench.support.avx2_only", "seen"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUNBUFFERED": "1", "DEFOCUS_ISA": ""},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["x86-64-v3 True False"] * 2
