"""What is mutated, and which tests judge it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scope:
    """Files and folders of python/defocus, and the tests that judge them."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]

    def files(self, root: Path) -> Iterator[Path]:
        """The files of the scope."""
        for source in self.sources:
            path = root / source
            yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


SCOPES = {
    "options": Scope(("options",), ("tests/options", "tests/pipeline/test_options.py")),
    "pipeline": Scope(("pipeline",), ("tests/pipeline", "tests/render")),
    "render": Scope(("render",), ("tests/render", "tests/pipeline/test_pipeline.py")),
    "metadata": Scope(
        ("io/metadata", "io/orient.py", "io/colour"), ("tests/io/metadata", "tests/io/colour")
    ),
}
