"""The command `defocus`."""

from defocus.cli.command import main

__all__ = ["main"]
