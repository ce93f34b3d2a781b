"""Boxes, points and strokes through the public functions; the network finds what is bright."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus import OptionError, OptionTypeError
from defocus.errors import ImageValueError
from defocus.subject.cells import Cells
from tiny_network import tiny_network


@pytest.fixture(scope="module")
def bright(tmp_path_factory: pytest.TempPathFactory) -> defocus.Segmenter:
    path = tmp_path_factory.mktemp("network") / "bright.onnx"
    path.write_bytes(tiny_network())
    return defocus.Segmenter(defocus.ModelSpec(file=path), threads=1)


def photo() -> Any:
    """A white disc and a dark red square on dark green."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[:240, :320]
    pixels = np.full((240, 320, 3), (20, 50, 25), np.int16)
    pixels[np.hypot(y - 120, x - 90) < 60] = (250, 250, 250)
    pixels[80:160, 220:300] = (90, 15, 15)
    return np.clip(pixels + rng.integers(-5, 6, pixels.shape), 0, 255).astype(np.uint8)


def square() -> Any:
    found = np.zeros((240, 320), np.bool_)
    found[80:160, 220:300] = True
    return found


BOX = (215, 75, 305, 165)


def iou(found: Any, true: Any) -> float:
    return float((found & true).sum() / (found | true).sum())


