"""Each test of the command has a current folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from scenes import person


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photo(folder: Path) -> None:
    """A photo and its matte in the current folder."""
    image, matte = person()
    Image.fromarray(image).save("photo.jpg", quality=95, dpi=(240, 240))
    Image.fromarray(image).save("photo.png")
    Image.fromarray(matte).save("matte.png")
