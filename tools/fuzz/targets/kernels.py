"""The row kernels in C++: ISA levels against each other, and against exact numbers."""

from __future__ import annotations

from tools.fuzz import programs


def command() -> list[str] | None:
    """Build the program of the kernels."""
    return programs.command("kernels")
