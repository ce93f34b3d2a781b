"""Where results go that no OUT names, and OUT with a field for a number."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import defocus
from batch_command import run
from defocus.batch import numbers
from defocus.cli.command import main
from defocus.errors import OptionError
from scenes import person

MINE = ["--matte", "matte.png", "-q"]
pytestmark = pytest.mark.usefixtures("photo")


def names(pattern: str = "*") -> set[str]:
    return {str(path) for path in Path().glob(pattern)}


def frames_file(name: str, count: int = 3) -> None:
    image, _ = person(90, 120)
    shown = [Image.fromarray(np.roll(image, 5 * i, axis=1)) for i in range(count)]
    shown[0].save(name, save_all=True, append_images=shown[1:], duration=70)


# --- without OUT ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "source", "more", "target", "form"),
    [
        ("cutout", "photo.jpg", "", "photo.cutout.png", "PNG"),
        ("cutout", "photo.jpg", "--format webp", "photo.cutout.webp", "WEBP"),
        ("portrait", "photo.jpg", "", "photo.portrait.jpg", "JPEG"),
        ("portrait", "photo.png", "", "photo.portrait.png", "PNG"),
        ("portrait", "photo.png", "--format jpeg", "photo.portrait.jpg", "JPEG"),
        ("portrait", "sub/a.b.JPG", "", "sub/a.b.portrait.JPG", "JPEG"),
        ("portrait", "photo.bmp", "", "photo.portrait.png", "PNG"),
        ("portrait", "photo.mpo", "", "photo.portrait.jpg", "JPEG"),
        ("portrait", "photo.gif", "", "photo.portrait.png", "PNG"),
    ],
)
def test_a_result_without_out_lies_beside_its_image(
    command: str,
    source: str,
    more: str,
    target: str,
    form: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("sub").mkdir()
    if not Path(source).exists():
        kind = "JPEG" if source.endswith(("JPG", "mpo")) else None
        with Image.open("photo.png") as image:
            image.save(source, kind)
    before = names("**/*")
    assert main([command, source, *MINE[:2], *more.split()]) == 0
    assert capsys.readouterr().out == f"{target}\n"
    assert names("**/*") - before == {target}
    with Image.open(target) as image:
        assert image.format == form


def test_a_mask_and_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mask", "photo.jpg", "-q", "--model", "u2netp"]) == 0
    assert Path("photo.mask.png").exists()
    assert capsys.readouterr() == ("", "")


def test_nothing_is_replaced_without_out(capsys: pytest.CaptureFixture[str]) -> None:
    Path("photo.cutout.png").write_bytes(b"mine")
    for more in ([], ["--existing", "error"]):
        assert main(["cutout", "photo.jpg", *MINE, *more]) == 1
        message = capsys.readouterr().err
        assert "'photo.cutout.png' exists already" in message
        assert "OUT" in message
        assert "--existing overwrite" in message
    assert main(["cutout", "photo.jpg", *MINE[:2], "--existing", "skip"]) == 0
    assert "'photo.cutout.png' exists already" in capsys.readouterr().err
    assert Path("photo.cutout.png").read_bytes() == b"mine"
    assert main(["cutout", "photo.jpg", *MINE[:2], "--existing", "rename"]) == 0
    assert capsys.readouterr().out == "photo.cutout-2.png\n"
    assert Path("photo.cutout.png").read_bytes() == b"mine"
    assert main(["cutout", "photo.jpg", *MINE, "--existing", "overwrite"]) == 0
    assert Path("photo.cutout.png").read_bytes() == Path("photo.cutout-2.png").read_bytes()


def test_an_animation_without_out_keeps_its_format() -> None:
    frames_file("cat.gif")
    mine = ["--model", "u2netp", "-q", "--frames", "all"]
    assert main(["portrait", "cat.gif", *mine]) == 0
    assert main(["cutout", "cat.gif", *mine]) == 0
    for name in ("cat.portrait.gif", "cat.cutout.png"):
        assert len(list(defocus.each_frame(name))) == 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("cutout none.jpg", 1, "'none.jpg' does not exist"),
        ("cutout none/photo.jpg", 1, "'none/photo.jpg' does not exist"),
        ("cutout https://example.org/photo.jpg", 1, "is an address"),
        ("cutout /dev/null", 2, "IN '/dev/null' is not a file in a folder; name OUT"),
        ("cutout -", 2, "IN is standard input; name OUT"),
        ("cutout photos", 2, "IN 'photos' means many images; name a folder for the results"),
        ("cutout *.jpg", 2, "IN '*.jpg' means many images"),
        ("cutout photo.jpg photo.png matte.png", 2, "for many images name a folder with -o"),
        ("cutout photo.jpg --watch", 2, "--watch is for many images"),
        ("cutout photo.jpg --json", 2, "--json is for many images"),
        ("cutout photo.jpg --format jpeg", 2, "JPEG cannot hold transparent pixels"),
        ("cutout photo.jpg --existing replace", 2, "existing='replace' is unknown"),
        ("cutout photo.jpg --ray local", 2, "--ray is for many images"),
        ("cutout photo.jpg new.png --existing skip", 2, "photo.jpg -o new.png --existing"),
        ("cutout photo.jpg -o - --existing skip", 2, "--existing does not apply to standard out"),
        # OUT with a field:
        ("cutout photo.jpg out-%03d.png", 2, "OUT 'out-%03d.png' has a field for a number; give"),
        ("cutout photo.jpg -o out-%s.png", 2, "has the field '%s'; expected %d or a field such"),
        ("cutout photo.jpg -o out-%d-%d.png", 2, "has 2 fields; expected one"),
        ("cutout photo.jpg -o out-%03d", 2, "OUT 'out-%03d' has no extension"),
        ("cutout photo.jpg -o out-%d.jpg", 2, "JPEG cannot hold transparent pixels"),
        ("cutout photo.jpg -o out-%d.png --format webp", 2, "--format webp and the extension of"),
        ("cutout photo.jpg photo.png -o out.png", 2, "OUT 'out.png' names one file, and several"),
        ("cutout photo.jpg photo.png -o a-%d.png --same-name rename", 2, "--same-name does not"),
        ("cutout photos -o a-%d.png --watch", 2, "--watch does not apply to OUT 'a-%d.png'"),
        ("cutout photos -o a-%d.png --frames all", 2, "--frames all numbers the frames of one"),
        ("cutout photos -o a-%d.png --existing rename", 2, "--existing rename does not apply"),
        ("cutout photos -o a-%d.png --format webp", 2, "--format webp and the extension of OUT"),
        ("cutout photos -o a-%d.png --ray local", 2, "--ray does not apply to OUT 'a-%d.png'"),
        ("cutout photos -o photos/a-%d.png", 2, "is the folder IN itself"),
        ("cutout photo.jpg -o a-%d.png --frames all --existing skip", 2, "'skip' does not apply"),
        ("portrait cat.gif cat.jpg --frames all", 2, "or number the frames, as in -o out-%03d.png"),
        ("portrait cat-1.gif -o cat-%d.gif --frames all", 2, "GIF holds 256 colours"),
    ],
)
def test_mistakes_write_nothing(
    arguments: str, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("photos").mkdir()
    shutil.copy("photo.jpg", "photos")
    frames_file("cat.gif")
    before = names("**/*")
    assert main(arguments.split()) == code
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""
    assert output.err.count("defocus: error: ") == 1
    assert names("**/*") == before


# --- OUT with a field -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("out", "third"),
    [
        ("out-%d.png", "out-3.png"),
        ("a/%03d.png", "a/003.png"),
        ("50%%-%02d.png", "50%-03.png"),
        ("a%20b-%01d.jpg", "a%20b-3.jpg"),
    ],
)
def test_fields_count_as_those_of_ffmpeg(out: str, third: str) -> None:
    name = numbers.parse(out)
    assert isinstance(name, numbers.NumberedName)
    assert name.of(3) == third
    assert name.of(12345).count("12345") == 1


def test_names_without_a_field() -> None:
    for out in ("a%20sunset.png", "50%.png", "%D0%BF.png", "a%%b.png", "out-%03d/a.png"):
        assert numbers.parse(out) == out.replace("%%", "%")
    for out in ("%s.png", "%3d.png", "%05i.png", "%d%d.png", "%d-%s.png", "%0d.png", "%x.png"):
        with pytest.raises(OptionError):
            numbers.parse(out)


def test_several_images_are_numbered_in_order() -> None:
    with Image.open("photo.png") as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save("other.png")
    small = ["-q", "--model", "u2netp"]
    done = run("cutout", "photo.png", "other.png", "-o", "new/cut-%02d.png", *small)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert names("new/*") == {"new/cut-01.png", "new/cut-02.png"}
    assert main(["cutout", "other.png", "o.png", *small]) == 0
    assert Path("new/cut-02.png").read_bytes() == Path("o.png").read_bytes()
    again = ["cutout", "photo.png", "other.png", "-o", "new/cut-%02d.png", *small]
    assert main(again) == 1
    assert main([*again, "--existing", "skip"]) == 0


def test_one_image_has_the_number_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portrait", "photo.jpg", "-o", "out-%03d.jpg", *MINE[:2]]) == 0
    assert capsys.readouterr().out == "out-001.jpg\n"
    assert main(["portrait", "photo.jpg", "-o", "out-%03d.jpg", *MINE]) == 1


def test_every_frame_gets_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    frames_file("cat.gif")
    expected = [defocus.cutout(frame) for frame in defocus.each_frame("cat.gif")]
    call = ["cutout", "cat.gif", "-o", "cat-%03d.png", "--frames", "all", "--compression", "fast"]
    assert main(call) == 0
    files = [f"cat-{number:03}.png" for number in (1, 2, 3)]
    assert capsys.readouterr().out.splitlines() == files
    assert names("cat-*") == {*files}
    for file, picture in zip(files, expected, strict=True):
        with Image.open(file) as image:
            assert np.array_equal(np.asarray(image), np.asarray(picture))
    assert main(call) == 1
    assert "'cat-001.png', 'cat-002.png'" in capsys.readouterr().err
    assert main([*call, "--existing", "overwrite", "-q"]) == 0


def test_frames_from_standard_input() -> None:
    frames_file("cat.gif")
    with Path("cat.gif").open("rb") as file:
        done = run(
            *("portrait", "-", "-o", "c-%d.jpg", "--frames", "all", "--model", "u2netp"), stdin=file
        )
    assert done.returncode == 0
    assert done.stdout.split() == [b"c-1.jpg", b"c-2.jpg", b"c-3.jpg"]


def test_frames_do_not_replace_their_source(capsys: pytest.CaptureFixture[str]) -> None:
    frames_file("cat-2.png")
    before = Path("cat-2.png").read_bytes()
    call = ["cutout", "cat-2.png", "-o", "cat-%d.png", "--frames", "all"]
    assert main([*call, "--existing", "overwrite"]) == 2
    assert "OUT 'cat-2.png' is the input 'cat-2.png'" in capsys.readouterr().err
    assert Path("cat-2.png").read_bytes() == before


def test_frames_without_a_subject_leave_no_file() -> None:
    grey = [Image.new("RGB", (64, 48), (shade,) * 3) for shade in (90, 91)]
    grey[0].save("grey.gif", save_all=True, append_images=grey[1:])
    assert main(["portrait", "grey.gif", "-o", "g-%d.png", "--frames", "all", "-q"]) == 3
    assert names("g-*") == set()


# --- raw frames -----------------------------------------------------------------------------------


def test_raw_frames_are_written_to_files(capsys: pytest.CaptureFixture[str]) -> None:
    image, _ = person(90, 120)
    raw = image.tobytes() * 2
    command = [sys.executable, "-m", "defocus", "frames", "--size", "120x90", "--sigma", "3", "-q"]
    piped = subprocess.run(command, input=raw, capture_output=True, timeout=120)
    done = subprocess.run([*command, "-o", "f-%d.png"], input=raw, capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert names("f-*") == {"f-1.png", "f-2.png"}
    written = b""
    for number in (1, 2):
        with Image.open(f"f-{number}.png") as frame:
            written += frame.tobytes()
    assert written == piped.stdout
    again = subprocess.run(
        [*command, "-o", "f-%d.png"], input=raw, capture_output=True, timeout=120
    )
    assert again.returncode == 1
    for out, code, message in (
        ("f.png", 2, "OUT 'f.png' has no field for the number of a frame"),
        ("g-%d.jpg", 2, "JPEG cannot hold transparent pixels"),
        ("none/g-%d.png", 1, "the folder 'none' does not exist"),
    ):
        assert main(["frames", "--size", "120x90", "--cutout", "-o", out]) == code
        assert message in capsys.readouterr().err
    assert main(["frames", "--size", "120x90", "--existing", "overwrite"]) == 2
    assert "name them with -o" in capsys.readouterr().err


LONG = "a" * 300


@pytest.mark.parametrize(
    "arguments",
    [[f"{LONG}.jpg"], ["photo.jpg", "-o", f"{LONG}.png"], ["photo.jpg", "-o", f"{LONG}/%d.png"]],
)
def test_a_name_that_is_too_long_is_no_fault_of_the_program(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cutout", *arguments, *MINE]) in (1, 2)
    assert "OSError" not in capsys.readouterr().err
    assert not names("*.png") - {"matte.png", "photo.png"}
