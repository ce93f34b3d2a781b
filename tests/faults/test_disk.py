"""A disk that is full or broken, at each call: the old file or the new one, and a typed error."""

from __future__ import annotations

from pathlib import Path

import pytest

import faults

pytestmark = pytest.mark.faults


def test_every_call_of_a_save_fails_in_its_turn(library: Path, folder: Path) -> None:
    faults.without_faults(faults.python(library, "-m", "faults.no_disk", folder))


@pytest.mark.parametrize("what", ["batch", "frames", "download"])
def test_what_is_stored_is_whole(what: str, library: Path, folder: Path) -> None:
    own = {"DEFOCUS_MODELS": str(folder / "models"), "HOME": str(folder), "no_proxy": "*"}
    faults.without_faults(faults.python(library, "-m", "faults.no_disk_batch", what, env=own))
