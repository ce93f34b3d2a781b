"""The command for one image: warnings, errors and interruption."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from batch_command import run
from defocus.batch import job
from defocus.cli.command import main
from defocus.io import decode, orient
from defocus.io.photo import Photo
from scenes import person

IMAGE, _ = person()
pytestmark = pytest.mark.usefixtures("photo")
COMMANDS = ["portrait", "cutout", "mask"]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_subject_is_exit_code_3(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (64, 48), (90, 90, 90)).save("empty.png")
    assert main([command, "empty.png", "out.png"]) == 3
    output = capsys.readouterr()
    assert output.err.startswith("defocus: error: no subject")
    assert output.err.count("\n") == 1
    assert not Path("out.png").exists()


def test_warnings_are_lines_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(source: Any, **_settings: Any) -> tuple[Photo, defocus.Subject]:
        warnings.warn("two\nlines", UserWarning, stacklevel=1)
        photo = decode.read(source)
        mask = np.ones((320, 320), np.float32)
        found = ("the subject is cut",)
        guide = photo.pixels
        return photo, defocus.Subject(mask, photo.size, confidence=0.6, guide=guide, warnings=found)

    monkeypatch.setattr(job, "read_and_find", find)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["portrait", "photo.jpg", "out.jpg"]) == 0
        assert capsys.readouterr().err == (
            "defocus: warning: two lines\ndefocus: warning: the subject is cut\n"
        )
        for quiet in ("-q", "--quiet"):
            assert main(["portrait", "photo.jpg", "-o", "out.jpg", quiet]) == 0
            assert capsys.readouterr() == ("", "")


def test_libraries_print_nothing() -> None:
    file = io.BytesIO()
    Image.fromarray(IMAGE).save(file, "TIFF", compression="tiff_adobe_deflate")
    data = bytearray(file.getvalue())
    data[8:60] = bytes(52)  # libtiff prints what it thinks of that
    Path("bad.tif").write_bytes(data)
    done = run("portrait", "bad.tif", "out.jpg")
    assert done.returncode == 1
    assert done.stderr.startswith(b"defocus: error: 'bad.tif' cannot be decoded")
    assert done.stderr.count(b"\n") == 1


def test_a_warning_about_damage_that_does_not_matter(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = decode.read

    def warn(*arguments: Any, **settings: Any) -> Any:
        if arguments[0] == "photo.jpg":
            warnings.warn("odd EXIF", UserWarning, stacklevel=1)
            os.write(2, b"noise of a C library\n")
        return read(*arguments, **settings)

    monkeypatch.setattr(decode, "read", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["portrait", "photo.jpg", "out.jpg", "--matte", "matte.png"]) == 0
    assert capfd.readouterr() == ("", "defocus: warning: odd EXIF\n")


@pytest.mark.parametrize(
    "words", ["photo.jpg out.jpg --matte matte.png", "photo.jpg photo2.jpg -o o --model u2netp"]
)
def test_a_warning_is_reported_once_for_each_image(
    words: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = orient.metadata

    def warn(*arguments: Any) -> Any:
        for number in range(40):  # each from a place of its own
            code = "\n" * number + "import warnings; warnings.warn('tag 5 is odd', stacklevel=1)"
            exec(code, {"__name__": f"reader{number}"})
        warnings.warn("tag 6 is odd", UserWarning, stacklevel=1)
        return metadata(*arguments)

    monkeypatch.setattr(decode, "metadata", warn)
    Path("photo2.jpg").write_bytes(Path("photo.jpg").read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["portrait", *words.split()]) == 0
    output = capfd.readouterr().err
    images = 2 if "photo2" in words else 1
    assert [output.count(f"tag {number} is odd\n") for number in (5, 6)] == [images] * 2


def test_an_unexpected_error_is_one_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_settings: object) -> None:
        raise RuntimeError("out of\nluck")

    monkeypatch.setattr(job, "read_and_find", fail)
    monkeypatch.delenv("DEFOCUS_TRACEBACK", raising=False)
    assert main(["portrait", "photo.jpg", "out.jpg"]) == 1
    assert capsys.readouterr().err == (
        "defocus: error: RuntimeError: out of luck; DEFOCUS_TRACEBACK=1 shows the traceback\n"
    )
    monkeypatch.setenv("DEFOCUS_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="luck"):
        main(["portrait", "photo.jpg", "out.jpg"])


def test_interruption(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object, **_settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "read_and_find", interrupt)
    assert main(["portrait", "photo.jpg", "out.jpg"]) == 130
    assert capsys.readouterr() == ("", "")
    assert not Path("out.jpg").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_a_real_interruption() -> None:
    code = (
        "import signal, sys; from defocus.cli import main\n"
        # A process that was started in the background may have inherited that it is ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(main(['portrait', '-', 'out.jpg']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        # Once more than a pipe holds has been taken, the command is reading.
        process.stdin.write(bytes(1_000_000))
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert not Path("out.jpg").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has other pipes")
def test_the_output_pipe_is_closed() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save("noise.png")
    Image.fromarray(noise[..., 0]).save("matte.png")
    arguments = ["cutout", "noise.png", "-", "--matte", "matte.png"]
    with subprocess.Popen(
        [sys.executable, "-m", "defocus", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no shell to close stderr")
def test_without_stderr_messages_do_not_get_into_the_image() -> None:
    command = f"exec '{sys.executable}' -m defocus cutout photo.png - --matte missing.png 2>&-"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, timeout=120)
    assert (done.returncode, done.stdout) == (1, b"")
