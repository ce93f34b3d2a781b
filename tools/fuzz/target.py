"""Targets: what one consists of, and how it is found.

A module `tools/fuzz/targets/NAME.py` defines

- `seeds()`: inputs to begin with;
- `check(data)`: it raises an exception if the library does something wrong with the input;
- `mutate(data, random, change)`, if random bytes would rarely get past a checksum.  It returns
  another input.  `change(part)` returns a mutation of a part;
- `INSTRUMENTED`, the packages whose code guides the search, if not only `defocus`;
- `DICTIONARY`, the name of a file in `tools/fuzz/dictionaries/`;
- `NATIVE = True`, if the code of the extension guides the search, too.

Or it defines `command()`, which builds a program of libFuzzer, and returns how it is started, or
None where that is not possible.
"""

from __future__ import annotations

import ast
import importlib
import random
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Files written independently of the package's own writers, small networks.
SUPPORT = str(HERE.parents[1] / "tests" / "support")
Change = Callable[[bytes], bytes]
Mutate = Callable[[bytes, random.Random, Change], bytes]


@dataclass(frozen=True)
class Target:
    """The definitions of a module; `dictionary` is the path of a file."""

    name: str
    seeds: Callable[[], Iterable[bytes]]
    check: Callable[[bytes], None]
    mutate: Mutate | None = None
    dictionary: Path | None = None
    command: Callable[[], list[str] | None] | None = None


def names() -> list[str]:
    """Return the names of all targets."""
    return sorted(path.stem for path in (HERE / "targets").glob("[a-z]*.py"))


def load(name: str) -> Target:
    """Import a target."""
    if SUPPORT not in sys.path:
        sys.path.append(SUPPORT)
    module = importlib.import_module(f"tools.fuzz.targets.{name}")
    if command := getattr(module, "command", None):
        return Target(name, seeds=tuple, check=lambda data: None, command=command)
    words = getattr(module, "DICTIONARY", None)
    return Target(
        name,
        seeds=module.seeds,
        check=module.check,
        mutate=getattr(module, "mutate", None),
        dictionary=HERE / "dictionaries" / words if words else None,
    )


def instrumented(name: str) -> list[str]:
    """Return the packages whose code guides the search, without importing the target."""
    source = _source(name)
    found = re.search(r"^INSTRUMENTED = (\(.*\))$", source, re.MULTILINE)
    return list(ast.literal_eval(found[1])) if found else ["defocus"]


def is_native(name: str) -> bool:
    """Return whether the code of the extension guides the search, without importing the target."""
    return re.search(r"^NATIVE = True$", _source(name), re.MULTILINE) is not None


def _source(name: str) -> str:
    return (HERE / "targets" / f"{name}.py").read_text(encoding="utf-8")
