"""Fetches a published network, by explicit wish only: nothing else in defocus uses a network.

What arrives goes to a file beside its place and is kept when the connection breaks, so that the
next try goes on from there; it takes its place, whole, once size and SHA-256 are right.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from defocus.atomic import sync
from defocus.errors import DownloadError, ModelError, OptionError
from defocus.models.spec import ModelSpec
from defocus.models.weights import damage, folder, locate

__all__ = ["Progress", "pull"]

Progress = Callable[[int, int], None]  # bytes so far, bytes in all

_ATTEMPTS = 4
_BLOCK = 1 << 17
_PARTIAL, _NO_SUCH_RANGE = 206, 416
_LATER = {408, 425, 429, 500, 502, 503, 504}  # answers that may be better in a moment


def pull(
    spec: ModelSpec,
    *,
    mirror: str | None = None,
    force: bool = False,
    timeout: float = 30.0,
    pause: float = 1.0,
    progress: Progress | None = None,
) -> Path:
    """Fetch the file of `spec` unless it is here already, and give its path.

    `mirror` (default: DEFOCUS_MODEL_MIRROR, else where it is published) is the http or https URL
    of a folder with files of the same names.  `force` fetches the file even if it is here.
    `timeout` is how many seconds the server may keep silent; `pause` the seconds before the second
    attempt, twice as many before the third, and so on.  `progress` is called with the bytes so
    far and in all.

    Raises OptionError for a mirror that is no such URL, DownloadError where the file cannot be
    fetched or stored or is not the published one.
    """
    if not spec.url:
        return locate(spec)
    url = _address(spec, mirror)
    if not force:
        with suppress(ModelError):
            return locate(spec)
    target = folder() / spec.file
    partial = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Appending: what a former attempt left behind is gone on with.
        with partial.open("a+b") as file:
            _lock(file, spec)
            _Download(spec, url, file, timeout, progress).run(pause)
            file.flush()
            sync(file.fileno())
        partial.replace(target)
    except DownloadError:
        _drop_if_empty(partial)
        raise
    except OSError as error:
        _drop_if_empty(partial)
        raise DownloadError(
            f"model {spec.name!r}: cannot write {os.fspath(target)!r} "
            f"({error.strerror or type(error).__name__}); make room, or set DEFOCUS_MODELS to "
            "another folder"
        ) from error
    return target


def _address(spec: ModelSpec, mirror: str | None) -> str:
    mirror = mirror or os.environ.get("DEFOCUS_MODEL_MIRROR")
    if not mirror:
        return spec.url
    parts = urlsplit(mirror)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise OptionError(
            f"mirror {mirror!r} is no URL; expected that of a folder, such as "
            "https://example.org/models"
        )
    return f"{mirror.rstrip('/')}/{os.fspath(spec.file)}"


def _lock(file: BinaryIO, spec: ModelSpec) -> None:
    """Keep a second process from writing to the same file."""
    if sys.platform == "win32":
        return
    from fcntl import LOCK_EX, LOCK_NB, flock

    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        raise DownloadError(
            f"model {spec.name!r} is being fetched by another process; wait until it is through"
        ) from None
    except OSError:
        return  # a file system without locks


def _drop_if_empty(path: Path) -> None:
    with suppress(OSError):
        if path.stat().st_size == 0:
            path.unlink()


class _Download:
    """One file on its way from `url` to the end of `file`."""

    def __init__(
        self,
        spec: ModelSpec,
        url: str,
        file: BinaryIO,
        timeout: float,
        progress: Progress | None,
    ) -> None:
        self._spec = spec
        self._url = url
        self._file = file
        self._timeout = timeout
        self._progress = progress
        self._opener = build_opener(_SafeRedirects)

    def run(self, pause: float) -> None:
        """Fetch until size and SHA-256 are right, over broken connections if need be."""
        old = self._arrived() > 0  # of a former run, perhaps of another file
        reason = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(pause * 2 ** (attempt - 1))
            try:
                self._receive()
            except DownloadError:
                raise
            except HTTPError as error:
                error.close()
                reason = f"HTTP {error.code} {error.reason}"
                if error.code == _NO_SUCH_RANGE:
                    self._file.truncate(0)
                elif error.code not in _LATER:
                    raise self._failed(f"{reason}; check the name of the mirror") from error
            except (OSError, HTTPException) as error:
                cause = getattr(error, "reason", error)  # URLError wraps what happened
                reason = str(cause) or type(cause).__name__
            else:
                self._file.flush()
                fault = damage(Path(self._file.name), self._spec)
                if fault is None:
                    return
                self._file.truncate(0)
                reason = f"it is not the published file: {fault}"
                if not old:
                    raise self._failed(f"{reason}; try another mirror")
                old = False
        raise self._failed(f"{reason}; run the command again to go on from there")

    def _arrived(self) -> int:
        return self._file.seek(0, os.SEEK_END)

    def _receive(self) -> None:
        """Ask once for what is missing, and store what comes."""
        size = self._spec.size
        if self._arrived() > size:
            self._file.truncate(0)
        begin = self._arrived()
        if begin == size:
            return
        request = Request(self._url, headers={"User-Agent": "defocus"})
        if begin:
            request.add_header("Range", f"bytes={begin}-")
        with self._opener.open(request, timeout=self._timeout) as response:
            goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {begin}-")
            if begin and not (response.status == _PARTIAL and goes_on):
                self._file.truncate(0)
            self._check_length(response.headers.get("Content-Length"))
            while block := response.read(_BLOCK):
                self._store(block)
                if self._progress is not None:
                    self._progress(self._arrived(), size)
        if self._arrived() < size:
            raise ConnectionError(f"it ended after {self._arrived()} of {size} bytes")

    def _check_length(self, told: str | None) -> None:
        """Refuse at once what cannot be the file, such as a page of a log-in."""
        size = self._spec.size
        if told is not None and told.isdigit() and self._arrived() + int(told) != size:
            raise self._failed(
                f"the server has {self._arrived() + int(told)} bytes, expected {size}; try another "
                "mirror"
            )

    def _store(self, block: bytes) -> None:
        if self._arrived() + len(block) > self._spec.size:
            self._file.truncate(0)
            raise self._failed(f"more than {self._spec.size} bytes came; try another mirror")
        try:
            self._file.write(block)
        except OSError as error:
            raise self._failed(
                f"cannot write {self._file.name!r} ({error.strerror}); make room, or set "
                "DEFOCUS_MODELS to another folder"
            ) from error

    def _failed(self, reason: str) -> DownloadError:
        return DownloadError(f"model {self._spec.name!r}: cannot fetch {self._url}: {reason}")


class _SafeRedirects(HTTPRedirectHandler):
    """Follows no redirect from https to anything less."""

    def redirect_request(self, req: Request, *rest: Any) -> Request | None:
        """Make the next request, unless its URL is of a lesser scheme."""
        url: str = rest[-1]
        if urlsplit(url).scheme not in {"https", req.type}:
            rest[0].close()
            raise DownloadError(
                f"{req.full_url} redirects to {url}, which is not https; try another mirror"
            )
        return super().redirect_request(req, *rest)
