"""Output files: which may be written, and how they appear whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

from defocus import atomic
from defocus.errors import (
    DefocusWarning,
    OptionTypeError,
    OutputError,
    UnsupportedFormatError,
    type_of,
)
from defocus.io.formats import FORMATS, check_storage, format_of
from defocus.options import Storage

Target: TypeAlias = str | os.PathLike[str] | IO[bytes]

__all__ = ["Target", "check_place", "check_target", "write_file", "write_path"]


def check_target(
    target: Target,
    *,
    needs_alpha: bool,
    format: str | None = None,
    quality: int | None = None,
    storage: Storage | None = None,
) -> str:
    """Check the target before any work is done, and return the format's name.

    `storage` holds all settings, and replaces `quality`.  Raises UnsupportedFormatError,
    MissingExtraError, OutputError, OptionError or OptionTypeError, as `save` does.
    """
    storage = storage or Storage(quality=quality)
    if isinstance(target, (str, os.PathLike)):
        path = os.fsdecode(target)
        check_place(path)
        name = format_of(path, format)
    elif hasattr(target, "write") and not isinstance(target, io.TextIOBase):
        name = format_of(getattr(target, "name", None), format)
    else:
        raise OptionTypeError(
            f"target is {type_of(target)}; expected a path or a file in binary mode"
        )
    if needs_alpha and not FORMATS[name].alpha:
        able = ", ".join(other for other in FORMATS if FORMATS[other].alpha)
        raise UnsupportedFormatError(
            f"{name} cannot hold transparent pixels; use one of {able}, or give cutout a background"
        )
    check_storage(storage, name)
    return name


def check_place(path: str) -> None:
    """Raise OutputError, before any work is done, for a path that `write_path` cannot write."""
    with _reported(path):
        status = _status(path)
        mode = None if status is None else status.st_mode
        reason = _obstacle(path, mode, (_place(path, status) or Path(path)).parent)
    if reason:
        raise OutputError(f"cannot write {path!r}: {reason}")


def _obstacle(path: str, mode: int | None, folder: Path) -> str:
    """Return why a path in `folder` cannot be written; `mode` is None for a new file."""
    takes_files = os.access(folder, os.W_OK | os.X_OK)
    if path.endswith(os.sep) or (mode is not None and stat.S_ISDIR(mode)):
        return "it is a folder; name a file in it"
    if mode is None:
        if not folder.is_dir():
            return f"the folder {str(folder)!r} does not exist; create it first"
        return "" if takes_files else "its folder is not writable"
    if not os.access(path, os.W_OK):
        return "the file is write-protected"
    if stat.S_ISREG(mode) and not takes_files and not os.access(path, os.R_OK):
        return "its folder is not writable, and the file not readable; change either"
    return ""


def write_file(file: IO[bytes], data: bytes) -> None:
    """Write all of `data` to an open file.  Raises OutputError."""
    with _reported(str(getattr(file, "name", "<file>"))):
        rest = memoryview(data)
        while rest:  # an unbuffered file may write fewer bytes than it gets
            written = file.write(rest)
            # A full pipe that does not block.
            if written is None and isinstance(file, io.RawIOBase):
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            rest = rest[written or len(rest) :]
        file.flush()


def write_path(path: str, data: bytes) -> None:
    """Write `data` to `path` in one step.  A link is followed; a pipe or device is written to
    directly.

    A replaced file keeps its mode, owner, group, access control list and user attributes, as far as
    the system allows it.  Its other names (hard links) keep the old content.  Where no new file can
    be created (a read-only folder, a mount point), the old bytes are overwritten with a
    DefocusWarning.  If that fails, the old bytes are restored.

    Raises OutputError.
    """
    check_place(path)
    with _reported(path):
        status = _status(path)
        if status is not None and not stat.S_ISREG(status.st_mode):
            Path(path).write_bytes(data)
            return
        place = _place(path, status)
        try:
            if place is None:
                raise atomic.NoReplacementError("it has no name in any folder")
            atomic.replace(place, data, status)
            return
        except atomic.NoReplacementError as refusal:
            reason = refusal.strerror or refusal
        atomic.write_in_place(place or Path(path), data, exists=status is not None)
    warnings.warn(
        f"{path!r} was written in place ({reason}), not replaced in one step; a "
        "program that read it meanwhile may have read half of it",
        DefocusWarning,
        stacklevel=2,
    )


def _place(path: str, status: os.stat_result | None) -> Path | None:
    """Return where the file with that status lies; None if it has no name, such as /dev/fd/3."""
    if not Path(path).is_symlink():
        return Path(path)
    place = Path(os.path.realpath(path))
    if status is None:
        return place
    try:
        return place if os.path.samestat(place.stat(), status) else None
    except OSError:
        return None


def _status(path: str) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except FileNotFoundError:
        return None


@contextmanager
def _reported(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write {name!r}: {reason}") from error
