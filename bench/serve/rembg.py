"""`defocus serve` beside `rembg s`: cutouts as PNG, four callers, the same requests.

    python -m bench.serve.rembg --script FILE [--model u2net.onnx] [--photographs DIR...]

`--script` is the script `rembg` of an environment of its own:

    python3 -m venv ENV && ENV/bin/pip install "rembg[cpu,cli]"

rembg loads u2net.onnx, the full U-2-Net in floating point, from the folder U2NET_HOME.  `--model`
names that file, and U2NET_HOME is its folder then.  Without it rembg would download the file.  The
wheel that tools/build_models.py names has it.

Three servers run, and have the load in turns: `rembg s` with u2net.onnx, `defocus serve` as shipped
(the same network in 8 bits), and `defocus serve --model u2net.onnx`, the very same file.  All are
sent `POST /api/remove` with the photograph in the field `file`, and answer a PNG.  Those that come
from the examples are scaled to `--megapixels`, those of `--photographs` are sent as they are.

Targets: three times the throughput of rembg, and a third of its p99.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.serve import servers
from bench.serve.client import Message, form
from bench.serve.rounds import Row, closed_loop, measure, requests, table, write
from bench.speed import batch
from bench.support import harness

COUNT, CALLERS = 8, 4
THROUGHPUT, TAIL = 3.0, 1 / 3
OURS, SAME, PEER = "defocus serve", "defocus serve --model u2net.onnx", "rembg s"


def messages(photographs: Sequence[Path], megapixels: float) -> list[Message]:
    """The requests: photographs of the examples, and all JPEG files of the folders."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "in")
        batch.make(folder, COUNT, megapixels)
        found = [path.read_bytes() for path in sorted(folder.iterdir())]
    for given in photographs:
        found += [path.read_bytes() for path in sorted(given.rglob("*.jpg"))]
    return [form("/api/remove", {"file": data}, {"model": "u2net"}) for data in found]


def compare(
    script: Path, model: Path | None, asked: Sequence[Message], seconds: float
) -> list[Row]:
    """The rows of the servers, which have the load in turns."""
    if model is not None:
        os.environ["U2NET_HOME"] = str(model.resolve().parent)
    with ExitStack() as stack:
        running = {OURS: stack.enter_context(servers.defocus())}
        if model is not None:
            arguments = ("--model", str(model.resolve()))
            running[SAME] = stack.enter_context(servers.defocus(*arguments))
        running[PEER] = stack.enter_context(servers.rembg(script))
        return measure(running, closed_loop(requests(asked), CALLERS), seconds)


def judged(rows: Sequence[Row]) -> str:
    """Our figures against rembg's, as a table."""
    peer = rows[-1]
    lines = []
    for row in rows[:-1]:
        faster, tail = row.rate / peer.rate, row.percentile(99) / peer.percentile(99)
        met = "met" if faster >= THROUGHPUT and tail <= TAIL else "MISSED"
        lines.append([row.name, f"{faster:.2f}", f"{tail:.2f}", met])
    return harness.markdown(("against rembg s", "throughput x", "p99 x", "targets 3, 0.33"), lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the service with that of rembg.")
    parser.add_argument("--script", type=Path, required=True, help="the script `rembg`")
    parser.add_argument("--model", type=Path, help="u2net.onnx, in a folder of its own")
    parser.add_argument("--photographs", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--megapixels", type=float, default=2.0, help="of the examples")
    parser.add_argument("--seconds", type=float, default=120.0, help="of each server")
    parser.add_argument("--markdown", type=Path, help="write the tables here, too")
    options = parser.parse_args()
    asked = messages(options.photographs, options.megapixels)
    rows = compare(options.script, options.model, asked, options.seconds)
    title = f"cutout, {len(asked)} photographs, {CALLERS} callers"
    command = f"python -m bench.serve.rembg --script FILE --seconds {options.seconds:g}"
    tables = [table(title, rows), judged(rows)]
    write(options.markdown, "The service against rembg's", command, tables)


if __name__ == "__main__":
    main()
