"""Which ISA levels and flags each kind of compiler gets: isa_levels.cmake, run as a script."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

LEVELS = Path(__file__).resolve().parents[2] / "cpp" / "isa_levels.cmake"
SCRIPT = """
set(CMAKE_SYSTEM_PROCESSOR {processor})
set(CMAKE_CXX_COMPILER_ID {compiler})
set(MSVC {msvc})
include("{levels}")
foreach(level IN LISTS DEFOCUS_ISA_LEVELS)
  message(STATUS "${{level}}: ${{DEFOCUS_FLAGS_${{level}}}}")
endforeach()
"""


def configure(folder: Path, processor: str, compiler: str, msvc: str = "FALSE") -> tuple[str, str]:
    """What CMake prints and what it warns of."""
    program = shutil.which("cmake")
    if program is None:
        pytest.skip("needs cmake")
    script = folder / "levels.cmake"
    values = {"processor": processor, "compiler": compiler, "msvc": msvc}
    script.write_text(SCRIPT.format(levels=LEVELS.as_posix(), **values), encoding="utf-8")
    done = subprocess.run([program, "-P", script], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_cl_gets_plain_loops_and_a_warning(tmp_path: Path) -> None:
    printed, warned = configure(tmp_path, "AMD64", "MSVC", "TRUE")
    assert "cl.exe" in warned
    assert "ClangCL" in warned
    assert "x86-64-v4: /arch:AVX512" in printed
    assert "-mavx" not in printed


def test_clang_cl_gets_vectors_by_options_that_it_knows(tmp_path: Path) -> None:
    printed, warned = configure(tmp_path, "AMD64", "Clang", "TRUE")
    assert not warned
    assert "x86-64-v3: -mavx2" in printed
    assert ";/clang:-mprefer-vector-width=512" in printed


@pytest.mark.parametrize("compiler", ["GNU", "Clang", "AppleClang"])
def test_gcc_and_clang(tmp_path: Path, compiler: str) -> None:
    printed, warned = configure(tmp_path, "x86_64", compiler)
    assert not warned
    assert ";-mprefer-vector-width=512" in printed
    assert "neon: \n" in configure(tmp_path, "arm64", compiler)[0]
