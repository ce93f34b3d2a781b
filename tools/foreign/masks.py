"""Writes the masks of the embedded networks, and the matte that follows, for some photographs.

    python -m tools.foreign.masks MASKS.npz PHOTOGRAPH...

Each inference runs on one thread.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from defocus import Segmenter, cutout, find_subject
from defocus.io import decode

NETWORKS = ("u2net", "u2netp")


def main(to: str, *photographs: str) -> None:
    arrays: dict[str, Any] = {}
    for name in photographs:
        pixels = decode.read(name).pixels
        arrays[f"decoded {Path(name).stem}"] = pixels
        for network in NETWORKS:
            segmenter = Segmenter(network, threads=1)
            case = f"{network} {Path(name).stem}"
            arrays[f"mask {case}"] = segmenter.mask(pixels)
            subject = find_subject(pixels, segmenter=segmenter, effort="fast")
            arrays[f"matte {case}"] = cutout(pixels, subject=subject, matte_only=True)
    np.savez(to, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
