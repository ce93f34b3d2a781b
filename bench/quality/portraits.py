"""Score portraits and cutouts on photographs whose perfect answer is known.

    python -m bench.quality.portraits --eval DIR [--naive u2netp.onnx] [--markdown FILE]

DIR holds score.py, which composites subjects with known mattes onto other backgrounds and judges
what comes out, and the photographs that its MANIFEST.tsv names.  --naive names the small
network's file for the row of the recipe that is common today: stretch the mask, blur everything
in sRGB codes, blend.  Quality only: nothing is timed.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.quality import ablations as recipes
from bench.quality.ablations import Recipe, Subjects
from bench.quality.warnings import DOUBTS, cases
from bench.support import harness

SIZE, RADIUS = 1024, 0.02  # pixels of the long edge, and the part of it that a disc's radius is
Scores = dict[str, float]
Scenes = list[dict[str, Any]]
COLUMNS = {
    "psnr": "PSNR",
    "psnr_near": "near",
    "psnr_matte": "soft edge",
    "dE_halo": "halo dE",
    "bleed": "bleed",
    "psnr_far": "far",
}
TRUE_COLUMNS = {"psnr": "true matte: PSNR", "psnr_near": "near", "dE_halo": "halo dE"}
GROUNDS = ("psnr_white", "psnr_black", "psnr_green")
# The targets: score, its name, at least (else at most), today, with our own mask, with the truth.
TARGETS = (
    ("psnr", "PSNR, whole", True, 34.5, 41.0),
    ("psnr_near", "PSNR near the edge", True, 27.5, 33.0),
    ("dE_halo", "colour error in the halo (dE)", False, 2.8, 1.4),
    ("bleed", "subject's colour leaking (bleed)", False, 0.02, 0.01),
    ("psnr_far", "far background", True, 40.0, 44.0),
    ("lights", "PSNR with point lights", True, 32.0, 33.0),
    ("psnr_white", "cutout's edge on white", True, 19.0, 31.0),
    ("psnr_black", "on black", True, 22.0, 31.0),
    ("psnr_green", "on green", True, 23.0, 31.0),
)


def load_score(folder: Path) -> Any:
    """The folder's score.py as a module."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{folder} holds no score.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["score"] = module
    spec.loader.exec_module(module)
    return module


def progress(name: str) -> None:
    print(name, file=sys.stderr, flush=True)


class Bench:
    """The scenes, built once, and the scores of recipes on them."""

    def __init__(self, score: Any) -> None:
        self.score = score
        self.each: list[Scores] = []  # of the last run, scene by scene
        self._mean = score.agg
        score.agg = self._noted
        self.subjects = Subjects()
        self.plain = self._built(kernel="disc", lights=False)
        self.gaussian = self._built(kernel="gauss", lights=False)
        self.lit = self._built(kernel="disc", lights=True)

    def _noted(self, each: list[Scores]) -> Scores:
        self.each = each
        mean: Scores = self._mean(each)
        return mean

    def _median(self) -> Scores:
        return {key: statistics.median(one[key] for one in self.each) for key in self.each[0]}

    def _built(self, *, kernel: str, lights: bool) -> Scenes:
        progress(f"scenes: {kernel}, lights {lights}")
        names = enumerate(self.score.scene_list())
        build = self.score.build
        return [build(*n, SIZE, RADIUS, kernel, "linear", lights, i) for i, n in names]

    def portrait(self, name: str, recipe: Recipe, scenes: Scenes, *, truth: bool) -> Scores:
        progress(f"{name}, {'true matte' if truth else 'own mask'}")
        result: Scores = self.score.run_portrait(recipe, truth, scenes=scenes)
        return result

    def all_of(self, name: str, recipe: Recipe, cutout: Any, *, truth: bool) -> tuple[Scores, ...]:
        """Portraits, portraits with lights, cutouts: means and medians of all the targets."""
        mean = self.portrait(name, recipe, self.plain, truth=truth)
        median = self._median()
        mean["lights"] = self.portrait(name, recipe, self.lit, truth=truth)["psnr"]
        median["lights"] = self._median()["psnr"]
        progress(f"{name}, cutouts")
        mean.update(self.score.run_cutout(cutout, truth))
        median.update(self._median())
        return mean, median

    def met(self) -> int:
        """In how many scenes the network's subject is nearly the true one (IoU of .9)."""
        pairs = [(self.subjects.of(scene["I"]).matte, scene["a"]) for scene in self.plain]
        return sum(self.score.matte_score(own, true)["IoU"] >= 0.9 for own, true in pairs)


