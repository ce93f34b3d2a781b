"""The order of the stages, and what each hands to the next, with a network that says what it is to.

No ONNX network runs.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus import OptionError, OptionTypeError
from defocus.errors import ImageTooLargeError, ImageValueError, NoSubjectError
from defocus.io import network_view
from defocus.io.colour import cicp, icc_profiles
from defocus.io.photo import Photo
from defocus.models.spec import ModelSpec
from defocus.models.view import View
from defocus.options import Effort, Finish, Prompts
from defocus.pipeline import prediction, prompted, shaping
from defocus.pipeline.find import read_and_find
from defocus.pipeline.matte_source import MatteSource, mask_of
from defocus.pixels.samples import Pixels
from defocus.render import layers
from defocus.subject import cleanup, confidence, crop_pass, flip_pass

Map = NDArray[np.float32]
SIDE = 64
RNG = np.random.default_rng(5)
IMAGE = RNG.integers(0, 256, (96, 128, 3), np.uint8)


class Script(defocus.Segmenter):
    """Answers with the given maps, one after the other, and keeps what it was shown."""

    def __init__(self, *maps: Map, threshold: float | None = None) -> None:
        super().__init__(threads=1)
        self.maps: Sequence[Map] = maps
        self.seen: list[Pixels] = []
        self.builds = 0
        self.threshold = threshold

    @property
    def spec(self) -> ModelSpec:
        known = super().spec
        if self.threshold is None:
            return known
        return dataclasses.replace(known, subject_threshold=self.threshold)

    @property
    def input_size(self) -> tuple[int, int]:
        return SIDE, SIDE

    def build(self) -> None:
        self.builds += 1

    def mask(self, pixels: Pixels) -> Map:
        self.seen.append(pixels.copy())
        return self.maps[len(self.seen) - 1].copy()


def map_of(*boxes: tuple[int, int, int, int], value: float = 1.0) -> Map:
    """A map that is `value` in boxes (left, top, right, bottom)."""
    found = np.zeros((SIDE, SIDE), np.float32)
    for left, top, right, bottom in boxes:
        found[top:bottom, left:right] = value
    return found


def unsure(value: float = 0.4) -> Map:
    """A certain subject, and beside it a region that is undecided."""
    found = map_of((10, 10, 34, 40))
    found[10:40, 34:54] = value
    return found


SURE = map_of((10, 10, 54, 40))


# --- the network ----------------------------------------------------------------------------------


def test_a_certain_map_is_taken() -> None:
    segmenter = Script(SURE)
    found = prediction.predicted(View(IMAGE, 1), "best", segmenter)
    assert found.view.pixels is IMAGE
    assert found.first is found.raw
    assert np.array_equal(found.raw, SURE)
    assert len(segmenter.seen) == 1


@pytest.mark.parametrize("effort", ["good", "best"])
def test_an_unsure_map_is_predicted_again_on_the_mirrored_image(effort: Effort) -> None:
    second = SURE.copy()
    second[20:30, 12:20] = 0.8
    segmenter = Script(unsure(), second[:, ::-1])
    found = prediction.predicted(View(IMAGE, 1), effort, segmenter)
    assert np.array_equal(segmenter.seen[1], IMAGE[:, ::-1])
    assert found.view.pixels is IMAGE
    assert np.array_equal(found.first, unsure())
    assert np.array_equal(found.raw, flip_pass.merge(unsure(), second))
    assert not np.array_equal(found.raw, found.first)


def test_fast_predicts_once() -> None:
    segmenter = Script(unsure())
    found = prediction.predicted(View(IMAGE, 1), "fast", segmenter)
    assert found.first is found.raw
    assert len(segmenter.seen) == 1


def test_a_hopeless_map_is_not_predicted_again() -> None:
    for threshold, runs in ((0.95, 2), (0.96, 1)):
        segmenter = Script(unsure() * np.float32(0.95), SURE, threshold=threshold)
        limit = np.float32(0.95) if threshold == 0.95 else threshold
        segmenter.threshold = float(limit)
        prediction.predicted(View(IMAGE, 1), "good", segmenter)
        assert len(segmenter.seen) == runs


PHOTO = Photo(RNG.integers(0, 256, (640, 320, 3), np.uint8))
SMALL = map_of((30, 20, 38, 40))
CROP = crop_pass.region(SMALL, PHOTO.size)


def cropped() -> tuple[Script, crop_pass.Box]:
    assert CROP is not None
    return Script(map_of((14, 8, 50, 56))), CROP


def test_a_large_subject_needs_no_crop() -> None:
    large = map_of((5, 5, 60, 60))
    segmenter = Script()
    assert prediction.with_crop_pass(large, PHOTO, segmenter) is large


def test_a_small_subject_is_predicted_again_on_a_crop() -> None:
    segmenter, box = cropped()
    found = prediction.with_crop_pass(SMALL, PHOTO, segmenter)
    (shown,) = segmenter.seen
    assert np.array_equal(shown, network_view.pixels(PHOTO.part(box), (320, 320)))
    assert np.array_equal(found, crop_pass.merge(SMALL, segmenter.maps[0], box, PHOTO.size))
    deep = Photo(PHOTO.pixels.astype(np.uint16) * 257)
    again = Script(segmenter.maps[0])
    assert np.array_equal(prediction.with_crop_pass(SMALL, deep, again), found)
    assert np.array_equal(again.seen[0], shown)
    cleaned = prediction.improved(SMALL, PHOTO, Script(segmenter.maps[0]))
    assert np.array_equal(cleaned, cleanup.cleaned(found, PHOTO.pixels))


def test_a_crop_of_something_else_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter = Script(map_of((0, 0, 10, 10)))
    compared: list[Any] = []
    real = crop_pass.confirms

    def record(*arguments: Any) -> bool:
        compared.extend(arguments)
        return real(*arguments)

    monkeypatch.setattr(crop_pass, "confirms", record)
    assert prediction.with_crop_pass(SMALL, PHOTO, segmenter) is SMALL
    assert compared[0] is SMALL
    assert compared[1] == (0, 0, 320, 640)  # all of the photograph
    assert compared[3] == CROP


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_crop_that_was_too_narrow_is_widened(confirmed: bool) -> None:
    _, box = cropped()
    touching = map_of((14, 8, 50, 64))
    wider = crop_pass.widened(box, touching, PHOTO.size)
    assert wider is not None
    more = map_of((14, 5, 50, 60)) if confirmed else map_of((0, 0, 9, 9))
    assert crop_pass.confirms(touching, box, more, wider) == confirmed
    segmenter = Script(touching, more)
    found = prediction.with_crop_pass(SMALL, PHOTO, segmenter)
    assert np.array_equal(segmenter.seen[1], network_view.pixels(PHOTO.part(wider), (320, 320)))
    best = (more, wider) if confirmed else (touching, box)
    assert np.array_equal(found, crop_pass.merge(SMALL, *best, PHOTO.size))


# --- finding --------------------------------------------------------------------------------------


def test_what_is_found_of_an_array() -> None:
    segmenter = Script(SURE)
    found = defocus.find_subject(IMAGE, segmenter=segmenter, effort="fast")
    assert segmenter.builds == 1
    assert np.array_equal(segmenter.seen[0], IMAGE)
    assert found.found
    assert not found.guided
    assert found.box == (20, 15, 108, 60)
    assert np.array_equal(found.mask, SURE)
    for call in (defocus.find_subject, read_and_find):
        with pytest.raises(OptionTypeError):
            call(IMAGE, segmenter="u2net")  # type: ignore[arg-type]
    photo, again = read_and_find(IMAGE, segmenter=Script(SURE), effort="fast")
    assert np.array_equal(photo.pixels, IMAGE)
    assert again.box == found.box


def test_the_map_guides_unless_fast() -> None:
    found = defocus.find_subject(IMAGE, segmenter=Script(SURE))
    assert found.guided
    assert np.array_equal(found.map, SURE)
    mask, guided = mask_of(found)
    assert guided
    assert mask is found.map
    fast = defocus.find_subject(IMAGE, segmenter=Script(SURE), effort="fast")
    assert mask_of(fast) == (fast.mask, False)
    own = np.zeros((3, 3), np.uint8)
    assert mask_of(own) == (own, False)


def test_nothing_is_found_below_the_threshold() -> None:
    faint = SURE * np.float32(0.5)
    just = defocus.find_subject(IMAGE, segmenter=Script(faint, threshold=0.5))
    assert just.found
    assert just.components
    nothing = defocus.find_subject(IMAGE, segmenter=Script(faint, threshold=0.51))
    assert not nothing.found
    assert nothing.confidence == 0.0
    assert nothing.warnings
    for call in (defocus.portrait, defocus.cutout):
        with pytest.raises(NoSubjectError):
            call(IMAGE, segmenter=Script(faint, threshold=0.51))
        with pytest.raises(NoSubjectError):
            call(IMAGE, subject=nothing)


def test_a_map_may_have_any_shape() -> None:
    found = defocus.find_subject(IMAGE, segmenter=Script(SURE[:48]))
    assert found.box == pytest.approx((20, 20, 108, 80), abs=1)


def kinds(found: defocus.Subject) -> list[str]:
    return [warning.partition(":")[0] for warning in found.warnings]


def test_warnings_of_the_map_and_of_the_file() -> None:
    two = map_of((5, 5, 25, 30), (35, 10, 58, 40))
    flat = np.full((96, 128, 3), 120, np.uint8)
    found = defocus.find_subject(flat, segmenter=Script(two))
    assert kinds(found) == ["several subjects", "small photograph"]
    file, still = io.BytesIO(), Image.fromarray(flat)
    still.save(file, "GIF", save_all=True, append_images=[Image.fromarray(flat // 2)])
    frames = defocus.find_subject(file.getvalue(), segmenter=Script(two))
    assert kinds(frames) == [*kinds(found), "several frames"]
    marked = defocus.find_subject(file.getvalue(), segmenter=Script(two), points=[(100, 40, True)])
    assert kinds(marked) == ["several frames"]


def test_the_one_that_is_meant() -> None:
    two = map_of((5, 5, 15, 25), (30, 20, 60, 60))
    whole = defocus.find_subject(IMAGE, segmenter=Script(two), effort="fast")
    assert len(whole.components) == 2
    large = defocus.find_subject(IMAGE, segmenter=Script(two), effort="fast", select="largest")
    assert [part.box for part in large.components] == [(60, 30, 120, 90)]
    small = defocus.find_subject(IMAGE, segmenter=Script(two), effort="fast", select=(20, 20))
    assert small.box == (10, 8, 30, 38) or small.box == (10, 7, 30, 38)
    with pytest.raises(NoSubjectError):
        defocus.find_subject(IMAGE, segmenter=Script(two), select=(2, 90))
    with pytest.raises(OptionError):
        defocus.find_subject(IMAGE, segmenter=Script(two), select=(2, 96))


def test_best_looks_again_only_at_all_that_was_found() -> None:
    two = map_of((10, 10, 18, 20), (40, 40, 50, 52))
    closer = map_of((8, 8, 56, 56))
    one = Script(two, closer, closer)
    defocus.find_subject(IMAGE, segmenter=one, effort="best", select="largest")
    assert len(one.seen) == 1
    whole = Script(two, closer, closer)
    defocus.find_subject(IMAGE, segmenter=whole, effort="best")
    assert len(whole.seen) > 1


def test_the_confidence_is_that_of_the_first_map() -> None:
    sure = defocus.find_subject(IMAGE, segmenter=Script(SURE)).confidence
    second = Script(unsure(), SURE[:, ::-1])
    doubtful = defocus.find_subject(IMAGE, segmenter=second).confidence
    assert 0 < doubtful < sure


def jpeg(image: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=95)
    return file.getvalue()


def test_the_network_sees_the_decoded_photograph() -> None:
    large = np.kron(IMAGE // 2 + 60, np.ones((4, 4, 1), np.uint8))
    for effort in get_args(Effort):
        segmenter = Script(SURE, SURE, SURE)
        photo, found = read_and_find(jpeg(large), segmenter=segmenter, effort=effort)
        assert photo.size == found.size == (512, 384)
        assert (segmenter.seen[0] == photo.pixels).all()
        other = defocus.find_subject(jpeg(large), segmenter=Script(SURE, SURE, SURE), effort=effort)
        assert other.box == found.box


def test_hidden_pixels_are_no_subject() -> None:
    alpha = np.full((96, 128), 255, np.uint8)
    alpha[:, :64] = 0
    image = np.dstack([IMAGE, alpha])
    for effort in ("fast", "good"):
        found = defocus.find_subject(image, segmenter=Script(SURE, SURE), effort=effort)
        assert not found.matte[:, :60].any()
        assert found.matte[30, 90] > 0.9


# --- marks ----------------------------------------------------------------------------------------


def blocks() -> NDArray[np.uint8]:
    """Two blocks of even colour on grey."""
    image = np.full((96, 128, 3), 90, np.uint8)
    image[20:60, 20:60] = (220, 30, 30)
    image[20:60, 80:120] = (30, 30, 220)
    return image


LEFT = map_of((10, 13, 30, 40))


def test_marks_are_added_to_what_the_network_finds() -> None:
    segmenter = Script(LEFT)
    both = defocus.find_subject(blocks(), points=[(100, 40, True)], segmenter=segmenter)
    assert len(segmenter.seen) == 1
    assert both.matte[40, 40] == both.matte[40, 100] == 1
    assert both.matte[80, 64] == 0
    removed = defocus.find_subject(
        blocks(), start=both, points=[(40, 40, False)], segmenter=Script()
    )
    assert removed.matte[40, 40] == 0
    assert removed.matte[40, 100] == 1
    assert removed.confidence == both.confidence
    nothing = defocus.find_subject(
        blocks(), start=removed, points=[(100, 40, False)], segmenter=Script()
    )
    assert not nothing.found


def test_a_point_reveals_nothing_that_is_too_faint() -> None:
    faint = LEFT * np.float32(0.02) + np.float32(0.01)
    found = defocus.find_subject(blocks(), points=[(100, 40, True)], segmenter=Script(faint))
    assert found.matte[40, 100] == 1
    assert found.matte[40, 40] == 0
    assert 0 < found.confidence < 0.01


def test_marks_on_a_transparent_photograph() -> None:
    alpha = np.full((96, 128), 255, np.uint8)
    alpha[:, :40] = 0
    alpha[30:50, 90:110] = 100
    image = np.dstack([blocks(), alpha])
    found = defocus.find_subject(image, segmenter=Script(LEFT), points=[(85, 40, True)])
    assert found.matte[40, 50] == found.matte[25, 100] == 1
    assert found.matte[40, 100] == pytest.approx(100 / 255, abs=1e-6)
    assert not found.matte[:, :40].any()


def test_a_point_marks_what_is_around_it_and_a_stroke_only_itself() -> None:
    stroke = np.zeros((96, 128), np.bool_)
    stroke[40, 100] = True
    marks: list[dict[str, Any]] = [{"points": [(100, 40, True)]}, {"keep": stroke}]
    seeds = []
    for mark in marks:
        found = defocus.find_subject(blocks(), segmenter=Script(LEFT), **mark)
        assert found.editing is not None
        seeds.append(found.editing.seeds.keep)
    assert seeds[0].sum() > seeds[1].sum() == 1


def test_what_is_around_a_point_yields_to_marks_and_to_what_is_around_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row of cells: a point marks its cell, and on both sides what is like it."""

    def widened(_: object, points: NDArray[np.bool_]) -> NDArray[np.bool_]:
        wide = points.copy()
        wide[:, 1:] |= points[:, :-1]
        wide[:, :-1] |= points[:, 1:]
        return wide

    monkeypatch.setattr(prompted, "around", widened)
    cells: Any = SimpleNamespace(side=4, shape=(1, 9))
    keeps, removes = (0, 4), (1, 6)
    points = [(4 * x, 1, True) for x in keeps] + [(4 * x, 1, False) for x in removes]
    seeds = prompted.Marks(Prompts(points=points))._seeds((36, 4), cells)
    assert np.flatnonzero(seeds.keep).tolist() == [0, 3, 4]
    assert np.flatnonzero(seeds.remove).tolist() == [1, 2, 6, 7]


