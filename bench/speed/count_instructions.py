"""Gate against slow-downs: instructions per pixel of every kernel, which repeat; time does not.

    python -m bench.speed.count_instructions            fails where one is over the committed figure
    python -m bench.speed.count_instructions --update   writes instructions.json anew

Callgrind counts them at the x86-64-v3 level (it knows no AVX-512).  One process runs each kernel
RUNS and then twice RUNS times; the difference is free of start-up.  Memory and caches do not show
in it; `bench.speed.kernels` measures time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from defocus import _native

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "bench" / "results" / "instructions.json"
ISA = "x86-64-v3"
WIDTH, HEIGHT = 512, 384
RUNS = 2
TOLERANCE = 0.05
NOT_RUNNABLE = 3  # the child's exit status where valgrind shows it a CPU without the level


def works() -> dict[str, Callable[[], object]]:
    """Everything that is counted."""
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    grey = np.ascontiguousarray(image[..., 0])
    floats, samples16 = image.astype(np.float32), image * np.uint16(257)
    mask = rng.integers(0, 256, (320, 320), dtype=np.uint8)
    alpha = rng.random((HEIGHT, WIDTH), dtype=np.float32)
    back = np.ascontiguousarray(image[::-1])
    at: dict[str, Any] = {"isa": ISA, "threads": 1}
    counted: dict[str, Callable[[], object]] = {}
    for sigma in (1, 2, 5, 10, 20, 40):
        name = f"gaussian_blur uint8 RGB, sigma {sigma}"
        counted[name] = partial(_native.gaussian_blur, image, sigma, **at)
    for name, masked, light in (
        ("plain", False, "srgb"),
        ("masked", True, "srgb"),
        ("masked, linear", True, "linear"),
    ):
        for sigma in (3, 10):
            counted[f"portrait {name}, sigma {sigma}"] = partial(
                _native.portrait, image, mask, sigma, masked=masked, light=light, **at
            )
    for bokeh in ("gaussian", "disc"):
        counted[f"portrait guided, unmixed, {bokeh}, sigma 10"] = partial(
            _native.portrait, image, mask, 10, bokeh=bokeh, guided=True, unmixed=True, **at
        )
    y, x = np.mgrid[:320, :320]
    subject = np.clip(90 - np.hypot(y - 160, x - 160), 0, 1).astype(np.float32)
    counted["portrait guided, unmixed, one subject, sigma 10"] = partial(
        _native.portrait, image, subject, 10, guided=True, unmixed=True, **at
    )
    counted["portrait guided, unmixed, rgbx, sigma 10"] = partial(
        _native.portrait, image, mask, 10, guided=True, unmixed=True, rgbx=True, **at
    )
    return {
        **counted,
        "gaussian_blur uint8 grey, sigma 10": partial(_native.gaussian_blur, grey, 10, **at),
        "gaussian_blur float32 RGB, sigma 2": partial(_native.gaussian_blur, floats, 2, **at),
        "gaussian_blur float32 RGB, sigma 10": partial(_native.gaussian_blur, floats, 10, **at),
        "cutout": partial(_native.cutout, image, mask, **at),
        "cutout guided, unmixed": partial(
            _native.cutout, image, mask, guided=True, unmixed=True, **at
        ),
        "portrait uint16, guided, unmixed, sigma 10": partial(
            _native.portrait, samples16, mask, 10, guided=True, unmixed=True, **at
        ),
        "cutout uint16, guided, unmixed": partial(
            _native.cutout, samples16, mask, guided=True, unmixed=True, **at
        ),
        "blend, uint8 alpha": partial(_native.blend, image, back, grey, **at),
        "blend, float32 alpha": partial(_native.blend, image, back, alpha, **at),
        "shrink_planes": partial(_native.shrink_planes, image, 320, 320, **at),
        "resize_bilinear": partial(_native.resize_bilinear, mask, WIDTH, HEIGHT, **at),
        "turn": partial(_native.turn, image, True, False, True, threads=1),
        **cuts(rng),
    }


def cuts(rng: np.random.Generator) -> dict[str, Callable[[], object]]:
    """The work of a stroke: the minimum cut of a disc in noise, and the paths to a stroke."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    away = np.hypot(y - HEIGHT / 2, x - WIDTH / 2)
    evidence = (100 - away + rng.normal(0, 60, away.shape)).astype(np.int32)
    weights = np.full((HEIGHT, WIDTH, 4), 30, np.int32)
    stroked = evidence.copy()
    stroked[np.hypot(y - HEIGHT / 2, x - WIDTH / 4) < 8] = _native.GridCut.HARD
    cut = _native.GridCut(weights)
    steps = np.full((HEIGHT, WIDTH), 1 / WIDTH, np.float32)
    seeds = (away < 8).astype(np.uint8)

    def first() -> None:
        _native.GridCut(weights).solve(evidence)

    def stroke() -> None:
        cut.solve(stroked)
        cut.solve(evidence)

    return {
        "GridCut, first cut": first,
        "GridCut, a stroke and back": stroke,
        "geodesic_distances, up to .3": partial(_native.geodesic_distances, steps, seeds, 0.3),
    }


