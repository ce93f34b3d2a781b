"""Files in any file system of pyarrow; on this machine names may be any bytes."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from defocus.errors import InputNotFoundError, OptionError, OutputError
from defocus.io import output_files
from defocus.ray.extra import load

__all__ = ["column", "fetch", "listed", "located", "names", "opened", "read", "write"]

# A file appears here when it is closed, complete.  Elsewhere it is written aside and renamed.
_OBJECT_STORES = ("s3", "gcs", "abfs")


def located(place: str) -> tuple[Any, str]:
    """(pyarrow's file system, the path in it) of a folder or an address like s3://bucket/photos.

    Raises OptionError for an address of which pyarrow knows nothing.
    """
    fs = load("pyarrow.fs")

    if "://" not in place:
        return fs.LocalFileSystem(), os.path.abspath(place)  # noqa: PTH100
    try:
        filesystem, path = fs.FileSystem.from_uri(place)
    except (OSError, ValueError, NotImplementedError) as error:
        raise OptionError(
            f"{place!r} cannot be used: {error}; expected a folder or an address "
            "such as s3://bucket/photos"
        ) from error
    return filesystem, str(path).rstrip("/")


def listed(filesystem: Any, base: str) -> list[str]:
    """The paths of all files below a folder that are not empty.  Raises InputNotFoundError."""
    fs = load("pyarrow.fs")

    if filesystem.type_name == "local":
        return sorted(_walked(base))
    try:
        info = filesystem.get_file_info(base)
        if info.type == fs.FileType.File:
            return [base]
        chosen = fs.FileSelector(base, recursive=True, allow_not_found=True)
        entries = filesystem.get_file_info(chosen)
    except (OSError, ValueError) as error:
        raise InputNotFoundError(f"{base!r} cannot be listed: {error}; check it") from error
    return sorted(entry.path for entry in entries if entry.type == fs.FileType.File and entry.size)


def _walked(base: str) -> Iterator[str]:
    """The files on this machine; pyarrow fails at names that are not UTF-8."""

    def fail(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise InputNotFoundError(f"{base!r} cannot be listed: {error}; check it") from error

    if Path(base).is_file():
        yield base
        return
    for folder, _, names in os.walk(base, onerror=fail):
        for path in (os.path.join(folder, name) for name in names):  # noqa: PTH118
            with suppress(OSError):
                status = os.stat(path)  # noqa: PTH116
                if stat.S_ISREG(status.st_mode) and status.st_size:
                    yield path


def opened(filesystem: Any, path: str) -> IO[bytes]:
    """Open a file for reading.  Raises OSError."""
    if filesystem.type_name == "local":  # pyarrow takes names in UTF-8 only
        return Path(path).open("rb")
    file: IO[bytes] = filesystem.open_input_stream(path)
    return file


def read(path: str) -> bytes:
    """All bytes of a file.  Raises InputNotFoundError or OptionError."""
    try:
        with opened(*located(path)) as file:
            return bytes(file.read())
    except (OSError, ValueError) as error:
        raise InputNotFoundError(f"{path!r} cannot be read: {error}; check it") from error


def fetch(batch: Any, *, source: str) -> Iterator[Any]:
    """The rows of a batch, each by itself, with the "bytes" at its "path" in the file system.

    That of `source`, an address or a folder.  Rows whose files cannot be read are left out.
    """
    pa = load("pyarrow")

    filesystem, _ = located(source)
    for index, path in enumerate(names(batch["path"])):
        with suppress(OSError, ValueError):
            with opened(filesystem, path) as file:
                data = pa.array([file.read()], pa.large_binary())
            yield batch.slice(index, 1).append_column("bytes", data)


def names(column: Any) -> list[Any]:
    """The paths of a column; in a binary column they need not be UTF-8."""
    return [os.fsdecode(name) if isinstance(name, bytes) else name for name in column.to_pylist()]


def column(names: list[Any], *, like: Any) -> Any:
    """Paths as a column of the type of another."""
    pa = load("pyarrow")

    if pa.types.is_binary(like.type):
        return pa.array([name and os.fsencode(name) for name in names], pa.binary())
    return pa.array(names, pa.string())


def write(filesystem: Any, path: str, data: Any) -> None:
    """Write a file that appears whole or not at all.  Raises OutputError."""
    try:
        _write(filesystem, path, data)
    except OutputError:
        raise
    except (OSError, ValueError) as error:  # pyarrow raises these too
        raise OutputError(f"cannot write {path!r}: {error}; check it") from error


def _write(filesystem: Any, path: str, data: Any) -> None:
    if filesystem.type_name == "local":
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        output_files.write_path(path, bytes(data))
        return
    if filesystem.type_name in _OBJECT_STORES:
        with filesystem.open_output_stream(path) as file:
            file.write(data)
        return
    filesystem.create_dir(path.rpartition("/")[0], recursive=True)
    aside = f"{posixpath.dirname(path)}/.defocus-{os.urandom(8).hex()}"
    try:
        with filesystem.open_output_stream(aside) as file:
            file.write(data)
        filesystem.move(aside, path)
    except BaseException:
        with suppress(Exception):
            filesystem.delete_file(aside)
        raise
