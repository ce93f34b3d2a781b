"""Compare pixels and orientation with independent readers: ImageMagick and exiftool.

    python -m tools.fuzz.independent --files 1000 --seed 7

Each file is made at random: a format, a kind of pixels, an orientation in EXIF of either byte
order, a profile.  ImageMagick reads the stored pixels, exiftool the orientation, which is applied
here by its definition (Exif 2.32, tag 274).  8-bit values, 16-bit samples and alpha have to be
equal; `_TOLERANCES` names the formats whose decoders may round.  A file that differs is kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.fuzz.target import SUPPORT

# 16-bit samples: JPEG is decoded by other versions of the library; Netpbm scales its maximum.
_TOLERANCES = {"jpg": 2 * 257, "ppm": 257}
Samples = NDArray[np.int64]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="defocus-independent-"))
    differing = compare(folder, options.files, options.seed)
    for line in differing:
        print(line)
    print(f"{options.files} files, {len(differing)} differ")
    return bool(differing)


def compare(folder: Path, count: int, seed: int) -> list[str]:
    """Make files in the folder, and describe those that are read otherwise; others are removed."""
    from defocus.io import decode
    from tools.fuzz.random_files import random_file

    choice, paths = Random(seed), []
    for number in range(count):
        extension, data = random_file(choice)
        path = folder / f"{seed}-{number}.{extension}"
        path.write_bytes(data)
        paths.append(path)
    differing = []
    for path, orientation in zip(paths, _orientations(paths), strict=True):
        photo = decode.read(path)
        ours = _in_16_bits(photo.pixels, photo.alpha)
        theirs = _turned(_stored(path), orientation)
        if said := _difference(ours, theirs, _TOLERANCES.get(path.suffix[1:], 0)):
            differing.append(f"{path}: orientation {orientation}: {said}")
        else:
            path.unlink()
    return differing


def _orientations(paths: list[Path]) -> list[int]:
    """Return what exiftool reads; values other than 2 to 8 mean upright."""
    command = ["exiftool", "-json", "-n", "-IFD0:Orientation", *map(str, paths)]
    found: list[dict[str, Any]] = json.loads(subprocess.check_output(command))
    stated = [tags.get("Orientation", 1) for tags in found]
    return [value if isinstance(value, int) and 2 <= value <= 8 else 1 for value in stated]


def _stored(path: Path) -> Samples:
    """Return the pixels as they are stored: height x width x 4, 0 to 65535."""
    size = subprocess.check_output(["identify", "-format", "%w %h ", f"{path}[0]"]).split()
    width, height = map(int, size[:2])
    raw = ["-depth", "16", "-endian", "LSB", "rgba:-"]
    data = subprocess.check_output(["convert", f"{path}[0]", *raw])
    return np.frombuffer(data, "<u2").astype(np.int64).reshape(height, width, 4)


def _turned(stored: Samples, orientation: int) -> Samples:
    """Show row 0 and column 0 where the tag says that they are."""
    if orientation >= 5:  # row 0 is a side
        stored = stored.transpose(1, 0, 2)
    bottom = orientation in (3, 4, 7, 8)
    right = orientation in (2, 3, 6, 7)
    return stored[:: -1 if bottom else 1, :: -1 if right else 1]


def _in_16_bits(pixels: NDArray[Any], alpha: NDArray[Any] | None) -> Samples:
    opaque = np.full(pixels.shape[:2], np.iinfo(pixels.dtype).max, pixels.dtype)
    whole = np.dstack([pixels, opaque if alpha is None else alpha]).astype(np.int64)
    return whole * (257 if pixels.dtype == np.uint8 else 1)


def _difference(ours: Samples, theirs: Samples, tolerance: int) -> str:
    if ours.shape != theirs.shape:
        return f"{ours.shape[:2]} here, {theirs.shape[:2]} there"
    shown = (theirs[..., 3:] > 0) | (ours[..., 3:] > 0)  # other colours have no meaning
    colours = int((np.abs(ours[..., :3] - theirs[..., :3]) * shown).max())
    alpha = int(np.abs(ours[..., 3] - theirs[..., 3]).max())
    if colours > tolerance or alpha > tolerance:
        return f"colours differ by {colours}, alpha by {alpha}"
    return ""


if __name__ == "__main__":
    if SUPPORT not in sys.path:
        sys.path.append(SUPPORT)
    sys.exit(main())
