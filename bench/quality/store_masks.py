"""Write the masks that tests/models/test_masks.py holds the embedded networks to.

    PYTHONPATH=tests/support python -m bench.quality.store_masks --float u2net=FILE u2netp=FILE

FILE is a float network, as for quality/models.py.  The pictures and the files are named in
tests/support/masks.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

import masks
from bench.quality.models import Original


def main() -> None:
    parser = argparse.ArgumentParser(description="Store the float networks' masks for the tests.")
    parser.add_argument("--float", nargs="+", required=True, metavar="NAME=FILE")
    for pair in parser.parse_args().float:
        name, _, path = pair.partition("=")
        network = Original(Path(path))
        for picture, draw in masks.PICTURES.items():
            small = masks.coarse(network, draw())
            file = masks.stored_file(name, picture)
            Image.fromarray((small * 255 + 0.5).astype("uint8")).save(file, optimize=True)
            print(f"{file.name}: {file.stat().st_size} bytes, mean {small.mean():.3f}")


if __name__ == "__main__":
    main()
