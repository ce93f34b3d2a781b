"""Lay out two public sets of photographs with true masks, for the tools that take several DIRs.

    python -m bench.quality.more_photographs OUT --sod BSDS500 SAL_EVAL --people HUMAN \
        --without DIR/MANIFEST.tsv

BSDS500, SAL_EVAL and HUMAN are checkouts of BIDS/BSDS500, ArcherFMY/sal_eval_toolbox and
VikramShenoy97/Human-Segmentation-Dataset, on GitHub.  They are for measuring only.  Photographs
that the manifest names already are left out, and photographs are reduced to the size of their mask.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

from PIL import Image


def pairs(bsds: Path, masks: Path, people: Path) -> Iterator[tuple[str, str, Path, Path]]:
    """Kind, name, photograph and mask."""
    images = {path.stem: path for path in (bsds / "BSDS500/data/images").rglob("*.jpg")}
    for mask in sorted((masks / "tools/GroundTruth/SOD").glob("*.png")):
        if mask.stem in images:
            yield "sod", mask.stem, images[mask.stem], mask
    for image in sorted((people / "Training_Images").iterdir()):
        mask = people / "Ground_Truth" / f"{image.stem}.png"
        if image.stem.isdigit() and mask.exists():
            yield "human_seg", f"h{int(image.stem):03d}", image, mask


def main() -> None:
    parser = argparse.ArgumentParser(description="Lay out public photographs with true masks.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--sod", type=Path, nargs=2, required=True, metavar="DIR")
    parser.add_argument("--people", type=Path, required=True, metavar="DIR")
    parser.add_argument("--without", type=Path, required=True, metavar="MANIFEST")
    options = parser.parse_args()
    with options.without.open(encoding="utf-8", newline="") as file:
        known = {Path(row["image"]).stem for row in csv.DictReader(file, delimiter="\t")}
    lines = [("image", "gt", "kind")]
    for kind, name, image, mask in pairs(options.sod[0], options.sod[1], options.people):
        if name in known:
            continue
        line = f"{kind}/image/{name}.jpg", f"{kind}/gt/{name}.png", "binary mask"
        for path in line[:2]:
            (options.out / path).parent.mkdir(parents=True, exist_ok=True)
        drawn = Image.open(mask)
        truth = drawn.getchannel("A") if "A" in drawn.getbands() else drawn.convert("L")
        photo = Image.open(image).convert("RGB")
        if photo.size != truth.size:
            photo = photo.resize(truth.size, Image.Resampling.BICUBIC)
        truth.save(options.out / line[1])
        photo.save(options.out / line[0], quality=95)
        lines.append(line)
    with (options.out / "MANIFEST.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(lines)


if __name__ == "__main__":
    main()
