"""Judge the network's maps: against its authors' own, and whether a weak map means no subject.

    python -m bench.quality.masks --eval DIR [--resize FILTER]

DIR holds MANIFEST.tsv (tab-separated; columns `image`, `gt` and `kind` are used, paths are
relative to DIR) and `u2net_ref` with photographs (`image`) and the authors' maps
(`<model>_results`).

--resize shrinks the photographs by one of Pillow's filters instead of our own.

First part: our map, stretched to full range as the authors do it, brought to the photograph's
size bilinearly, and compared with theirs: mean absolute difference, of full scale.

Second part: the raw map's maximum, its mean where it is at least .5 ("conf"), and the share of
the photograph that this is ("area"), for photographs with a subject (with the map's IoU at .5)
and without.  The few photographs without a subject are joined by "crops": the largest part of
each photograph with a known subject that lies wholly left, right, above or below of it.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from defocus.models import DEFAULT_MODEL
from defocus.models.segmenter import Segmenter

LEAST_CROP = 0.2  # of the photograph's area; smaller ones look like no photograph
THRESHOLDS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99)


class Map(NamedTuple):
    """What is measured of one map; `iou` is NaN where there is no subject."""

    name: str
    maximum: float
    conf: float
    area: float
    iou: float = float("nan")

    def line(self) -> str:
        numbers = f"max {self.maximum:.3f}  conf {self.conf:.3f}  area {self.area:.3f}"
        iou = "" if np.isnan(self.iou) else f"  IoU {self.iou:.3f}"
        return f"  {self.name:34} {numbers}{iou}"


class Scorer:
    """A Segmenter with a way of resizing."""

    def __init__(self, model: str, resample: Image.Resampling | None) -> None:
        self.segmenter = Segmenter(model)
        self.resample = resample

    def mask(self, photo: Image.Image) -> NDArray[np.float32]:
        if self.resample is not None:
            photo = photo.resize(self.segmenter.input_size, self.resample)
        return self.segmenter.mask(np.asarray(photo))

    def measure(self, name: str, photo: Image.Image, truth: NDArray[np.bool_] | None = None) -> Map:
        mask = self.mask(photo)
        subject = mask >= 0.5
        conf = float(mask[subject].mean()) if subject.any() else 0.0
        measured = Map(name, float(mask.max()), conf, float(subject.mean()))
        if truth is None:
            return measured
        full = resized(mask, photo.size) >= 0.5
        return measured._replace(iou=float((full & truth).sum() / max((full | truth).sum(), 1)))


def resized(mask: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.BILINEAR))


def open_photo(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def open_truth(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("L"))


def compare_with_authors(scorer: Scorer, folder: Path) -> None:
    print("difference from the authors' maps, of full scale")
    differences = []
    for path in sorted((folder / "image").iterdir()):
        results = folder / f"{scorer.segmenter.spec.name}_results"
        theirs = open_truth(results / f"{path.stem}.png") / 255.0
        mask = scorer.mask(open_photo(path))
        mask = (mask - mask.min()) / (mask.max() - mask.min())
        height, width = theirs.shape
        differences.append(float(np.abs(resized(mask, (width, height)) - theirs).mean()))
        print(f"  {path.name:34} {differences[-1]:.5f}")
    print(f"  {'mean':34} {np.mean(differences):.5f}")


def crop_beside(truth: NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """The largest box beside, above or below of the subject, if it is large enough."""
    height, width = truth.shape
    rows, columns = np.flatnonzero(truth.any(axis=1)), np.flatnonzero(truth.any(axis=0))
    boxes = [
        (0, 0, int(columns[0]), height),
        (int(columns[-1]) + 1, 0, width, height),
        (0, 0, width, int(rows[0])),
        (0, int(rows[-1]) + 1, width, height),
    ]
    area, box = max(((b[2] - b[0]) * (b[3] - b[1]), b) for b in boxes)
    return box if area >= LEAST_CROP * width * height else None


def measure_all(scorer: Scorer, folder: Path) -> Iterator[tuple[str, Map]]:
    """Pairs of kind ("subject", "empty" or "crop") and measurement."""
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            name = row["image"]
            if row["kind"] == "background":
                yield "empty", scorer.measure(name, open_photo(folder / name))
            elif row["kind"].startswith(("binary", "alpha")):
                photo, truth = open_photo(folder / name), open_truth(folder / row["gt"])
                yield "subject", scorer.measure(name, photo, truth >= 128)
                box = crop_beside(truth)
                if box is not None:
                    yield "crop", scorer.measure(name, photo.crop(box))


def report_subjects(scorer: Scorer, folder: Path) -> None:
    kinds: dict[str, list[Map]] = {"subject": [], "empty": [], "crop": []}
    for kind, measured in measure_all(scorer, folder):
        kinds[kind].append(measured)
    subjects, empty, crops = kinds["subject"], kinds["empty"], kinds["crop"]
    print("photographs without a subject")
    for each in empty:
        print(each.line())
    for kind, maps in (("subject", subjects), ("crop", crops)):
        levels = np.percentile([m.maximum for m in maps], (0, 2, 5, 10, 25, 50, 75))
        print(f"{len(maps)} {kind}s: maximum at percentiles 0 2 5 10 25 50 75:", levels.round(3))
    print("subjects with the weakest maps")
    for each in sorted(subjects, key=lambda m: m.maximum)[:15]:
        print(each.line())
    for field in ("maximum", "conf"):
        print(f"if {field} below the threshold meant no subject")
        for threshold in THRESHOLDS:
            refused = [m for m in subjects if getattr(m, field) < threshold]
            best = max((m.iou for m in refused), default=0.0)
            caught = [sum(getattr(m, field) < threshold for m in maps) for maps in (empty, crops)]
            print(
                f"  {threshold:.2f}: refused {len(refused)} of {len(subjects)} subjects "
                f"(best IoU lost {best:.2f}); caught {caught[0]} of {len(empty)} empty, "
                f"{caught[1]} of {len(crops)} crops"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="Judge the network's maps.")
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--resize", choices=list(Image.Resampling.__members__))
    options = parser.parse_args()
    scorer = Scorer(options.model, options.resize and Image.Resampling[options.resize])
    compare_with_authors(scorer, options.eval / "u2net_ref")
    report_subjects(scorer, options.eval)


if __name__ == "__main__":
    main()