def test_a_point_counts_for_as_much_as_a_pixel_of_a_stroke() -> None:
    cells: Any = SimpleNamespace(side=4, shape=(1, 3))
    stroke = np.zeros((4, 12), np.bool_)
    stroke[0, 5] = True
    seeds = prompted.Marks(Prompts(points=[(4, 0, True)]), remove=stroke)._seeds((12, 4), cells)
    assert not seeds.keep.any()
    assert not seeds.remove.any()
    stroke[1, 5:7] = True
    seeds = prompted.Marks(Prompts(points=[(4, 0, True)]), remove=stroke)._seeds((12, 4), cells)
    assert np.flatnonzero(seeds.remove).tolist() == [1]


def test_a_stroke_is_half_of_the_scale_or_more() -> None:
    codes = np.array([[0, 127, 128, 129, 255]], np.uint8)
    assert prompted._painted("keep", codes).tolist() == [[False, False, True, True, True]]
    shares = np.array([[0, 0.4999, 0.5, 0.6, 1]], np.float32)
    assert prompted._painted("keep", shares).tolist() == [[False, False, True, True, True]]


def test_a_mask_of_half_is_a_subject() -> None:
    half = Script(LEFT * np.float32(0.5), threshold=0.3)
    assert defocus.find_subject(blocks(), segmenter=half, points=[(5, 90, False)]).found


