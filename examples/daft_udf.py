"""Cutouts in a Daft DataFrame: a class of UDFs over the same `Pictures` that Ray uses.

    python examples/daft_udf.py "photos/*.jpg" cutouts

The result is a folder of Parquet files with the columns path, bytes, status and error.
"""

from __future__ import annotations

import sys
from typing import Any

import daft
import pyarrow as pa
from daft import DataType, Series, col

from defocus.ray import Pictures, Recipe

RESULT = DataType.struct(
    {"bytes": DataType.binary(), "status": DataType.string(), "error": DataType.string()}
)


@daft.cls(max_concurrency=2, use_process=False)
class Cutouts:
    """Holds a network, which threads may share, so that no further process is needed."""

    def __init__(self, background: str | None = None) -> None:
        recipe = Recipe(command="cutout", options={"background": background})
        self.pictures = Pictures(recipe, format="png")

    @daft.method.batch(return_dtype=RESULT, unnest=True, batch_size=16)
    def make(self, data: Series, path: Series) -> Any:
        """Return a struct for each row.  A photograph that fails has a status and an error."""
        rows = pa.table({"bytes": data.to_arrow(), "path": path.to_arrow()})
        made = self.pictures(rows).select(["bytes", "status", "error"])
        return made.to_struct_array().combine_chunks()


def main(arguments: list[str]) -> int:
    """Write the table, and print what became of each photograph."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    pattern, target = arguments
    cutouts = Cutouts()
    table = daft.from_glob_path(pattern).select(col("path"), col("path").download().alias("data"))
    table = table.select(col("path"), cutouts.make(col("data"), col("path")))
    table.write_parquet(target, write_mode="overwrite")
    rows = daft.read_parquet(f"{target}/*.parquet").select("path", "status", "error").to_pylist()
    for row in rows:
        print(row["path"], row["status"], row["error"] or "", sep="\t")
    return int(any(row["status"] != "done" for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
