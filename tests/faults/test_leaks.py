"""After failures the process has no more threads, descriptors and temporary files than before."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults

pytestmark = pytest.mark.faults


def test_a_hundred_failures_leave_nothing(library: Path, folder: Path) -> None:
    faults.without_faults(faults.python(library, "-m", "faults.leaks", folder / "temporary"))
