"""A planted fault, which the test of the runner has to find: one input in 16 million breaks it."""

from __future__ import annotations

from collections.abc import Iterable

INSTRUMENTED = ("tools",)


def seeds() -> Iterable[bytes]:
    """An input that passes."""
    yield b"0000"


def check(data: bytes) -> None:
    """Each byte that is right opens another branch."""
    if data[:1] == b"D" and data[1:2] == b"E":
        assert data[2:3] != b"F", "the planted fault"
