"""A program: calls on files fail while a batch, a download or frames are stored.

Ends with 0 if whatever was stored is whole, and the same command then finishes the work.
"""

from __future__ import annotations

import errno
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from itertools import count, product
from pathlib import Path
from typing import Any

from PIL import Image

import defocus
from defocus import models
from defocus.cli.command import main
from defocus.errors import DownloadError
from faults.control import EVER, failing_files
from faults.small_batch import FLAGS, leftovers, photographs, results
from model_server import serving
from published_model import DATA, SPEC, fetch

NAMES = [f"{n % 2}/{n}.png" for n in range(6)]
COMMAND = ["cutout", "in", "-o", "out", *FLAGS, "--json", "--jobs", "2"]
CALLS = ("open", "write", "fsync", "close", "rename", "mkdir")


def run(command: list[str]) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code, the lines of JSON, and standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(command)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def batch() -> None:
    photographs(NAMES)
    assert run(COMMAND)[0] == 0
    want = results("out")
    assert sorted(want) == sorted(NAMES)
    reports = 0
    for calls, code, number in product(CALLS, (errno.EIO, errno.ENOSPC), (1, 2, 5)):
        shutil.rmtree("out")
        with failing_files("out", calls, number, number, code) as seen:
            ended, rows, err = run(COMMAND)
        assert "Traceback" not in err, err
        fine = results("out") if Path("out").exists() else {}
        assert fine == {name: want[name] for name in fine}, calls
        assert not leftovers("out"), calls
        if calls == "mkdir" and ended == 0:  # the other worker had made the folder
            assert fine == want
        elif seen.calls >= number and rows:
            check_report(rows, ended, fine, whole=code == errno.EIO)
            reports += 1
        assert run(COMMAND)[0] == 0
        assert results("out") == want
    assert reports > 25


def check_report(
    rows: list[dict[str, Any]], ended: int, fine: dict[str, bytes], *, whole: bool
) -> None:
    """Assert that one photograph failed; with `whole` that all others are done."""
    *photos, last = rows
    failed = [row for row in photos if row["status"] == "failed"]
    assert ended == 1
    assert [row["error"]["code"] for row in failed] == ["output"] * len(failed)
    assert failed
    done = {row["out"].removeprefix("out/") for row in photos if row["status"] == "done"}
    assert done == set(fine)
    if whole:
        assert len(failed) == 1
        assert len(done) == len(NAMES) - 1
    else:  # a full disk concerns all of them: the run stops
        assert len(done) + len(failed) + last["summary"]["not_begun"] == len(NAMES)


def numbered_frames() -> None:
    """`-o NAME-%d.png` of an animation: the frames before a failure are whole."""
    photographs(["a.png"])
    Path("out").mkdir()
    with Image.open("in/a.png") as picture:
        defocus.save_frames([picture, picture.rotate(90, fillcolor="red"), picture], "clip.gif")
    command = ["cutout", "clip.gif", "-o", "out/%d.png", "--frames", "all", "-q", *FLAGS]
    for number in (1, 2, 3):
        with failing_files("out/", "write", number, EVER, errno.ENOSPC) as seen:
            ended, _, err = run(command)
        assert (ended, seen.calls) == (1, number), (ended, seen.calls, number, err)
        assert sorted(results("out")) == [f"{n}.png" for n in range(1, number)]
        assert not leftovers("out")
        shutil.rmtree("out")
        Path("out").mkdir()


def download() -> None:
    """The file of a network is there as a whole, or not at all."""
    models.MODELS = {**models.MODELS, "tiny": SPEC}
    folder = Path("models").resolve()
    with serving(DATA) as server:
        for code, calls in product((errno.ENOSPC, errno.EIO), CALLS):
            for number in count(1):
                shutil.rmtree(folder, ignore_errors=True)
                with failing_files(str(folder), calls, number, number, code) as seen:
                    failed = attempt(lambda: fetch(server))
                names = [path.name for path in folder.glob("*")] if folder.exists() else []
                assert names == ([] if failed else ["tiny.onnx"]), (calls, names)
                assert failed or (folder / "tiny.onnx").read_bytes() == DATA
                if seen.calls < number:
                    break
                assert failed or calls == "open", calls


def attempt(step: Callable[[], Any]) -> bool:
    """Whether the step fails with a DownloadError."""
    try:
        step()
    except DownloadError:
        return True
    return False


if __name__ == "__main__":
    tempfile.tempdir = None
    {"batch": batch, "frames": numbered_frames, "download": download}[sys.argv[1]]()
