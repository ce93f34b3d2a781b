"""Writes the masks of the embedded networks, and the matte that follows, for some photographs.

    python -m tools.foreign.masks MASKS.npz PHOTOGRAPH...

Each inference runs on one thread.
"""

from __future__ import annotations

import sys
import time
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
            case, segmenter = f"{network} {Path(name).stem}", Segmenter(network, threads=1)
            subject = find_subject(pixels, segmenter=segmenter, effort="fast")
            arrays[f"mask {case}"] = subject.mask
            arrays[f"matte {case}"] = cutout(pixels, subject=subject, matte_only=True)
            print(f"{case}: {time.process_time():.0f} seconds so far", flush=True)
    np.savez(to, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
