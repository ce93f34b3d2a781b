"""The mutants of tools/mutate: what is changed, and how a change reaches the code."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tools.mutate import equivalents, forks
from tools.mutate.coverage import Coverage
from tools.mutate.live import Live
from tools.mutate.mutants import edits
from tools.mutate.runner import PYTHON
from tools.mutate.scopes import SCOPES

SOURCE = '''
from __future__ import annotations
from dataclasses import dataclass
LIMIT = 3
@dataclass(frozen=True)
class Point:
    x: int = 1
    def far(self, most: int = 5) -> bool:
        """Text."""
        if self.x < 0:
            raise ValueError(f"{self.x - 1} is below 0")
        return self.x >= most and LIMIT > 2
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = tmp_path / "mutated_module.py"
    path.write_text(SOURCE)
    made = ModuleType("mutated_module")
    made.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "mutated_module", made)
    exec(compile(SOURCE, str(path), "exec", dont_inherit=True), vars(made))
    return made


def changes(source: str) -> list[str]:
    return [edit.change for edit in edits(ast.parse(source))]


def test_what_is_changed() -> None:
    assert changes("x = a < b") == ["a < b -> a <= b"]
    assert changes("x = a + c if b else c") == ["b -> not b", "a + c -> a - c"]
    assert changes("f(a, 'text', c=True)") == [
        "f(a, 'text', c=True) -> pass",
        "c=True -> nothing",
        "True -> False in f(a, 'text', c=True)",
    ]
    assert changes("f(a, b)") == ["f(a, b) -> pass", "a, b -> b, a"]
    assert changes("while a and not b: break") == [
        "a and (not b) -> not (a and (not b))",
        "a and (not b) -> a or not b",
        "not b -> b",
        "break -> continue",
    ]
    assert changes("x[0] = y[1]") == [
        "x[0] = y[1] -> pass",
        "0 -> 1 in x[0] = y[1]",
        "1 -> 2 in x[0] = y[1]",
    ]


def test_text_is_not_changed() -> None:
    assert changes("raise ValueError(f'{a + 1}', 1)") == ["raise ValueError(f'{a + 1}', 1) -> pass"]
    assert changes("'text'\nx: TypeAlias = a | b\nx = 'text' if a else ''\nassert a < b") == []


def test_a_change_can_be_taken_back() -> None:
    tree = ast.parse(SOURCE)
    before = ast.dump(tree)
    for edit in edits(tree):
        edit.apply()
        assert ast.dump(tree) != before
        edit.revert()
        assert ast.dump(tree) == before


@pytest.mark.parametrize(
    ("change", "now"),
    [
        ("self.x >= most -> self.x > most", "Point(5).far() is False"),
        ("raise ValueError(f'{self.x - 1} is below 0') -> pass", "Point(-1).far() is False"),
        ("5 -> 6 in def far(self, most: int=5) -> bool:", "Point(5).far() is False"),
        ("1 -> 2 in x: int = 1", "Point().x == 2"),
        ("3 -> 4 in LIMIT = 3", "LIMIT == 4"),
    ],
)
def test_a_change_reaches_what_is_imported(module: ModuleType, change: str, now: str) -> None:
    path = Path(str(module.__file__))
    tree = ast.parse(SOURCE)
    (edit,) = [edit for edit in edits(tree) if edit.change == change]
    make = Live({str(path)}).change(tree, path, edit)
    assert make is not None
    assert not _holds(now, module)
    make()
    assert _holds(now, module)


def _holds(condition: str, module: ModuleType) -> bool:
    try:
        return bool(eval(condition, vars(module)))
    except ValueError:
        return False


def test_forks() -> None:
    assert forks.in_fork(lambda: True, 5) == "survived"
    assert forks.in_fork(lambda: False, 5) == "killed"
    assert forks.in_fork(lambda: bool(1 / 0), 5) == "killed"


def test_few_of_the_tests_that_are_alike() -> None:
    coverage = Coverage(
        functions=["a"] * 9 + ["b", "c"],
        lines=[frozenset({("file", 1)})] * 10 + [frozenset({("file", 2)})],
        seconds=[1.0] * 9 + [0.5, 0.5],
    )
    assert coverage.covering("file", [1]) == [9, 0, 1, 2]
    assert coverage.covering("file", [2]) == [10]
    coverage.kills[2] = 1
    assert coverage.covering("file", [1])[0] == 2
    assert coverage.covering("other", None) == []


def test_scopes_and_explanations_name_what_exists() -> None:
    root = Path(__file__).resolve().parents[2]
    for scope in SCOPES.values():
        assert all(path.is_file() for path in scope.files(PYTHON / "defocus"))
        assert all((root / test.partition("::")[0]).exists() for test in scope.tests)
    known = equivalents.Equivalents.read()
    assert len(known.entries) == sum(
        len(group["changes"]) for group in json.loads(equivalents.FILE.read_text("utf-8"))
    )
    for file, function, change in known.entries:
        tree = ast.parse((PYTHON / "defocus" / file).read_text("utf-8"))
        found = [e for e in edits(tree) if (e.place.name, e.change) == (function, change)]
        assert found, (file, function, change)
