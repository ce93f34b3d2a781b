"""A Ray Data job: every photograph of a folder becomes a portrait, and a table says what failed.

    python examples/ray_job.py photos portraits

It uses the cluster of RAY_ADDRESS, or starts Ray on this machine.  On a cluster both folders have
to be visible to every node.  `defocus portrait photos -o portraits --ray auto` does this and more.
Copy this file if a Dataset of your own has further steps.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray

from defocus.ray import Pictures, Recipe, store

CPUS = 0.9  # of each CPU for the network; the rest reads and stores


def with_target(rows: pa.Table) -> pa.Table:
    """Add the column "target": the name of each result below the output folder."""
    names = [f"{Path(path).stem}.jpg" for path in rows["path"].to_pylist()]
    return rows.append_column("target", pa.array(names, pa.string()))


def run(source: Path, target: Path) -> list[dict[str, Any]]:
    """Process a folder; return a row for each photograph, without its bytes."""
    steps: dict[str, Any] = {"batch_format": "pyarrow", "num_cpus": 0.05}
    most = max(1, int(ray.cluster_resources()["CPU"]))
    rows = ray.data.read_binary_files(str(source.resolve()), include_paths=True)
    rows = rows.map_batches(with_target, **steps)
    rows = rows.map_batches(
        Pictures,  # an actor: its network is built once
        fn_constructor_kwargs={"recipe": Recipe(options={"aperture": 1.4})},
        batch_format="pyarrow",
        batch_size=16,  # if a worker is lost, so many photographs are made again
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most),
        num_cpus=CPUS,
    )
    rows = rows.map_batches(store, fn_kwargs={"root": str(target.resolve())}, **steps)
    return list(rows.take_all())


def main(arguments: list[str]) -> int:
    """Print one line for each photograph; the exit code is 1 if one failed."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    ray.init(log_to_driver=False)
    try:
        rows = run(*map(Path, arguments))
    finally:
        ray.shutdown()
    for row in sorted(rows, key=lambda row: row["target"]):
        print(row["target"], row["status"], row["error"] or f"{row['seconds']:.2f} s", sep="\t")
    return int(any(row["status"] != "done" for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
