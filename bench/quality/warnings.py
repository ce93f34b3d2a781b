"""Judge the warnings: how many they catch, and how many false alarms they cost.

    python -m bench.quality.warnings --eval DIR [DIR ...] > bench/results/warnings.md

DIR holds MANIFEST.tsv (tab-separated; columns `image`, `gt` and `kind` are used, paths are
relative to DIR).  Photographs with a known subject are "clear" if the network's matte meets it
(IoU at least .5), else "wrong".  "Empty" are photographs without a subject, joined by "crops":
the largest part of a photograph with a known subject that lies wholly beside it.  The limit of
"unsure edges" was chosen on one half of the photographs (`halves.py`), and each half has a table.
--counts prints these tables only.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import defocus
from bench.quality.halves import overlap, samples
from bench.quality.masks import crop_beside, open_photo, open_truth
from defocus.pixels.regions import label
from defocus.pixels.samples import Pixels

KINDS = (
    "no subject found",
    "perhaps no subject",
    "unsure edges",
    "camouflage",
    "several subjects",
    "cut by the frame",
    "subject not sharp",
    "small photograph",
)
DOUBTS = KINDS[:3]
SOFTNESS = (0.003, 0.005, 0.01)  # sigma of a subject out of focus, of the long edge
LONG_EDGES = (480, 320, 240, 200, 160, 120, 80)
FLOORS = (1, 2, 4, 8)  # codes of alpha
Mask = NDArray[np.bool_]


class Case(NamedTuple):
    """One photograph, what is known of it, and what was found."""

    group: str
    photo: Image.Image
    truth: Mask | None
    subject: defocus.Subject
    looks: int  # how often the network was run
    held_out: bool
    iou: float = float("nan")

    def has(self, kind: str) -> bool:
        return any(warning.startswith(kind + ":") for warning in self.subject.warnings)


class Counted(defocus.Segmenter):
    """Knows how often it has run."""

    looks = 0

    def mask(self, pixels: Pixels) -> NDArray[np.float32]:
        self.looks += 1
        return super().mask(pixels)


segmenter = Counted()


def found_in(photo: Image.Image) -> defocus.Subject:
    segmenter.looks = 0
    return defocus.find_subject(np.asarray(photo), segmenter=segmenter)


def cases(folders: list[Path]) -> Iterator[Case]:
    for folder in folders:
        with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
            empty = [r for r in csv.DictReader(file, delimiter="\t") if r["kind"] == "background"]
        for place, row in enumerate(empty):
            photo = open_photo(folder / row["image"])
            subject = found_in(photo)
            yield Case("empty", photo, None, subject, segmenter.looks, bool(place % 2))
    for sample in samples(folders):
        photo, truth, half = open_photo(sample.image), sample.truth, sample.held_out
        subject = found_in(photo)
        iou = overlap(subject.matte, truth)
        group = "clear" if iou >= 0.5 else "wrong"
        yield Case(group, photo, truth, subject, segmenter.looks, half, iou)
        if (box := crop_beside(open_truth(sample.matte))) is not None:
            crop = photo.crop(box)
            subject = found_in(crop)
            yield Case("crop", crop, None, subject, segmenter.looks, half)


def table(head: list[str], rows: list[list[str]]) -> None:
    for row in [head, ["---"] * len(head), *rows]:
        print("| " + " | ".join(row) + " |")
    print()


def share(cases: list[Case], holds: Callable[[Case], bool]) -> str:
    return f"{sum(map(holds, cases))}/{len(cases)}"


def report_counts(seen: list[Case]) -> None:
    groups = {
        "clear": [case for case in seen if case.group == "clear"],
        "clear, IoU >= .7": [case for case in seen if case.iou >= 0.7],
        **{name: [c for c in seen if c.group == name] for name in ("wrong", "empty", "crop")},
    }
    rules: dict[str, Callable[[Case], bool]] = {
        "refused": lambda case: not case.subject.found,
        "**any of the first three**": lambda case: any(map(case.has, DOUBTS)),
        "any at all": lambda case: bool(case.subject.warnings),
        "(flip pass)": lambda case: case.looks > 1,
    }
    rows = [[k, *(share(g, lambda c, k=k: c.has(k)) for g in groups.values())] for k in KINDS]  # type: ignore[misc]
    rows += [[name, *(share(g, rule) for g in groups.values())] for name, rule in rules.items()]
    table(["warning", *groups], rows)


def large_parts(mask: Mask) -> int:
    labels, count = label(mask)
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    return int((areas >= 0.2 * areas.max()).sum())


def is_cut(mask: Mask) -> bool:
    least = 0.2 * np.sqrt(mask.sum())
    return any(edge.sum() >= least for edge in (mask[0], mask[:, 0], mask[:, -1]))


def report_truths(clear: list[Case]) -> None:
    print("Two of them can be judged by the truth of the clear photographs:\n")
    rows = []
    tests: dict[str, Callable[[Mask], bool]] = {
        "several subjects": lambda mask: large_parts(mask) > 1,
        "cut by the frame": is_cut,
    }
    for kind, test in tests.items():
        pairs = [(c.has(kind), test(c.truth)) for c in clear if c.truth is not None]
        rows.append([kind, *(str(pairs.count(p)) for p in [(True, True), (True, False)])])
        rows[-1].append(str(pairs.count((False, True))))
    table(["warning", "right", "false", "missed"], rows)


def out_of_focus(case: Case, softness: float) -> Image.Image:
    """The photograph with its subject blurred, edge included, over its own background."""
    assert case.truth is not None
    pixels = np.asarray(case.photo)
    matte = case.truth.astype(np.float32)
    blur = defocus.kernels.gaussian_blur
    sigma = softness * max(case.photo.size)
    alpha = blur(matte, sigma)[..., np.newaxis]
    front = blur(np.ascontiguousarray(pixels * matte[..., np.newaxis]), sigma)
    outside = (blur(matte, 2.0) < 0.01).astype(np.float32)
    weights = blur(outside, 12.0)[..., np.newaxis]
    spread = blur(np.ascontiguousarray(pixels * outside[..., np.newaxis]), 12.0)
    behind = np.where(outside[..., np.newaxis] > 0, pixels, spread / np.maximum(weights, 1e-3))
    return Image.fromarray(np.clip(front + (1 - alpha) * behind, 0, 255).astype(np.uint8))


def report_softness(clear: list[Case]) -> None:
    print("Clear subjects, blurred with their edges, over their own backgrounds. Many of these are")
    print("softer:\n")
    rows = []
    for softness in SOFTNESS:
        blurred = [found_in(out_of_focus(case, softness)) for case in clear]
        warned = sum(any(w.startswith("subject not sharp") for w in s.warnings) for s in blurred)
        rows.append([f"{100 * softness:g} % of the long edge", f"{warned}/{len(clear)}"])
    table(["sigma", '"subject not sharp"'], rows)


def report_sizes(clear: list[Case]) -> None:
    print("Clear photographs, reduced:\n")
    rows = []
    for edge in LONG_EDGES:
        ious = []
        for case in clear:
            assert case.truth is not None
            scale = edge / max(case.photo.size)
            size = [max(1, round(side * scale)) for side in case.photo.size]
            small = case.photo.resize((size[0], size[1]), Image.Resampling.LANCZOS)
            subject = found_in(small)
            matte = Image.fromarray(subject.matte).resize(case.photo.size, Image.Resampling.BICUBIC)
            inside = np.asarray(matte) >= 0.5
            ious.append(float((inside & case.truth).sum() / (inside | case.truth).sum()))
        rows.append([str(edge), f"{np.mean(ious):.3f}", f"{np.mean(np.array(ious) < 0.5):.3f}"])
    table(["long edge", "mean IoU", "share below .5"], rows)


def report_floors(clear: list[Case]) -> None:
    print(
        "How much larger is the box around all alpha from this value on than the box around alpha"
    )
    print("of one half? In % of the frame's long edge, at the worst side:\n")
    rows = []
    for floor in FLOORS:
        excess = []
        for case in clear:
            alpha = np.asarray(defocus.cutout(case.photo, subject=case.subject, alpha_floor=0))
            boxes = [Image.fromarray(alpha[..., 3] >= code).getbbox() for code in (floor, 128)]
            assert boxes[0] is not None
            assert boxes[1] is not None
            worst = max(abs(a - b) for a, b in zip(*boxes, strict=True))
            excess.append(100 * worst / max(case.photo.size))
        levels = np.percentile(excess, (50, 75, 90, 100))
        rows.append([f"{floor}/255", *(f"{level:.1f}" for level in levels)])
    table(["alpha from", "median", "75th percentile", "90th", "worst"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Judge the warnings.")
    parser.add_argument("--eval", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--counts", action="store_true", help="leave out the other tables")
    options = parser.parse_args()
    seen = list(cases(options.eval))
    clear = [case for case in seen if case.group == "clear"]
    print("# The warnings, measured\n")
    print("`python -m bench.quality.warnings --eval DIR [DIR ...]`; its docstring says what the")
    print("columns are.\n")
    for held_out, name in ((False, "limits were chosen"), (True, "nothing was chosen")):
        print(f"The half on which {name}:\n")
        report_counts([case for case in seen if case.held_out == held_out])
    if options.counts:
        return
    report_truths(clear)
    report_softness(clear)
    report_sizes(clear)
    report_floors(clear)


if __name__ == "__main__":
    main()
