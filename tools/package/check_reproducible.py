"""Build the last commit a second time and compare the sdist and the wheel byte by byte.

    python -m build && python -m tools.package.check_reproducible dist

The second build is made from a clone in another folder, at another time, with other permissions
and another time zone.  It takes as long as the first.  Options that the first build was given have
to be given again:

    python -m tools.package.check_reproducible dist --config-setting=cmake.define.DEFOCUS_WERROR=ON
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = (".tar.gz", ".whl")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("first", type=Path, help="the folder of the first build")
    options, settings = parser.parse_known_args(arguments)
    if subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode:
        print("tracked files have changes, which a clone does not have; commit them first")
        return 2
    with tempfile.TemporaryDirectory(prefix="a longer path ") as folder:
        second = build(Path(folder), settings)
        problems = compare(options.first, second)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def build(folder: Path, settings: list[str]) -> Path:
    """Clone the last commit into the folder and build it there; gives the folder of the results."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
    command = [sys.executable, "-m", "build", "--outdir", str(folder / "dist"), *settings]
    with (folder / "log").open("wb") as log:
        done = subprocess.run(
            command,
            cwd=folder / "clone",
            env={**os.environ, "TZ": "Pacific/Kiritimati"},
            umask=0o077,
            stdout=log,
            stderr=log,
            check=False,
        )
    if done.returncode:
        print((folder / "log").read_text(encoding="utf-8", errors="replace")[-4000:])
        done.check_returncode()
    return folder / "dist"


def compare(first: Path, second: Path) -> list[str]:
    """Return what differs: no sentence if both folders hold one sdist and one wheel, the same."""
    problems = []
    for suffix in SUFFIXES:
        pair = [sorted(folder.glob(f"*{suffix}")) for folder in (first, second)]
        names = [[path.name for path in paths] for paths in pair]
        if len(names[0]) != 1 or names[0] != names[1]:
            problems.append(f"not one {suffix} in each folder, of one name: {names}")
            continue
        one, other = (paths[0] for paths in pair)
        digests = [sha256(path.read_bytes()).hexdigest() for path in (one, other)]
        print(f"{one.name}: sha256 {digests[0]}")
        if digests[0] != digests[1]:
            differ = sorted(name for name, _ in members(one) ^ members(other))
            what = ", ".join(dict.fromkeys(differ)) or "times, permissions or order"
            problems.append(f"{one.name}: the second build differs: {what}")
    return problems


def members(path: Path) -> set[tuple[str, bytes]]:
    """The files in an archive, with their contents."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return {(name, archive.read(name)) for name in archive.namelist()}
    with tarfile.open(path) as archive:
        files = {entry.name: archive.extractfile(entry) for entry in archive}
        return {(name, file.read()) for name, file in files.items() if file is not None}


if __name__ == "__main__":
    sys.exit(main())
