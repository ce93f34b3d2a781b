"""The three standard streams, any of which may be closed, full, or left by who reads it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO

from defocus.errors import OptionError, OutputError

__all__ = [
    "complain",
    "drop",
    "hold_places",
    "is_open",
    "is_terminal",
    "one_line",
    "piped",
    "tell",
]


def hold_places() -> None:
    """Put the null device in the place of every stream that the process was started without.

    Else the next file that is opened gets the number, and in it whatever a library prints.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one


def is_open(stream: IO[str] | None) -> bool:
    """Whether there is such a stream: Python has None for one that was closed at the start."""
    return stream is not None and not stream.closed


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether the stream is open, and a terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def piped(stream: IO[str] | None, name: str, advice: str) -> IO[bytes]:
    """The bytes of a stream that is no terminal.  Raises OptionError with the name and advice."""
    data: IO[bytes] | None = getattr(stream, "buffer", None)
    if data is None or data.closed:
        raise OptionError(f"{name} is closed; {advice}")
    if data.isatty():
        raise OptionError(f"{name} is this terminal; {advice}")
    return data


def tell(text: str) -> None:
    """Write a line to standard output at once.  Raises OutputError."""
    stream = sys.stdout
    if stream is None or stream.closed:  # print would say nothing
        raise OutputError("cannot write to standard output: it is closed; open or redirect it")
    try:
        print(_printable(text, stream), file=stream, flush=True)
    except (OSError, ValueError) as error:
        drop(stream)
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write to standard output: {reason}; check it") from error


def complain(text: str, end: str = "\n") -> None:
    """Write to standard error at once; that nobody listens there is no failure."""
    stream = sys.stderr
    if stream is None or stream.closed:  # print would take standard output
        return
    try:
        print(_printable(text, stream), end=end, file=stream, flush=True)
    except (OSError, ValueError):
        drop(stream)


def drop(stream: IO[str]) -> None:
    """Let go what could not be written to a stream, lest it fails again when Python ends."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


def one_line(text: str) -> str:
    r"""A message on one line, without what would steer a terminal.

    >>> one_line("a\nb \x1b[1m \udcff")
    'a b \\x1b[1m \\udcff'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(text.split()))


def _printable(text: str, stream: IO[str]) -> str:
    """The text with escapes for what the encoding of the stream lacks."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
