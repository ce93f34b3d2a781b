"""One command for each task: `nox -s test`, and `nox -l` lists the others.

All sessions use one environment, .venv, which the first one creates.  So the extension is compiled
once, and later only what changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.3"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "test"]

ENVIRONMENT = Path(".venv")
BUILD_TOOLS = ["scikit-build-core>=1.0", "pybind11==3.1.0", "cmake", "ninja"]
WARNINGS_ARE_ERRORS = "cmake.define.DEFOCUS_WERROR=ON"


@nox.session
def setup(session: nox.Session) -> None:
    """Create .venv, or bring it up to date, and compile the extension."""
    if not Path(_program("python")).exists():
        session.run(sys.executable, "-m", "venv", str(ENVIRONMENT))
        _python(session, "-m", "pip", "install", "--quiet", *BUILD_TOOLS)
    _install(session, ".[dev]")


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests and the examples of docstrings, or pytest with the given arguments."""
    setup(session)
    parallel = ["-q", "-n", "auto", "--maxprocesses", "4"]
    _python(session, "-m", "pytest", *(session.posargs or parallel))
    if not session.posargs:
        _python(session, "-m", "pytest", "-q", "--doctest-modules", "--pyargs", "defocus")


@nox.session
def lint(session: nox.Session) -> None:
    """Check format and style of Python and C++."""
    _ready(session)
    _python(session, "-m", "ruff", "format", "--check", ".")
    _python(session, "-m", "ruff", "check", ".")
    names = ["git", "ls-files", "cpp/*.hpp", "cpp/*.cpp"]
    listing = Path(session.create_tmp()) / "cpp.txt"
    listing.write_bytes(subprocess.run(names, stdout=subprocess.PIPE, check=True).stdout)
    session.run(
        _program("clang-format"), "--dry-run", "--Werror", f"--files={listing}", external=True
    )


@nox.session
def types(session: nox.Session) -> None:
    """Check the types with mypy."""
    _ready(session)
    _python(session, "-m", "mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site into build/docs; a warning is an error."""
    setup(session)
    how = ["-W", "--keep-going", "--builder", "html"]
    _python(session, "-m", "sphinx", *how, "docs", "build/docs")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the kernels briefly, or run the given module: `-- bench.speed.frames`."""
    setup(session)
    _python(session, "-m", *(session.posargs or ["bench.speed.kernels", "--quick"]))


@nox.session
def sanitize(session: nox.Session) -> None:
    """Run kernels, binding and threads under sanitizers, or one of them: `-- thread`."""
    setup(session)
    _python(session, "-m", "tools.sanitize", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Search for inputs that break the library: `-- metadata --seconds 600` names a target."""
    setup(session)
    _install(session, ".[fuzz]")
    _python(session, "-m", "tools.fuzz", *session.posargs)


@nox.session
def mutate(session: nox.Session) -> None:
    """Change the code in small ways, and see whether the tests notice: `-- options`."""
    setup(session)
    _python(session, "-m", "tools.mutate", *session.posargs)


@nox.session
def versions(session: nox.Session) -> None:
    """Run tests with the oldest and the newest Python and libraries."""
    setup(session)
    for row in ("oldest", "newest"):
        _python(session, "-m", "tools.versions", row, *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the sdist and the wheel into dist/, and check what the wheel holds."""
    setup(session)
    for old in Path("dist").glob("defocus-*"):
        old.unlink()
    _python(session, "-m", "build", "--no-isolation", "--config-setting", WARNINGS_ARE_ERRORS)
    _python(session, "tools/package/check_wheel.py", *map(str, Path("dist").glob("*.whl")))


def _ready(session: nox.Session) -> None:
    """Create the environment if there is none; what is there is left as it is."""
    if not Path(_program("python")).exists():
        setup(session)


def _install(session: nox.Session, what: str) -> None:
    how = ["--quiet", "--no-build-isolation", "--config-settings", WARNINGS_ARE_ERRORS]
    _python(session, "-m", "pip", "install", *how, "--editable", what)


def _python(session: nox.Session, *arguments: str) -> None:
    session.run(_program("python"), *arguments, external=True)


def _program(name: str) -> str:
    """A program of the environment."""
    return str(ENVIRONMENT / (f"Scripts/{name}.exe" if os.name == "nt" else f"bin/{name}"))
