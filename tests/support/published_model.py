"""A small published network, and its download from a server of `model_server`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from defocus.models import ModelSpec
from defocus.models.pull import pull
from model_server import ModelServer
from tiny_network import field, tiny_network

DATA = tiny_network() + field(6, "long " * 1000)  # a description
SPEC = ModelSpec(
    name="tiny",
    file="tiny.onnx",
    url="https://127.0.0.1:1/nothing-listens-here/tiny.onnx",
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    licence="none",
)


def fetch(server: ModelServer, spec: ModelSpec = SPEC, **settings: Any) -> Path:
    return pull(spec, **{"mirror": server.url, "pause": 0.0, "timeout": 0.3, **settings})


def only(folder: Path, *names: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
