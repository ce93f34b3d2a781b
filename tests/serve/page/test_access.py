"""The page for everyone: keyboard alone, small screens, and the rules of axe-core."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.serve.page.browser import choose, expect, opened, pick, settled
from tests.serve.page.screens import NARROW, WIDE
from tests.serve.service import encoded, two_subjects

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHOTO = encoded(two_subjects(480, 720))
_CHECK = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map((each) =>
    `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm."""
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "pack", "axe-core@4", "--silent"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("needs npm and its registry, for axe-core")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        source = archive.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_no_violation(
    axe: str,
    new_page: Callable[..., Page],
    address: str,
    scheme: str,
    size: tuple[int, int],
) -> None:
    page = new_page(address, size, color_scheme=scheme)
    page.evaluate(axe)

    def violations() -> list[str]:
        page.wait_for_timeout(250)  # transitions of colours
        found: list[str] = page.evaluate(_CHECK)
        return found

    assert violations() == []
    opened(page, {"one.png": PHOTO, "notes.txt": b"no picture"})
    pick(page, "bokeh", "disc")
    settled(page)
    assert violations() == []
    pick(page, "kind", "cutout")
    pick(page, "background", "colour")
    page.locator("#crop").check()
    settled(page)
    assert violations() == []
    page.get_by_role("button", name="Mark the subject").click()
    settled(page)
    for tool in ("point", "brush", "box"):
        pick(page, "tool", tool)
        assert violations() == []
    page.get_by_role("button", name="Done").click()
    page.locator(".thumb").nth(1).click()
    assert violations() == []


def test_the_page_is_used_by_keys_alone(page: Page) -> None:
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Tab")
        expect(page.locator("#drop")).to_be_focused()
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "two.png", "mimeType": "image/png", "buffer": PHOTO})
    settled(page)
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id || document.activeElement.name")
        reached.add(name)
    wanted = {"zoom-in", "stage", "divider", "add", "kind", "aperture", "bokeh", "grain", "mark"}
    assert wanted | {"format", "quality", "download"} <= reached
    page.locator("input[name=kind]").first.press("ArrowRight")
    expect(page.locator("#cutout-panel")).to_be_visible()
    settled(page)
    page.locator("#mark").press("Enter")
    expect(page.locator("#stage")).to_be_focused()
    for key in (" ", "ArrowRight", "ArrowRight", "ArrowDown", " "):
        page.keyboard.press(key)
    expect(page.locator("#undo")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(page.locator("#mark")).to_be_focused()


def test_nothing_leaves_the_screen(page: Page) -> None:
    choose(page, {f"{number}.png": PHOTO for number in range(12)})
    settled(page)
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name in ("#stage", "#download", "#add", "#zoom-full"):
        page.locator(name).scroll_into_view_if_needed()
        box = page.locator(name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height


def test_reduced_motion_is_respected(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(address, WIDE, reduced_motion="reduce")
    time = page.locator("#drop").evaluate("(drop) => getComputedStyle(drop).transitionDuration")
    assert set(time.split(", ")) == {"0s"}
