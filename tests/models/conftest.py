"""Fixtures for downloads of a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from defocus import models
from defocus.models import MODELS
from model_server import ModelServer, serving
from published_model import DATA, SPEC


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for downloaded files.  No folder of the user is used."""
    for name in ("U2NET_HOME", "REMBG_HOME", "XDG_DATA_HOME", "DEFOCUS_MODEL_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEFOCUS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(models, "MODELS", {**MODELS, "tiny": SPEC})
    return tmp_path / "models"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(DATA) as running:
        yield running
