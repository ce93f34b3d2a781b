"""The command for one image: files, messages and exit codes."""

from __future__ import annotations

import io
import os
import shutil
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
from defocus.io import decode
from defocus.io.open import _identify
from defocus.io.photo import Photo
from defocus.models import segmenter
from scenes import person

IMAGE, MATTE = person()
pytestmark = pytest.mark.usefixtures("photo")
COMMANDS = ["portrait", "cutout", "mask"]


def pixels(name: str, mode: str = "RGB") -> Any:
    with Image.open(name) as image:
        assert image.mode == mode
        return np.asarray(image)


# --- the three commands --------------------------------------------------------------------------


def test_the_three_commands_do_what_the_library_does(capfd: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        assert main([command, "photo.png", f"{command}.png"]) == 0
    subject = defocus.find_subject("photo.png")
    expected = np.asarray(defocus.portrait("photo.png", subject=subject))
    assert np.array_equal(pixels("portrait.png"), expected)
    assert np.array_equal(
        pixels("cutout.png", "RGBA"), np.asarray(defocus.cutout("photo.png", subject=subject))
    )
    assert np.abs(pixels("mask.png", "L") - subject.matte * 255.0).max() <= 0.51
    assert capfd.readouterr() == ("", "")


def test_as_a_real_command() -> None:
    done = run("portrait", "photo.png", "out.png")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert np.array_equal(pixels("out.png"), np.asarray(defocus.portrait("photo.png")))


def test_the_installed_script() -> None:
    script = shutil.which("defocus", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("defocus is not installed here")
    arguments = ["cutout", "photo.png", "out.png", "--matte", "matte.png"]
    done = subprocess.run([script, *arguments], capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert np.array_equal(pixels("out.png", "RGBA")[..., 3], MATTE)


def test_own_matte() -> None:
    assert main(["portrait", "photo.png", "out.png", "--matte", "matte.png"]) == 0
    expected = np.asarray(defocus.portrait("photo.png", matte=MATTE))
    assert np.array_equal(pixels("out.png"), expected)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], {}),
        (["-f", "4"], {"aperture": 4.0}),
        (["--aperture=1.2"], {"aperture": 1.2}),
        (["--sigma", "3"], {"sigma": 3.0}),
        (
            ["--focal-length", "85", "--distance", "2.5"],
            {"focal_length": 85.0, "distance": 2.5},
        ),
        (["--bokeh", "disc"], {"bokeh": "disc"}),
        (
            ["--bokeh=disc", "--blades", "7", "--highlights", "8"],
            {"bokeh": "disc", "blades": 7, "highlights": 8.0},
        ),
        (["--light", "srgb"], {"light": "srgb"}),
        (["--grain", "0.5"], {"grain": 0.5}),
        (["--ramp", "0.1"], {"ramp": 0.1}),
        (["--depth", "depth.png"], {"depth": "depth.png"}),
    ],
)
def test_the_lens_options(arguments: list[str], options: dict[str, Any]) -> None:
    depth = np.where(MATTE >= 128, 20, 90).astype(np.uint8)
    Image.fromarray(depth).save("depth.png")
    # Options may stand between and before the files.
    assert main(["portrait", *arguments, "photo.png", "a.png", "--matte", "matte.png"]) == 0
    assert main(["portrait", "photo.png", *arguments, "b.png", "--matte", "matte.png"]) == 0
    expected = np.asarray(defocus.portrait("photo.png", matte=MATTE, **options))
    assert np.array_equal(pixels("a.png"), expected)
    assert np.array_equal(pixels("b.png"), expected)


