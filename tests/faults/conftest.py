"""The preloaded library, and a folder of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library for LD_PRELOAD."""
    return faults.build(tmp_path_factory.mktemp("faults"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
