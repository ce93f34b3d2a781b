"""The command with standard streams that are closed, full, or without a reader."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from defocus.cli import command
from defocus.cli.streams import write_error, write_line

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no shell to close streams")
MATTE = ["--matte", "matte.png"]
ONE = ["portrait", "photo.png", "out.png", *MATTE]
MANY = ["portrait", "in", "-o", "out"]
FRAMES = ["frames", "--size", "8x8", "-q"]
# What writes to standard output, by itself and into a pipe.
TO_STDOUT = {
    "portrait": ["portrait", "photo.png", "-", *MATTE],
    "cutout": ["cutout", "photo.png", "-", *MATTE],
    "mask": ["mask", "photo.png", "-", "-q"],
    "frames": FRAMES,
    "models": ["models", "list"],
    "version": ["--version"],
    "help": ["--help"],
    "help of a command": ["mask", "--help"],
    "help below a command": ["models", "pull", "--help"],
    "dry run": [*MANY, "--dry-run"],
    "json": [*MANY, "--json"],
    "frames of a picture": ["portrait", "photo.png", "-", *MATTE, "--frames", "all"],
}
FROM_STDIN = {
    **{name: [name, "-", "out.png"] for name in ("portrait", "cutout", "mask")},
    "from end to end": ["portrait", "-", "-", *MATTE],
    "frames": FRAMES,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    light = np.zeros((8, 8), np.uint8)
    light[2:6, 2:6] = 255
    Path("in").mkdir()
    for name in ("photo.png", "matte.png", "in/a.png"):
        Image.fromarray(light).save(name)
    return tmp_path


def run(
    arguments: list[str], redirection: str = "", **settings: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a shell does with `redirection`."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -m defocus "$@" {redirection}', sys.executable, *arguments],
        timeout=120,
        **{"stdin": subprocess.DEVNULL, "capture_output": True, **settings},
    )


def is_one_error(output: bytes) -> bool:
    return output.startswith(b"defocus: error: ") and output.count(b"\n") == 1


# --- closed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", TO_STDOUT.values(), ids=TO_STDOUT)
def test_standard_output_is_closed(arguments: list[str]) -> None:
    done = run(arguments, ">&-")
    assert done.returncode in (1, 2)
    assert is_one_error(done.stderr), done.stderr
    assert b"standard output" in done.stderr
    assert not Path("out").exists()


@pytest.mark.parametrize("arguments", FROM_STDIN.values(), ids=FROM_STDIN)
def test_standard_input_is_closed(arguments: list[str]) -> None:
    done = run(arguments, "<&-")
    assert done.returncode == 2
    assert is_one_error(done.stderr), done.stderr
    assert b"standard input" in done.stderr


@pytest.mark.parametrize("arguments", [TO_STDOUT["portrait"], FROM_STDIN["portrait"], ["nonsense"]])
def test_all_are_closed(arguments: list[str]) -> None:
    done = run(arguments, "<&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_unused_streams_may_be_closed(streams: str) -> None:
    done = run(ONE, streams)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    with Image.open("out.png") as image:
        assert image.size == (8, 8)


def test_messages_without_standard_error_go_nowhere() -> None:
    for arguments in ([], ["portrait", "missing.png", "-"], [*MANY, "--existing", "nonsense"]):
        done = run(arguments, "2>&-")
        assert done.returncode != 0
        assert done.stdout == b""


def test_progress_while_standard_output_is_closed() -> None:
    done = run(["mask", "in", "-o", "out", "--no-subject", "skip"], ">&-")
    assert done.returncode == 0
    assert b"a.png" in done.stderr


def test_a_closed_descriptor_is_not_used_by_a_file() -> None:
    code = (
        "from defocus import cli\n"
        "try:\n"
        "    cli.main(['--version'])\n"
        "finally:\n"
        "    print(open('new', 'wb').fileno(), file=open('number', 'w'))\n"
    )
    subprocess.run(["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, code], timeout=60)
    assert int(Path("number").read_text()) > 2


@pytest.mark.parametrize("stream", [None, io.StringIO(), "closed"], ids=["none", "open", "closed"])
def test_streams_of_a_program_without_a_console(
    stream: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """pythonw has no streams, and other programs replace them."""
    if stream == "closed":
        stream = io.TextIOWrapper(io.BytesIO())
        stream.close()
    monkeypatch.setattr(sys, "stdin", stream)
    assert command.main(["portrait", "-", "out.png"]) == 2
    assert is_one_error(capsys.readouterr().err.encode())
    monkeypatch.setattr(sys, "stdout", stream)
    assert command.main(["portrait", "photo.png", "-"]) == 2
    assert command.main(FRAMES) == 2
    monkeypatch.setattr(sys, "stderr", stream)
    assert command.main(["portrait", "photo.png", "-"]) == 2


# --- without a reader, or full -------------------------------------------------------------------


@pytest.fixture
def unread() -> Any:
    """The writing end of a pipe without a reader."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize("arguments", TO_STDOUT.values(), ids=TO_STDOUT)
def test_standard_output_has_no_reader(arguments: list[str], unread: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "defocus", *arguments],
        input=bytes(3 * 8 * 8),
        stdout=unread,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (1, b"")


def test_standard_error_has_no_reader(unread: int) -> None:
    settings: dict[str, Any] = {
        "capture_output": False,
        "stdout": subprocess.PIPE,
        "stderr": unread,
    }
    done = run(["mask", "in", "-o", "out", "--no-subject", "skip"], **settings)
    assert done.returncode == 0
    assert run(["portrait", "missing.png", "out.png"], **settings).returncode == 1
    assert run(["nonsense"], **settings).returncode == 2
    done = run([*MANY, "--json", "--no-subject", "copy"], **settings)
    assert json.loads(done.stdout.splitlines()[-1])["summary"]["exit_code"] == done.returncode == 0
    assert Path("out/a.png").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("name", ["portrait", "models", "help", "json"])
def test_standard_output_is_full(name: str) -> None:
    done = run(TO_STDOUT[name], ">/dev/full")
    assert done.returncode == 1
    assert is_one_error(done.stderr.replace(b"defocus: 1 planned\n", b"")), done.stderr
    assert b"No space left" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_standard_error_is_full() -> None:
    done = run(["mask", "in", "-o", "out", "--no-subject", "skip"], "2>/dev/full")
    assert done.returncode == 0
    assert run(["nonsense"], "2>/dev/full").returncode == 2


@pytest.mark.parametrize("name", ["portrait", "frames"])
def test_standard_input_that_cannot_be_read(name: str) -> None:
    done = run(FROM_STDIN[name], "0>written")
    assert done.returncode == 1
    assert is_one_error(done.stderr), done.stderr
    assert b"DEFOCUS_TRACEBACK" not in done.stderr


# --- text -----------------------------------------------------------------------------------------


def test_text_that_the_encoding_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    ascii_only = io.TextIOWrapper(data, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    monkeypatch.setattr(sys, "stderr", ascii_only)
    write_line("\N{DOG FACE} \udcff")
    write_error("é")
    assert data.getvalue() == b"\\U0001f436 \\udcff\n\\xe9\n"
