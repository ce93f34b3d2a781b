"""What the tests of the page do with a browser."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from tests.serve.service import encoded, two_subjects

_playwright = pytest.importorskip("playwright.sync_api", reason="needs pip install playwright")
expect = _playwright.expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHOTO = encoded(two_subjects(480, 720))
LEFT, RIGHT, NEITHER = (200, 240), (500, 240), (20, 20)

_PIXEL = """([id, x, y]) => {
  const image = document.getElementById(id);
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return [...context.getImageData(x, y, 1, 1).data];
}"""
_GIVE = """([type, files]) => {
  const transfer = new DataTransfer();
  for (const [name, mime, data] of files) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type: mime }));
  }
  const event = type === "paste"
    ? new ClipboardEvent(type, { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


def give(page: Page, kind: str, files: Mapping[str, bytes]) -> None:
    """Drop or paste files onto the page."""
    listed = [
        [name, "image/png", base64.b64encode(data).decode("ascii")] for name, data in files.items()
    ]
    page.evaluate(_GIVE, [kind, listed])


def choose(page: Page, files: Mapping[str, bytes]) -> None:
    """Choose files, as in the dialog of the browser."""
    page.set_input_files(
        "#file",
        [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in files.items()],
    )


def settled(page: Page) -> None:
    """Wait until the newest result is shown."""
    page.wait_for_function(
        """() => document.getElementById("stage").getAttribute("aria-busy") === "false"
            && document.getElementById("after-image").complete
            && document.getElementById("after-image").naturalWidth > 0"""
    )


def opened(page: Page, files: Mapping[str, bytes]) -> None:
    """Choose files and wait for the first result."""
    choose(page, files)
    settled(page)


def pixel(page: Page, x: int, y: int, image: str = "after-image") -> list[int]:
    """Red, green, blue and alpha of a pixel of what is shown."""
    found: list[int] = page.evaluate(_PIXEL, [image, x, y])
    return found


def pick(page: Page, name: str, value: str) -> None:
    """Choose a radio button by its visible label."""
    page.locator(f"label:has(input[name={name}][value={value}])").click()


def at(page: Page, x: float, y: float) -> dict[str, float]:
    """Where a pixel of the photograph is on the stage."""
    left, top, scale = page.evaluate(
        """() => ["--x", "--y", "--scale"].map((name) =>
            parseFloat(document.getElementById("stage").style.getPropertyValue(name)))"""
    )
    return {"x": left + x * scale, "y": top + y * scale}


def move(page: Page, points: Sequence[tuple[float, float]]) -> None:
    """Drag through pixels of the photograph."""
    stage = page.locator("#stage").bounding_box()
    assert stage is not None
    for number, point in enumerate(points):
        place = at(page, *point)
        page.mouse.move(stage["x"] + place["x"], stage["y"] + place["y"], steps=4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def drag(page: Page, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Drag through pixels of the photograph; give what the page then asks for."""
    return changed(page, lambda: move(page, points))


def click(page: Page, point: tuple[float, float]) -> dict[str, Any]:
    """Click a pixel of the photograph; give what the page then asks for."""
    return changed(page, lambda: page.locator("#stage").click(position=at(page, *point)))


def changed(page: Page, action: Callable[[], Any]) -> dict[str, Any]:
    """Do something that asks for a result; give what was asked."""
    with page.expect_response(lambda answer: answer.url.endswith("/render")) as answer:
        action()
    settled(page)
    return asked(answer.value.request)


def alphas(page: Page) -> list[bool]:
    """Whether the left subject, the right one and the background are kept."""
    return [pixel(page, *place)[3] > 128 for place in (LEFT, RIGHT, NEITHER)]


def cutout(page: Page) -> None:
    """Open the photograph of two subjects as a cutout."""
    opened(page, {"two.png": PHOTO})
    changed(page, lambda: pick(page, "kind", "cutout"))
    assert alphas(page) == [True, True, False]


def asked(request: Any) -> dict[str, Any]:
    """The JSON of a request."""
    body: dict[str, Any] = json.loads(request.post_data)
    return body
