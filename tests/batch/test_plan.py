"""Which picture becomes which file: what is found, and every way to lose one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from defocus.batch.plan import Job, Plan, plan
from defocus.errors import OptionError, OutputError, UnsupportedFormatError
from defocus.io import decode, extensions, formats


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


JPEGS = ["in/a.jpg", "in/x/c.jpg", "in/x/z/d.jpg", "in/y/c.jpg"]


def files(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"x")


def pairs(made: Plan) -> list[tuple[str, str]]:
    return [(job.source, job.target) for job in made.jobs]


def sources(*inputs: str, out: str = "out") -> list[str]:
    return [job.source for job in plan(inputs, out, existing="overwrite").jobs]


# --- what is found --------------------------------------------------------------------------------


def test_a_folder_is_mirrored() -> None:
    files("in/b.jpg", "in/a.JPEG", "in/sub/deep/c.webp", "in/notes.txt", "in/README")
    made = plan(["in"], "out")
    assert pairs(made) == [
        ("in/a.JPEG", "out/a.JPEG"),
        ("in/b.jpg", "out/b.jpg"),
        ("in/sub/deep/c.webp", "out/sub/deep/c.webp"),
    ]
    assert made.inputs.others == {".txt": 1, "no extension": 1}


def test_files_lie_directly_in_out_whatever_they_are_called() -> None:
    files("x/a.jpg", "y/.hidden.png", "y/notes.txt")
    named = ["x/a.jpg", "y/.hidden.png", "y/notes.txt", "missing.jpg"]
    targets = ["out/a.jpg", "out/.hidden.png", "out/notes.png", "out/missing.jpg"]
    assert pairs(plan(named, "out")) == list(zip(named, targets, strict=True))


def test_hidden_files_links_to_folders_and_loops_are_left_alone() -> None:
    files("in/a.jpg", "in/._a.jpg", "in/.cache/b.jpg", "elsewhere/c.jpg")
    Path("in/loop").symlink_to("../in", target_is_directory=True)
    Path("in/far").symlink_to("../elsewhere", target_is_directory=True)
    Path("in/link.jpg").symlink_to("../elsewhere/c.jpg")
    made = plan(["in"], "out")
    assert [job.source for job in made.jobs] == ["in/a.jpg", "in/link.jpg"]
    assert made.inputs.links == 2
    assert sources("in/far") == ["in/far/c.jpg"], "a link that is named itself is meant"


def test_what_only_looks_like_a_picture_is_for_the_reader_to_refuse() -> None:
    files("in/folder.jpg/a.png")
    os.mkfifo("in/pipe.jpg")
    Path("in/dangling.jpg").symlink_to("nowhere")
    assert sources("in") == ["in/dangling.jpg", "in/pipe.jpg", "in/folder.jpg/a.png"]


WRITTEN = {".dib without a file header": "DIB", ".mpo": "MPO"}  # by Pillow's names


@pytest.mark.parametrize("suffix", [*sorted(extensions.SUFFIXES), ".dib without a file header"])
def test_what_a_folder_takes_is_read(suffix: str) -> None:
    """Every extension, in capital letters, too: with a file as programs write it."""
    form = next((form for form, known in extensions.READ.items() if suffix in known), "")
    pixels = np.zeros((8, 12, 3), np.uint8)
    pixels[2:6, 3:9] = 200
    image = Image.fromarray(pixels)
    path = Path("in", f"A{suffix.partition(' ')[0].upper()}")
    path.parent.mkdir()
    if form == "HEIF":
        pytest.importorskip("pillow_heif").from_pillow(image).save(path, format="HEIF")
    elif form == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow knows no AVIF")
    else:
        image.save(path, WRITTEN.get(suffix, form))
    (job,) = plan(["in"], "out").jobs
    assert job.source == str(path)
    assert decode.read(job.source).size == (12, 8)


def test_extensions_are_those_that_pillow_knows_for_the_format() -> None:
    Image.init()
    known = Image.registered_extensions()
    for form, suffixes in extensions.READ.items():
        for suffix in suffixes:
            assert known.get(suffix, form) in {form, "MPO", "DIB"}, suffix


def test_what_is_written_is_read() -> None:
    written = {suffix for form in formats.FORMATS.values() for suffix in form.extensions}
    assert written | set(formats.ANIMATIONS) <= extensions.SUFFIXES


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/*.jpg", {"in/a.jpg": "a.jpg"}),
        ("in/[ab].*", {"in/a.jpg": "a.jpg", "in/b.png": "b.png"}),
        ("in/*/c.jpg", {"in/x/c.jpg": "x/c.jpg", "in/y/c.jpg": "y/c.jpg"}),
        ("in/**/*.jpg", dict.fromkeys(JPEGS)),
        ("in/**", dict.fromkeys([*JPEGS, "in/b.png"])),
        ("**/z/*", {"in/x/z/d.jpg": "in/x/z/d.jpg"}),
        ("in/x*", {"in/x/c.jpg": "x/c.jpg", "in/x/z/d.jpg": "x/z/d.jpg"}),
        ("./in/?.png", {"./in/b.png": "b.png"}),
        ("in/*/../a.jpg", {"in/x/../a.jpg": "a.jpg"}),
        ("in/*.gif", {}),
    ],
)
def test_patterns(pattern: str, expected: dict[str, str | None]) -> None:
    files("in/a.jpg", "in/b.png", "in/x/c.jpg", "in/x/z/d.jpg", "in/y/c.jpg", "in/.h/e.jpg")
    files("in/notes.txt")
    made = plan([pattern], "out")
    assert sorted(job.source for job in made.jobs) == sorted(expected)
    for job in made.jobs:
        place = expected[job.source] or job.source.removeprefix("in/")
        assert job.target == f"out/{place}"
    assert made.inputs.unmatched == ([] if expected else [pattern])


def test_a_name_that_looks_like_a_pattern_is_a_name() -> None:
    files("a[1].jpg", "a1.jpg")
    assert sources("a[1].jpg") == ["a[1].jpg"]
    assert sources("http://host/a.jpg?size=*") == ["http://host/a.jpg?size=*"]


def test_nothing_is_found_twice() -> None:
    files("in/a.jpg", "in/sub/b.jpg")
    assert sources("in", "in/a.jpg", "./in/../in/sub", "in/**/*.jpg") == [
        "in/a.jpg",
        "in/sub/b.jpg",
    ]


def test_out_is_never_an_input() -> None:
    files("in/a.jpg", "in/out/a.jpg", "in/out/sub/b.jpg", "out/c.jpg")
    assert sources("in", out="in/out") == ["in/a.jpg"]
    assert sources("in/**/*.jpg", out="in/out") == ["in/a.jpg"]
    assert sources("in/*", out="in/out/../out") == ["in/a.jpg"]
    assert sources("out", out="in/out") == ["out/c.jpg"]
    Path("in/again").symlink_to("out", target_is_directory=True)
    assert sources("in/again*", out="in/out") == []
    for name in ("in", "./in/", "in/out/.."):
        with pytest.raises(OptionError, match="is the folder IN itself"):
            plan([name], "in")


def test_names_of_any_bytes() -> None:
    name = os.fsdecode(b"in/new\nline \xff.jpg")
    files(name)
    assert pairs(plan(["in"], "out")) == [(name, "out/" + name.removeprefix("in/"))]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may list any folder")
def test_a_folder_that_cannot_be_listed_is_told() -> None:
    files("in/shut/a.jpg", "in/b.jpg")
    Path("in/shut").chmod(0)
    made = plan(["in"], "out")
    Path("in/shut").chmod(0o700)
    assert made.inputs.unreadable == [("in/shut", "Permission denied")]
    assert len(made.jobs) == 1


# --- formats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "command", "form", "target"),
    [
        ("a.jpg", "portrait", None, "a.jpg"),
        ("a.TIF", "portrait", None, "a.TIF"),
        ("a.heic", "portrait", None, "a.heic"),
        ("a.mpo", "portrait", None, "a.jpg"),
        ("a.gif", "portrait", None, "a.png"),
        ("a", "portrait", None, "a.png"),
        ("a.b.jpg", "portrait", "webp", "a.b.webp"),
        ("a.JPG", "portrait", "jpeg", "a.JPG"),
        ("a.png", "portrait", "JPEG", "a.jpg"),
        ("a.jpg", "cutout", None, "a.png"),
        ("a.PNG", "cutout", None, "a.PNG"),
        ("a.webp", "cutout", "webp", "a.webp"),
        ("a.webp", "mask", None, "a.png"),
    ],
)
def test_formats(source: str, command: Any, form: str | None, target: str) -> None:
    assert plan([source], "out", command=command, format=form).jobs == [
        Job(source, f"out/{target}")
    ]


def test_unknown_words() -> None:
    with pytest.raises(
        UnsupportedFormatError, match="format='gif' is unknown; expected one of jpeg"
    ):
        plan(["a.jpg"], "out", format="gif")
    with pytest.raises(OptionError, match="existing='replace' is unknown; expected one of skip"):
        plan(["a.jpg"], "out", existing="replace")  # type: ignore[arg-type]
    with pytest.raises(
        OptionError, match="same_name='x' is unknown; expected one of error, rename"
    ):
        plan(["a.jpg"], "out", same_name="x")  # type: ignore[arg-type]


# --- two results of one name ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "targets"),
    [
        (["in/a.jpg", "in/a.gif", "in/b.jpg"], ["a.gif.png", "a.jpg.png", "b.png"]),
        (["in/A.png", "in/a.jpg"], ["A.png.png", "a.jpg.png"]),
        (["in/a.jpg", "in/a.gif", "in/a.gif.jpg"], ["a.gif.png", "in-a.gif.jpg.png", "a.jpg.png"]),
        (["in/\u00e9.png", "in/e\u0301.gif"], ["e\u0301.gif.png", "\u00e9.png.png"]),
    ],
)
def test_results_that_would_meet(names: list[str], targets: list[str]) -> None:
    files(*names)
    with pytest.raises(OptionError, match=r"2 pictures would share results: '.*--same-name rename"):
        plan(["in"], "out", command="cutout")
    made = plan(["in"], "out", command="cutout", same_name="rename")
    shown = [job.target.removeprefix("out/") for job in made.jobs]
    if len(names) < 3 or "in/b.jpg" in names:
        assert shown == targets
    assert len({name.casefold() for name in shown}) == len(names)


def test_names_that_differ_in_case_only_are_numbered() -> None:
    files("in/x.jpg", "in/X.jpg")
    made = plan(["in"], "out", same_name="rename")
    assert len({job.target.casefold() for job in made.jobs}) == 2


def test_names_that_meet_depend_on_their_own_paths_only() -> None:
    files("x/a.jpg", "y/a.jpg", "z/y/a.jpg", "w/a.jpg")
    first = plan(["x/a.jpg", "y/a.jpg"], "out", same_name="rename")
    assert [Path(job.target).name for job in first.jobs] == ["x-a.jpg", "y-a.jpg"]
    more = plan(["w/a.jpg", "x/a.jpg", "y/a.jpg"], "out", same_name="rename")
    assert [Path(job.target).name for job in more.jobs][1:] == ["x-a.jpg", "y-a.jpg"]
    deep = plan(["y/a.jpg", "z/y/a.jpg"], "out", same_name="rename")
    assert [Path(job.target).name for job in deep.jobs][1] == "z-y-a.jpg"


# --- what is there already ------------------------------------------------------------------------


def test_existing_results() -> None:
    files("in/a.jpg", "in/b.jpg", "in/c.jpg", "in/d.jpg", "out/a.jpg", "out/b.jpg")
    Path("out/c.jpg").write_bytes(b"")
    Path("out/d.jpg").mkdir()
    Path("out/.defocus-0123456789abcdef").write_bytes(b"half")
    os.utime("out/b.jpg", (1, 1))

    def done(existing: str) -> tuple[list[str], list[str], int]:
        made = plan(["in"], "out", existing=existing)  # type: ignore[arg-type]
        return (
            [job.target for job in made.jobs],
            [job.target for job in made.done],
            made.stale,
        )

    rest = ["out/c.jpg", "out/d.jpg"]
    assert done("skip") == (rest, ["out/a.jpg", "out/b.jpg"], 1)
    assert done("update") == (["out/b.jpg", *rest], ["out/a.jpg"], 0)
    assert done("overwrite") == (["out/a.jpg", "out/b.jpg", *rest], [], 0)
    assert done("rename") == (["out/a-2.jpg", "out/b-2.jpg", *rest], [], 0)
    with pytest.raises(
        OutputError, match=r"'out/a.jpg', 'out/b.jpg' exist already; .* --existing overwrite"
    ):
        done("error")


def test_a_renamed_result_takes_no_name_of_another() -> None:
    files("in/a.jpg", "in/a-2.jpg", "out/a.jpg", "out/A-3.jpg")
    made = plan(["in"], "out", existing="rename")
    assert [job.target for job in made.jobs] == ["out/a-2.jpg", "out/a-3.jpg"]


@pytest.mark.parametrize("existing", ["skip", "update", "overwrite", "error"])
def test_an_original_is_never_a_result(existing: str) -> None:
    files("a.jpg", "b.png", "b.jpg", "sub/a.jpg")
    for names, out in ((["a.jpg"], "."), (["b.png", "b.jpg"], "."), (["a.jpg"], "sub/..")):
        command = "portrait" if len(names) == 1 else "cutout"
        with pytest.raises(OptionError, match=r"would lie in place of the picture|share results"):
            plan(names, out, command=command, existing=existing)  # type: ignore[arg-type]
    Path("hard").mkdir()
    Path("hard/a.jpg").hardlink_to("a.jpg")
    with pytest.raises(OptionError, match=r"'hard/a\.jpg' would lie in place of the picture"):
        plan(["a.jpg"], "hard", existing=existing)  # type: ignore[arg-type]


def test_renamed_results_beside_the_originals() -> None:
    files("a.jpg")
    assert pairs(plan(["a.jpg"], ".", existing="rename")) == [("a.jpg", "./a-2.jpg")]
