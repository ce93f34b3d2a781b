"""Calls that are interrupted or do a part, and files that change while they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("program", ["interruptions", "changing_files"])
def test_files(program: str, library: Path, folder: Path) -> None:
    faults.without_faults(faults.python(library, "-m", f"faults.{program}", folder))
