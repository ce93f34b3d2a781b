"""The command for one image: files, messages and exit codes."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from batch_command import run
from defocus.cli.command import main
from defocus.io.open import _identify
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
    out, err = capfd.readouterr()
    assert out == ""
    assert all(line.startswith("defocus: warning: ") for line in err.splitlines())


def test_as_a_real_command() -> None:
    done = run("portrait", "photo.png", "out.png")
    assert (done.returncode, done.stdout) == (0, b"")
    lines = done.stderr.splitlines()
    assert all(line.startswith(b"defocus: warning: ") for line in lines)
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
        (["--ground", "auto"], {"ground": "auto"}),
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
