"""Fixtures that all tests share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings

from defocus import _native

# No test is timed.  Where CI is set, hypothesis has a profile that does not.
if settings.get_current_profile_name() == "default":
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")


@pytest.fixture(params=_native.isa_levels())
def isa(request: pytest.FixtureRequest) -> str:
    """Every ISA level that this machine runs, one after the other."""
    level: str = request.param
    return level


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240229)
