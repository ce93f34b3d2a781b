"""The command for many pictures: what it makes, says, refuses, and what an interruption leaves."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import deep_files
import defocus
from defocus import atomic
from defocus.batch import job
from defocus.cli.arguments import parse
from defocus.cli.command import main
from defocus.cli.progress import Meter
from defocus.cli.recipe import checked
from defocus.errors import NoSubjectError
from defocus.io import save
from pictures import empty_scene, photographs

SMALL = ["--model", "u2netp"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "defocus", *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, **settings)


def records(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    *pictures, last = [json.loads(line) for line in text.splitlines()]
    return pictures, last["summary"]


def results(out: str = "out") -> list[str]:
    """All files below OUT, each of which is a whole picture."""
    found = []
    for path in sorted(Path(out).rglob("*")):
        if path.is_file():
            with Image.open(path) as image:
                image.load()
            found.append(str(path.relative_to(out)))
    return found


# --- what is made ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["portrait", "cutout", "mask"])
def test_a_folder_becomes_what_its_files_become_one_by_one(
    command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    photographs(Path("in"), ["a.png", "sub/b c.png"])
    Path("in/notes.txt").write_text("none")
    assert main([command, "in", "-o", "new/out", *SMALL, "--jobs", "2"]) == 0
    assert results("new/out") == ["a.png", "sub/b c.png"]
    capfd.readouterr()
    for name in ("a.png", "sub/b c.png"):
        assert main([command, f"in/{name}", "one.png", *SMALL]) == 0
        assert Path("one.png").read_bytes() == Path("new/out", name).read_bytes()
    assert capfd.readouterr() == ("", "")


def test_plain_lines_and_a_summary(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), ["a.png", "b.png"])
    Path("in/torn.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    Path("in/notes.txt").write_text("none")
    assert main(["mask", "in", "-o", "out", *SMALL]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0].startswith("[1/3] in/a.png -> out/a.png (")
    assert lines[2].startswith("defocus: error: 'in/torn.jpg' ")
    assert lines[3] == "defocus: 1 failed:"
    assert "'in/torn.jpg' " in lines[4]
    assert lines[5].startswith("defocus: 2 done, 1 failed, in 0:0")
    assert lines[5].endswith("; 1 other file ignored (.txt 1)")
    assert "\x1b" not in err


def test_json_tells_all(capfd: pytest.CaptureFixture[str]) -> None:
    strange = os.fsdecode(b"in/\xff \n.png")
    photographs(Path("in"), ["a.png", "b.png", strange.removeprefix("in/")])
    empty_scene(Path("in/empty.png"))
    Path("in/torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Path("out").mkdir()
    photographs(Path("out"), ["b.png"])
    assert main(["portrait", "in", "in/*.gif", "-o", "out", "--json", *SMALL]) == 1
    out, err = capfd.readouterr()
    pictures, summary = records(out)
    assert "->" not in err
    by_name = {picture["in"]: picture for picture in pictures}
    assert {name: picture["status"] for name, picture in by_name.items()} == {
        "in/a.png": "done",
        "in/b.png": "exists",
        strange: "done",
        "in/empty.png": "no_subject",
        "in/torn.png": "failed",
        "in/*.gif": "failed",
    }
    assert by_name["in/a.png"]["out"] == "out/a.png"
    assert by_name["in/a.png"]["seconds"] > 0
    assert by_name["in/torn.png"]["error"]["code"] == "decode"
    assert "'in/torn.png'" in by_name["in/torn.png"]["error"]["message"]
    counts = {key: summary[key] for key in ("done", "exists", "no_subject", "failed", "exit_code")}
    assert counts == {"done": 2, "exists": 1, "no_subject": 1, "failed": 2, "exit_code": 1}


def test_warnings_go_with_their_picture(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), ["a.png"])
    Image.open("in/a.png").crop((0, 0, 160, 240)).save("in/cut.png")
    arguments = ["mask", "in", "-o", "out", *SMALL, "--existing", "overwrite"]
    assert main(arguments) == 0
    err = capfd.readouterr().err
    assert "defocus: warning: in/cut.png: cut by the frame: " in err
    assert "warnings: cut by the frame 1" in err.splitlines()[-1]
    assert main([*arguments, "--json"]) == 0
    pictures, _ = records(capfd.readouterr().out)
    assert [len(picture["warnings"]) for picture in pictures] == [0, 1]
    assert main([*arguments, "-q"]) == 0
    assert capfd.readouterr() == ("", "")


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "options", "code"),
    [
        (["good"], [], 0),
        (["good", "torn"], [], 1),
        (["good", "empty"], [], 3),
        (["good", "empty", "torn"], [], 1),
        (["good", "empty"], ["--no-subject", "skip"], 0),
        (["good", "empty"], ["--no-subject", "copy"], 0),
        (["missing"], [], 1),
    ],
)
def test_exit_codes(names: list[str], options: list[str], code: int) -> None:
    photographs(Path(), ["good.png"])
    empty_scene(Path("empty.png"))
    Path("torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    files_in = [f"{name}.png" for name in names]
    assert main(["portrait", *files_in, "-o", "out", *SMALL, *options]) == code
    made = [name for name in ("empty.png", "good.png") if name in files_in]
    if "copy" not in options:
        made = [name for name in made if name == "good.png"]
    assert (results() if Path("out").exists() else []) == made


def test_copies_are_the_photographs_themselves(capfd: pytest.CaptureFixture[str]) -> None:
    empty_scene(Path("a.png"))
    copy = ["--no-subject", "copy", *SMALL, "-o"]
    assert main(["portrait", "a.png", *copy, "out"]) == 0
    assert Path("out/a.png").read_bytes() == Path("a.png").read_bytes()
    assert "a.png -> out/a.png copied unchanged: no subject (" in capfd.readouterr().err
    assert main(["portrait", "a.png", *copy, "out", "--format", "jpeg"]) == 0
    with Image.open("out/a.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (320, 240))
    assert main(["cutout", "a.png", *copy, "out"]) == 2
    assert "--no-subject copy is for portrait" in capfd.readouterr().err


def test_fail_fast_begins_nothing_more(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), [f"{n:02}.png" for n in range(16)])
    Path("in/00.png").write_bytes(b"junk")
    assert main(["mask", "in", "-o", "out", *SMALL, "--fail-fast"]) == 1
    err = capfd.readouterr().err
    assert "not started" in err
    assert len(results()) < 10
    assert main(["mask", "in", "-o", "out", *SMALL, "--keep-going"]) == 1
    assert len(results()) == 15


def test_what_all_would_fail_for_stops(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    photographs(Path("in"), [f"{n:02}.png" for n in range(16)])
    Path("bad.onnx").write_bytes(b"no network")
    assert main(["mask", "in", "-o", "out", "--model", "bad.onnx"]) == 1
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "bad" in err

    def full(path: str, data: bytes) -> None:
        raise defocus.OutputError("no space") from OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(save, "write_path", full)
    assert main(["mask", "in", "-o", "out", *SMALL]) == 1
    assert "not started" in capfd.readouterr().err


def test_a_bug_is_told_as_one(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("by 0")

    photographs(Path("in"), ["a.png"])
    monkeypatch.setattr(job, "make", fail)
    for asked in ("", "1"):
        monkeypatch.setenv("DEFOCUS_TRACEBACK", asked)
        assert main(["mask", "in", "-o", "out", *SMALL, "--json"]) == 1
        captured = capfd.readouterr()
        (row,), _ = records(captured.out)
        assert row["error"] == {"type": "ZeroDivisionError", "code": "internal", "message": "by 0"}
        assert "in/a.png: ZeroDivisionError: by 0; DEFOCUS_TRACEBACK=1 shows" in captured.err
        assert ("Traceback" in captured.err) == bool(asked)


def test_a_reader_of_json_that_goes_away() -> None:
    photographs(Path("in"), [f"{n:02}.png" for n in range(8)])
    command = [sys.executable, "-m", "defocus", "mask", "in", "-o", "out", *SMALL, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert b"Traceback" not in (err := process.stderr.read())
    assert b"Exception" not in err
    assert process.wait(timeout=60) == 1
    process.stderr.close()
    results()


def test_what_cannot_be_read_does_not_hang_or_stop(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), ["z.png"])
    os.mkfifo("in/pipe.jpg")
    Path("in/dangling.jpg").symlink_to("nowhere")
    Path("in/loop.jpg").symlink_to("loop.jpg")
    Path("in/folder.jpg").mkdir()
    assert main(["mask", "in", "-o", "out", *SMALL]) == 1
    assert results() == ["z.png"]
    err = capfd.readouterr().err
    for words in ("'in/pipe.jpg' is a pipe", "'in/dangling.jpg' does not", "'in/loop.jpg' cannot"):
        assert err.count(words) == 2, "once where it happens, once in the list at the end"


def test_an_output_that_cannot_be_written_is_one_failure(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), ["a.png", "sub/b.png"])
    Path("out/a.png").mkdir(parents=True)
    Path("out/sub").write_bytes(b"a file where a folder should be")
    assert main(["mask", "in", "-o", "out", *SMALL]) == 1
    err = capfd.readouterr().err
    assert "cannot write 'out/a.png': it is a folder" in err
    assert "the folder 'out/sub' cannot be made: " in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("portrait in", 2, "IN 'in' means many images; name a folder for the results with -o;"),
        ("portrait in out", 2, "example: defocus portrait photos -o results"),
        ("portrait in/*.zzz out", 2, "IN 'in/*.zzz' means many images"),
        ("portrait in/a.png in/a.jpg in/b.png", 2, "unexpected argument 'in/b.png'; for many"),
        ("portrait -o out", 2, "required: IN; example"),
        ("portrait in/a.png b.png --jobs 2", 2, "--jobs is for many images"),
        ("portrait in/a.png b.png --json", 2, "--json is for many images"),
        ("portrait in - -o out", 2, "- is standard input, one image"),
        ("portrait in -o out --jobs 0", 2, "threads=0 is out of range"),
        ("portrait in -o out --jobs x", 2, "argument --jobs: invalid int value"),
        ("portrait in -o out --existing replace", 2, "existing='replace' is unknown; expected one"),
        ("portrait in -o out --no-subject x", 2, "no_subject='x' is unknown; expected fail"),
        ("portrait in -o out --matte in/a.png", 2, "--matte belongs to one image"),
        ("portrait in -o out --keep-going --fail-fast", 2, "not allowed with argument"),
        ("portrait in -o in", 2, "OUT_FOLDER 'in' is the folder IN itself"),
        ("portrait in/a.png -o in", 2, "would lie in place of the picture 'in/a.png'"),
        ("cutout in -o out", 2, "2 pictures would share results: 'in/a.jpg' -> 'a.png', 'in/a.p"),
        ("cutout in/b.png -o out --format jpeg", 2, "JPEG cannot hold transparent pixels"),
        ("portrait in -o out --format gif", 2, "format='gif' is unknown; expected one of jpeg"),
        ("mask in/b.png -o out --quality 80", 2, "quality=80 has no meaning for PNG"),
        ("portrait in -o out -f 0", 2, "aperture=0.0 is out of range"),
        ("portrait in/*.gif none/** -o out", 1, "no image found in 'in/*.gif', 'none/**'"),
        (
            "portrait texts -o out",
            1,
            "no image found in 'texts'; 1 other file ignored (.txt 1)",
        ),
        ("portrait in -o in/a.png/x", 1, "OUT_FOLDER 'in/a.png/x' cannot be created: "),
        (
            "portrait in -o in/a.png --json",
            1,
            "OUT_FOLDER 'in/a.png' cannot be created: File exists",
        ),
    ],
)
def test_mistakes_are_one_line_before_any_work(
    arguments: str,
    code: int,
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_late(*_arguments: object, **_settings: object) -> None:
        raise AssertionError("a mistake must show before any picture is read")

    photographs(Path("in"), ["a.png", "a.jpg", "b.png"])
    Path("texts").mkdir()
    Path("texts/a.txt").write_text("none")
    before = {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}
    monkeypatch.setattr(job, "process", too_late)
    assert main(arguments.split()) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("defocus: error: ")
    assert message in output.err
    assert output.err.count("\n") == 1
    after = {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}
    assert after == before


def test_quality_is_for_the_formats_that_have_one() -> None:
    photographs(Path("in"), ["a.jpg", "b.png"])
    arguments = ["portrait", "in", *SMALL, "-o"]
    assert main([*arguments, "low", "--quality", "30"]) == 0
    assert main([*arguments, "usual"]) == 0
    low, usual = (Path(out, "a.jpg").stat().st_size for out in ("low", "usual"))
    assert low < usual
    assert Path("low/b.png").read_bytes() == Path("usual/b.png").read_bytes()


def test_o_with_a_file_is_for_one_picture(capsys: pytest.CaptureFixture[str]) -> None:
    photographs(Path(), ["a.png"])
    assert main(["mask", "a.png", "-o", "b.png", *SMALL]) == 0
    assert Path("b.png").is_file()
    assert capsys.readouterr() == ("", "")
    Path("c.png").mkdir()
    assert main(["mask", "-q", "a.png", "-o", "c.png", *SMALL]) == 0
    assert results("c.png") == ["a.png"]


NAMES = (
    *(b"\xff\xfe.png", b"new\nline.png", b"-dash.png", b" .png", b"back\\slash.png"),
    *("\N{DOG FACE}é.png".encode(), b"n" * 251 + b".png", b"\x1b[31m.png", b"d\xff\nr/x.png"),
)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_names_of_any_bytes(encoding: str) -> None:
    photographs(Path("in"), [os.fsdecode(name) for name in NAMES])
    Path(os.fsdecode(b"in/other.\x1b\xff")).touch()
    Path(os.fsdecode(b"in/bad\n\xff.png")).touch()
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    many = ["mask", "in", "-o", os.fsdecode(b"out\xff"), *SMALL]
    planned = run(*many, "--dry-run", env=environment)
    assert planned.returncode == 0
    assert planned.stdout.count(b"\n") == len(NAMES) + 1
    done = run(*many, env=environment)
    assert done.returncode == 1, "one of them is empty"
    assert set(results(os.fsdecode(b"out\xff"))) == set(map(os.fsdecode, NAMES))
    again = run(*many, "--json", env=environment)
    told, summary = records(again.stdout.decode())
    there = {os.fsencode(row["in"]) for row in told if row["status"] == "exists"}
    assert there == {b"in/" + name for name in NAMES}
    assert (summary["exists"], summary["failed"]) == (len(NAMES), 1)
    refused = run(*many, "--existing", "error", env=environment)
    assert refused.returncode == 1
    for text in (planned.stdout, *(call.stderr for call in (planned, done, again, refused))):
        assert text.decode(encoding).replace("\n", "").isprintable()
        assert b"Traceback" not in text


def test_a_dry_run_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), ["a.png", "sub/b.png"])
    assert main(["cutout", "in", "-o", "out", "--dry-run"]) == 0
    output = capsys.readouterr()
    assert output.out == "in/a.png -> out/a.png\nin/sub/b.png -> out/sub/b.png\n"
    assert output.err == "defocus: 2 planned\n"
    assert not Path("out").exists()
    assert main(["cutout", "in", "-o", "out", "--dry-run", "--json"]) == 0
    pictures, summary = records(capsys.readouterr().out)
    assert [picture["status"] for picture in pictures] == ["planned", "planned"]
    assert summary["planned"] == 2


# --- interruption, resumption ---------------------------------------------------------------------


def begun(arguments: list[str], count: int) -> subprocess.Popen[bytes]:
    """A process that has made so many results in out."""
    process = subprocess.Popen(
        [sys.executable, "-m", "defocus", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while len([*Path("out").rglob("*.png")]) < count and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    return process


def test_killed_and_run_again(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), [f"{n % 3}/{n:03}.png" for n in range(24)])
    arguments = ["mask", "in", "-o", "out", *SMALL, "--json"]
    process = begun(arguments, 5)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    left = Path("out/0/.defocus-0123456789abcdef")  # half a file
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    whole = {path: path.stat().st_mtime_ns for path in Path("out").rglob("[0-9]*.png")}
    assert 5 <= len(whole) < 24
    assert main(arguments) == 0
    pictures, summary = records(capfd.readouterr().out)
    assert summary["exists"] == len(whole)
    assert summary["done"] == 24 - len(whole)
    assert len(results()) == 24, "and nothing besides: what was half is gone"
    assert {path: path.stat().st_mtime_ns for path in whole} == whole
    assert sorted(picture["in"] for picture in pictures) == sorted(
        map(str, Path("in").rglob("*.png"))
    )


def test_leftovers_of_others_are_left_alone(folder: Path) -> None:
    young, old = folder / ".defocus-0123456789abcdef", folder / ".defocus-fedcba9876543210"
    other, mine = folder / ".defocus-settings", folder / "0123456789abcdef"
    for path in (young, old, other, mine):
        path.write_bytes(b"x")
    for path in (old, other, mine):
        os.utime(path, (1, 1))
    atomic.remove_leftovers(str(folder))
    assert {path.name for path in folder.iterdir()} == {young.name, other.name, mine.name}
    atomic.remove_leftovers(str(folder / "missing"))


def test_ctrl_c_leaves_whole_files_and_the_way_to_go_on() -> None:
    photographs(Path("in"), [f"{n:03}.png" for n in range(24)])
    arguments = ["mask", "in", "-o", "out", *SMALL]
    process = begun(arguments, 4)
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - start < 10
    assert process.returncode == 130
    done = len(results())
    assert 4 <= done < 24
    last = err.decode().splitlines()[-1]
    assert f" {24 - done} not started" in last
    assert last.endswith("interrupted; run the same command again to resume")
    assert b"Traceback" not in err
    assert run(*arguments, "-q").returncode == 0
    assert len(results()) == 24


def test_a_second_ctrl_c_ends_at_once() -> None:
    code = (
        "import signal, sys, time\n"
        "from defocus.cli.interrupt import interruptible\n"
        "with interruptible():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        print('first', flush=True)\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "        print('never')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30)
    assert (done.returncode, done.stdout) == (130, b"first\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_bar() -> None:
    import pty

    photographs(Path("in"), [f"{n}.png" for n in range(6)])
    Path("in/torn.png").write_bytes(b"junk")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "defocus", "mask", "in", "-o", "out", *SMALL],
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    text = shown.decode()
    assert process.returncode == 1
    assert out == b""
    assert "\r\x1b[K[" in text
    assert "/s  " in text
    assert " left" in text
    assert "1 failed" in text
    assert "->" not in text
    lines = [line.split("\x1b[K")[-1] for line in text.replace("\r\n", "\n").splitlines()]
    assert any(line.startswith("defocus: error: 'in/torn.png'") for line in lines)
    assert lines[-1].startswith("defocus: 6 done, 1 failed, in ")


def test_the_bar() -> None:
    now = iter(range(100))
    meter = Meter(400, clock=lambda: float(next(now)))
    for _ in range(3):
        meter.advance()
    meter.advance(failed=True)
    text = "4/400  1 %  1.0/s  6:36 left  1 failed"
    assert meter.text() == text
    assert meter.bar(80) == f"[{'-' * 30}]  {text}"
    for width in range(1, 80):
        assert len(meter.bar(width)) < max(width, 2)


def test_the_meter_has_units_and_may_have_no_total() -> None:
    now = iter(range(0, 100, 2))
    meter = Meter(168_000_000, unit=" MB", scale=1e6, clock=lambda: float(next(now)))
    meter.advance(21_000_000)
    assert meter.text() == "21.0/168.0 MB  12 %  10.5 MB/s  0:14 left"
    assert meter.bar(80).startswith("[###--")
    frames = Meter(unit=" frames", redraw=False, clock=lambda: float(next(now)))
    frames.advance(6)
    assert frames.text() == "6 frames  3.0 frames/s"


# --- watching -------------------------------------------------------------------------------------


def test_watching() -> None:
    photographs(Path("in"), ["a.png"])
    process = subprocess.Popen(
        [sys.executable, "-m", "defocus", "mask", "--watch", "in", "-o", "out", *SMALL],
        stderr=subprocess.PIPE,
    )

    def wait_for(name: str) -> None:
        deadline = time.monotonic() + 30
        while not Path("out", name).exists():
            assert time.monotonic() < deadline, name
            time.sleep(0.05)

    wait_for("a.png")
    Path("in/bad.png").write_bytes(b"junk")
    photographs(Path(), ["moved.png"])
    Path("moved.png").rename("in/b.png")
    wait_for("b.png")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert results() == ["a.png", "b.png"]
    text = err.decode()
    assert text.startswith("defocus: watching in; Ctrl-C ends\n")
    assert text.count("'in/bad.png' is no image") <= 2
    assert "Traceback" not in text


# --- the recipe -----------------------------------------------------------------------------------


def test_a_recipe_travels() -> None:
    import pickle

    options = parse(["portrait", "in", "-o", "out", "-f", "2", *SMALL])
    recipe = pickle.loads(pickle.dumps(checked(options, threads=1)))
    assert recipe.options == {"aperture": 2.0, "effort": "good"}
    photographs(Path(), ["a.png"])
    made = job.make("a.png", recipe)
    small = defocus.Segmenter("u2netp", threads=1)
    expected = np.asarray(defocus.portrait("a.png", aperture=2.0, segmenter=small))
    assert np.array_equal(np.asarray(made.picture), expected)
    empty_scene(Path("b.png"))
    with pytest.raises(NoSubjectError):
        job.make("b.png", recipe)
    assert threading.active_count() >= 1


def test_libraries_add_no_lines_of_their_own() -> None:
    samples = np.zeros((4, 6, 1), np.uint16)
    Path("odd.tif").write_bytes(deep_files.tiff(samples, tags={277: (3, (65535,))}))
    done = run("portrait", "odd.tif", "-o", "out")  # Pillow logs what it thinks of that
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert lines
    assert all(line.startswith("defocus: ") for line in lines), lines
