"""The network of all tests of the service."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from tiny_network import bright_network


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "bright.onnx"
    path.write_bytes(bright_network((1, 3, 96, 144)))
    return path
