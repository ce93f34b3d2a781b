"""Mistakes on the command line, and files that are refused as output."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from batch_command import run
from defocus.cli.command import main
from defocus.io import decode

COMMANDS = ["portrait", "cutout", "mask"]
pytestmark = pytest.mark.usefixtures("photo")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("portrai photo.jpg out.jpg", "unknown command 'portrai'; did you mean 'portrait'?"),
        ("photo.jpg out.jpg", "unknown command 'photo.jpg'; commands are portrait, cutout, mask, "),
        ("portrait", "required: IN; example: defocus portrait photo.jpg portrait.jpg"),
        ("cutout -", "name OUT, or - for standard output; example: defocus cutout photo.jpg subj"),
        ("portrait photo.jpg out.jpg more.jpg", "unexpected argument 'more.jpg'"),
        ("portrait photo.jpg out.jpg --apertur=2", "unknown option '--apertur'; did you mean '--"),
        ("portrait photo.jpg out.jpg --apert 2", "unknown option '--apert'; did you mean '--ap"),
        ("cutout photo.jpg out.png --sigma 2", "unknown option '--sigma'"),
        ("mask photo.jpg out.png --zzz", "unknown option '--zzz'; example: defocus mask"),
        ("--zzz", "required: COMMAND"),
        ("portrait photo.jpg out.jpg -f", "argument -f/--aperture: expected one argument"),
        ("portrait photo.jpg out.jpg -f wide", "argument -f/--aperture: 'wide' is not a number"),
        ("portrait photo.jpg out.jpg -f 0", "aperture=0.0 is out of range"),
        ("portrait photo.jpg out.jpg -f nan", "aperture=nan is out of range"),
        ("portrait photo.jpg out.jpg --sigma -1", "sigma=-1.0 is out of range"),
        ("portrait photo.jpg out.jpg --sigma 3 -f 2", "--sigma replaces the lens; remove it or"),
        ("portrait photo.jpg out.jpg --sigma 3 --distance 2", "--sigma replaces the lens"),
        ("portrait photo.jpg out.jpg --depth a.png --ramp .3", "--depth and --ramp"),
        ("portrait photo.jpg out.jpg --distance 0.04", "distance=0.04 m is not beyond"),
        (
            "portrait photo.jpg out.jpg --matte matte.png --model u2netp",
            "remove --matte or --model",
        ),
        ("portrait photo.jpg out.jpg --max-pixels 0", "max_pixels=0 is out of range"),
        (
            "portrait photo.jpg out.jpg --max-pixels 1e6",
            "--max-pixels: '1e6' is not a whole number",
        ),
        ("portrait photo.jpg out.jpg --quality 0", "quality=0 is out of range"),
        ("portrait photo.jpg out.png --quality 9", "quality=9 has no meaning for PNG"),
        ("portrait photo.jpg out.jpg --format gif", "GIF holds 256 colours"),
        ("portrait photo.jpg out", "'out' is not a known format; expected one of .jpg"),
        ("cutout photo.jpg out.jpg", "JPEG cannot hold transparent pixels; use one of PNG"),
        ("cutout photo.jpg - --format jpeg", "JPEG cannot hold transparent pixels"),
        (
            "portrait photo.jpg photo.jpg",
            "OUT 'photo.jpg' is the input 'photo.jpg'; choose another",
        ),
        ("portrait photo.jpg out.jpg --matte out.jpg", "OUT 'out.jpg' is the input 'out.jpg'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: str,
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_late(*_arguments: object, **_settings: object) -> None:
        raise AssertionError("a usage error must show before any image is read")

    if "max-pixels 0" not in arguments:
        monkeypatch.setattr(decode, "read", too_late)
    if "--matte out.jpg" in arguments:
        Path("out.jpg").write_bytes(b"mine")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(arguments.split()) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("defocus: error: ")
    assert message in output.err
    assert output.err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_every_name_of_the_input_is_refused_as_output(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sub").mkdir()
    (folder / "symbolic.jpg").symlink_to("photo.jpg")
    (folder / "hard.jpg").hardlink_to("photo.jpg")
    before = Path("photo.jpg").read_bytes()
    for name in ("./photo.jpg", "sub/../photo.jpg", str(folder / "photo.jpg"), "symbolic.jpg"):
        assert main(["portrait", "photo.jpg", name]) == 2
        assert "is the input 'photo.jpg'; choose another" in capsys.readouterr().err
    assert main(["portrait", "photo.jpg", "hard.jpg"]) == 2
    assert main(["portrait", "symbolic.jpg", "photo.jpg"]) == 2
    assert Path("photo.jpg").read_bytes() == before


def test_the_input_through_stdin_is_refused_as_output() -> None:
    before = Path("photo.jpg").read_bytes()
    with Path("photo.jpg").open("rb") as file:
        done = run("portrait", "-", "photo.jpg", stdin=file)
    assert done.returncode == 2
    assert b"OUT 'photo.jpg' is the input '-'" in done.stderr
    assert Path("photo.jpg").read_bytes() == before


def test_a_folder_as_output_gets_a_suggestion(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sub").mkdir()
    for command, name in {"portrait": "photo-portrait.jpg", "mask": "photo-matte.png"}.items():
        assert main([command, "photo.jpg", "sub"]) == 1
        better = str(Path("sub", name))
        assert capsys.readouterr().err == (
            f"defocus: error: OUT 'sub' is a folder; try {better!r}\n"
        )
    assert list((folder / "sub").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs terminals")
def test_images_are_not_read_from_or_written_to_a_terminal() -> None:
    main_end, terminal = os.openpty()
    try:
        done = run("portrait", "-", "out.jpg", stdin=terminal)
        assert done.returncode == 2
        assert done.stderr == (
            b"defocus: error: IN is -, but standard input is this terminal; "
            b"pipe an image in, for example: < photo.jpg\n"
        )
        shown = subprocess.run(
            [sys.executable, "-m", "defocus", "cutout", "photo.jpg", "-"],
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.PIPE,
            timeout=120,
        )
        assert shown.returncode == 2
        assert b"OUT is -, but standard output is this terminal; redirect it" in shown.stderr
    finally:
        os.close(main_end)
        os.close(terminal)


def test_a_pattern_that_matches_two_images_replaces_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("photos").mkdir()
    for name in ("a.jpg", "b.jpg"):
        shutil.copy("photo.jpg", f"photos/{name}")
    before = Path("photos/b.jpg").read_bytes()
    for target in ("photos/b.jpg", "./photos/../photos/b.jpg"):
        assert main(["portrait", "photos/a.jpg", target, "--matte", "matte.png"]) == 2
        assert f"-o {target!r}" in capsys.readouterr().err
        assert Path("photos/b.jpg").read_bytes() == before
    # With -o, from another folder, or over an empty file it is replaced:
    mine = ["--matte", "matte.png", "-q"]
    assert main(["portrait", "photos/a.jpg", "-o", "photos/b.jpg", *mine]) == 0
    assert Path("photos/b.jpg").read_bytes() != before
    assert main(["portrait", "photo.jpg", "photos/b.jpg", *mine]) == 0
    Path("empty.jpg").touch()
    assert main(["portrait", "photo.jpg", "empty.jpg", *mine]) == 0
