"""Runs the command over many images, and reads what it writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

SMALL = ["--model", "u2netp"]


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "defocus", *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, **settings)


def records(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    *rows, last = [json.loads(line) for line in text.splitlines()]
    return rows, last["summary"]


def results(out: str = "out") -> list[str]:
    """All files below OUT, each of which is a complete image."""
    found = []
    for path in sorted(Path(out).rglob("*")):
        if path.is_file():
            with Image.open(path) as image:
                image.load()
            found.append(str(path.relative_to(out)))
    return found