def test_the_threshold_decides_what_marks_start_from() -> None:
    faint, right = LEFT * np.float32(0.9), [(100, 40, True)]
    options: dict[str, Any] = {"points": right}
    kept = defocus.find_subject(blocks(), segmenter=Script(faint, threshold=0.9), **options)
    assert kept.matte[40, 40] > 0.5
    assert kept.confidence == confidence.of_map(faint) > confidence.LEAST
    gone = defocus.find_subject(blocks(), segmenter=Script(faint, threshold=0.95), **options)
    assert gone.matte[40, 40] == 0
    assert gone.matte[40, 100] == 1
    assert gone.confidence == confidence.LEAST
    boxed = Script(faint, threshold=0.95)
    defocus.find_subject(blocks(), box=(19, 18, 61, 61), segmenter=boxed)
    assert len(boxed.seen) == 1


def test_a_box_is_looked_at_closer_if_it_is_not_filled() -> None:
    filled = Script(LEFT)
    around_left = (19, 18, 61, 61)
    defocus.find_subject(blocks(), box=around_left, segmenter=filled)
    assert len(filled.seen) == 1
    # The margin is .3 of 44 pixels, and ends at the frame.
    closer = Script(LEFT, map_of((16, 14, 56, 50)))
    found = defocus.find_subject(blocks(), box=(78, 18, 122, 62), segmenter=closer)
    assert np.array_equal(closer.seen[1], blocks()[4:76, 64:128])
    assert found.matte[40, 100] == 1
    assert found.matte[40, 40] == 0
    defocus.find_subject(blocks(), start=found, box=around_left, segmenter=Script())
    at_the_frame = Script(LEFT, map_of((16, 14, 56, 50)))
    defocus.find_subject(blocks(), box=(2, 3, 32, 93), segmenter=at_the_frame)
    assert at_the_frame.seen[1].shape == (96, 41, 3)


