"""Decide whether an error comes from the data, or from a bug or a lack of memory.

Pillow raises many types of errors for damaged files, and so do readers of bytes.  The type alone
does not decide.  A TypeError inside Pillow comes from a damaged tag; in our own code it is a bug.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from defocus.errors import DefocusError, EncodeError, OutputError

__all__ = ["encoding", "from_codec", "reason_of", "system_error"]

# Types that only codecs and files raise.
_SAID = (OSError, SyntaxError, EOFError, struct.error, zlib.error)
# Types that Python's own operations raise for damaged data, and for bugs.
_DATA = (ValueError, LookupError, TypeError, ArithmeticError)
_CODECS = ("PIL", "pillow_heif", "pi_heif")
# What an encoder says without memory: libavif, and libwebp with its error number.
_NO_MEMORY = re.compile(r"out of memory|encoding error [12]\b", re.IGNORECASE)
# Our modules that read or write the bytes of files.
_FORMATS = ("io.codecs.", "io.colour.", "io.metadata.", "io.formats", "io.photo")


def from_codec(error: Exception) -> bool:
    """Return whether an error of decoding or encoding comes from the data.

    The error was raised in the calling code or in code that it called.

    >>> from_codec(OSError("image file is truncated")), from_codec(MemoryError())
    (True, False)
    """
    if isinstance(error, MemoryError):
        return False
    if isinstance(error, _SAID):
        return True
    ours, beyond = _places(error)
    if any(place in _CODECS for place in beyond):
        return True
    if not isinstance(error, _DATA):
        return False
    # numpy does not read files: an error inside numpy is a bug of its caller.
    return ours.startswith(_FORMATS) or bool({*beyond} - {"numpy"})


def system_error(error: BaseException) -> str | None:
    """Return the message of the operating system, or None if the error is not from there.

    >>> system_error(OSError(5, "Input/output error")), system_error(OSError("broken"))
    ('Input/output error', None)
    """
    return error.strerror if isinstance(error, OSError) and error.errno is not None else None


def reason_of(error: BaseException) -> str:
    """Return the message on one line, or the name of the error's type.

    >>> reason_of(ValueError("two\\nlines")), reason_of(EOFError()), reason_of(OSError(-2))
    ('two lines', 'EOFError', 'error -2')
    """
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"error {reason}" if reason.removeprefix("-").isdigit() else reason


@contextmanager
def encoding(what: str, form: str) -> Iterator[None]:
    """Convert errors of an encoder to EncodeError, which names `what` and the format `form`.

    If there is no space for the result, it is an OutputError, and if the encoder has no memory, a
    MemoryError.  Bugs keep their type.
    """
    try:
        yield
    except DefocusError:
        raise
    except Exception as error:
        if not from_codec(error):
            raise
        if reason := system_error(error):
            raise OutputError(f"{what} cannot be stored as {form}: {reason}") from error
        reason = reason_of(error)
        kind = MemoryError if _NO_MEMORY.search(reason) else EncodeError
        raise kind(f"{what} cannot become {form}: {reason}") from error


def _places(error: Exception) -> tuple[str, list[str]]:
    """Return our module in which the error was raised, and the packages that it called."""
    ours, beyond = "", list[str]()
    traceback = error.__traceback__
    while traceback is not None:
        package, _, rest = str(traceback.tb_frame.f_globals.get("__name__")).partition(".")
        if package == "defocus":
            ours, beyond = rest, []
        else:
            beyond.append(package)
        traceback = traceback.tb_next
    return ours, beyond