def test_model_threads_and_providers_reach_the_segmenter(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []

    class Recorder(defocus.Segmenter):
        def __init__(self, *names: str, threads: int | None, providers: Any) -> None:
            calls.append((names, threads, providers))
            super().__init__(*names, threads=threads, providers=providers)

    monkeypatch.setattr(segmenter, "Segmenter", Recorder)
    cpu = ["--provider", "cpu"]
    for arguments in ([], ["--model", "u2netp"], ["--threads", "1"], cpu):
        assert main(["mask", "photo.png", "-o", "out.png", *arguments]) == 0
    assert calls == [
        ((), None, None),
        (("u2netp",), None, None),
        ((), 1, None),
        ((), None, ["cpu"]),
    ]


def test_one_decode_and_one_inference(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"open": 0, "mask": 0}
    opened, mask = _identify, defocus.Segmenter.mask

    def count_open(*arguments: Any) -> Any:
        counts["open"] += 1
        return opened(*arguments)

    def count_mask(*arguments: Any) -> Any:
        counts["mask"] += 1
        return mask(*arguments)

    monkeypatch.setattr("defocus.io.open._identify", count_open)
    monkeypatch.setattr(defocus.Segmenter, "mask", count_mask)
    assert main(["portrait", "photo.png", "out.png", "--effort", "fast"]) == 0
    assert counts == {"open": 1, "mask": 1}


# --- formats ----------------------------------------------------------------------------------


def test_the_extension_or_format_decides() -> None:
    def written(*arguments: str) -> str | None:
        assert main(["portrait", "photo.jpg", *arguments, "--matte", "matte.png"]) == 0
        with Image.open(arguments[0]) as image:
            form: str | None = image.format
            assert image.size == (320, 240)
        return form

    assert written("a.jpeg") == "JPEG"
    assert written("a.webp") == "WEBP"
    assert written("a.tif") == "TIFF"
    assert written("a.jpg", "--format", "png") == "PNG"
    assert written("noextension", "--format", "jpg", "--quality", "20") == "JPEG"
    small = Path("noextension").stat().st_size
    Path("noextension").unlink()
    assert written("noextension", "--format", "JPEG", "--quality", "90") == "JPEG"
    assert Path("noextension").stat().st_size > 1.5 * small


def test_metadata_is_kept() -> None:
    assert main(["portrait", "photo.jpg", "out.jpg", "--matte", "matte.png"]) == 0
    with Image.open("out.jpg") as image:
        assert image.info["dpi"] == (240, 240)


@pytest.mark.parametrize(
    ("command", "source", "arguments", "form"),
    [
        ("portrait", "JPEG", [], "JPEG"),
        ("portrait", "WEBP", [], "WEBP"),
        ("portrait", "BMP", [], "PNG"),
        ("portrait", "MPO", ["--quality", "50"], "JPEG"),
        ("portrait", "JPEG", ["--format", "tiff"], "TIFF"),
        ("cutout", "JPEG", [], "PNG"),
        ("cutout", "JPEG", ["--format", "webp"], "WEBP"),
    ],
)
def test_pipes(command: str, source: str, arguments: list[str], form: str) -> None:
    file = io.BytesIO()
    frame = Image.fromarray(IMAGE)
    more: dict[str, Any] = {"save_all": True, "append_images": [frame]} if source == "MPO" else {}
    frame.save(file, source, **more)
    done = run(command, "-", "-", "--matte", "matte.png", *arguments, input=file.getvalue())
    assert (done.returncode, done.stderr) == (0, b"")
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert image.format == form
        assert image.size == (320, 240)


def test_a_mask_through_a_pipe() -> None:
    done = run("mask", "-", "-", input=Path("photo.jpg").read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "L", (320, 240))


# --- warnings, errors and interruption -----------------------------------------------------------


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
    load = decode.load

    def warn(*arguments: Any) -> None:
        for number in range(40):  # each from a place of its own
            code = "\n" * number + "import warnings; warnings.warn('tag 5 is odd', stacklevel=1)"
            exec(code, {"__name__": f"reader{number}"})
        warnings.warn("tag 6 is odd", UserWarning, stacklevel=1)
        load(*arguments)

    monkeypatch.setattr(decode, "load", warn)
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
