"""ARCHITECTURE.md is short, and what it says of ranks, files and module-level state is true."""

from __future__ import annotations

import ast
import enum
import importlib
import re
import weakref
from collections.abc import Iterator
from pathlib import Path

import defocus
from tests.rules.test_imports import RANKS
from tests.rules.test_includes import RANKS as NATIVE_RANKS

PACKAGE = Path(defocus.__file__).parent
ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
CHANGES = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove"}
CHANGES |= {"appendleft", "popleft", "setdefault", "update"}


def module_names(tree: ast.Module) -> set[str]:
    """The names that a module assigns, outside of its functions and classes."""
    bodies = [node for node in tree.body if not isinstance(node, FUNCTIONS | ast.ClassDef)]
    names = (node for body in bodies for node in ast.walk(body) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def changed(function: ast.FunctionDef | ast.AsyncFunctionDef, names: set[str]) -> Iterator[str]:
    """What a function keeps for later: names of its module that it rebinds or changes; a cache."""
    if any("cache" in ast.unparse(decorator) for decorator in function.decorator_list):
        yield function.name
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            holder = ast.unparse(node.value)
            yield from {function.name if holder == "globals()" else holder} & {
                *names,
                function.name,
            }
        elif isinstance(node, ast.Attribute) and node.attr in CHANGES:
            yield from {ast.unparse(node.value)} & names


def is_changeable(value: object) -> bool:
    """Whether it is of a class of ours that is not frozen, or a set of weak references."""
    kind = type(value)
    if not kind.__module__.startswith("defocus"):
        return isinstance(value, weakref.WeakSet)
    frozen = getattr(getattr(kind, "__dataclass_params__", None), "frozen", False)
    frozen = frozen or vars(kind).get("__slots__") == ()  # it has no attribute to change
    return not (frozen or isinstance(value, type | tuple | enum.Enum))


def state_of(path: Path) -> set[str]:
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = module_names(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    found = {held for function in functions for held in changed(function, names)}
    if names:
        values = vars(importlib.import_module(f"defocus.{name}".rstrip(".")))
        found |= {held for held in names if is_changeable(values.get(held))}
    return {f"{name.rstrip('.')}.{held}".lstrip(".") for held in found}


def test_the_list_in_architecture_is_complete() -> None:
    section = TEXT.partition("## Module-level state")[2].partition("The extension keeps")[0]
    listed = {*re.findall(r"`([\w.]+)`", section.partition("\n- ")[2])} - {"Segmenter.warmup"}
    modules = [path for path in PACKAGE.rglob("*.py") if "-" not in path.name]
    found = set().union(*(state_of(path) for path in modules if path.stem != "__main__"))
    assert found == listed


def test_it_is_short() -> None:
    assert len(TEXT.split()) <= 900


def test_its_ranks_are_those_of_the_tests() -> None:
    ranks = [set(row.split()) for row in re.findall(r"[^>`]+", TEXT.split("```")[3])]
    rooms = [
        row - {"__main__", "_pyinstaller"} for row in map(set, map(str.split, RANKS.split(">")))
    ]
    assert ranks == [row for row in rooms if row]
    native = [set(row.split()) for row in TEXT.split("```")[5].split(">")]
    assert native == [*reversed(NATIVE_RANKS)]


def test_its_files_exist() -> None:
    roots = [
        ROOT,
        PACKAGE,
        *(PACKAGE / room for room in ("cli", "io", "ray")),
        ROOT / "cpp/kernels",
    ]
    for name in re.findall(r"`([\w*./-]+(?:/|\.(?:py|md|cpp|hpp|cmake)))`", TEXT):
        assert any([*root.glob(name)] for root in roots), name
