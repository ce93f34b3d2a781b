"""What is downloaded has the bytes of the library."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import defocus
from tests.serve.page.browser import choose, expect, opened, pick, settled
from tests.serve.service import encoded, two_subjects

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHOTO = encoded(two_subjects(480, 720))
OTHER = encoded(two_subjects(300, 400))


def portrait(data: bytes, model: Path) -> bytes:
    file = io.BytesIO()
    result = defocus.portrait(data, segmenter=defocus.Segmenter(model, threads=1))
    defocus.save(result, file, format="jpeg", quality=95, strip="gps")
    return file.getvalue()


def test_a_download_has_the_bytes_of_the_library(page: Page, model: Path) -> None:
    opened(page, {"my photo.png": PHOTO})
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == "my photo-portrait.jpg"
    assert Path(download.value.path()).read_bytes() == portrait(PHOTO, model)
    expect(page.locator("#live")).to_have_text("my photo-portrait.jpg is downloaded.")
    expect(page.locator("#download")).to_have_text("Download")


def test_formats_are_those_that_the_result_can_have(page: Page) -> None:
    opened(page, {"two.png": PHOTO})
    pick(page, "kind", "cutout")
    expect(page.locator("#format option")).to_have_text(["PNG", "WebP"])
    expect(page.locator("#quality")).to_be_hidden()
    pick(page, "background", "colour")
    expect(page.locator("#format option")).to_have_text(["PNG", "WebP", "JPEG"])
    page.locator("#format").select_option("jpeg")
    expect(page.locator("#quality")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert Path(download.value.path()).read_bytes().startswith(b"\xff\xd8")


def test_several_photographs_come_as_a_zip(page: Page, model: Path) -> None:
    opened(page, {"one.png": PHOTO, "two.png": OTHER, "notes.txt": b"no picture"})
    choose(page, {"one.png": OTHER})
    settled(page)
    button = page.get_by_role("button", name="Download all")
    expect(button).to_have_text("Download all (3)")
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "defocus.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["one-portrait.jpg", "two-portrait.jpg", "one-portrait-2.jpg"]
        assert archive.read("one-portrait.jpg") == portrait(PHOTO, model)
        assert archive.read("two-portrait.jpg") == portrait(OTHER, model)
