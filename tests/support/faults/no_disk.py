"""A program: every call on files fails in its turn while pictures are stored.

Ends with 0 if the right error came each time, and the folder held the old file or the new, whole.
"""

from __future__ import annotations

import errno
import os
import sys
import warnings
from collections.abc import Callable
from itertools import count, product
from pathlib import Path
from typing import Any

import numpy as np

import defocus
from defocus.errors import DefocusWarning, OutputError
from faults.control import EVER, failing_files

IMAGE = np.random.default_rng(1).integers(0, 256, (60, 50, 3), dtype=np.uint8)
OLD = b"old"
# Each alone, then every call in its turn.
CALLS = ("open", "read", "write", "fsync", "close", "rename", "ftruncate")
REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV)
Save = Callable[[Any], None]


def one(target: Any) -> None:
    defocus.save(IMAGE, target)


def animation(target: Any) -> None:
    defocus.save_frames([IMAGE, IMAGE[::-1], IMAGE], target)


def attempt(save: Save, target: Path, fault: tuple[str, int, int, int]) -> tuple[str, int]:
    """Save with a fault; what came ("" for success), and how many calls were counted."""
    with failing_files(str(target.parent), *fault) as seen:
        try:
            save(target)
            came = ""
        except OutputError as error:
            came = str(error)
    return came, seen.calls


def check(target: Path, before: bytes | None, whole: bytes, came: str) -> None:
    """Assert that nothing is half-written, lost or left."""
    names = [path.name for path in target.parent.iterdir()]
    after = target.read_bytes() if target.exists() else None
    assert after == (before if came else whole), (after, came)
    assert names == ([] if after is None else [target.name]), names
    if came:
        assert repr(str(target)) in came or "animation" in came, came


def every_fault(save: Save, target: Path, codes: tuple[int, ...]) -> set[str]:
    """Let every call fail in its turn; the kinds of calls that have made an error."""
    save(target)
    whole, failed = target.read_bytes(), set[str]()
    for calls, code, before, single in product(
        (*CALLS, ",".join(CALLS)), codes, (None, OLD), (True, False)
    ):
        if code == errno.EINTR and not single:
            continue  # Python tries again for ever
        for number in count(1):
            target.unlink(missing_ok=True)
            if before:
                target.write_bytes(before)
            came, seen = attempt(save, target, (calls, number, number if single else EVER, code))
            check(target, before, whole, came)
            failed |= {calls} if came else set()
            if seen < number:
                break
    return failed


def main(folder: Path) -> None:
    # Where no new file can be made, the old one is overwritten, and a warning says so.
    warnings.simplefilter("ignore", DefocusWarning)
    os.environ["TMPDIR"] = str(folder)
    for save, name in ((one, "a.png"), (one, "a.jpg"), (animation, "a.gif"), (animation, "a.tif")):
        failed = every_fault(save, folder / name, (errno.ENOSPC, errno.EIO))
        assert failed >= {"open", "write", "fsync", "close", "rename"}, failed
        (folder / name).unlink()
    every_fault(one, folder / "b.png", (errno.EINTR, 0, errno.EDQUOT))
    (folder / "b.png").unlink()
    every_fault(one, folder / "c.png", REFUSALS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
