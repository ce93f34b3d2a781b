"""Boxes and strokes of the user: what they hold, where they reach, and that their order is none."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defocus import _native
from defocus.subject import box_cut
from defocus.subject.cells import Cells
from defocus.subject.division import Seeds
from defocus.subject.editing import Editing, begin
from defocus.subject.labels import hardened, relabelled, touching

RED, BLUE, GREEN = (200, 60, 50), (50, 70, 190), (60, 150, 70)


def scene(height: int = 200, width: int = 300) -> Any:
    """Two red discs, the left one larger, and a blue square, on green with a little noise."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width]
    pixels = np.full((height, width, 3), GREEN, np.int16)
    pixels[disc(y, x, 100, 80, 50)] = RED
    pixels[disc(y, x, 100, 170, 30)] = RED
    pixels[60:140, 220:280] = BLUE
    return np.clip(pixels + rng.integers(-8, 9, pixels.shape), 0, 255).astype(np.uint8)


def disc(y: Any, x: Any, row: float, column: float, radius: float) -> Any:
    return np.hypot(y - row, x - column) < radius


def left_disc() -> Any:
    y, x = np.mgrid[:200, :300]
    return disc(y, x, 100, 80, 50)


def begun(map_: Any) -> Editing:
    return begin(Cells(scene()), map_.astype(np.float32))


def marks(keep: list[tuple[int, int]] = [], remove: list[tuple[int, int]] = []) -> Seeds:  # noqa: B006
    found = [np.zeros((200, 300), np.bool_) for _ in range(2)]
    for part, points in zip(found, (keep, remove), strict=True):
        for x, y in points:
            part[y - 1 : y + 2, x - 1 : x + 2] = True
    return Seeds(*found)


def iou(found: Any, true: Any) -> float:
    return float((found & true).sum() / (found | true).sum())


def test_a_stroke_adds_the_part_under_it() -> None:
    y, x = np.mgrid[:200, :300]
    after = begun(left_disc()).with_strokes(marks(keep=[(250, 100)])).map() >= 0.5
    square = np.zeros_like(after)
    square[60:140, 220:280] = True
    assert iou(after, left_disc() | square) > 0.97
    after = begun(left_disc()).with_strokes(marks(keep=[(170, 100)])).map() >= 0.5
    assert iou(after, left_disc() | disc(y, x, 100, 170, 30)) > 0.97


def test_a_stroke_removes_the_part_under_it() -> None:
    square = np.zeros((200, 300), np.bool_)
    square[60:140, 220:280] = True
    after = begun(left_disc() | square).with_strokes(marks(remove=[(250, 100)])).map() >= 0.5
    assert iou(after, left_disc()) > 0.97


def test_what_a_stroke_does_not_reach_keeps_its_soft_values() -> None:
    soft = np.clip(left_disc() * 0.9 + np.random.default_rng(3).random((200, 300)) * 0.1, 0, 1)
    before = begun(soft)
    after = before.with_strokes(marks(keep=[(250, 100)])).map()
    assert np.array_equal(after[:, :190], before.map()[:, :190])
    matte, same = (_native.guided_matte(scene(), map_) for map_ in (before.map(), after))
    assert np.array_equal(matte[:, :180], same[:, :180])
    assert not np.array_equal(matte, same)


@settings(deadline=None, max_examples=8)
@given(
    st.lists(
        st.tuples(st.integers(3, 296), st.integers(3, 196), st.booleans()), min_size=2, max_size=6
    )
)
def test_strokes_hold_and_their_order_is_none(points: list[tuple[int, int, bool]]) -> None:
    def after(order: list[tuple[int, int, bool]]) -> Any:
        keep = marks([(x, y) for x, y, how in order if how]).keep
        remove = marks([(x, y) for x, y, how in order if not how]).keep
        seeds = Seeds(keep & ~remove, remove & ~keep)
        return seeds, begun(left_disc()).with_strokes(seeds).map()

    seeds, one = after(points)
    assert (one[seeds.keep] >= 0.5).all()
    assert (one[seeds.remove] < 0.5).all()
    assert np.array_equal(one, after(points[::-1])[1])
    step_by_step = begun(left_disc())
    for x, y, how in points:
        cell = marks([(x, y)]).keep
        cell = cell & (seeds.keep if how else seeds.remove)
        step_by_step = step_by_step.with_strokes(
            marks()._replace(**{("keep" if how else "remove"): cell})
        )
        step_by_step.map()
    assert np.array_equal(one, step_by_step.map())


