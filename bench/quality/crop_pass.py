"""What the crop pass for small subjects gains (`effort="best"`), on JPEG files and on arrays.

    python -m bench.quality.crop_pass --eval DIR > bench/results/crop_pass.md

DIR holds MANIFEST.tsv (tab-separated; columns `image`, `gt` and `kind` are used, paths are relative
to DIR).  Every photograph with a known subject is enlarged to a short edge of EDGE pixels, which
adds nothing to be seen, and stored as a JPEG: of such a file the network sees a preview.  The array
is what the file decodes to.  Mattes are judged at the truth's own size.  Nothing is timed.
"""

from __future__ import annotations

import argparse
import csv
import io
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import defocus
from bench.quality.masks import open_photo, open_truth
from bench.support import harness
from defocus.options import Effort
from defocus.subject import crop_pass

EDGE = 1400
GROUPS = {
    "people and animals": ("human_seg", "p3m_demo", "am2k_demo", "aim_demo"),
    "cluttered scenes and objects": ("sod", "alphamatting"),
}
Floats = NDArray[np.float32]


class Score(NamedTuple):
    """A photograph's mattes, judged; `apart` is between file and array, in the subject's region."""

    group: str
    closer: bool  # whether there was a closer look
    iou: dict[str, float]
    error: dict[str, float]
    apart: float


def photographs(folder: Path) -> Iterator[tuple[str, Image.Image, Floats]]:
    """Group, photograph and truth, 0..1."""
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for group, places in GROUPS.items():
                if row["gt"] and row["image"].startswith(tuple(f"{place}/" for place in places)):
                    truth = open_truth(folder / row["gt"]).astype(np.float32) / np.float32(255)
                    yield group, open_photo(folder / row["image"]), truth


def stored(photo: Image.Image) -> bytes:
    scale = max(1.0, EDGE / min(photo.size))
    size = (round(photo.width * scale), round(photo.height * scale))
    file = io.BytesIO()
    photo.resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=95)
    return file.getvalue()


def judged(group: str, photo: Image.Image, truth: Floats) -> Score:
    file = stored(photo)
    array = np.asarray(Image.open(io.BytesIO(file)))
    iou, error, mattes, closer = {}, {}, {}, False
    for kind, source in (("file", file), ("array", array)):
        efforts: tuple[Effort, ...] = ("good", "best")
        for effort in efforts:
            subject = defocus.find_subject(source, effort=effort)
            name = f"{kind}, {effort}"
            if effort == "good":
                closer |= crop_pass.region(subject.map, subject.size) is not None
            mattes[name] = subject.matte
            small = Image.fromarray(subject.matte).resize(truth.shape[::-1], Image.Resampling.BOX)
            matte = np.asarray(small, np.float32)
            found, true = matte >= 0.5, truth >= 0.5
            iou[name] = float((found & true).sum() / max((found | true).sum(), 1))
            error[name] = float(np.abs(matte - truth).mean())
    one, other = mattes["file, best"], mattes["array, best"]
    region = np.maximum(one, other) > 0.05
    apart = float(np.abs(one - other)[region].mean()) if region.any() else 0.0
    return Score(group, closer, iou, error, apart)


def row(name: str, scores: list[Score]) -> list[object]:
    cells: list[object] = [name, len(scores)]
    for kind in ("file", "array"):
        good, best = (
            statistics.fmean(score.iou[f"{kind}, {effort}"] for score in scores)
            for effort in ("good", "best")
        )
        cells += [f"{good:.3f}", f"{best:.3f}", f"{best - good:+.3f}"]
    for effort in ("good", "best"):
        errors = statistics.fmean(score.error[f"file, {effort}"] for score in scores)
        cells.append(f"{errors:.4f}")
    cells.append(f"{statistics.median(score.apart for score in scores):.4f}")
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description="Score the crop pass for small subjects.")
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR")
    scores = []
    for group, photo, truth in photographs(parser.parse_args().eval):
        scores.append(judged(group, photo, truth))
        print(len(scores), file=sys.stderr, flush=True)
    print("# The crop pass for small subjects\n")
    print("    python -m bench.quality.crop_pass --eval DIR\n")
    print(
        f"Photographs with a known subject, enlarged to a short edge of {EDGE} pixels and stored as"
    )
    print(
        'JPEG. `effort="best"` runs the crop pass where the subject covers 1 to 25 % of the frame.'
    )
    print("The first mask of a file comes from its preview, that of an array from the whole.")
    print("`apart` is the mean difference between the mattes of file and array in the subject's")
    print("region: its median over the photographs.\n")
    print(harness.described(harness.machine("onnxruntime", "PIL")))
    header = ["photographs", "n", "IoU of files, good", "best", "gain"]
    header += ["of arrays, good", "best", "gain", "error of files, good", "best", "apart"]
    rows = []
    for group in GROUPS:
        for closer, meaning in ((True, "with a crop pass"), (False, "the others")):
            chosen = [s for s in scores if s.group == group and s.closer == closer]
            if chosen:
                rows.append(row(f"{group}: {meaning}", chosen))
    print(harness.markdown(header, rows))


if __name__ == "__main__":
    main()
