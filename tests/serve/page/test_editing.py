"""Looks, subjects and the brush change the result, and the newest one is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.serve.page.browser import asked, at, expect, opened, pick, pixel, settled, stroke
from tests.serve.service import encoded, two_subjects

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser

PHOTO = encoded(two_subjects(480, 720))
LEFT, RIGHT, NEITHER = (200, 240), (500, 240), (20, 20)


def alphas(page: Page) -> list[bool]:
    """Whether the left subject, the right one and the background are kept."""
    return [pixel(page, *place)[3] > 128 for place in (LEFT, RIGHT, NEITHER)]


def cutout(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    changed(page, lambda: pick(page, "kind", "cutout"))
    assert alphas(page) == [True, True, False]


def changed(page: Page, action: Any) -> dict[str, Any]:
    """Do something that asks for a result; give what was asked."""
    with page.expect_response(lambda answer: answer.url.endswith("/render")) as answer:
        action()
    settled(page)
    return asked(answer.value.request)


def source(page: Page) -> str:
    url: str = page.locator("#after-image").get_attribute("src")
    return url


def test_another_aperture_gives_another_picture(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    place = (20, 240)
    first, before = source(page), pixel(page, *place)
    body = changed(page, lambda: page.locator("#aperture").press("End"))
    assert body["options"] == {"aperture": 8, "bokeh": "gaussian", "grain": 0}
    assert source(page) != first
    assert pixel(page, *place) != before
    page.locator("#stops span").nth(2).click()  # is not computed a second time
    page.wait_for_function("(url) => document.getElementById('after-image').src === url", arg=first)
    expect(page.locator("#aperture-value")).to_have_text("f/1.8")


def test_discs_have_blades_and_highlights(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    changed(page, lambda: pick(page, "bokeh", "disc"))
    changed(page, lambda: page.locator("#blades").select_option("7"))
    changed(page, lambda: page.locator("#grain").press("ArrowRight"))
    body = changed(page, lambda: page.locator("#highlights").press("Home"))
    expected = {"aperture": 1.8, "bokeh": "disc", "blades": 7, "highlights": 0, "grain": 0.1}
    assert body["options"] == expected


def test_a_click_chooses_a_subject_and_shift_click_adds_one(page: Page) -> None:
    cutout(page)
    stage = page.locator("#stage")
    body = changed(page, lambda: stage.click(position=at(page, *RIGHT)))
    assert body["components"] == [2]
    assert alphas(page) == [False, True, False]
    chips = page.locator("#chips button")
    expect(chips.nth(2)).to_have_attribute("aria-pressed", "true")
    stage.click(position=at(page, *LEFT), modifiers=["Shift"])
    expect(chips.nth(0)).to_have_attribute("aria-pressed", "true")
    settled(page)
    assert alphas(page) == [True, True, False]


def test_subjects_are_chosen_by_buttons(page: Page) -> None:
    cutout(page)
    changed(page, lambda: page.get_by_role("button", name="Subject 1").click())
    assert alphas(page) == [True, False, False]
    page.get_by_role("button", name="All").click()
    settled(page)
    assert alphas(page) == [True, True, False]


def test_the_brush_takes_away_and_brings_back(page: Page) -> None:
    cutout(page)
    page.get_by_role("button", name="Correct with a brush").click()
    page.locator("#size").fill("80")
    page.locator("#show-result").check()
    pick(page, "mode", "remove")
    line = [(400, 170), (620, 170), (400, 240), (620, 240), (400, 310), (620, 310)]
    stroke(page, line)
    settled(page)
    assert alphas(page) == [True, False, False]
    pick(page, "mode", "keep")
    stroke(page, [RIGHT, (505, 250)])
    settled(page)
    assert alphas(page) == [True, True, False]
    page.get_by_role("button", name="Undo").click()
    settled(page)
    assert alphas(page) == [True, False, False]
    page.keyboard.press("Control+z")
    settled(page)
    assert alphas(page) == [True, True, False]
    page.get_by_role("button", name="Redo").click()
    settled(page)
    assert alphas(page) == [True, False, False]
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#brush-panel")).to_be_hidden()
    settled(page)
    assert alphas(page) == [True, False, False]


def test_a_removed_subject_can_be_painted_again(page: Page) -> None:
    cutout(page)
    tool = page.get_by_role("button", name="Brush", exact=True)
    tool.click()
    expect(tool).to_have_attribute("aria-pressed", "true")
    page.locator("#size").fill("200")
    pick(page, "mode", "remove")
    points = [(x, y) for y in range(60, 440, 60) for x in (40, 700)]
    with page.expect_response(lambda answer: answer.status == 422):
        stroke(page, points)
    expect(page.get_by_role("alert")).to_contain_text("Nothing is left of the subject.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_cutout_stands_on_a_colour_or_a_picture(page: Page) -> None:
    cutout(page)
    changed(page, lambda: pick(page, "background", "colour"))
    assert pixel(page, *NEITHER) == pytest.approx([255, 255, 255, 255], abs=2)  # of a JPEG
    body = changed(page, lambda: page.get_by_role("button", name="Blue").click())
    assert body["options"] == {"background": "#3b6fd6"}
    assert pixel(page, *NEITHER) == pytest.approx([0x3B, 0x6F, 0xD6, 255], abs=2)
    pick(page, "background", "picture")
    picture = two_subjects(240, 360)
    picture[...] = (10, 200, 30)
    file = {"name": "green.png", "mimeType": "image/png", "buffer": encoded(picture)}
    body = changed(page, lambda: page.set_input_files("#picture", [file]))
    assert set(body["options"]["background"]) == {"photo"}
    assert pixel(page, *NEITHER) == pytest.approx([10, 200, 30, 255], abs=2)


def test_a_crop_is_shown_by_itself(page: Page) -> None:
    cutout(page)
    body = changed(page, lambda: page.locator("#crop").check())
    assert body["options"] == {"crop": 0.05}
    assert page.evaluate("document.getElementById('after-image').naturalWidth") < 700
    expect(page.locator("#divider")).to_be_hidden()
    page.locator("#crop").uncheck()
    expect(page.locator("#divider")).to_be_visible()


def test_the_mask_is_white_where_the_subject_is(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    changed(page, lambda: pick(page, "kind", "mask"))
    assert pixel(page, *LEFT)[0] > 250
    assert pixel(page, *NEITHER)[0] < 5


def test_a_late_answer_is_never_shown(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    held: list[Route] = []

    def hold(route: Route) -> None:
        if asked(route.request)["options"]["aperture"] == 5.6:
            held.append(route)
        else:
            route.continue_()

    page.route("**/render", hold)
    page.locator("#stops span").nth(6).click()
    page.wait_for_timeout(300)
    assert len(held) == 1
    body = changed(page, lambda: page.locator("#stops span").nth(7).click())
    assert body["options"]["aperture"] == 8
    newest = source(page)
    held[0].abort()  # the page has given it up already
    page.wait_for_timeout(200)
    assert source(page) == newest
    expect(page.get_by_role("alert")).to_be_hidden()


def test_an_answer_that_comes_while_painting_leaves_the_stroke(page: Page) -> None:
    cutout(page)
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/render", hold_first)
    page.get_by_role("button", name="Correct with a brush").click()
    stage = page.locator("#stage").bounding_box()
    assert stage is not None
    start, end = at(page, *RIGHT), at(page, RIGHT[0], RIGHT[1] + 60)
    page.mouse.move(stage["x"] + start["x"], stage["y"] + start["y"])
    page.mouse.down()
    assert held  # the mask, which the brush shows
    with page.expect_response("**/render"):
        held[0].continue_()
    settled(page)
    with page.expect_response("**/render") as answer:
        page.mouse.move(stage["x"] + end["x"], stage["y"] + end["y"], steps=4)
        page.mouse.up()
    assert len(asked(answer.value.request)["strokes"]) == 1


def test_each_photograph_has_its_own_strokes(page: Page) -> None:
    opened(page, {"one.png": PHOTO, "two.png": PHOTO})
    page.locator("[aria-label='two.png']").wait_for()
    changed(page, lambda: pick(page, "kind", "cutout"))
    changed(page, lambda: page.get_by_role("button", name="Subject 2").click())
    changed(page, lambda: page.locator("[aria-label='two.png']").click())
    assert alphas(page) == [True, True, False]
    page.locator("[aria-label='one.png']").click()
    settled(page)
    assert alphas(page) == [False, True, False]
