"""The command for many images: results, messages and names."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import defocus
from batch_command import SMALL, records, results, run
from defocus.batch import job
from defocus.cli.arguments import parse
from defocus.cli.command import main
from defocus.cli.recipe import checked
from defocus.errors import NoSubjectError
from pictures import empty_scene, photographs


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
    assert lines[3] == "defocus: 1 error:"
    assert "'in/torn.jpg' " in lines[4]
    assert lines[5].startswith("defocus: 2 done, 1 failed, in 0:0")
    assert lines[5].endswith("; 1 other file ignored (.txt 1)")
    assert "\x1b" not in err


def test_json_has_a_record_for_each_image(capfd: pytest.CaptureFixture[str]) -> None:
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


def test_warnings_name_their_image(capfd: pytest.CaptureFixture[str]) -> None:
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


def test_quality_is_for_the_formats_that_have_one() -> None:
    photographs(Path("in"), ["a.jpg", "b.png"])
    arguments = ["portrait", "in", *SMALL, "-o"]
    assert main([*arguments, "low", "--quality", "30"]) == 0
    assert main([*arguments, "usual"]) == 0
    low, usual = (Path(out, "a.jpg").stat().st_size for out in ("low", "usual"))
    assert low < usual
    assert Path("low/b.png").read_bytes() == Path("usual/b.png").read_bytes()


def test_o_with_a_file_is_for_one_image(capsys: pytest.CaptureFixture[str]) -> None:
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
    rows, summary = records(again.stdout.decode())
    there = {os.fsencode(row["in"]) for row in rows if row["status"] == "exists"}
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


def test_a_recipe_can_be_pickled() -> None:
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
