"""Kernels as compilers without vector extensions take them: each level compiles from plain loops.

`DEFOCUS_PLAIN_LOOPS` makes any compiler such a one.  That these loops give the same bytes takes a
build of its own: `pytest -m long`, or `python -m tools.kernel_tests --plain`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from defocus import _native
from tests.native.programs import CPP, ROOT, compiled, compiler

SCRIPT = """
cmake_minimum_required(VERSION 3.20)
set(CMAKE_SYSTEM_PROCESSOR {processor})
{more}
include({file})
foreach(level IN LISTS DEFOCUS_ISA_LEVELS)
  message("level ${{level}} ${{DEFOCUS_VECTOR_BYTES_${{level}}}} ${{DEFOCUS_FLAGS_${{level}}}}")
endforeach()
"""


def levels(folder: Path, processor: str, more: str = "") -> tuple[dict[str, list[str]], str]:
    """What isa_levels.cmake says: each level's definitions and flags; and all of its words."""
    cmake = shutil.which("cmake") or shutil.which("cmake", path=str(Path(sys.executable).parent))
    if cmake is None:
        pytest.skip("needs CMake")
    script = folder / "levels.cmake"
    script.write_text(
        SCRIPT.format(processor=processor, more=more, file=CPP / "isa_levels.cmake"), "utf-8"
    )
    done = subprocess.run([cmake, "-P", str(script)], capture_output=True, text=True, check=True)
    output = done.stdout + done.stderr
    found = re.findall(r"^level (\S+) (\d+) ?(.*)$", output, re.MULTILINE)
    return {
        name: [f"-DDEFOCUS_VECTOR_BYTES={width}", *filter(None, flags.split(";"))]
        for name, width, flags in found
    }, output


def processor() -> str:
    wide = {"x86-64-v3", "neon"} & set(_native.compiled_isa_levels())
    return {"x86-64-v3": "x86_64", "neon": "aarch64"}.get("".join(wide), "other")


def test_each_level_compiles_without_a_warning(tmp_path: Path) -> None:
    compiler()
    found, _ = levels(tmp_path, processor())
    assert list(found) == _native.compiled_isa_levels()
    warnings = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
    names = ('-DDEFOCUS_LEVEL_NAME="any"', "-DDEFOCUS_LEVEL_SYMBOL=kernels_any")
    for flags in found.values():
        source = CPP / "kernels" / "level.cpp"
        compiled("-fsyntax-only", *warnings, "-DDEFOCUS_PLAIN_LOOPS", *names, *flags, source)


def test_only_one_file_asks_what_the_compiler_has() -> None:
    for path in (CPP / "kernels").rglob("*.[ch]pp"):
        if path.name != "vec_target.hpp":
            text = path.read_text("utf-8")
            assert not re.search(r"__(AVX|SSE|SSSE|GNUC|clang|x86|ARM|MSC|F16C|FMA)|_MSC_VER", text)


def test_a_compiler_without_vectors_is_told_so(tmp_path: Path) -> None:
    cl = 'set(MSVC 1)\nset(CMAKE_CXX_COMPILER_ID "MSVC")'
    found, output = levels(tmp_path, "AMD64", cl)
    assert "plain loops" in output
    assert list(found) == ["baseline", "x86-64-v3", "x86-64-v4"]
    _, output = levels(tmp_path, "x86_64")
    assert "plain loops" not in output


def test_levels_of_plain_loops_come_first(tmp_path: Path) -> None:
    usual, _ = levels(tmp_path, "x86_64")
    found, _ = levels(tmp_path, "x86_64", "set(DEFOCUS_PLAIN_LEVELS ON)")
    assert list(found) == [*(f"{name}-plain" for name in usual), *usual]
    for name, flags in usual.items():
        assert found[name] == flags
        assert found[f"{name}-plain"] == [*flags, "-DDEFOCUS_PLAIN_LOOPS"]


@pytest.mark.long
def test_plain_loops_give_the_same_bytes() -> None:
    compiler()
    command = [
        sys.executable,
        "-m",
        "tools.kernel_tests",
        "--plain",
        "-q",
        "-x",
        "tests/native/kernels",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
