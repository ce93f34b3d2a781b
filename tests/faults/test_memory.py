"""Every allocation or thread of a call fails in its turn: MemoryError or the right result."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults
from defocus import _native

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("what", ["native", "network", "pipeline"])
def test_without_memory(what: str, library: Path) -> None:
    faults.without_faults(faults.python(library, "-m", "faults.no_memory", what))


def test_without_threads(library: Path) -> None:
    faults.without_faults(faults.python(library, "-m", "faults.no_threads"))


def test_every_function_takes_part() -> None:
    from faults.native_calls import CALLS

    public = {name for name in vars(_native) if not name.startswith("_")}
    assert public == set(CALLS)
