"""A CPython of Debian's testing release in a folder, beside the Python and libc of this machine.

The packages are unpacked, not installed, and no root rights are needed.  A small script starts the
interpreter by the loader of its own libc, with its own libraries.  A virtual environment has the
same script as its program, so that child processes and `sys.executable` work as usual.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["environment", "start_script", "unpack"]

SUITE = "forky"
_PYTHON = ("libpython{}-minimal", "libpython{}-stdlib", "libpython{}-dev")
_LIBRARIES = (
    "libbz2-1.0",
    "libc6",
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "liblzma5",
    "libsqlite3-0",
    "libssl3t64",
    "libstdc++6",
    "libuuid1",
    "libzstd1",
    "zlib1g",
)
_SOURCES = """\
Types: deb
URIs: {mirror}
Suites: {suite}
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
_SETTINGS = """\
Dir::Etc::sourcelist "{folder}/list.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "";
"""
_START = """\
#!/bin/sh
exec {libraries}/{loader} --library-path {libraries} --argv0 "$0" {program} "$@"
"""


def unpack(version: str, root: Path) -> None:
    """Unpack the Python `version`, such as "3.14", unless the folder has it already."""
    if _program(version, root).exists():
        return
    names = [name.format(version) for name in ("python{}-minimal", *_PYTHON)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "cache" / "archives" / "partial").mkdir(parents=True)
        (folder / "status").touch()
        (folder / "list.sources").write_text(
            _SOURCES.format(mirror=_mirror(), suite=SUITE), encoding="utf-8"
        )
        (folder / "apt.conf").write_text(_SETTINGS.format(folder=folder), encoding="utf-8")
        for task in (["update"], ["download", *names, *_LIBRARIES]):
            settings = {
                "APT_CONFIG": str(folder / "apt.conf"),
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            }
            subprocess.run(["apt-get", "--quiet=2", *task], cwd=folder, env=settings, check=True)
        root.mkdir(parents=True, exist_ok=True)
        for package in sorted(folder.glob("*.deb")):
            subprocess.run(["dpkg", "--extract", package, root], check=True)


def _mirror() -> str:
    """The first mirror of Debian that this machine takes packages from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    return next(place for place in found if "security" not in place)


def environment(version: str, root: Path, folder: Path) -> Path:
    """Make a virtual environment with pip; gives its program."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(start_script(version, root), encoding="utf-8")
    python.chmod(0o755)
    settings = f"home = {root}/usr/bin\ninclude-system-site-packages = false\n"
    (folder / "pyvenv.cfg").write_text(settings, encoding="utf-8")
    packages = folder / "lib" / f"python{version}" / "site-packages"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--upgrade",
        "--target",
        packages,
        "pip",
    ]
    subprocess.run(pip, check=True)
    return python


def start_script(version: str, root: Path) -> str:
    """The text of a script that starts the interpreter."""
    loader = next((root / "usr" / "lib").glob("*/ld-linux-*"))
    program = _program(version, root)
    return _START.format(libraries=loader.parent, loader=loader.name, program=program)


def _program(version: str, root: Path) -> Path:
    return root / "usr" / "bin" / f"python{version}"
