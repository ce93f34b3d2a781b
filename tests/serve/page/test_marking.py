"""Boxes, clicks and strokes decide what the subject is, by mouse and by keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import defocus
from tests.serve.page.browser import (
    LEFT,
    RIGHT,
    alphas,
    asked,
    at,
    changed,
    click,
    cutout,
    drag,
    expect,
    move,
    opened,
    pick,
    settled,
)
from tests.serve.service import decoded, encoded, two_subjects

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser


def marking(page: Page, tool: str, mode: str = "") -> None:
    """Choose a tool, and show the result while marking."""
    if page.locator("#mark").is_visible():
        changed(page, lambda: page.get_by_role("button", name="Mark the subject").click())
    pick(page, "tool", tool)
    page.locator("#show-result").check()
    if mode:
        pick(page, "mode", mode)
    settled(page)


def test_a_box_is_drawn_by_the_mouse(page: Page) -> None:
    cutout(page)
    marking(page, "box")
    expect(page.locator("#mode-row")).to_be_hidden()
    body = drag(page, [(70, 100), (370, 380)])
    (mark,) = body["marks"]
    assert mark["kind"] == "box"
    assert mark["box"] == pytest.approx([70, 100, 370, 380], abs=2)
    assert alphas(page) == [True, False, False]
    drag(page, [(640, 330), (400, 150)])  # another box replaces it, from any corner
    assert alphas(page) == [False, True, False]
    page.get_by_role("button", name="Clear").click()
    settled(page)
    assert alphas(page) == [True, True, False]


def test_a_box_is_drawn_by_keys(page: Page) -> None:
    cutout(page)
    marking(page, "box")
    stage = page.locator("#stage")
    area = stage.bounding_box()
    assert area is not None
    cursor = [area["width"] / 2, area["height"] / 2]

    def step_to(x: float, y: float) -> None:
        place = at(page, x, y)
        for axis, (back, on) in enumerate([("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown")]):
            steps = round((place["xy"[axis]] - cursor[axis]) / 8)
            cursor[axis] += 8 * steps
            for _ in range(abs(steps)):
                stage.press(on if steps > 0 else back)

    step_to(400, 150)
    stage.press("Space")
    expect(page.locator("#live")).to_contain_text("First corner")
    step_to(645, 335)
    body = changed(page, lambda: stage.press("Space"))
    assert body["marks"][0]["box"] == pytest.approx([400, 150, 645, 335], abs=12)
    assert alphas(page) == [False, True, False]
    stage.press("Space")
    stage.press("Escape")  # gives up the box that was begun, then ends marking
    expect(page.locator("#marks-panel")).to_be_visible()
    stage.press("Escape")
    expect(page.locator("#marks-panel")).to_be_hidden()
    expect(page.locator("#mark")).to_be_focused()


def test_a_click_removes_and_keeps_an_object(page: Page) -> None:
    cutout(page)
    marking(page, "point", "remove")
    body = click(page, RIGHT)
    assert [(mark["kind"], mark["mode"]) for mark in body["marks"]] == [("point", "remove")]
    assert alphas(page) == [True, False, False]
    pick(page, "mode", "keep")
    click(page, (RIGHT[0] + 20, RIGHT[1]))
    assert alphas(page) == [True, True, False]
    page.locator("#stage").press("x")
    expect(page.locator("input[name=mode][value=remove]")).to_be_checked()
    body = changed(page, lambda: page.locator("#stage").press("Space"))  # where the pointer was
    assert [mark["mode"] for mark in body["marks"]] == ["remove", "keep", "remove"]


def test_a_stroke_removes_and_keeps_what_it_touches(page: Page) -> None:
    cutout(page)
    marking(page, "brush", "remove")
    page.locator("#size").fill("20")
    drag(page, [(460, 200), (560, 280)])
    assert alphas(page) == [True, False, False]
    pick(page, "mode", "keep")
    drag(page, [(480, 240), (540, 240)])
    assert alphas(page) == [True, True, False]


def test_undo_and_redo_go_over_all_marks(page: Page) -> None:
    cutout(page)
    marking(page, "box")
    drag(page, [(70, 100), (370, 380)])
    marking(page, "point", "keep")
    click(page, RIGHT)
    marking(page, "brush", "remove")
    page.locator("#size").fill("20")
    drag(page, [(150, 240), (250, 240)])
    states = [alphas(page)]
    for _ in range(3):
        page.keyboard.press("Control+z")
        settled(page)
        states.append(alphas(page))
    after = [[False, True, False], [True, True, False], [True, False, False], [True, True, False]]
    assert states == after
    expect(page.locator("#undo")).to_be_disabled()
    for number in (2, 1, 0):
        page.get_by_role("button", name="Redo").click()
        settled(page)
        assert alphas(page) == after[number]
    expect(page.locator("#redo")).to_be_disabled()
    page.get_by_role("button", name="Done").click()
    settled(page)
    assert alphas(page) == after[0]


def test_a_download_has_the_matte_that_was_shown(page: Page, model: Path) -> None:
    opened(page, {"two.png": (data := encoded(two_subjects(480, 720)))})
    pick(page, "kind", "mask")
    marking(page, "point", "remove")
    body = click(page, LEFT)
    x, y = body["marks"][0]["at"]
    page.get_by_role("button", name="Done").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    found = decoded(Path(download.value.path()).read_bytes())
    segmenter = defocus.Segmenter(model, threads=1)
    expected = defocus.find_subject(data, points=[(x, y, False)], segmenter=segmenter)
    assert np.array_equal(found, (expected.matte * 255).round())


def test_a_removed_subject_can_be_kept_again(page: Page) -> None:
    cutout(page)
    tool = page.get_by_role("button", name="Mark", exact=True)
    tool.click()
    expect(tool).to_have_attribute("aria-pressed", "true")
    page.locator("#size").fill("200")
    pick(page, "mode", "remove")
    settled(page)
    with page.expect_response(lambda answer: answer.status == 422):
        move(page, [(x, y) for y in range(60, 440, 60) for x in (40, 700)])
    expect(page.get_by_role("alert")).to_contain_text("Nothing is left of the subject.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_an_answer_that_comes_while_marking_leaves_the_stroke(page: Page) -> None:
    cutout(page)
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/render", hold_first)
    page.get_by_role("button", name="Mark the subject").click()
    stage = page.locator("#stage").bounding_box()
    assert stage is not None
    start, end = at(page, *RIGHT), at(page, RIGHT[0], RIGHT[1] + 60)
    page.mouse.move(stage["x"] + start["x"], stage["y"] + start["y"])
    page.mouse.down()
    assert held  # the mask, which marking shows
    with page.expect_response("**/render"):
        held[0].continue_()
    settled(page)
    with page.expect_response("**/render") as answer:
        page.mouse.move(stage["x"] + end["x"], stage["y"] + end["y"], steps=4)
        page.mouse.up()
    assert len(asked(answer.value.request)["marks"]) == 1
