"""Folders that take no new file, and inputs that are no files, in a process without rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_command import records, run
from faults.small_batch import FLAGS, leftovers, photographs, results

pytestmark = pytest.mark.faults
SUPPORT = Path(__file__).resolve().parents[1] / "support"


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder that every user may search, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        monkeypatch.chdir(name)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_a_user_without_rights(open_folder: Path) -> None:
    photographs(["fine/a.png", "fine/b.png", "full/a.png", "full/b.png"])
    shutil.copy("in/fine/a.png", "unreadable.png")
    Path("unreadable.png").chmod(0o600)
    for name in ("locked", "sealed", "out/full"):
        Path(name).mkdir(parents=True)
    for name in ("out", "ours"):
        Path(name).mkdir(exist_ok=True)
        os.chown(name, 65534, 65534)
    Path("locked/old.png").write_bytes(b"old")
    Path("locked/mine.png").write_bytes(b"old")
    os.chown("locked/mine.png", 65534, 65534)
    Path("sealed").chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-m", "faults.no_rights", open_folder],
        env={**os.environ, "PYTHONPATH": str(SUPPORT), "HOME": str(open_folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_inputs_that_are_no_files_fail_alone() -> None:
    photographs(["a.png", "z.png"])
    os.mkfifo("in/pipe.png")
    Path("in/dangling.png").symlink_to("nowhere")
    Path("in/folder.png").mkdir()
    Path("in/short.png").write_bytes(Path("in/a.png").read_bytes()[:60])
    done = run("cutout", "in", "-o", "out", *FLAGS, "--json")
    rows, summary = records(done.stdout.decode())
    codes = {row["in"]: (row.get("error") or {}).get("code") for row in rows}
    assert codes == {
        "in/a.png": None,
        "in/dangling.png": "input_not_found",
        "in/pipe.png": "decode",
        "in/short.png": "decode",
        "in/z.png": None,
    }
    assert (done.returncode, summary["failed"], summary["done"]) == (1, 3, 2)
    assert sorted(results("out")) == ["a.png", "z.png"]


def test_an_input_folder_that_disappears() -> None:
    photographs([f"{n:03}.png" for n in range(300)])
    command = [sys.executable, "-m", "defocus", "cutout", "in", "-o", "out", *FLAGS, "--json"]
    process = subprocess.Popen(
        [*command, "--jobs", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    shutil.rmtree("in")
    out, err = process.communicate(timeout=100)
    rows, summary = records(out)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert {row["error"]["code"] for row in rows if row["error"]} <= {"input_not_found", "decode"}
    assert summary["done"] + summary["failed"] == 300
    assert len(results("out")) == summary["done"]
    assert not leftovers("out")
