"""The rules of the code base, as tests: what a level exports, the stub, leftovers."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from defocus import _native

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "defocus"
CPP = ROOT / "cpp"


def includes(folder: str) -> dict[Path, list[str]]:
    return {
        path: re.findall(r'^#include [<"]([^>"]+)[>"]', path.read_text(encoding="utf-8"), re.M)
        for path in (CPP / folder).rglob("*.[ch]pp")
    }


def test_kernels_include_nothing_that_could_leak() -> None:
    for path, headers in includes("kernels").items():
        allowed = {"cstddef", "cstdint"}
        if path.parent.name == "vec":
            allowed |= {"immintrin.h", "math.h"}  # always inlined; for compilers without builtins
        for header in headers:
            assert header.startswith("kernels/") or header in allowed, f"{path.name}: {header}"


def test_only_one_file_knows_compiler_flags_of_levels() -> None:
    for path in [*ROOT.glob("CMakeLists.txt"), *CPP.rglob("*")]:
        if path.is_file() and path.name != "isa_levels.cmake":
            assert not re.search(r"-m(avx|arch|fma|sse)|/arch:", path.read_text("utf-8")), path


def objects(pattern: str) -> list[Path]:
    """Object files of the last build in this checkout; CI always has them."""
    build = ROOT / "build"
    others = {build / "sanitized", build / "versions"}
    found = sorted(path for path in build.rglob(pattern) if others.isdisjoint(path.parents))
    if (not found and os.environ.get("CI") != "true") or not shutil.which("nm"):
        pytest.skip("needs nm and a build in this checkout: pip install . leaves one in build/")
    assert found
    return found


def exported(path: Path, *options: str) -> list[str]:
    listing = subprocess.run(
        ["nm", "--extern-only", "--defined-only", *options, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split()[-1] for line in listing.stdout.splitlines() if line.strip()]


def test_each_level_exports_one_symbol() -> None:
    levels = objects("level.cpp.o")
    for path in levels:
        symbols = exported(path)
        assert len(symbols) == 1, f"{path}: {symbols}"
        assert "kernels_" in symbols[0]
    assert len(levels) % len(_native.compiled_isa_levels()) == 0


def test_the_module_exports_its_entry_only() -> None:
    assert exported(Path(_native.__file__), "--dynamic") == ["PyInit__native"]


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs objdump")
@pytest.mark.parametrize(
    ("level", "has", "has_not"),
    [("baseline", "xmm", "ymm"), ("x86-64-v3", "ymm", "zmm"), ("x86-64-v4", "zmm", "none")],
)
def test_a_levels_code_is_of_that_level(level: str, has: str, has_not: str) -> None:
    if level not in _native.compiled_isa_levels():
        pytest.skip("another architecture")
    for path in objects("level.cpp.o"):
        if f"level_{level}.dir" in str(path):
            code = subprocess.run(
                ["objdump", "-d", str(path)], capture_output=True, text=True, check=True
            ).stdout
            assert has in code
            assert has_not not in code
            assert "vfmadd" not in code, "a contracted multiply-add changes the last bit"


def test_the_stub_names_what_the_module_has() -> None:
    stub = (PACKAGE / "_native.pyi").read_text(encoding="utf-8")
    functions = set(re.findall(r"^def (\w+)", stub, re.MULTILINE))
    classes = set(re.findall(r"^class ([A-Z]\w+)", stub, re.MULTILINE))
    present = {
        name for name, value in vars(_native).items() if inspect.isbuiltin(value) or callable(value)
    }
    assert functions | classes == {name for name in present if not name.startswith("__")}
    for name in functions:
        # pybind11 writes the signature into the first line of the docstring.
        line = (getattr(_native, name).__doc__ or "").splitlines()[0]
        block = re.search(rf"^def {name}\((.*?)\) ->", stub, re.MULTILINE | re.DOTALL)
        assert block is not None
        stubbed = re.findall(r"(\w+):", block[1])
        assert stubbed == re.findall(r"(\w+):", line.split("->")[0]), name


def test_every_row_kernel_has_its_hook_and_its_test() -> None:
    table = (CPP / "kernels" / "kernel_table.hpp").read_text(encoding="utf-8")
    kernels = set(re.findall(r"void \(\*(\w+)\)", table))
    hooks = {name for name in dir(_native._rows) if not name.startswith("_")}
    assert kernels == hooks
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests" / "native" / "kernels").glob("*.py")
    )
    for kernel in kernels:
        assert re.search(rf"\brows\.{kernel}\b|\"{kernel}\"", tests), f"no test of {kernel}"


def test_every_row_kernel_is_fuzzed() -> None:
    table = (CPP / "kernels" / "kernel_table.hpp").read_text(encoding="utf-8")
    cases = "".join(path.read_text("utf-8") for path in (CPP / "fuzz").glob("cases_*.cpp"))
    assert set(re.findall(r"void \(\*(\w+)\)", table)) == set(re.findall(r'\{"(\w+)", ', cases))


def test_no_leftovers() -> None:
    for path in [*PACKAGE.rglob("*.py*"), *CPP.rglob("*.[ch]pp")]:
        if path.suffix in {".py", ".pyi", ".hpp", ".cpp"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text), path
            assert not re.search(r"\bprint\(", text) or path.parent.name == "cli", path
