"""Photographs get in, are shown under the slider, and refusals say what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.serve.page.browser import choose, expect, give, opened, pick, pixel, settled
from tests.serve.page.screens import NARROW
from tests.serve.service import encoded, two_subjects

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHOTO = encoded(two_subjects(480, 720))
EMPTY = encoded(np.full((200, 300, 3), (200, 0, 0), np.uint8))


def test_the_first_screen_says_where_the_photograph_goes(page: Page) -> None:
    expect(page.get_by_role("heading")).to_have_text(
        "Blur or remove the background of a photograph."
    )
    expect(page.locator("#privacy")).to_have_text("The photograph does not leave this machine.")
    with page.expect_file_chooser() as chooser:
        page.locator("#drop").press("Enter")
    assert chooser.value.is_multiple()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_photograph_that_is_dropped_or_pasted_is_shown(page: Page, way: str) -> None:
    give(page, way, {"two.png": PHOTO})
    settled(page)
    assert page.evaluate("document.getElementById('before-image').naturalWidth") == 720
    assert page.evaluate("document.getElementById('after-image').naturalWidth") == 720
    expect(page.locator("#live")).to_have_text("The result is shown.")
    expect(page.locator("#warnings")).to_contain_text("Click the one that you want to keep.")


def test_the_slider_moves_by_pointer_and_by_keys(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    divider = page.get_by_role("slider", name="Boundary between before and after")
    stage = page.locator("#stage").bounding_box()
    assert stage is not None

    def share() -> float:
        box = divider.bounding_box()
        assert box is not None
        return float((box["x"] + box["width"] / 2 - stage["x"]) / stage["width"])

    assert share() == pytest.approx(0.5, abs=0.01)
    middle = stage["y"] + stage["height"] / 2
    page.mouse.move(stage["x"] + stage["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 4, middle, steps=3)
    page.mouse.up()
    assert share() == pytest.approx(0.25, abs=0.01)
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "27")
    divider.press("End")
    expect(divider).to_have_attribute("aria-valuenow", "100")
    clip = page.locator("#after").evaluate("(layer) => getComputedStyle(layer).clipPath")
    assert clip.endswith("100%)")


def test_both_views_zoom_and_move_together(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    boxes = [page.locator(name) for name in ("#before-image", "#after-image")]
    page.locator("#zoom-full").click()
    expect(page.locator("#zoom")).to_have_text("100 %")
    before = [box.bounding_box() for box in boxes]
    assert before[0] == before[1]
    assert before[0] is not None
    assert before[0]["width"] == pytest.approx(720, abs=0.5)
    page.locator("#stage").press("ArrowRight")
    page.locator("#stage").press("+")
    after = [box.bounding_box() for box in boxes]
    assert after[0] == after[1]
    assert after[0] != before[0]
    page.locator("#stage").press("0")
    fitted, stage = boxes[0].bounding_box(), page.locator("#stage").bounding_box()
    assert fitted is not None
    assert stage is not None
    assert fitted["width"] <= stage["width"]
    assert fitted["height"] <= stage["height"]


def test_a_text_file_and_a_large_file_are_refused_in_words(page: Page) -> None:
    uploads: list[str] = []
    page.on(
        "request", lambda sent: uploads.append(sent.url) if sent.url.endswith("/photos") else None
    )
    opened(page, {"two.png": PHOTO})
    choose(page, {"notes.txt": b"no picture"})
    expect(page.get_by_role("alert")).to_contain_text("notes.txt: This is not a picture.")
    choose(page, {"large.png": bytes(2_500_000), "three.png": PHOTO})
    expect(page.get_by_role("alert")).to_contain_text("The file is too large: the limit is 2 MB.")
    expect(page.locator("[aria-label='three.png']")).to_be_visible()
    assert len(uploads) == 3  # the large file was not sent
    page.get_by_role("button", name="two.png").first.click()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator(".thumb:not(.add)")).to_have_count(4)
    expect(page.locator(".state.failed")).to_have_count(2)


def test_a_photograph_without_subject_offers_a_box(page: Page) -> None:
    choose(page, {"dark.png": EMPTY})
    expect(page.get_by_role("alert")).to_contain_text("No subject was found.")
    expect(page.locator("#download")).to_be_disabled()
    page.get_by_role("button", name="Draw a box").click()
    expect(page.locator("#marks-panel")).to_be_visible()
    expect(page.locator("input[name=tool][value=box]")).to_be_checked()
    pick(page, "tool", "brush")
    page.locator("#stage").press(" ")
    page.locator("#stage").press("ArrowRight")
    page.locator("#stage").press(" ")
    page.get_by_role("button", name="Done").click()
    settled(page)
    expect(page.locator("#download")).to_be_enabled()
    assert page.evaluate("document.getElementById('after-image').naturalWidth") == 300


def test_a_photograph_that_the_server_forgot_is_uploaded_again(page: Page, address: str) -> None:
    with page.expect_response(lambda answer: answer.url.endswith("/page/photos")) as answer:
        opened(page, {"two.png": PHOTO})
    key = answer.value.json()["id"]
    assert page.request.delete(f"{address}page/photos/{key}").status == 204
    with page.expect_response(lambda answer: answer.url.endswith("/page/photos")) as again:
        page.locator("#aperture").press("End")
    assert again.value.status == 201
    settled(page)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_photograph_can_be_removed(page: Page) -> None:
    opened(page, {"one.png": PHOTO, "two.png": PHOTO})
    page.locator("li").filter(has=page.locator("[aria-label='one.png']")).hover()
    page.get_by_role("button", name="Remove one.png").click()
    expect(page.locator("[aria-label='two.png']")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Remove two.png").click()
    expect(page.locator("#first")).to_be_visible()


def test_a_service_with_keys_asks_for_one(
    serve: Callable[..., str], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text("open-sesame\n", encoding="utf-8")
    page = new_page(serve("--api-keys", str(keys)), NARROW)
    choose(page, {"two.png": PHOTO})
    page.get_by_label("API key").fill("open-sesame")
    page.get_by_role("button", name="Continue").click()
    settled(page)
    assert pixel(page, 100, 200)[3] == 255


def test_a_photograph_without_subject_does_not_wait_for_another(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    choose(page, {"dark.png": EMPTY})
    expect(page.get_by_role("alert")).to_contain_text("No subject was found.")
    page.route("**/render", lambda route: None)  # there is never an answer
    page.locator("[aria-label='two.png']").click()
    page.locator("#aperture").press("Home")
    expect(page.locator("#busy")).to_have_text("Computing …")
    page.locator("[aria-label='dark.png, No subject']").click()
    expect(page.locator("#busy")).to_be_hidden()
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")


def test_fingers_move_the_slider_and_zoom(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(address, NARROW)
    opened(page, {"two.png": PHOTO})
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        listed = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": listed})

    stage = page.locator("#stage").bounding_box()
    assert stage is not None
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    touch("touchStart", (x, y))
    touch("touchMove", (x + 60, y))
    touch("touchMove", (x + 117, y))
    touch("touchEnd")
    expect(page.locator("#divider")).to_have_attribute("aria-valuenow", "80")
    before = page.locator("#before-image").bounding_box()
    touch("touchStart", (x - 100, y - 60))
    touch("touchStart", (x - 100, y - 60), (x - 50, y + 60))
    touch("touchMove", (x - 100, y - 120), (x - 50, y + 120))
    touch("touchEnd")
    after = page.locator("#before-image").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > 1.5 * before["width"]
    assert page.locator("#after-image").bounding_box() == after
