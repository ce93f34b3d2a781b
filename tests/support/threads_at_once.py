"""Makes two threads of a function under test work at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest


def two_threads_at_once(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Where `module` spreads items over threads, the first two items wait for each other.

    With one thread only, the wait times out and the test fails.
    """
    real = module.spread

    def spread(function: Callable[[Any], Any], items: Sequence[Any], threads: int) -> list[Any]:
        if threads == 1:
            return list(real(function, items, threads))
        both, first = threading.Barrier(2), list(items[:2])

        def waiting(item: Any) -> Any:
            if item in first:
                both.wait(timeout=20)
            return function(item)

        return list(real(waiting, items, threads))

    monkeypatch.setattr(module, "spread", spread)
