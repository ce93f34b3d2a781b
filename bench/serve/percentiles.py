"""Latency, throughput, CPU and memory of `defocus serve` under known load.

    python -m bench.serve.percentiles [--seconds 60] [--markdown FILE]

The server is the real command, in a process of its own, with the network as shipped.  The callers
are this process; the column "caller's CPUs" is what they take of the machine.

- 1, 2, 4 and 8 callers: each has a connection, and asks again as soon as it has its answer.
- 80 %: arrivals at random (Poisson) at 0.8 of the rate that 4 callers reached, each on a connection
  of its own.  The time begins when the connection is opened.
- Workers and threads: the servers of one table have the load in turns.

"CPU ms each" is the server's CPU time for an answer.  MB (10^6 bytes) are resident in all its
processes at the end.  "Others" is how many CPUs other processes kept busy.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.serve import servers
from bench.serve.client import Message, message
from bench.serve.rounds import Row, closed_loop, measure, open_loop, requests, table, write
from bench.speed import batch
from defocus.threads import available_threads

CALLERS = (1, 2, 4, 8)
SHARE = 0.8  # of the capacity
SIZES = {"0.3 MP": 0.3, "2 MP": 2.0, "12 MP": 12.0}
CASES = {
    "portrait, JPEG of 2 MP to JPEG": ("/v1/portrait", "2 MP"),
    "portrait, JPEG of 12 MP to JPEG": ("/v1/portrait", "12 MP"),
    "cutout, JPEG of 2 MP to PNG": ("/v1/cutout", "2 MP"),
}
COUNT = 4  # photographs of each size
_WORKERS = {"1": ("--queue=16",), "2": ("--workers=2", "--queue=16")}  # each has its own queue
_THREADS = {"1": (), "2": ("--threads=2",)}
# Of the comparisons: title, arguments by name, path, size, callers, and the CPUs that it needs.
COMPARED: tuple[tuple[str, Mapping[str, tuple[str, ...]], str, str, int, int], ...] = (
    ("workers, portrait 2 MP, 4 callers", _WORKERS, "/v1/portrait", "2 MP", 4, 2),
    ("workers, mask 0.3 MP, 8 callers", _WORKERS, "/v1/mask", "0.3 MP", 8, 2),
    ("threads, portrait 2 MP, 1 caller", _THREADS, "/v1/portrait", "2 MP", 1, 3),
    ("threads, portrait 12 MP, 1 caller", _THREADS, "/v1/portrait", "12 MP", 1, 3),
)


def photographs(scratch: Path) -> dict[str, list[bytes]]:
    """JPEG files by size."""
    found = {}
    for name, megapixels in SIZES.items():
        folder = scratch / name
        batch.make(folder, COUNT, megapixels)
        found[name] = [path.read_bytes() for path in sorted(folder.iterdir())]
    return found


def by_callers(title: str, messages: Sequence[Message], seconds: float) -> str:
    """The table of one kind of request."""
    play, rows = requests(messages), []
    with servers.defocus() as server:
        for callers in CALLERS:
            name = f"{callers} caller{'s' * (callers > 1)}"
            rows += measure({name: server}, closed_loop(play, callers), seconds)
        rate = SHARE * rows[CALLERS.index(4)].rate
        name = f"{SHARE:.0%}, {rate:.2f} a second"
        rows += measure({name: server}, open_loop(play, rate), seconds)
    return table(title, rows)


def compared(
    arguments: Mapping[str, Sequence[str]],
    messages: Sequence[Message],
    callers: int,
    seconds: float,
) -> list[Row]:
    """Servers with different arguments, in turns."""
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(servers.defocus(*given)) for name, given in arguments.items()
        }
        return measure(started, closed_loop(requests(messages), callers), seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the service under known load.")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each row")
    parser.add_argument("--markdown", type=Path, help="write the tables here, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        files = photographs(Path(scratch))
    tables = []
    for title, (path, size) in CASES.items():
        tables.append(by_callers(title, [message(path, f) for f in files[size]], options.seconds))
        print(tables[-1], flush=True)
    for title, arguments, path, size, callers, cpus in COMPARED:
        if available_threads() < cpus:  # the service would lower the number by itself
            tables.append(f"Left out, because it needs {cpus} CPUs: {title}.\n")
            continue
        messages = [message(path, file) for file in files[size]]
        rows = compared(arguments, messages, callers, options.seconds)
        tables.append(table(title, rows))
        print(tables[-1], flush=True)
    command = f"python -m bench.serve.percentiles --seconds {options.seconds:g}"
    write(options.markdown, "The service under load", command, tables)


if __name__ == "__main__":
    main()