# --- where the matte comes from -------------------------------------------------------------------


def a_subject() -> defocus.Subject:
    return defocus.find_subject(IMAGE, segmenter=Script(SURE))


MATTE = np.zeros((96, 128), np.uint8)
MATTE[20:60, 30:90] = 255


@pytest.mark.parametrize(
    "marks",
    [
        {"select": "largest"},
        {"box": (1, 2, 30, 40)},
        {"points": [(1, 2, True)]},
        {"keep": MATTE},
        {"remove": MATTE},
    ],
)
def test_a_matte_or_a_subject_excludes_what_says_where_it_is(marks: dict[str, Any]) -> None:
    MatteSource(**marks)
    MatteSource(matte=MATTE)
    for given in ({"matte": MATTE}, {"subject": a_subject()}):
        with pytest.raises(OptionError):
            MatteSource(**given, **marks)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"segmenter": "u2net"}, OptionTypeError),
        ({"effort": "much"}, OptionError),
        ({"select": "some"}, OptionError),
        ({"box": (1, 2)}, OptionTypeError),
        ({"points": 3}, OptionTypeError),
        ({"max_pixels": 0}, OptionError),
        ({"subject": 3}, OptionTypeError),
        ({"matte": MATTE, "subject": 3}, OptionError),
    ],
)
def test_a_source_is_checked_when_it_is_made(
    options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        MatteSource(**options)


@pytest.mark.parametrize(
    "finding",
    [
        {"box": (78, 18, 122, 62)},
        {"points": [(100, 40, True)]},
        {"keep": MATTE},
        {"remove": np.pad(np.ones((30, 30), np.bool_), ((25, 41), (25, 73)))},
        {"select": "largest"},
        {"effort": "fast"},
        {"effort": "best"},
    ],
)
def test_functions_find_what_find_subject_finds(finding: dict[str, Any]) -> None:
    two = map_of((10, 13, 30, 40), (40, 50, 50, 60))
    maps = (two, map_of((16, 14, 56, 50)), SURE)
    subject = defocus.find_subject(blocks(), segmenter=Script(*maps), **finding)
    for call in (defocus.cutout, defocus.portrait):
        found = call(blocks(), segmenter=Script(*maps), **finding)
        effort = finding.get("effort", "good")
        assert np.array_equal(found, call(blocks(), subject=subject, effort=effort))
    plain = defocus.find_subject(blocks(), segmenter=Script(*maps))
    assert finding == {"effort": "best"} or not np.array_equal(subject.matte, plain.matte)


def test_a_matte_has_the_limit_of_pixels_too() -> None:
    matte = Image.fromarray(MATTE[:4, :4])
    small: dict[str, Any] = {"image": IMAGE[:3, :3], "max_pixels": 9}
    with pytest.raises(ImageTooLargeError):
        MatteSource(matte=matte, max_pixels=9).photo_and_matte(IMAGE[:3, :3])
    with pytest.raises(ImageTooLargeError):
        defocus.portrait(**small, matte=MATTE[:3, :3], depth=matte)
    with pytest.raises(ImageTooLargeError):
        defocus.cutout(**small, matte=MATTE[:3, :3], background=matte)
    with pytest.raises(ImageTooLargeError):
        defocus.find_subject(**small, keep=matte, segmenter=Script(SURE))


def test_a_subject_that_is_partly_transparent_keeps_its_colours() -> None:
    alpha = np.full((96, 128), 128, np.uint8)
    alpha[:, 60:] = 255
    image = np.dstack([IMAGE, alpha])
    looks: list[dict[str, Any]] = [{}, {"grain": 1.0}, {"ramp": 0.1}]
    for look in looks:
        result = defocus.portrait(image, matte=MATTE, sigma=5, **look)
        assert np.array_equal(result[MATTE == 255], image[MATTE == 255])
        assert np.array_equal(result[..., 3], alpha)
        assert not np.array_equal(result[MATTE == 0], image[MATTE == 0])


def test_threads_and_soft_pixels() -> None:
    assert MatteSource().threads is None
    assert MatteSource(segmenter=Script()).threads == 1
    assert MatteSource().unmixed is True
    assert MatteSource(effort="best").unmixed is True
    assert MatteSource(effort="fast").unmixed is False


def test_the_photo_and_the_matte() -> None:
    photo, matte = MatteSource(matte=MATTE).photo_and_matte(IMAGE)
    assert np.array_equal(photo.pixels, IMAGE)
    assert isinstance(matte, np.ndarray)
    assert np.array_equal(matte, MATTE)
    subject = a_subject()
    photo, found = MatteSource(subject=subject).photo_and_matte(IMAGE)
    assert found is subject
    assert np.array_equal(photo.pixels, IMAGE)
    photo, found = MatteSource(segmenter=Script(SURE)).photo_and_matte(IMAGE)
    assert isinstance(found, defocus.Subject)
    assert found.box == subject.box
    with pytest.raises(ImageValueError):
        MatteSource(subject=subject).photo_and_matte(IMAGE[1:])
    for source in (MatteSource(matte=MATTE, max_pixels=9), MatteSource(max_pixels=9)):
        with pytest.raises(ImageTooLargeError):
            source.photo_and_matte(Image.fromarray(IMAGE))
    limited = MatteSource(subject=subject, max_pixels=9)
    with pytest.raises(ImageTooLargeError):
        limited.photo_and_matte(Image.fromarray(IMAGE))


def test_fast_keeps_the_colours_of_soft_pixels() -> None:
    image = np.full((96, 128, 3), (200, 30, 30), np.uint8)
    image[:, 64:] = (30, 200, 30)
    soft = np.tile(((68 - np.arange(128)) * 32).clip(0, 255), (96, 1)).astype(np.uint8)
    fast = defocus.cutout(image, matte=soft, effort="fast")
    assert np.array_equal(fast[:, 65, :3], image[:, 65])
    assert not np.array_equal(defocus.cutout(image, matte=soft)[:, 65, :3], image[:, 65])
    mixed = defocus.portrait(image, matte=soft, effort="fast", sigma=8)
    assert not np.array_equal(mixed, defocus.portrait(image, matte=soft, sigma=8))


def test_grain_is_added_to_the_background() -> None:
    grainy = defocus.portrait(IMAGE, matte=MATTE, sigma=5, grain=1)
    plain = defocus.portrait(IMAGE, matte=MATTE, sigma=5)
    assert not np.array_equal(grainy, plain)
    assert np.array_equal(grainy[MATTE == 255], IMAGE[MATTE == 255])


def test_layers_may_be_coarse_for_the_mattes_of_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    real = layers.portrait

    def record(*arguments: Any, coarse: bool) -> Any:
        seen.append(coarse)
        return real(*arguments, coarse=coarse)

    monkeypatch.setattr(layers, "portrait", record)
    defocus.portrait(IMAGE, matte=MATTE, ramp=0.1)
    defocus.portrait(IMAGE, segmenter=Script(SURE), ramp=0.1)
    assert seen == [False, True]


# --- the last steps of a cutout -------------------------------------------------------------------


def test_the_limits_of_a_cutout_are_those_of_its_background_and_canvas() -> None:
    file = io.BytesIO()
    Image.fromarray(IMAGE).save(file, "PNG")
    assert shaping.read_background(file.getvalue(), Finish(), IMAGE.size // 3) is not None
    with pytest.raises(ImageTooLargeError):
        shaping.read_background(file.getvalue(), Finish(), IMAGE.size // 3 - 1)
    wide = Finish(canvas=(30, 20))
    shaping.Shaping(wide, None, 0, 1, 600)
    with pytest.raises(OptionError):
        shaping.Shaping(wide, None, 0, 1, 599)


def test_linear_samples_are_resized_as_they_are() -> None:
    stripes = np.zeros((64, 64, 4), np.uint8)
    stripes[:, ::2, :3], stripes[..., 3] = 200, 255
    linear = icc_profiles.for_pictures(cicp.Colour(cicp.PRIMARIES[1], cicp.gamma(1)), grey=False)
    for info, mean in (({"icc_profile": linear}, 100), ({}, 146)):
        photo = Photo(stripes[..., :3], info=info)
        small, _ = shaping.Shaping(Finish(max_size=16), None, 0, 1).apply(stripes.copy(), photo)
        assert np.abs(small[4:-4, 4:-4, :3].astype(int) - mean).max() <= 2