def mark() -> None:
    """Let callgrind write what it has counted since the last mark: see `--dump-before` below."""
    os.getppid()


def run_all() -> None:
    """What runs under callgrind: of each work, one run to warm up, RUNS, and twice RUNS."""
    if ISA not in _native.isa_levels():
        sys.exit(NOT_RUNNABLE)
    for run in works().values():
        for runs in (1, RUNS, 2 * RUNS):
            for _ in range(runs):
                run()
            mark()


def count() -> dict[str, float]:
    """Instructions per pixel of each work."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        command += ["--dump-before=getppid", sys.executable, "-m", "bench.speed.count_instructions"]
        done = subprocess.run(
            [*command, "--child"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == NOT_RUNNABLE:
            unable(f"valgrind's CPU does not run the level {ISA}")
        if done.returncode != 0:
            sys.exit(f"callgrind failed:\n{done.stderr[-2000:]}")
        figures = {}
        for i, name in enumerate(works()):
            once, twice = (total(Path(f"{out}.{3 * i + part}")) for part in (2, 3))
            figures[name] = round((twice - once) / RUNS / (WIDTH * HEIGHT), 2)
        return figures


def total(path: Path) -> int:
    """The instructions in one of callgrind's files."""
    found = re.search(r"^totals: (\d+)", path.read_text("utf-8"), re.MULTILINE)
    if found is None:
        sys.exit(f"{path.name}: callgrind wrote no total")
    return int(found[1])


def compiler() -> str:
    """The compiler that built the module, as it signed it."""
    found = re.search(rb"GCC: [^\0]+|clang version [^\0]+", Path(_native.__file__).read_bytes())
    return found[0].decode() if found else "unknown"


def unable(reason: str) -> NoReturn:
    """End: well where a human sees the reason, not where a machine would take it for a pass."""
    print(f"instructions not counted: {reason}")
    sys.exit(1 if os.environ.get("CI") == "true" else 0)


def judge(now: dict[str, float], baseline: dict[str, float]) -> tuple[str, bool]:
    """A table, and whether all is well."""
    lines, good = [f"{'instructions per pixel':40} {'baseline':>9} {'now':>9}"], True
    for name in {**baseline, **now}:
        old, new = baseline.get(name), now.get(name)
        if old is None or new is None:
            verdict = "MISSING HERE" if new is None else "NOT IN THE BASELINE"
            good = False
        else:
            verdict = f"{100 * (new / old - 1):+.1f} %"
            if new > old * (1 + TOLERANCE):
                verdict += "  TOO MANY"
                good = False
        figures = " ".join(f"{'' if x is None else f'{x:.2f}':>9}" for x in (old, new))
        lines.append(f"{name:40} {figures}  {verdict}")
    return "\n".join(lines), good


def main() -> None:
    parser = argparse.ArgumentParser(description="Count instructions per pixel of every kernel.")
    parser.add_argument("--update", action="store_true", help="write the baseline anew")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_all()
        return
    if shutil.which("valgrind") is None:
        unable("valgrind is not installed")
    if ISA not in _native.isa_levels():
        unable(f"this machine does not run the level {ISA}")
    figures, built_by = count(), compiler()
    document = {"isa": ISA, "width": WIDTH, "height": HEIGHT, "compiler": built_by}
    if options.update:
        text = json.dumps({**document, "per_pixel": figures}, indent=1)
        BASELINE.write_text(text + "\n", encoding="utf-8")
    baseline = json.loads(BASELINE.read_text("utf-8"))
    table, good = judge(figures, baseline["per_pixel"])
    print(table)
    if baseline["compiler"] != built_by:
        print(f"note: the baseline was built by {baseline['compiler']}, this by {built_by}")
    if not good:
        sys.exit(
            f"instructions: some are missing, or over the baseline by more than {TOLERANCE:.0%}; "
            "where that is meant, run python -m bench.speed.count_instructions --update"
        )


if __name__ == "__main__":
    main()
