"""How the command line reads its arguments and speaks to its user."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from defocus.cli.streams import complain, one_line, tell
from defocus.errors import DefocusError

__all__ = [
    "EXIT_CODES",
    "FAILED",
    "INTERRUPTED",
    "NO_SUBJECT",
    "WRONG_USAGE",
    "Parser",
    "Version",
    "described",
    "each_once",
    "say",
    "unknown",
]

FAILED, WRONG_USAGE, NO_SUBJECT, INTERRUPTED = 1, 2, 3, 130

EXIT_CODES = """
exit codes:
  0    done
  1    the picture, or one of many, could not be read, processed or written
  2    wrong usage: an unknown option, or a value out of range
  3    no subject found; of many pictures nothing else failed
  130  interrupted

A file is written only if all went well.  DEFOCUS_TRACEBACK=1 shows where an unexpected error
comes from.
"""


def say(kind: str, message: object) -> None:
    """Write one line to stderr."""
    complain(f"defocus: {kind}: {one_line(str(message))}")


def described(error: BaseException) -> str:
    """An error in words: ours by its message, a bug with its type.

    >>> described(AttributeError("no such thing"))
    'AttributeError: no such thing'
    """
    if isinstance(error, DefocusError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory; use a smaller picture, or fewer pictures at a time"
    return f"{type(error).__name__}: {error}"


def each_once() -> Callable[..., None]:
    """A `warnings.showwarning` that tells every message once.

    Pillow gives the same one again and again of a damaged file that it parses more than once.
    """
    told: set[str] = set()

    def show(message: Warning | str, *_where: object, **_more: object) -> None:
        if str(message) not in told:
            told.add(str(message))
            say("warning", message)

    return show


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with an example, instead of a page of usage."""

    example = "portrait photo.jpg portrait.jpg"

    def print_help(self, file: Any = None) -> None:
        """Print the help to standard output.  Raises OutputError."""
        tell(self.format_help().rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        say("error", f"{message}; example: defocus {self.example}")
        raise SystemExit(WRONG_USAGE)

    def refuse(self, extra: Sequence[str]) -> NoReturn:
        """Report the arguments that nobody asked for."""
        options = [argument for argument in extra if argument.startswith("-")]
        if not options:
            self.error(f"unexpected argument {extra[0]!r}")
        self.error(unknown("option", options[0].partition("=")[0], self._option_string_actions))


class Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, *_arguments: object, **_options: object) -> NoReturn:
        """Print the version, and end."""
        from defocus import __version__

        tell(f"defocus {__version__}")
        raise SystemExit(0)


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Say that `word` is not known, and what may have been meant."""
    from difflib import get_close_matches  # only mistakes need it

    near = get_close_matches(word, list(known), n=1)
    return f"unknown {kind} {word!r}" + (f"; did you mean {near[0]!r}?" if near else "")