def figure(score: str, value: float) -> str:
    return f"{value:.3f}" if score == "bleed" else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def against(score: str, value: float, target: float, *, at_least: bool) -> str:
    """The value, in bold where it misses its target."""
    kept = value >= target if at_least else abs(value) <= target
    shown = figure(score, value)
    return shown if kept else f"**{shown}**"


def report_targets(
    naive: Scores | None, own: tuple[Scores, ...], best: Scores, true: Scores
) -> None:
    header = ["score", "common", "target", "own mask", "median", "best", "target", "true matte"]
    mean, median = own
    rows = []
    for score, name, at_least, with_own, with_true in TARGETS:
        sign = "≥" if at_least else "≤"
        rows.append(
            [
                name,
                figure(score, naive[score]) if naive else "",
                f"{sign} {with_own:g}",
                against(score, mean[score], with_own, at_least=at_least),
                figure(score, median[score]),
                against(score, best[score], with_own, at_least=at_least),
                f"{sign} {with_true:g}",
                against(score, true[score], with_true, at_least=at_least),
            ]
        )
    print(harness.markdown(header, rows))


def report_certain(bench: Bench) -> None:
    """Whether pixels that are wholly subject keep their bytes, in every scene."""
    recipe = recipes.public(bench.subjects, bokeh="disc")
    whole = recipes.portrait(bench.subjects, {})
    changed = pixels = unlike = 0
    for scene in bench.plain:
        image, radius, truth = scene["I"], scene["r"], scene["a"]
        own = bench.subjects.of(image)
        kept = recipe(image, radius, None)
        certain = own.matte == 1.0
        pixels += int(certain.sum()) + int((truth == 1.0).sum())
        changed += int((kept != image).any(axis=-1)[certain].sum())
        changed += recipes.changed_where_certain(recipe, image, radius, truth)
        unlike += int((kept != whole(image, radius, None)).sum())
    print(f"Of {pixels} pixels that a matte, ours or the true one, calls wholly subject, {changed}")
    print(f"do not keep their bytes. The ablation's first row differs from `portrait` in {unlike}")
    print("bytes.\n")


def report_ablation(bench: Bench) -> None:
    rows = []
    for name, changes in {"all": {}, **recipes.ABLATIONS}.items():
        recipe = recipes.portrait(bench.subjects, changes)
        own = bench.portrait(name, recipe, bench.plain, truth=False)
        lit = bench.portrait(f"{name}, lights", recipe, bench.lit, truth=False)
        cells = [name, *(figure(key, own[key]) for key in COLUMNS), figure("psnr", lit["psnr"])]
        if changes == recipes.STRETCHED:  # a matte that is given is never stretched
            rows.append([*cells, "", "", ""])
            continue
        true = bench.portrait(name, recipe, bench.plain, truth=True)
        rows.append([*cells, *(figure(key, true[key]) for key in TRUE_COLUMNS)])
    header = ["left out", *COLUMNS.values(), "with lights"]
    print(harness.markdown([*header, *TRUE_COLUMNS.values()], rows))


def report_cutouts(bench: Bench) -> None:
    rows = []
    ways: dict[str, dict[str, Any]] = {
        "both": {},
        "mask stretched, not guided": recipes.STRETCHED,
        "colours not unmixed": recipes.MIXED,
        "neither": recipes.STRETCHED | recipes.MIXED,
    }
    for name, changes in ways.items():
        cells = [name]
        for truth in (False, True):
            progress(f"cutout, {name}, {'true matte' if truth else 'own mask'}")
            scores = bench.score.run_cutout(recipes.cutout(bench.subjects, changes), truth)
            cells += [figure(key, scores[key]) for key in GROUNDS]
        rows.append(cells)
    on = [key.replace("psnr_", "") for key in GROUNDS]
    header = ["cutout", *(f"on {ground}" for ground in on), *(f"true matte: {x}" for x in on)]
    print(harness.markdown(header, rows))


