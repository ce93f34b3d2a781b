"""Compiles the wheel for a foreign processor with its cross-compiler.

The build backend runs in the emulated Python, so that names and tags are those of the target.
CMake, ninja and the compiler are programs of this machine.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from tools.foreign.root import Root

__all__ = ["install"]

_TOOLCHAIN = """\
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR {processor})
set(CMAKE_CXX_COMPILER {compiler})
set(CMAKE_CXX_FLAGS_INIT "-idirafter {headers}")
"""
_BACKEND = """\
import json, sys
from scikit_build_core.build import build_wheel
build_wheel(sys.argv[1], json.loads(sys.argv[2]))
"""


def install(root: Root) -> Path:
    """Compile the wheel, without a warning, and unpack it in the root; gives its path."""
    folder = root.path.parent
    toolchain, wheels = folder / "toolchain.cmake", folder / "dist"
    target = root.target
    toolchain.write_text(
        _TOOLCHAIN.format(
            processor=target.processor,
            compiler=target.compiler,
            headers=root.path / "usr" / "include",
        ),
        encoding="utf-8",
    )
    shutil.rmtree(wheels, ignore_errors=True)
    root.run("-c", _BACKEND, str(wheels), _settings(root, toolchain))
    (wheel,) = wheels.glob("*.whl")
    shutil.rmtree(root.packages / "defocus", ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(root.packages)
    return wheel


def _settings(root: Root, toolchain: Path) -> str:
    """What the build backend is given, as JSON."""
    return json.dumps(
        {
            "cmake.args": f"-DCMAKE_TOOLCHAIN_FILE={toolchain};-GNinja",
            "cmake.define.DEFOCUS_WERROR": "ON",
            "build-dir": str(root.path.parent / "build"),
        }
    )
