"""Compare the embedded networks with the float networks they were made from.

    python -m bench.quality.models --eval DIR --float u2net=FILE u2netp=FILE [--markdown FILE]

DIR holds MANIFEST.tsv, as for quality/masks.py; every photograph in it whose truth is a mask or a
matte counts.  FILE is the published float network, or what `tools.build_models --float` writes.
Maps are brought to the photograph's size bilinearly, as they come from the network.

The embedded networks were calibrated on one half of such photographs (tools/halves.py); "held
out" are the others.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.quality.mask_scores import Judge
from bench.support import harness
from defocus.io import decode
from defocus.models.segmenter import Segmenter
from tools.halves import calibrates, digest_of

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # the runtime looks only while it is imported
import onnxruntime  # type: ignore[import-untyped]

Map = NDArray[np.float32]
SIZE = (320, 320)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of red, green and blue
HEADER = (
    *("network, photographs", "n", "S float", "S", "max F float", "max F"),
    *("MAE float", "MAE", "maps apart"),
)


class Example(NamedTuple):
    """A photograph's folder, whether it may have served for calibration, its pixels, its truth."""

    kind: str
    calibrates: bool
    pixels: NDArray[np.uint8]
    truth: Map


def examples(folder: Path) -> Iterator[Example]:
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["gt"] and row["kind"].startswith(("binary", "alpha")):
                path = folder / row["image"]
                grey = np.asarray(Image.open(folder / row["gt"]).convert("L"), np.float32)
                seen = calibrates(digest_of(path.read_bytes()))
                pixels = decode.read(path).pixels
                yield Example(path.parent.parent.name, seen, pixels, grey / np.float32(255))


class Original:
    """A float network, used as a Segmenter is, and independent of it."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self.input = self.session.get_inputs()[0].name

    def mask(self, small: NDArray[np.uint8]) -> Map:
        share = small / np.float64(max(int(small.max()), 1))
        image = ((share - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)[np.newaxis]
        map_: Map = self.session.run(None, {self.input: image})[0][0, 0]
        return map_.clip(0.0, 1.0)


def compare(name: str, path: Path, folder: Path) -> list[list[object]]:
    """The table's rows for one network."""
    embedded, original = Segmenter(name), Original(path)
    judges: dict[str, tuple[Judge, Judge]] = defaultdict(lambda: (Judge(), Judge()))
    apart: dict[str, list[float]] = defaultdict(list)
    for example in examples(folder):
        photo = Image.fromarray(example.pixels)
        small = np.asarray(photo.resize(SIZE, Image.Resampling.BILINEAR))
        maps = [original.mask(small), embedded.mask(small)]
        groups = [example.kind, "all", *([] if example.calibrates else ["held out"])]
        for group in groups:
            apart[group].append(float(np.abs(maps[0] - maps[1]).mean()))
            for judge, map_ in zip(judges[group], maps, strict=True):
                height, width = example.truth.shape
                judge.add(resized(map_, (width, height)), example.truth)
    order = sorted(judges, key=lambda group: (group in ("all", "held out"), group))
    return [row(f"{name}, {group}", judges[group], apart[group]) for group in order]


def row(title: str, judges: tuple[Judge, Judge], apart: list[float]) -> list[object]:
    original, embedded = (judge.scores() for judge in judges)
    cells = [
        cell for a, b in zip(original, embedded, strict=True) for cell in (f"{a:.4f}", f"{b:.4f}")
    ]
    return [title, len(apart), *cells, f"{np.mean(apart):.4f}"]


def resized(map_: Map, size: tuple[int, int]) -> Map:
    """The map, bilinearly brought to this width and height."""
    image = Image.fromarray(map_).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32).clip(0.0, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare embedded with float networks.")
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR")
    parser.add_argument("--float", nargs="+", required=True, metavar="NAME=FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    options = parser.parse_args()
    rows: list[list[object]] = []
    for pair in options.float:
        name, _, path = pair.partition("=")
        rows += compare(name, Path(path), options.eval)
    table = harness.markdown(HEADER, rows)
    print(table)
    if options.markdown:
        machine = harness.described(harness.machine("onnxruntime", "PIL"))
        title = "# The embedded networks against their float originals"
        options.markdown.write_text(f"{title}\n\n{machine}\n{table}", encoding="utf-8")


if __name__ == "__main__":
    main()
