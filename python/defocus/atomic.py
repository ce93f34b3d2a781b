"""A file's bytes replaced: in one step by a new file, or, where that cannot be, in place.

Everything here raises OSError as the system does.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import TypeVar

__all__ = [
    "TEMPORARY",
    "NoReplacementError",
    "remove_leftovers",
    "replace",
    "sync",
    "write_in_place",
]

_T = TypeVar("_T")

TEMPORARY = ".defocus-"  # and 16 hexadecimal digits
_LEFT_OVER = 60.0  # seconds after its last byte; the file of a running process is younger
_ACL = "system.posix_acl_access"  # Linux keeps the access control list under this name
_NOT_SUPPORTED = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
_NOT_ALLOWED = {errno.EPERM, errno.EACCES, errno.EROFS}
# What a folder answers that takes no new file, or not under such a name.
_NO_NEW_FILE = _NOT_SUPPORTED | _NOT_ALLOWED | {errno.ENAMETOOLONG}
# What a file system answers that cannot rename, or not onto this file (EBUSY: it is a mount point).
_NO_RENAME = _NOT_SUPPORTED | {errno.EBUSY, errno.EXDEV, errno.EEXIST}
if sys.platform != "win32":  # where it means that another program has the file open
    _NO_RENAME |= _NOT_ALLOWED


class NoReplacementError(OSError):
    """No new file can be put at this place; the old one, if there is one, is untouched."""


def replace(path: Path, data: bytes, old: os.stat_result | None) -> None:
    """Put a new file with `data` at `path`, with the rights of the `old` one that lies there.

    Raises NoReplacementError where `write_in_place` may still do it.  After any failure the new
    file is gone.
    """
    temporary = path.with_name(f"{TEMPORARY}{os.urandom(8).hex()}")
    try:
        with _attempt(lambda: _created(temporary, _first_mode(old)), _NO_NEW_FILE) as file:
            mode = None if old is None else _keep_rights(file.fileno(), path, old)
            _write(file, data)
            if mode is not None and mode & (stat.S_ISUID | stat.S_ISGID):  # which writing clears
                _set_mode(file.fileno(), mode)
            sync(file.fileno())
        _attempt(lambda: os.replace(temporary, path), _NO_RENAME)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_in_place(path: Path, data: bytes, *, exists: bool) -> None:
    """Write to `path` itself.  If that fails the old bytes are put back, or the new file removed.

    Who reads the file at that moment may see a part of it.
    """
    if not exists:
        with _created(path, 0o666) as file:
            try:
                _overwrite(file, data)
            except BaseException:
                with suppress(OSError):
                    path.unlink()
                raise
        return
    with FileIO(path, "r+") as file:
        before = file.readall()
        try:
            _overwrite(file, data)
        except BaseException as failure:
            try:
                _overwrite(file, before)
            except OSError as error:
                reason = getattr(failure, "strerror", None) or type(failure).__name__
                raise OSError(
                    error.errno,
                    f"{reason}; the old content could not be put back, the file is damaged",
                ) from failure
            raise


def remove_leftovers(folder: str) -> None:
    """Remove the temporary files in `folder` that a killed process has left."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.removeprefix(TEMPORARY)
            if len(name) == 16 < len(entry.name) and entry.is_file(follow_symlinks=False):
                age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if age > _LEFT_OVER:
                    Path(entry.path).unlink(missing_ok=True)


def sync(file: int) -> None:
    """Have the system store what was written; some file systems cannot be asked to."""
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED | _NOT_ALLOWED:
            raise


def _attempt(step: Callable[[], _T], refusals: set[int]) -> _T:
    try:
        return step()
    except OSError as error:
        if error.errno in refusals:
            raise NoReplacementError(error.errno, error.strerror) from error
        raise


def _created(path: Path, mode: int) -> FileIO:
    return FileIO(path, "x", opener=lambda name, flags: os.open(name, flags, mode))


def _write(file: FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:  # a file without a buffer may take less than all
        rest = rest[file.write(rest) or 0 :]


def _overwrite(file: FileIO, data: bytes) -> None:
    file.seek(0)
    _write(file, data)
    file.truncate()
    sync(file.fileno())


# --- rights ---------------------------------------------------------------------------------------


def _first_mode(old: os.stat_result | None) -> int:
    """The mode to create the new file with: no more than the old one's, and the umask's."""
    if old is None:
        return 0o666
    mode = stat.S_IMODE(old.st_mode) & 0o777
    if sys.platform == "win32" or old.st_gid == os.getegid():
        return mode
    return _for_another_group(mode)


def _for_another_group(mode: int) -> int:
    """The mode for a file of another group, which may do what all may."""
    return mode & ~(stat.S_ISGID | stat.S_IRWXG) | (mode & mode << 3 & stat.S_IRWXG)


def _keep_rights(file: int, path: Path, old: os.stat_result) -> int:
    """Give the empty new file owner, group, mode, access control list and attributes of the old.

    What the system refuses is left out; the file is then for fewer eyes, not for more.  Gives the
    mode.
    """
    mode = stat.S_IMODE(old.st_mode)
    if sys.platform == "win32":
        return mode
    for owner in (old.st_uid, -1):  # who is not root may still choose among the own groups
        with suppress(OSError):
            os.fchown(file, owner, old.st_gid)
            break
    new = os.fstat(file)
    if new.st_uid != old.st_uid:
        mode &= ~stat.S_ISUID
    if not _keep_attributes(file, path) or new.st_gid != old.st_gid:
        mode = _for_another_group(mode)
    _set_mode(file, mode)
    return mode


def _set_mode(file: int, mode: int) -> None:
    if sys.platform != "win32":
        with suppress(OSError):
            os.fchmod(file, mode)


def _keep_attributes(file: int, path: Path) -> bool:
    """Copy the users' extended attributes, and the access control list: whether that is kept."""
    if sys.platform != "linux":
        return True
    try:
        names = os.listxattr(path)
    except OSError:
        return True
    if _ACL not in names:
        with suppress(OSError):  # one that the folder gives to new files
            os.removexattr(file, _ACL)
    kept = True
    for name in names:
        if name == _ACL or name.startswith("user."):
            try:
                os.setxattr(file, name, os.getxattr(path, name))
            except OSError:
                kept &= name != _ACL
    return kept
