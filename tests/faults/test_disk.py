"""A disk that is full or broken, at each call: the old file or the new one, and a typed error."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from PIL import Image

import faults
from faults.small_batch import FLAGS, leftovers, photographs, results

pytestmark = pytest.mark.faults


def test_every_call_of_a_save_fails_in_its_turn(library: Path, folder: Path) -> None:
    faults.without_faults(faults.python(library, "-m", "faults.no_disk", folder))


@pytest.mark.parametrize("what", ["batch", "frames", "download"])
def test_what_is_stored_is_whole(what: str, library: Path, folder: Path) -> None:
    own = {"DEFOCUS_MODELS": str(folder / "models"), "HOME": str(folder), "no_proxy": "*"}
    faults.without_faults(faults.python(library, "-m", "faults.no_disk_batch", what, env=own))


@pytest.mark.parametrize("number", [1, 3])
def test_frames_before_a_full_disk_are_whole(number: int, library: Path, folder: Path) -> None:
    photographs(["a.png"])
    with Image.open("in/a.png") as picture:
        Path("raw").write_bytes(picture.tobytes() * 6)
    Path("out").mkdir()
    command = ["-m", "defocus", "frames", "--size", "32x24", "-o", "out/%d.png", "-q", *FLAGS]
    fault = f"{number}|{2**62}|{errno.ENOSPC}|write|/out/|{folder / 'count'}"
    with Path("raw").open("rb") as stdin:
        done = faults.python(library, *command, faults=fault, stdin=stdin)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith(f"defocus: error: cannot write 'out/{number}.png'")
    assert int(Path("count").read_text(encoding="ascii")) == number
    assert sorted(results("out")) == [f"{n}.png" for n in range(1, number)]
    assert not leftovers("out")