def report_gaussian(bench: Bench) -> None:
    recipe = recipes.public(bench.subjects)
    rows = []
    for cover, truth in (("own mask", False), ("true matte", True)):
        scores = bench.portrait("Gaussian", recipe, bench.gaussian, truth=truth)
        rows.append([cover, *(figure(key, scores[key]) for key in COLUMNS)])
    print(harness.markdown(["default, judged by a Gaussian", *COLUMNS.values()], rows))


def report_none(folder: Path) -> None:
    progress("photographs without a subject")
    groups: dict[str, list[Any]] = {"empty": [], "crop": [], "clear": [], "wrong": []}
    for case in cases([folder]):
        groups[case.group].append(case.subject)
    rows = []
    meanings = {
        "empty": "without a subject",
        "crop": "cropped beside the subject",
        "clear": "subject found where it is (IoU ≥ .5)",
        "wrong": "something else found",
    }
    for group, meaning in meanings.items():
        subjects = groups[group]
        refused = [s for s in subjects if not s.found]
        doubted = [s for s in subjects if s.found and any_doubt(s.warnings)]
        rows.append([meaning, len(subjects), len(refused), len(doubted)])
    print(harness.markdown(["photographs", "n", '"no subject"', "found, but warned of"], rows))


def any_doubt(warnings: Iterable[str]) -> bool:
    return any(warning.startswith(DOUBTS) for warning in warnings)


def main() -> None:
    parser = argparse.ArgumentParser(description="Score portraits and cutouts.")
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR")
    parser.add_argument("--naive", metavar="FILE", help="u2netp.onnx, for the common recipe")
    given = parser.parse_args()
    machine = harness.machine("onnxruntime", "scipy", "PIL")
    score = load_score(given.eval)
    bench = Bench(score)
    recipe = recipes.public(bench.subjects, bokeh="disc")
    naive = None
    if given.naive:
        score.MODEL[0] = given.naive
        naive, _ = bench.all_of("today's", score.naive_portrait, score.naive_cutout, truth=False)
    own = bench.all_of("ours", recipe, score.defocus_cutout, truth=False)
    twice = Subjects("best")
    closer = recipes.public(twice, bokeh="disc")
    best, _ = bench.all_of("best", closer, recipes.public_cutout(twice), truth=False)
    true, _ = bench.all_of("ours", recipe, score.defocus_cutout, truth=True)
    print("# Portraits and cutouts, scored\n")
    print(
        "    OMP_NUM_THREADS=1 python -m bench.quality.portraits --eval DIR --naive u2netp.onnx\n"
    )
    print(f"{len(bench.plain)} scenes: subjects with known mattes on other backgrounds, {SIZE} px,")
    print(
        f"background blurred by a disc of {RADIUS:.0%} of the long edge in linear light. Means over"
    )
    print(
        "scenes; PSNR in dB; `common` blurs everything in sRGB, and blends by the stretched mask of"
    )
    print("the small network.\n")
    print(harness.described(machine))
    print("## The targets\n")
    print("Bold misses its target. The network's own matte agrees with the true one (IoU of .9) in")
    print(
        f"{bench.met()} of the scenes. In the others it finds something else or a part only, which"
    )
    print(
        'lowers the mean below the median. `best` is `effort="best"`, the others are the default.'
    )
    print("All are found in arrays; effort.md has files.\n")
    report_targets(naive, own, best, true)
    report_certain(bench)
    report_gaussian(bench)
    print("## What each step gives\n")
    print("Each row leaves out one step. Highlights need discs and linear light, so they go with")
    print("either.\n")
    report_ablation(bench)
    report_cutouts(bench)
    print("## Photographs without a subject\n")
    report_none(given.eval)


if __name__ == "__main__":
    main()
