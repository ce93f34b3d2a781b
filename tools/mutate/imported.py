"""A plugin for pytest: one module is imported with the change that DEFOCUS_MUTANT names.

The value is the path of the file, a colon and the number of the change.
"""

from __future__ import annotations

import ast
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from tools.mutate.mutants import edits

_PATH, _, _INDEX = os.environ["DEFOCUS_MUTANT"].rpartition(":")
_get_code = SourceFileLoader.get_code


def _mutated(self: SourceFileLoader, fullname: str) -> CodeType | None:
    if self.path != _PATH:
        return _get_code(self, fullname)
    tree = ast.parse(Path(_PATH).read_text(encoding="utf-8"))
    edits(tree)[int(_INDEX)].apply()
    return compile(tree, _PATH, "exec", dont_inherit=True)


setattr(SourceFileLoader, "get_code", _mutated)  # noqa: B010 -- mypy
