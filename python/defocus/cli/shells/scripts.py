"""The completion scripts by shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from defocus.cli.shells import bash, fish, zsh
from defocus.cli.shells.grammar import Command

__all__ = ["SCRIPTS"]

SCRIPTS: Mapping[str, Callable[[Command], str]] = MappingProxyType(
    {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}
)
