"""The tasks of development: sessions of nox, hooks of pre-commit, and the tools that they run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def sessions() -> set[str]:
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        node.name for node in functions if "nox.session" in map(ast.unparse, node.decorator_list)
    }


def pinned() -> set[str]:
    """The packages of the extra `dev`; "" stands for one that has not one version."""
    block = re.search(r"^dev = \[\n(.*?)^\]", PROJECT, re.MULTILINE | re.DOTALL)
    assert block is not None
    lines = re.findall(r'^  "(.*)",$', block[1], re.MULTILINE)
    extras = [line for line in lines if line.startswith("defocus[")]
    assert extras == ["defocus[test,lint,docs,tools]"]
    matches = [re.fullmatch(r"([\w-]+)==[\d.]+", line) for line in lines if line not in extras]
    return {match[1] if match else "" for match in matches}


def test_contributing_names_each_session() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `nox -s (\w+)`", text, re.MULTILINE)) == sessions()


def test_every_tool_of_development_has_one_version() -> None:
    assert "" not in pinned()
    assert {"nox", "pre-commit", "pre-commit-hooks", "pytest", "scikit-build-core"} <= pinned()
    lint = re.search(r"^lint = \[(.*)\]$", PROJECT, re.MULTILINE)
    assert lint is not None
    assert all("==" in package for package in lint[1].split(","))


def test_hooks_run_tools_of_the_environment() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    programs = re.findall(r"^ +entry: \.venv/bin/(\S+)", text, re.MULTILINE)
    hooks = ["end-of-file-fixer", "check-added-large-files"]  # of pre-commit-hooks
    assert programs == ["ruff", "ruff", "clang-format", "mypy", *hooks]
    assert len(re.findall("entry:", text)) == len(programs)
