"""Mutants that no test can or need kill, with the reasons: equivalent.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tools.mutate.runner import PYTHON, Result

FILE = Path(__file__).with_name("equivalent.json")

# File, function and change.
Entry = tuple[str, str, str]


@dataclass
class Equivalents:
    """The entries of the file, and those that were met."""

    entries: set[Entry]
    met: set[Entry] = field(default_factory=set)

    @classmethod
    def read(cls) -> Equivalents:
        """The entries of the file.  Each has a reason."""
        entries = set()
        for group in json.loads(FILE.read_text(encoding="utf-8")):
            if not group["reason"]:
                raise ValueError(f"{group} has no reason")
            entries |= {(group["file"], group["function"], change) for change in group["changes"]}
        return cls(entries)

    def explains(self, result: Result) -> bool:
        """Whether the mutant is one of them."""
        file = result.path.relative_to(PYTHON / "defocus").as_posix()
        entry = (file, result.edit.place.name, result.edit.change)
        if entry in self.entries:
            self.met.add(entry)
        return entry in self.entries

    def unused(self, paths: Iterable[Path]) -> list[Entry]:
        """The entries of these files that explained nothing."""
        files = {path.relative_to(PYTHON / "defocus").as_posix() for path in paths}
        return sorted(entry for entry in self.entries - self.met if entry[0] in files)
