"""The service without memory or threads: a 503 or the right answer."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults

pytestmark = pytest.mark.faults


def test_the_service_goes_on(library: Path) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    faults.without_faults(faults.python(library, "-m", "faults.service"))
