"""The command for many images: failures and mistakes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import deep_files
import defocus
from batch_command import SMALL, records, results, run
from defocus.batch import job
from defocus.cli.command import main
from defocus.io import save
from pictures import empty_scene, photographs


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


def test_fail_fast_starts_no_other_image(capfd: pytest.CaptureFixture[str]) -> None:
    photographs(Path("in"), [f"{n:02}.png" for n in range(16)])
    Path("in/00.png").write_bytes(b"junk")
    assert main(["mask", "in", "-o", "out", *SMALL, "--fail-fast"]) == 1
    err = capfd.readouterr().err
    assert "not started" in err
    assert len(results()) < 10
    assert main(["mask", "in", "-o", "out", *SMALL, "--keep-going"]) == 1
    assert len(results()) == 15


def test_an_error_that_concerns_all_images_stops(
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


def test_a_bug_is_reported_with_its_type(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("by 0")

    photographs(Path("in"), ["a.png"])
    monkeypatch.setattr(job, "make", fail)
    for value in ("", "1"):
        monkeypatch.setenv("DEFOCUS_TRACEBACK", value)
        assert main(["mask", "in", "-o", "out", *SMALL, "--json"]) == 1
        captured = capfd.readouterr()
        (row,), _ = records(captured.out)
        assert row["error"] == {"type": "ZeroDivisionError", "code": "internal", "message": "by 0"}
        assert "in/a.png: ZeroDivisionError: by 0; DEFOCUS_TRACEBACK=1 shows" in captured.err
        assert ("Traceback" in captured.err) == bool(value)


def test_the_json_pipe_is_closed() -> None:
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
        assert err.count(words) == 2, "once when it happens, once in the final list"


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
        ("portrait in -o out --jobs x", 2, "argument --jobs: 'x' is not a whole number"),
        ("portrait in -o out --existing replace", 2, "existing='replace' is unknown; expected one"),
        ("portrait in -o out --no-subject x", 2, "--no-subject 'x' is unknown; expected"),
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


def test_libraries_print_nothing() -> None:
    samples = np.zeros((4, 6, 1), np.uint16)
    Path("odd.tif").write_bytes(deep_files.tiff(samples, tags={277: (3, (65535,))}))
    done = run("portrait", "odd.tif", "-o", "out")  # Pillow logs what it thinks of that
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert lines
    assert all(line.startswith("defocus: ") for line in lines), lines
