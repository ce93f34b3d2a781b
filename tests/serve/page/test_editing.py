"""Looks and subjects change the result, and the newest one is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.serve.page.browser import (
    LEFT,
    NEITHER,
    PHOTO,
    RIGHT,
    alphas,
    asked,
    at,
    changed,
    cutout,
    expect,
    opened,
    pick,
    pixel,
    settled,
)
from tests.serve.service import encoded, two_subjects

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser


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
    body = changed(page, lambda: page.locator("#ground").check())
    assert body["options"] == {**expected, "ground": "auto"}
    body = changed(page, lambda: page.locator("#grain").press("Home"))
    assert body["options"]["ground"] == "auto"
    page.locator("#ground").uncheck()
    settled(page)


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
    assert body["options"] == {"crop": "5%"}
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


def test_each_photograph_has_its_own_subjects(page: Page) -> None:
    opened(page, {"one.png": PHOTO, "two.png": PHOTO})
    page.locator("[aria-label='two.png']").wait_for()
    changed(page, lambda: pick(page, "kind", "cutout"))
    changed(page, lambda: page.get_by_role("button", name="Subject 2").click())
    changed(page, lambda: page.locator("[aria-label='two.png']").click())
    assert alphas(page) == [True, True, False]
    page.locator("[aria-label='one.png']").click()
    settled(page)
    assert alphas(page) == [False, True, False]