def png(image: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_a_box_a_point_and_a_stroke_find_the_square(bright: defocus.Segmenter) -> None:
    plain = defocus.find_subject(photo(), segmenter=bright)
    assert not (plain.matte[square()] > 0.5).any()
    boxed = defocus.find_subject(photo(), box=BOX, segmenter=bright)
    assert iou(boxed.matte >= 0.5, square()) > 0.95
    assert boxed.components
    points = [(260, 120, True), (90, 120, False)]
    pointed = defocus.find_subject(photo(), points=points, segmenter=bright)
    assert iou(pointed.matte >= 0.5, square()) > 0.95
    keep, remove = np.zeros((240, 320), np.bool_), np.zeros((240, 320), np.bool_)
    keep[118:122, 240:280] = True
    remove[118:122, 60:120] = True
    stroked = defocus.find_subject(photo(), keep=keep, remove=remove, segmenter=bright)
    assert iou(stroked.matte >= 0.5, square()) > 0.95


def test_a_point_holds_at_its_own_pixel(bright: defocus.Segmenter) -> None:
    rng = np.random.default_rng(8)
    rough = rng.integers(0, 256, (120, 160, 3), np.uint8)
    first = defocus.find_subject(rough, keep=np.ones((120, 160), np.bool_), segmenter=bright)
    rest = defocus.find_subject(rough, remove=np.ones((120, 160), np.bool_), segmenter=bright)
    for keep, start in ((False, first), (True, rest)):
        for x, y in ((20, 30), (80, 60), (140, 100)):
            points = [(x, y, keep)]
            found = defocus.find_subject(rough, start=start, points=points, segmenter=bright)
            assert (found.matte[y, x] >= 0.5) == keep


def test_a_later_stroke_starts_from_the_subject_without_a_network(
    bright: defocus.Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = defocus.find_subject(photo(), points=[(260, 120, True)], segmenter=bright)
    plain = defocus.find_subject(photo(), segmenter=bright)
    both = defocus.find_subject(
        photo(), points=[(260, 120, True), (90, 120, False)], segmenter=bright
    )

    def refused(*_: Any) -> Any:
        raise AssertionError("the network ran")

    monkeypatch.setattr(defocus.Segmenter, "mask", refused)
    then = defocus.find_subject(photo(), start=first, points=[(90, 120, False)], segmenter=bright)
    assert np.array_equal(then.matte, both.matte)
    assert first.matte[120, 90] > 0.5  # the first is as it was
    fresh = defocus.find_subject(photo(), start=plain, points=[(260, 120, True)], segmenter=bright)
    assert np.array_equal(fresh.matte, first.matte)
    same = defocus.find_subject(photo(), start=plain, segmenter=bright)
    assert np.array_equal(same.matte, plain.matte)


@pytest.mark.parametrize("effort", ["fast", "good", "best"])
def test_every_source_effort_and_function(bright: defocus.Segmenter, effort: Any) -> None:
    deep = photo().astype(np.uint16) * 257
    alpha = np.dstack([photo(), np.full((240, 320), 255, np.uint8)])
    sources = [png(photo()), deep, Image.fromarray(alpha), Image.fromarray(photo())]
    for source in sources:
        matte = defocus.cutout(source, box=BOX, matte_only=True, effort=effort, segmenter=bright)
        values = np.asarray(matte, np.float64) / np.asarray(matte).max()
        assert iou(values >= 0.5, square()) > 0.9
        blurred = defocus.portrait(source, box=BOX, sigma=4, effort=effort, segmenter=bright)
        assert np.asarray(blurred).shape[:2] == (240, 320)
    keep = png(square().astype(np.uint8) * 255)
    kept = defocus.cutout(photo(), keep=keep, matte_only=True, effort=effort, segmenter=bright)
    assert (kept[square()] > 127).mean() > 0.98


def test_maps_of_many_images_take_marks(bright: defocus.Segmenter) -> None:
    options: dict[str, Any] = {"box": BOX, "segmenter": bright, "sigma": 3}
    (result,) = defocus.map([photo()], defocus.portrait, **options)
    assert np.array_equal(result.unwrap(), defocus.portrait(photo(), **options))


@pytest.mark.parametrize(
    ("marks", "error"),
    [
        ({"box": (10, 10, 10, 20)}, OptionError),
        ({"box": (400, 10, 500, 20)}, OptionError),
        ({"box": "10,10,20,20"}, OptionTypeError),
        ({"box": (1, 2, 3)}, OptionTypeError),
        ({"box": (0, 0, float("nan"), 5)}, OptionError),
        ({"points": [(1, 2)]}, OptionTypeError),
        ({"points": [(1, 2, "keep")]}, OptionTypeError),
        ({"points": [(500, 2, True)]}, OptionError),
        ({"points": [(5, 2, True), (5.5, 2.1, False)]}, OptionError),
        ({"points": 5}, OptionTypeError),
        ({"keep": np.zeros((5, 5), np.bool_)}, ImageValueError),
        ({"keep": np.full((240, 320), 2.0)}, ImageValueError),
        ({"keep": np.ones((240, 320), np.bool_), "remove": np.ones((240, 320))}, OptionError),
        ({"keep": np.ones((240, 320), np.bool_), "points": [(3, 4, False)]}, OptionError),
        ({"box": BOX, "select": "largest"}, OptionError),
        ({"start": 5}, OptionTypeError),
    ],
)
def test_bad_marks_are_refused(bright: defocus.Segmenter, marks: Any, error: Any) -> None:
    with pytest.raises(error):
        defocus.find_subject(photo(), segmenter=bright, **marks)


@pytest.mark.parametrize("name", ["keep", "remove"])
def test_a_bad_stroke_is_called_by_its_name(bright: defocus.Segmenter, name: str) -> None:
    bad: Any = {name: np.full((240, 320), np.nan)}
    with pytest.raises(ImageValueError, match=f"^{name} "):
        defocus.find_subject(photo(), segmenter=bright, **bad)
    with pytest.raises(ImageValueError, match=f"^{name} "):
        list(defocus.map([photo()], defocus.cutout, segmenter=bright, **bad))
    with pytest.raises(ImageValueError, match=f"^{name} "):
        defocus.Recipe(command="mask", options={}, finding=bad, segmenter=bright)


@pytest.mark.parametrize("side", [2, 6])
def test_a_box_too_small_for_a_matte_has_no_subject(bright: defocus.Segmenter, side: int) -> None:
    tiny = (20, 30, 20 + side, 30 + side)
    found = defocus.find_subject(photo(), box=tiny, segmenter=bright)
    assert not found.found
    assert found.warnings
    with pytest.raises(defocus.NoSubjectError):
        defocus.cutout(photo(), box=tiny, segmenter=bright)


def test_the_mark_with_more_pixels_of_a_cell_counts(bright: defocus.Segmenter) -> None:
    large = np.repeat(np.repeat(photo(), 5, axis=0), 5, axis=1)  # several pixels a cell
    side = Cells(large).side
    assert side > 1
    keep, remove = (np.zeros(large.shape[:2], np.bool_) for _ in range(2))
    keep[: 60 * side, : 60 * side] = True  # of the cell at its lower right corner, all but a pixel
    keep[60 * side - 1, 60 * side - 1] = False
    remove[60 * side - 1, 60 * side - 1] = True

    def cells(kept: Any, removed: Any) -> Any:
        marked = defocus.find_subject(large, keep=kept, remove=removed, segmenter=bright)
        assert marked.editing is not None
        return marked.editing.seeds

    one = cells(keep, remove)
    assert one.keep[59, 59]
    assert not one.remove[59, 59]
    other = cells(remove, keep)
    assert other.remove[59, 59]
    assert not other.keep[59, 59]


def test_a_subject_of_another_image_is_refused(bright: defocus.Segmenter) -> None:
    start = defocus.find_subject(photo(), segmenter=bright)
    for other in (photo()[:-1], photo()[::-1]):
        with pytest.raises(ImageValueError):
            defocus.find_subject(other, start=start, segmenter=bright)


def test_marks_contradict_a_matte(bright: defocus.Segmenter) -> None:
    with pytest.raises(OptionError):
        defocus.portrait(photo(), matte=square(), box=BOX)
    with pytest.raises(OptionError):
        defocus.cutout(photo(), subject=defocus.find_subject(photo(), segmenter=bright), box=BOX)


def test_marks_that_remove_everything_leave_no_subject(bright: defocus.Segmenter) -> None:
    everything = np.ones((240, 320), np.bool_)
    assert not defocus.find_subject(photo(), remove=everything, segmenter=bright).found
    with pytest.raises(defocus.NoSubjectError):
        defocus.portrait(photo(), remove=everything, segmenter=bright)


def test_the_command_takes_a_box_and_strokes(
    bright: defocus.Segmenter, tmp_path: Path, capfd: Any
) -> None:
    from defocus.cli.command import main

    source, stroke, out = (tmp_path / name for name in ("in.png", "stroke.png", "out.png"))
    source.write_bytes(png(photo()))
    stroke.write_bytes(png(square().astype(np.uint8) * 255))
    for marks in (["--box", "215,75,305,165"], ["--keep", str(stroke)]):
        out.unlink(missing_ok=True)
        assert main(["mask", str(source), str(out), *marks]) == 0, capfd.readouterr()
        found = np.asarray(Image.open(out)) > 127
        assert found[square()].mean() > 0.9
    assert main(["mask", str(source), str(out), "--box", "1,2,3"]) == 2
    out.unlink()
    assert main(["mask", str(source), str(out), "--box", "-5,-5,310,235"]) == 0
    out.unlink()
    stroke.write_bytes(b"no picture")
    assert main(["mask", str(source), str(out), "--keep", str(stroke)]) != 0
    assert "matte" not in capfd.readouterr().err


def test_marks_are_never_ignored(bright: defocus.Segmenter, tmp_path: Path) -> None:
    frames = [photo(), photo()]
    for marks in ({"box": BOX}, {"points": [(1, 1, True)]}, {"keep": square()}):
        options: dict[str, Any] = {"segmenter": bright, **marks}
        with pytest.raises(OptionError):
            list(defocus.video(frames, defocus.cutout, **options))
    with pytest.raises(OptionTypeError):  # it could be read only once
        defocus.cutout(photo(), points=iter([(260, 120, True)]), segmenter=bright)  # type: ignore[call-overload]
    with pytest.raises(OptionError):  # a mask of 0 and 1 is not of half strength
        defocus.cutout(photo(), keep=square().astype(np.uint8), segmenter=bright)
    with pytest.raises(OptionError):
        defocus.cutout(photo(), box=BOX, points=[(5, 5, True)], segmenter=bright)
    file = io.BytesIO(png(square().astype(np.uint8) * 255))
    results = defocus.map([photo(), photo()], defocus.cutout, keep=file, segmenter=bright)
    one, other = (result.unwrap() for result in results)
    assert np.array_equal(one, other)
    recipe = defocus.Recipe(command="mask", options={}, finding={"box": BOX}, segmenter=bright)
    from defocus.batch import job

    assert iou(np.asarray(job.make(photo(), recipe).picture) > 127, square()) > 0.95
    cut = defocus.Recipe(command="cutout", options={"matte": None, "box": BOX}, segmenter=bright)
    alpha = np.asarray(job.make(photo(), cut).picture)[..., 3]
    assert iou(alpha > 127, square()) > 0.95


def test_marks_that_left_nothing_can_be_taken_back(bright: defocus.Segmenter) -> None:
    everything = np.ones((240, 320), np.bool_)
    boxed = defocus.find_subject(photo(), box=BOX, segmenter=bright)
    nothing = defocus.find_subject(photo(), start=boxed, remove=everything, segmenter=bright)
    assert not nothing.found
    again = defocus.find_subject(photo(), start=nothing, keep=square(), segmenter=bright)
    assert iou(again.matte >= 0.5, square()) > 0.9
    with pytest.raises(ImageValueError):
        defocus.find_subject(photo()[::-1], start=nothing, segmenter=bright)


def test_a_marked_subject_can_be_copied(bright: defocus.Segmenter) -> None:
    boxed = defocus.find_subject(photo(), box=BOX, segmenter=bright)
    for same in (copy.deepcopy(boxed), pickle.loads(pickle.dumps(boxed))):
        assert np.array_equal(same.matte, boxed.matte)
        assert defocus.find_subject(photo(), start=same, segmenter=bright).found


def test_the_command_does_not_replace_a_stroke(
    bright: defocus.Segmenter, tmp_path: Path, capfd: Any
) -> None:
    from defocus.cli.command import main

    source, stroke = tmp_path / "in.png", tmp_path / "strokes" / "keep.png"
    stroke.parent.mkdir()
    source.write_bytes(png(photo()))
    stroke.write_bytes(before := png(square().astype(np.uint8) * 255))
    assert main(["cutout", str(source), str(stroke), "--keep", str(stroke)]) == 2
    assert stroke.read_bytes() == before
    assert main(["cutout", str(source), "-o", str(tmp_path / "out"), "--keep", str(stroke)]) == 2
