"""A child of check_public_files: defocus is imported once, then it looks at one file after another.

A line {"path": ...} on standard input gives a line {"outcome", "message", "findings"} on standard
output, after a line {"begins": ...} for each thing that is begun.  The argument is {"command": ...,
"model": ...} as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import defocus
from defocus.cli import command as command_module
from tools.public_reference import Expected, by_imagemagick, deviations, expected, sizes_differ

__all__ = ["look"]

_NO_SUBJECT = 3


def look(
    path: str,
    command: str,
    model: str | None,
    folder: Path,
    begins: Callable[[str], object] = lambda what: None,
) -> dict[str, Any]:
    """Run the command on a file and compare; `folder` is for what is written meanwhile."""
    begins("reading by another")
    target = folder / "out.png"
    target.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = _expected(path)
    words = [command, path, str(target)]
    if command != "mask" and model is None:
        words += ["--matte", str(_whole(path, wanted, folder))]
    elif model is not None:
        words += ["--model", model]
    message = io.StringIO()
    begins("the command")
    try:
        with contextlib.redirect_stderr(message):
            code = command_module.main(words)
    except Exception as error:  # a bug, which DEFOCUS_TRACEBACK has let through
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        return {"outcome": "internal", "message": reason, "findings": []}
    lines = [line.strip() for line in message.getvalue().splitlines() if line.strip()]
    outcome = {0: "read", _NO_SUBJECT: "no subject"}.get(code, "refused")
    findings = [
        ("repeated", f"{count} times: {line}")
        for line, count in Counter(lines).items()
        if count > 1
    ]
    findings += [("repeated", line) for line in lines if not line.startswith("defocus: ")]
    if outcome == "refused" and wanted is not None:
        own = _own_size(path)  # a picture that is turned otherwise is refused for its matte
        findings += [] if own is None else sizes_differ(own, wanted)
        findings.append(("read by another", wanted.reader))
    if outcome == "read" and wanted is None:
        findings.append(("not compared", "no other reader takes it"))
    elif outcome == "read" and wanted is not None:
        begins("the comparison")
        findings += _compared(path, target, wanted, command != "mask" and model is None)
    return {"outcome": outcome, "message": " | ".join(lines), "findings": findings}


def _compared(path: str, target: Path, wanted: Expected, pixels: bool) -> list[tuple[str, str]]:
    """The deviations; those from Pillow alone are only remarked on."""
    found = list(deviations(target, wanted, pixels=pixels))
    if not found or wanted.reader != "Pillow":
        return found
    other = by_imagemagick(path)
    if other is None or list(deviations(target, other, pixels=pixels)):
        return found
    return [("from Pillow only", f"{kind}: {detail}") for kind, detail in found]


def _expected(path: str) -> Expected | None:
    try:
        return expected(path)
    except Exception:  # whatever Pillow raises of damaged files
        return None


def _whole(path: str, wanted: Expected | None, folder: Path) -> Path:
    """A matte of the picture's size that is all subject; where nobody can tell it, of one pixel."""
    size = (_own_size(path) or (1, 1)) if wanted is None else wanted.size
    matte = folder / "matte.png"
    Image.fromarray(np.full(size[::-1], 255, np.uint8)).save(matte, compress_level=1)
    return matte


def _own_size(path: str) -> tuple[int, int] | None:
    """Width and height that defocus sees, if it reads the file."""
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        size: tuple[int, int] = next(iter(defocus.each_frame(path))).size
        return size
    return None


def main() -> None:
    """Answer until standard input ends."""
    settings = json.loads(sys.argv[1])
    os.environ["DEFOCUS_TRACEBACK"] = "1"
    with (
        os.fdopen(os.dup(1), "w") as answers,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.dup2(2, 1)  # what libraries print is no answer

        def answer(what: dict[str, Any]) -> None:
            answers.write(json.dumps(what) + "\n")
            answers.flush()

        for line in sys.stdin:
            path = json.loads(line)["path"]
            answer(
                look(path, folder=Path(folder), begins=lambda w: answer({"begins": w}), **settings)
            )


if __name__ == "__main__":
    main()
