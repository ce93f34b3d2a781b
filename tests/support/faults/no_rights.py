"""A program: a user who is not root stores pictures where that is not allowed.

Ends with 0 if the right error came, and nothing was changed or left.
"""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import numpy as np

import defocus
from defocus.cli.command import main
from defocus.errors import DefocusWarning, OutputError
from faults.small_batch import FLAGS, leftovers, results

IMAGE = np.full((8, 9, 3), 7, np.uint8)


def refused(path: Path) -> None:
    """Assert that saving there is an OutputError that names the path."""
    message = ""
    try:
        defocus.save(IMAGE, path)
    except OutputError as error:
        message = str(error)
    assert repr(str(path)) in message, f"{path}: {message or 'was written'}"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def files(folder: Path) -> None:
    """`folder` holds what root has made; see test_rights.py."""
    for name in ("locked/new.png", "locked/old.png", "sealed/a.png", "missing/a.png"):
        refused(folder / name)
    assert names(folder / "locked") == ["mine.png", "old.png"]
    assert (folder / "locked/old.png").read_bytes() == b"old"
    # The file may be written, its folder not: it is overwritten, and a warning says so.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        defocus.save(IMAGE, folder / "locked/mine.png")
    assert [warning.category for warning in caught] == [DefocusWarning]
    assert (folder / "locked/mine.png").read_bytes() == defocus.to_bytes(IMAGE)
    assert names(folder / "locked") == ["mine.png", "old.png"]


def batch() -> None:
    """A subfolder of the results takes no files; the other photographs are done."""
    err = StringIO()
    with redirect_stderr(err):
        assert main(["cutout", "in", "-o", "out", *FLAGS]) == 1
    assert err.getvalue().count("cannot write") >= 2, err.getvalue()
    assert sorted(results("out")) == ["fine/a.png", "fine/b.png"]
    assert not leftovers("out")
    with redirect_stderr(err):
        assert main(["cutout", "in", "-o", "out/full/x", *FLAGS]) == 1
        assert main(["cutout", "in/fine/a.png", "out/full/a.png", *FLAGS]) == 1
        assert main(["cutout", "unreadable.png", "ours/a.png", *FLAGS]) == 1
    assert "Traceback" not in err.getvalue()
    assert names(Path("ours")) == []


def load() -> None:
    """Import everything now: another user may not read where the package lies."""
    refused(Path("missing/a.png"))
    with redirect_stderr(StringIO()):
        assert main(["cutout", "in", "in/missing.png", "-o", "of_root", *FLAGS]) == 1


if __name__ == "__main__":
    load()
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    files(Path(sys.argv[1]))
    batch()
