"""`defocus.compat.rembg` beside rembg: types, modes, sizes and masks, in one process.

    python -m bench.quality.rembg_compat [DIR...] [--model u2net.onnx] [--store FILE]

rembg has to be installed beside defocus (`pip install rembg onnxruntime`).

First each kind of input meets each option, with the small network.  Where rembg answers, both
answers must have the same type, mode and size.  `--store` writes rembg's answers to
tests/compat/rembg_answers.json, whose test needs no rembg.

Then the masks of the photographs in DIR are compared.  Both libraries run the file `--model`, by
default the network of the package.  The masks may differ from rembg's by as much as the refinement
of edges changes, and a little more, and must overlap.  Where the network is undecided (a confidence
below .5), the overlap alone is judged.

Results of `putalpha` are always RGBA here, and LA or PA for some inputs in rembg.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from bench.support import harness, rembg_inputs
from defocus import Segmenter, find_subject
from defocus.compat import rembg as ours
from defocus.compat.results import two_values
from defocus.models import entry
from defocus.models.weights import locate

SLACK, OVERLAP, BINARY, SURE = 0.01, 0.9, 0.001, 0.5
HALF = 127


class Mask(NamedTuple):
    """How the masks of one photograph differ; shares of the whole."""

    name: str
    difference: float
    refinement: float
    overlap: float
    binary: float  # of post_process_mask, both from rembg's mask
    confidence: float

    @property
    def good(self) -> bool:
        undecided = self.confidence < SURE
        near = undecided or self.difference <= self.refinement + SLACK
        return near and self.overlap >= OVERLAP and self.binary <= BINARY


def answers(remove: Any, session: Any) -> dict[str, dict[str, list[str]]]:
    """For each kind of input the answers, each with the options that give it."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, data in rembg_inputs.kinds().items():
        for name, options in rembg_inputs.OPTIONS.items():
            answer = rembg_inputs.answer(remove, data, session, options)
            found.setdefault(kind, {}).setdefault(answer, []).append(name)
    return found


def faults(peer: dict[str, dict[str, list[str]]], session: Any) -> Iterator[str]:
    """The answers that are not those of rembg."""
    kinds = rembg_inputs.kinds()
    for kind, given in peer.items():
        for expected, names in given.items():
            for name in names:
                options = rembg_inputs.OPTIONS[name]
                answer = rembg_inputs.answer(ours.remove, kinds[kind], session, options)
                refused = expected.startswith("raises") or name == "putalpha"
                if answer.startswith("raises") if refused else answer != expected:
                    yield f"{kind}; {name}: rembg {expected}; defocus {answer}"


def masks(
    photographs: Sequence[Path], remove: Callable[..., Any], theirs: Any, segmenter: Segmenter
) -> Iterator[Mask]:
    for path in photographs:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        pixels = np.asarray(image)
        peer = np.asarray(remove(image, session=theirs, only_mask=True))
        matte = np.asarray(ours.remove(image, session=segmenter, only_mask=True))
        stretched = find_subject(pixels, effort="fast", segmenter=segmenter).matte
        two = np.asarray(remove(image, session=theirs, only_mask=True, post_process_mask=True))
        union = ((peer > HALF) | (matte > HALF)).sum()
        confidence = find_subject(pixels, segmenter=segmenter).confidence
        yield Mask(
            path.name,
            float(np.abs(peer / 255.0 - matte / 255.0).mean()),
            float(np.abs(stretched - matte / 255.0).mean()),
            float(((peer > HALF) & (matte > HALF)).sum() / max(union, 1)),
            float((two_values(np.divide(peer, np.float32(255))) != two).mean()),
            confidence,
        )


def rembg_session(model: Path) -> Any:
    """A session of rembg, which takes files of one folder only."""
    os.environ["U2NET_HOME"] = str(model.parent)
    return importlib.import_module("rembg").new_session("u2net_custom", model_path=str(model))


def store(file: Path, peer: dict[str, dict[str, list[str]]]) -> None:
    rows = (f"  {json.dumps(kind)}: {json.dumps(given)}" for kind, given in peer.items())
    table = ",\n".join([f'  "rembg": "{version("rembg")}"', *rows])
    file.write_text(f"{{\n{table}\n}}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare defocus.compat.rembg with rembg.")
    parser.add_argument("folders", type=Path, nargs="*", metavar="DIR", help="photographs")
    parser.add_argument("--model", type=Path, help="network of both for the masks")
    parser.add_argument("--store", type=Path, metavar="FILE", help="write rembg's answers here")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    remove = importlib.import_module("rembg").remove
    small = locate(entry("u2netp"))
    peer = answers(remove, rembg_session(small))
    if options.store:
        store(options.store, peer)
    wrong = [*faults(peer, ours.new_session("u2net_custom", model_path=small))]
    print(*wrong, sep="\n")
    model = (options.model or locate(entry("u2net"))).resolve()
    paths = [path for folder in options.folders for path in sorted(folder.rglob("*.jpg"))]
    rows = [*masks(paths, remove, rembg_session(model), Segmenter(model))]
    cells = [
        [row.name, *(f"{value:.4f}" for value in row[1:]), "" if row.good else "MISSED"]
        for row in rows
    ]
    heads = (
        "photograph",
        "difference",
        "refinement",
        "overlap",
        "post-processed differs",
        "confidence",
        "",
    )
    print(harness.markdown(heads, cells))
    print(f"{len(peer)} kinds of input x {len(rembg_inputs.OPTIONS)} options: {len(wrong)} differ")
    sys.exit(bool(wrong) or not all(row.good for row in rows))


if __name__ == "__main__":
    main()
