"""Whole images in C++: strides, sizes, ISA levels and threads that must not change the result."""

from __future__ import annotations

from tools.fuzz import programs


def command() -> list[str] | None:
    """Build the program of the operations on images."""
    return programs.command("images")
