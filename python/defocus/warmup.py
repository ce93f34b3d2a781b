"""Steps of `Segmenter.warmup`: what a first call would otherwise wait for.

Modules register them, so that the room `models` needs not know the room `io`.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["at_warmup", "run_steps"]

_steps: list[Callable[[], None]] = []  # filled while modules are imported, never afterwards


def at_warmup(step: Callable[[], None]) -> Callable[[], None]:
    """Register a function without arguments that may be called any number of times."""
    _steps.append(step)
    return step


def run_steps() -> None:
    """Run every registered step."""
    for step in _steps:
        step()
