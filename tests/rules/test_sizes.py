"""How large a folder, a file and a function may be."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("python/defocus", "tests", "bench", "tools", "cpp", "docs", "examples")
FILES_OF_A_FOLDER, LINES_OF_A_FILE = 18, 300
LINES_OF_A_FUNCTION, BRANCHES_OF_A_FUNCTION = 40, 12
SOURCES = {".py", ".cpp", ".hpp", ".md"}
_BRANCH = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.BoolOp, ast.match_case)
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
PACKAGE = sorted((ROOT / "python" / "defocus").rglob("*.py"))


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    for top in FOLDERS:
        for folder in [ROOT / top, *(path for path in (ROOT / top).rglob("*") if path.is_dir())]:
            files = [path for path in folder.iterdir() if path.suffix in SOURCES]
            generated = folder.is_relative_to(ROOT / "docs" / "generated")  # by a build of the site
            # The decisions are a list, whose README is its index.
            if folder != ROOT / "docs" / "decisions" and not generated:
                assert len(files) <= FILES_OF_A_FOLDER, folder


def test_a_file_can_be_read_in_one_go() -> None:
    for path in [*PACKAGE, *(ROOT / "cpp").rglob("*.[ch]pp")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE, path


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef, int, int]]:
    """Each function with its lines of code, without signature and docstring, and its branches."""
    source = path.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {
        line for t in tokens if t.type not in _NO_CODE for line in range(t.start[0], t.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            first = body[0].lineno if body else node.end_lineno or 0
            lines = len(code & {*range(first, (node.end_lineno or 0) + 1)})
            yield node, lines, sum(isinstance(child, _BRANCH) for child in ast.walk(node))


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: path.stem)
def test_a_function_does_one_thing(path: Path) -> None:
    for node, lines, branches in functions(path):
        assert lines <= LINES_OF_A_FUNCTION, f"{node.name}: {lines} lines of code"
        assert branches <= BRANCHES_OF_A_FUNCTION, f"{node.name}: {branches} branches"
