"""A child of check_public_files: defocus is imported once, then it looks at one file after another.

A line {"path": ...} on standard input gives a line {"outcome", "said", "findings"} on standard
output.  The argument is {"command": ..., "model": ...} as JSON.
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
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tools.public_reference import Expected, deviations, expected

import defocus
from defocus import cli

__all__ = ["look"]

_NO_SUBJECT = 3


def look(path: str, command: str, model: str | None, folder: Path) -> dict[str, Any]:
    """Run the command on a file and compare; `folder` is for what is written meanwhile."""
    Image.MAX_IMAGE_PIXELS = None  # what is too large is for defocus to say
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
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            code = cli.main(words)
    except Exception as error:  # a bug, which DEFOCUS_TRACEBACK has let through
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        return {"outcome": "internal", "said": reason, "findings": []}
    lines = [line.strip() for line in said.getvalue().splitlines() if line.strip()]
    outcome = {0: "read", _NO_SUBJECT: "no subject"}.get(code, "refused")
    findings = [
        ("repeated", f"{count} times: {line}")
        for line, count in Counter(lines).items()
        if count > 1
    ]
    findings += [("repeated", line) for line in lines if not line.startswith("defocus: ")]
    if outcome == "refused" and isinstance(wanted, Expected):
        findings.append(("Pillow reads it", wanted.reader))
    if outcome == "read" and isinstance(wanted, Expected):
        findings += deviations(target, wanted, pixels=command != "mask" and model is None)
    return {"outcome": outcome, "said": " | ".join(lines), "findings": findings}


def _expected(path: str) -> Expected | None:
    try:
        return expected(path)
    except Exception:  # whatever Pillow raises of damaged files
        return None


def _whole(path: str, wanted: Expected | None, folder: Path) -> Path:
    """A matte of the picture's size that is all subject; where nobody can tell it, of one pixel."""
    size = (1, 1)
    if wanted is not None:
        size = wanted.size
    else:
        with contextlib.suppress(Exception):
            frame = next(iter(defocus.each_frame(path)))
            size = frame.size
    matte = folder / "matte.png"
    Image.fromarray(np.full(size[::-1], 255, np.uint8)).save(matte, compress_level=1)
    return matte


def main() -> None:
    """Answer until standard input ends."""
    settings = json.loads(sys.argv[1])
    os.environ["DEFOCUS_TRACEBACK"] = "1"
    with (
        os.fdopen(os.dup(1), "w") as answers,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.dup2(2, 1)  # what libraries print is no answer
        for line in sys.stdin:
            report = look(json.loads(line)["path"], folder=Path(folder), **settings)
            answers.write(json.dumps(report) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
