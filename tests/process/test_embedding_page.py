"""The snippets of docs/how-to/embedding.md run, one after the other, as one program."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "embedding.md"
EXTRAS = ("prometheus_client", "opentelemetry")  # a snippet of a missing one is left out


def snippets() -> list[str]:
    found = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    missing = [name for name in EXTRAS if find_spec(name) is None]
    return [text for text in found if not any(f"from {name}" in text for name in missing)]


def test_the_snippets_run(tmp_path: Path) -> None:
    pytest.importorskip("prometheus_client")
    shutil.copy(ROOT / "examples" / "astronaut.jpg", tmp_path / "photo.jpg")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(snippets())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    times, late = done.stdout.splitlines()
    for name in ("decode", "network", "refine", "render"):
        assert f"'{name}'" in times
    assert late == "too late, after decode"
    assert (tmp_path / "portrait.jpg").stat().st_size > 1000
