"""Makes sure that what tests of threads run is run by more than one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest


def in_company(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Where `module` spreads items over threads, the first two wait for each other.

    One thread alone would never get past them, and fail.
    """
    real = module.spread

    def spread(function: Callable[[Any], Any], items: Sequence[Any], threads: int) -> list[Any]:
        if threads == 1:
            return list(real(function, items, threads))
        company, first = threading.Barrier(2), list(items[:2])

        def accompanied(item: Any) -> Any:
            if item in first:
                company.wait(timeout=20)
            return function(item)

        return list(real(accompanied, items, threads))

    monkeypatch.setattr(module, "spread", spread)
