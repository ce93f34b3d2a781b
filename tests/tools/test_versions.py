"""The rows of versions: what the oldest one installs, and what the documentation says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.versions import debian_python
from tools.versions.__main__ import NEWEST, TESTS, project
from tools.versions.floors import floors, oldest_python

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "supply-chain.md").read_text(encoding="utf-8")


def test_the_floors_are_those_of_the_documentation() -> None:
    stated = dict(re.findall(r"^\| (\w+) \| ([\d.]+) \| [\d.]+ \|$", PAGE, re.MULTILINE))
    lines = dict(line.split("==") for line in floors(project()))
    assert {
        "numpy",
        "onnxruntime",
        "pillow",
        "simplejpeg",
        "isal",
        "pi-heif",
        "pillow-heif",
        "fastapi",
    } <= lines.keys()
    assert stated.pop("Python") == ".".join(map(str, oldest_python(project())))
    assert stated == {
        name: lines[name.lower()]
        for name in ("numpy", "onnxruntime", "Pillow", "simplejpeg", "isal")
    }


def test_a_library_without_a_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="numpy"):
        floors({"dependencies": ["numpy<3"], "optional-dependencies": {}})


def test_the_newest_python_is_named_in_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"Programming Language :: Python :: {NEWEST}"' in text
    assert f"cp{NEWEST.replace('.', '')}-*" in text


def test_the_program_of_the_environment_starts_by_its_own_loader(tmp_path: Path) -> None:
    libraries = tmp_path / "usr" / "lib" / "some-linux"
    libraries.mkdir(parents=True)
    loader = libraries / "ld-linux-some.so.2"
    loader.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    loader.chmod(0o755)
    script = debian_python.start_script("3.14", tmp_path)
    assert f"exec {loader} --library-path {libraries} " in script
    assert f'{tmp_path}/usr/bin/python3.14 "$@"' in script


def test_the_tests_of_the_rows_exist() -> None:
    assert all((ROOT / name).exists() for name in TESTS)
