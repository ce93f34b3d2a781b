"""Standard input, output and error: any of them may be closed, full, or without a reader."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

from defocus.errors import DefocusError, OptionError, OutputError

__all__ = [
    "binary",
    "describe",
    "discard",
    "is_open",
    "is_terminal",
    "one_line",
    "printable",
    "quiet_libraries",
    "report",
    "reserve_descriptors",
    "show_warnings_once",
    "write_error",
    "write_line",
]


def reserve_descriptors() -> None:
    """Open the null device for every standard stream that was closed at the start.

    Otherwise the next opened file gets its number, and the output of a library goes there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def is_open(stream: IO[str] | None) -> bool:
    """Whether the stream exists: Python has None for one that was closed at the start."""
    return stream is not None and not stream.closed


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether the stream is open, and a terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def binary(stream: IO[str] | None, name: str, hint: str) -> IO[bytes]:
    """The bytes of a stream.  Raises OptionError if it is closed or a terminal."""
    data: IO[bytes] | None = getattr(stream, "buffer", None)
    if data is None or data.closed:
        raise OptionError(f"{name} is closed; {hint}")
    if data.isatty():
        raise OptionError(f"{name} is this terminal; {hint}")
    return data


def write_line(text: str) -> None:
    """Write a line to standard output at once.  Raises OutputError."""
    stream = sys.stdout
    if stream is None or stream.closed:  # print would write nothing
        raise OutputError("cannot write to standard output: it is closed; open or redirect it")
    try:
        print(_encodable(text, stream), file=stream, flush=True)
    except (OSError, ValueError) as error:
        discard(stream)
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write to standard output: {reason}; check it") from error


def write_error(text: str, end: str = "\n") -> None:
    """Write to standard error at once.  A stream without a reader is not an error."""
    stream = sys.stderr
    if stream is None or stream.closed:  # print would use standard output
        return
    try:
        print(_encodable(text, stream), end=end, file=stream, flush=True)
    except (OSError, ValueError):
        discard(stream)


def report(kind: str, message: object) -> None:
    """Write one line with an error, a warning or an information to standard error."""
    write_error(f"defocus: {kind}: {one_line(str(message))}")


def discard(stream: IO[str]) -> None:
    """Drop the bytes that a stream did not accept, so that Python's exit does not fail again."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hide what C libraries and Pillow's logger print about a damaged file.

    Meanwhile file descriptor 2 is the null device, and `sys.stderr` still reaches the user.
    """
    import logging  # slow, and `--help` does not need it

    logger, handler = logging.getLogger("PIL"), logging.NullHandler()
    stream, kept, null = sys.stderr, os.dup(2), os.open(os.devnull, os.O_WRONLY)
    with ExitStack() as stack:
        stack.callback(os.close, null)
        stack.callback(os.close, kept)
        logger.addHandler(handler)
        stack.callback(logger.removeHandler, handler)
        os.dup2(null, 2)
        stack.callback(os.dup2, kept, 2)
        if _uses_descriptor_2(stream):
            errors, encoding = "backslashreplace", stream.encoding
            sys.stderr = stack.enter_context(
                open(kept, "w", encoding=encoding, errors=errors, closefd=False)
            )
            stack.callback(setattr, sys, "stderr", stream)
        yield


def _uses_descriptor_2(stream: IO[str] | None) -> bool:
    try:
        return stream is not None and stream.fileno() == 2
    except (OSError, ValueError):
        return False


# --- text -----------------------------------------------------------------------------------------


def describe(error: BaseException) -> str:
    """An error as text: ours by its message, a bug with its type.

    >>> describe(AttributeError("no such thing"))
    'AttributeError: no such thing'
    """
    if isinstance(error, DefocusError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory; use smaller images, or fewer --jobs"
    return f"{type(error).__name__}: {error}"


def show_warnings_once() -> Callable[..., None]:
    """A `warnings.showwarning` that reports every message once.

    Pillow repeats a message when it parses a damaged file more than once.
    """
    shown: set[str] = set()

    def show(message: Warning | str, *_where: object, **_more: object) -> None:
        if str(message) not in shown:
            shown.add(str(message))
            report("warning", message)

    return show


def one_line(text: str) -> str:
    r"""A message on one line, with escapes for control characters.

    >>> one_line("a\nb \x1b[1m \udcff")
    'a b \\x1b[1m \\udcff'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(text.split()))


def printable(path: str) -> str:
    r"""A path on one line, with quotes and escapes if it needs them.

    >>> printable("a b.jpg"), printable("a\nb.jpg")
    ('a b.jpg', "'a\\nb.jpg'")
    """
    return path if path.isprintable() and path == path.strip() else repr(path)


def _encodable(text: str, stream: IO[str]) -> str:
    """The text with escapes for what the encoding of the stream lacks."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
