"""The table of examples/README.md is complete, and the extra has what it installs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.examples.programs import EXAMPLES, rows

ROOT = EXAMPLES.parent
# Too large for a test.
NOT_IN_THE_EXTRA = {"jupyterlab"}


def extra() -> str:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"^examples = \[(.*?)\]\n", project, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_every_example_has_a_row() -> None:
    files = {path.name for path in EXAMPLES.iterdir() if path.suffix not in {".jpg", ".md"}}
    listed = {name.removesuffix("/__init__.py") for name in rows()}
    assert listed == files - {"__pycache__", ".ipynb_checkpoints"}


@pytest.mark.parametrize("name", rows())
def test_the_extra_has_what_an_example_installs(name: str) -> None:
    install, start = rows()[name]
    assert start
    pip = next(line for line in install if line.startswith("pip install "))
    for part in pip.removeprefix("pip install ").replace('"', "").split():
        if named := re.fullmatch(r"\.\[(\w+)\]", part):
            assert re.search(rf"^{named[1]} = \[", (ROOT / "pyproject.toml").read_text(), re.M)
        elif part not in {".", *NOT_IN_THE_EXTRA}:
            assert re.search(rf'"{part}\b', extra()), part


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.py")), ids=lambda path: path.stem)
def test_the_docstring_says_how_the_readme_starts_it(path: Path) -> None:
    name = path.relative_to(EXAMPLES).as_posix()
    lines = path.read_text(encoding="utf-8").split('"""')[1]
    for command in rows()[name][1]:
        assert command in lines or name.startswith("comfyui")
