"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from defocus.errors import OutputError

__all__ = ["check_place", "remove_leftovers", "write_file", "write_path"]

_TEMPORARY = ".defocus-"
_LEFT_OVER = 60.0  # seconds after its last byte; the file of a process at work is younger


def check_place(path: str) -> None:
    """Refuse, before any work is done, a path that cannot be written: OutputError."""
    with _reported(path):
        mode = _mode(path)
        folder = Path(os.path.realpath(path)).parent
        if path.endswith(os.sep) or (mode is not None and stat.S_ISDIR(mode)):
            reason = "it is a folder; name a file in it"
        elif mode is not None:
            reason = "" if os.access(path, os.W_OK) else "the file is write-protected"
        elif not folder.is_dir():
            reason = f"the folder {str(folder)!r} does not exist; create it first"
        else:
            reason = "" if os.access(folder, os.W_OK | os.X_OK) else "its folder is not writable"
    if reason:
        raise OutputError(f"cannot write {path!r}: {reason}")


def write_file(file: IO[bytes], data: bytes) -> None:
    """Write all of `data` to an open file.  Raises OutputError."""
    with _reported(str(getattr(file, "name", "<file>"))):
        rest = memoryview(data)
        while rest:  # a file without a buffer may take less than all
            rest = rest[file.write(rest) or len(rest) :]
        file.flush()


def write_path(path: str, data: bytes) -> None:
    """Put `data` at `path` in one step; a link is followed, a pipe or device written to.

    Raises OutputError.
    """
    with _reported(path):
        mode = _mode(path)
        if mode is None or stat.S_ISREG(mode):
            _replace(Path(os.path.realpath(path)), data, mode)
        else:
            Path(path).write_bytes(data)


def remove_leftovers(folder: str) -> None:
    """Remove the temporary files that a process which was killed has left in `folder`."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.removeprefix(_TEMPORARY)
            if len(name) == 16 < len(entry.name) and entry.is_file(follow_symlinks=False):
                age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if age > _LEFT_OVER:
                    Path(entry.path).unlink(missing_ok=True)


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    temporary = path.with_name(f"{_TEMPORARY}{os.urandom(8).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(stat.S_IMODE(mode))
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _mode(path: str) -> int | None:
    try:
        return Path(path).stat().st_mode
    except FileNotFoundError:
        return None


@contextmanager
def _reported(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write {name!r}: {reason}") from error
