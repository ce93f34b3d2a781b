"""Which errors are a codec's word on the data; all others are bugs, or a lack of memory.

Pillow raises errors of many kinds for damaged files, and so do readers of bytes.  The type alone
does not tell: a TypeError inside Pillow comes from a damaged tag, one in our own code from a bug.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from defocus.errors import DefocusError, EncodeError, OutputError

__all__ = ["encoding", "from_codec", "reason_of", "system_error"]

# What only codecs raise of, or files.
_SAID = (OSError, SyntaxError, EOFError, struct.error, zlib.error)
# What Python's own operations raise of for damaged data, and for bugs.
_DATA = (ValueError, LookupError, TypeError, ArithmeticError)
_CODECS = ("PIL", "pillow_heif")
# Modules of ours that read or write the bytes of files.
_FORMATS = ("io.codecs.", "io.colour.", "io.metadata.", "io.formats", "io.photo")


def from_codec(error: Exception) -> bool:
    """Whether an error that came out of decoding or encoding says something about the data.

    It was raised within the calling code or by what that called.

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
    # numpy knows nothing of files: what it refuses is a bug of whoever called it.
    return ours.startswith(_FORMATS) or bool({*beyond} - {"numpy"})


def system_error(error: BaseException) -> str | None:
    """What the operating system says where it, and no codec, failed to read or write.

    >>> system_error(OSError(5, "Input/output error")), system_error(OSError("broken"))
    ('Input/output error', None)
    """
    return error.strerror if isinstance(error, OSError) and error.errno is not None else None


def reason_of(error: BaseException) -> str:
    """The message on one line, or the name of the error's type.

    >>> reason_of(ValueError("two\\nlines")), reason_of(EOFError()), reason_of(OSError(-2))
    ('two lines', 'EOFError', 'error -2')
    """
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"error {reason}" if reason.removeprefix("-").isdigit() else reason


@contextmanager
def encoding(what: str, form: str) -> Iterator[None]:
    """Make EncodeErrors of what an encoder says of `what`, which it should make a `form` of.

    Where there is no room for the result, an OutputError; bugs and a lack of memory keep their
    type.
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
        raise EncodeError(f"{what} cannot become {form}: {reason_of(error)}") from error


def _places(error: Exception) -> tuple[str, list[str]]:
    """The module of ours in which the error came up, and the packages of others beyond it."""
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
