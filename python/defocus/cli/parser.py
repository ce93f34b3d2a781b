"""The argument parser: one line for each mistake, and the same help from Python 3.11 to 3.14."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from defocus.cli.streams import report, write_line

__all__ = [
    "EXIT_CODES",
    "FAILED",
    "INTERRUPTED",
    "NO_SUBJECT",
    "SETTINGS",
    "WRONG_USAGE",
    "Parser",
    "Version",
    "unknown",
]

FAILED, WRONG_USAGE, NO_SUBJECT, INTERRUPTED = 1, 2, 3, 130

EXIT_CODES = """
exit codes:
  0    success
  1    an image could not be read, processed or written
  2    wrong usage: an unknown option, or a value out of range
  3    no subject found, and nothing else failed
  130  interrupted

An output file is written completely or not at all.
With DEFOCUS_TRACEBACK=1 an unexpected error shows its traceback.
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Shows `-f, --aperture N`, as Python 3.13 does, instead of `-f N, --aperture N`.

    Also as there, the column of the help has room for the longest command.  `argparse` makes one
    for each option, also without --help, and would import `shutil` for the width.
    """

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, **{"width": _columns() - 2, **more})

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        for command in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(command)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        return f"{', '.join(action.option_strings)} {action.metavar}"


def _columns() -> int:
    """The width of the terminal, as `shutil.get_terminal_size` has it."""
    with suppress(ValueError):
        if (stated := int(os.environ.get("COLUMNS", "0"))) > 0:
            return stated
    with suppress(AttributeError, ValueError, OSError):  # there is no output, or no terminal
        stdout: Any = sys.__stdout__
        return os.get_terminal_size(stdout.fileno()).columns or 80
    return 80


# What every parser of the command has.
SETTINGS: dict[str, Any] = {"formatter_class": _Formatter, "allow_abbrev": False}


class Parser(argparse.ArgumentParser):
    """Reports a mistake in one line with an example, instead of a page of usage."""

    example = "portrait photo.jpg portrait.jpg"

    def print_help(self, file: Any = None) -> None:
        """Print the help to standard output.  Raises OutputError."""
        write_line(self.format_help().rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        """Report a mistake, and exit."""
        report("error", f"{message}; example: defocus {self.example}")
        raise SystemExit(WRONG_USAGE)

    def refuse(self, extra: Sequence[str]) -> NoReturn:
        """Report arguments that the command does not have, and exit."""
        options = [argument for argument in extra if argument.startswith("-")]
        if not options:
            self.error(f"unexpected argument {extra[0]!r}")
        self.error(unknown("option", options[0].partition("=")[0], self._option_string_actions))


class Version(argparse.Action):
    """Imports the version only when it is printed."""

    def __call__(self, *_arguments: object, **_options: object) -> NoReturn:
        """Print the version, and exit."""
        from defocus import __version__

        write_line(f"defocus {__version__}")
        raise SystemExit(0)


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """A message that `word` is not known, with the closest known word."""
    from difflib import get_close_matches  # only mistakes need it

    near = get_close_matches(word, list(known), n=1)
    return f"unknown {kind} {word!r}" + (f"; did you mean {near[0]!r}?" if near else "")