def test_a_mirrored_photograph_gives_a_mirrored_mask() -> None:
    plain = begun(left_disc()).with_strokes(marks(keep=[(250, 100)])).map()
    mirrored = begin(Cells(scene()[:, ::-1]), left_disc()[:, ::-1].astype(np.float32))
    flipped = Seeds(*(np.ascontiguousarray(part[:, ::-1]) for part in marks(keep=[(250, 100)])))
    other = mirrored.with_strokes(flipped).map()[:, ::-1]
    assert iou(plain >= 0.5, other >= 0.5) > 0.99


@pytest.mark.parametrize("map_", [np.zeros((200, 300)), np.ones((200, 300)) * 0.4])
def test_a_box_finds_what_the_network_did_not(map_: Any) -> None:
    editing = begun(map_)
    after = editing.in_box(box_cut.box_cells(editing.cells, (215, 55, 285, 145))).map() >= 0.5
    square = np.zeros_like(after)
    square[60:140, 220:280] = True
    assert iou(after, square) > 0.95


def test_a_box_divides_what_touches() -> None:
    editing = begun(left_disc() | np.roll(left_disc(), 60, axis=1))
    inside = box_cut.box_cells(editing.cells, (30, 50, 130, 150))
    after = editing.in_box(inside).map() >= 0.5
    assert not after[~inside].any()
    assert iou(after, left_disc()) > 0.9


def test_a_mask_that_fills_the_box_is_taken_as_it_is() -> None:
    soft = left_disc() * 0.93
    editing = begun(soft)
    inside = box_cut.box_cells(editing.cells, (28, 48, 132, 152))
    after = editing.in_box(inside).map()
    assert np.array_equal(after, soft.astype(np.float32) * inside)


def test_labels_become_a_map() -> None:
    labels = np.zeros((9, 9), np.bool_)
    labels[3:6, 3:6] = True
    hard = hardened(np.full((9, 9), 0.5, np.float32), labels)
    assert ((hard >= 0.5) == labels).all()
    assert hard[4, 4] == 1
    assert hard[0, 0] == 0
    map_ = np.zeros((9, 30), np.float32)
    map_[:, 20:] = 0.75
    after = map_ >= 0.5
    after[:, :5] = True
    changed = relabelled(map_, after, np.zeros_like(after))
    assert ((changed >= 0.5) == after).all()
    assert np.array_equal(changed[:, 8:], map_[:, 8:])
    assert touching(after, marks().keep[:9, :30]).sum() == 0


def test_cells_of_one_pixel_and_of_one_colour() -> None:
    for shape in ((1, 1), (1, 5), (8, 1), (40, 50)):
        cells = Cells(np.full((*shape, 3), 90, np.uint8))
        map_ = np.zeros(cells.shape, np.float32)
        editing = begin(cells, map_)
        keep = np.zeros(cells.shape, np.bool_)
        keep[0, 0] = True
        after = editing.with_strokes(Seeds(keep, np.zeros_like(keep))).map()
        assert after[0, 0] >= 0.5 or cells.shape == (1, 1)
        inside = box_cut.box_cells(cells, (0, 0, shape[1], shape[0]))
        assert editing.in_box(inside).map().shape == cells.shape


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_process_goes_on_with_a_subject_that_a_thread_is_editing() -> None:
    editing, over = begun(left_disc()), threading.Event()
    places = [(250, 100), (170, 100), (80, 100), (20, 20)]

    def work() -> None:
        while not over.is_set():
            for place in places:
                editing.with_strokes(marks(keep=[place])).map()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:  # pragma: no cover
                signal.alarm(20)  # ends the child if it hangs
                editing.with_strokes(marks(remove=[(80, 100)])).map()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        over.set()
        thread.join()
