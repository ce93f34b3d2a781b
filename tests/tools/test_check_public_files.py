"""tools/check_public_files.py: problems with pictures from anywhere are found and reported."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]

# A child that does what a file's name says.
FAKE = """
import json, os, sys, time
for line in sys.stdin:
    name = os.path.basename(json.loads(line)["path"])
    if "hang" in name:
        time.sleep(1000)
    if "crash" in name:
        print(json.dumps({"begins": "the command"}), flush=True)
        os.abort()
    if "large" in name:
        kept = bytearray(400_000_000)
        time.sleep(1000)
    print(json.dumps({"outcome": "read", "message": "", "findings": []}), flush=True)
"""


@pytest.fixture(scope="module")
def tool() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        yield importlib.import_module("tools.check_public_files")


@pytest.fixture(scope="module")
def reference(tool: Any) -> Any:
    return importlib.import_module("tools.public_reference")


def picture() -> Image.Image:
    rng = np.random.default_rng(2)
    return Image.fromarray(rng.integers(0, 256, (24, 40, 3), np.uint8))


def reports(path: Path) -> dict[str, Any]:
    lines = map(json.loads, path.read_text().splitlines())
    return {Path(report["path"]).name: report for report in lines}


def test_pictures_are_compared_and_refusals_counted(
    tool: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().save(folder / "turned.jpg", exif=exif)
    picture().convert("CMYK").save(folder / "inks.tif")
    picture().convert("P").save(folder / "palette.gif")
    (folder / "text.png").write_text("no picture")
    (folder / "notes.txt").write_text("not looked at")
    code = tool.main([str(folder), "--json", str(tmp_path / "out.json"), "--jobs", "1"])
    found = reports(tmp_path / "out.json")
    outcomes = {name: report["outcome"] for name, report in found.items()}
    assert outcomes == {
        "inks.tif": "read",
        "palette.gif": "read",
        "text.png": "refused",
        "turned.jpg": "read",
    }
    assert not any(report["findings"] for report in found.values())
    assert code == 0
    head, row, _ = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["files", "read", "refused"]
    assert row.split()[:4] == ["photos", "4", "3", "1"]


def test_what_hangs_crashes_or_grows_is_ended_and_the_rest_goes_on(
    tool: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "crash", "hang", "large", "z"):
        (tmp_path / f"{name}.png").touch()
    words = [str(tmp_path), "--seconds", "3", "--memory", "300", "--json", str(tmp_path / "j")]
    assert tool.main(words, worker=[sys.executable, "-c", FAKE]) == 1
    outcomes = {name: report["outcome"] for name, report in reports(tmp_path / "j").items()}
    memory = "memory" if Path("/proc/self/statm").exists() else "hang"
    assert outcomes == {
        "a.png": "read",
        "crash.png": "crash",
        "hang.png": "hang",
        "large.png": memory,
        "z.png": "read",
    }
    output = capsys.readouterr().out
    assert "crash.png\tcrash\tin the command" in output
    assert "a.png" not in output


def test_a_folder_without_pictures_is_wrong_usage(tool: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        tool.main([str(tmp_path)])


def changed(image: Image.Image, how: str) -> Image.Image:
    if how == "turned":
        return image.transpose(Image.Transpose.ROTATE_90)
    if how == "mirrored":
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if how == "larger":
        return image.resize((41, 24))
    pixels = np.asarray(image)
    return Image.fromarray(pixels[..., ::-1] if how == "swapped" else pixels)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("as it is", None),
        ("turned", "orientation"),
        ("mirrored", "orientation"),
        ("larger", "size"),
        ("swapped", "colour"),
    ],
)
def test_deviations_have_a_kind(reference: Any, tmp_path: Path, how: str, kind: str | None) -> None:
    source, result = tmp_path / "in.png", tmp_path / "out.png"
    picture().save(source)
    changed(picture(), how).save(result)
    wanted = reference.expected(str(source))
    found = list(reference.deviations(result, wanted, pixels=True))
    assert [name for name, _ in found] == ([] if kind is None else [kind])


def test_a_bug_is_not_a_refusal(tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = importlib.import_module("tools.public_worker")
    picture().save(tmp_path / "a.png")

    def broken(words: list[str]) -> int:
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr("defocus.cli.command.main", broken)
    report = worker.look(str(tmp_path / "a.png"), "portrait", None, tmp_path)
    assert report["outcome"] == "internal"
    assert "ZeroDivisionError: by accident" in report["message"]


def test_messages_that_repeat_themselves_are_found(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = importlib.import_module("tools.public_worker")
    picture().save(tmp_path / "a.png")

    def chatty(words: list[str]) -> int:
        print("defocus: warning: odd\n" * 3, file=sys.stderr)
        return 1

    monkeypatch.setattr("defocus.cli.command.main", chatty)
    report = worker.look(str(tmp_path / "a.png"), "portrait", None, tmp_path)
    assert report["outcome"] == "refused"
    assert [kind for kind, _ in report["findings"]] == ["repeated", "read by another"]


def test_a_picture_that_is_not_turned_is_found_though_the_matte_is_refused(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = importlib.import_module("tools.public_worker")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().save(tmp_path / "a.jpg", exif=exif)
    monkeypatch.setattr("defocus.io.metadata.exif.take_orientation", lambda block: 1)
    report = worker.look(str(tmp_path / "a.jpg"), "portrait", None, tmp_path)
    assert [kind for kind, _ in report["findings"]] == ["orientation", "read by another"]
