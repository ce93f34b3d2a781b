"""Downloads a published network.  Nothing else in defocus uses the internet.

The file takes its place in one step, after a check of its size and digest.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any, BinaryIO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from defocus.atomic import TEMPORARY, remove_leftovers, sync
from defocus.errors import DownloadError, ModelError, OptionError
from defocus.models.spec import ModelSpec
from defocus.models.weights import (
    copies,
    damage,
    digest,
    folder,
    hasher,
    locate,
    mismatch,
    unaccepted,
)

__all__ = ["pull"]

Progress = Callable[[int], None]  # called with the bytes received so far

_ATTEMPTS = 4
_BLOCK = 1 << 17
_TEMPORARY_FAILURES = {408, 425, 429, 500, 502, 503, 504}


def pull(
    spec: ModelSpec,
    *,
    accept_licence: bool = False,
    mirror: str | None = None,
    force: bool = False,
    timeout: float = 30.0,
    pause: float = 1.0,
    progress: Progress | None = None,
) -> Path:
    """Download the file of a network unless it exists.

    Parameters
    ----------
    spec : ModelSpec
        The network.
    accept_licence : bool
        Whether you accept a licence that excludes commercial use (default: False).
    mirror : str, optional
        http or https URL of a folder with files of the same names (default: the variable
        DEFOCUS_MODEL_MIRROR, else where the network is published).
    force : bool
        Whether to download a file that exists.
    timeout : float
        Seconds that the server may be silent.
    pause : float
        Seconds before the second attempt.  The pause doubles with each further attempt.
    progress : callable, optional
        Called with the number of bytes received so far.

    Returns
    -------
    Path
        The verified file.

    Raises
    ------
    OptionError
        If `mirror` is no such URL.
    LicenceError
        If the licence excludes commercial use, and `accept_licence` is False.
    DownloadError
        If the file cannot be downloaded or stored, or is not the published one.
    """
    if not spec.url:
        return locate(spec)
    if spec.non_commercial and accept_licence is not True:
        raise unaccepted(spec)
    url = _address(spec, mirror)
    if not force:
        with suppress(ModelError):
            return locate(spec)
    copy = None if force else _intact_copy(spec)
    download = _Download(spec, url, timeout, progress or (lambda received: None))
    target = folder() / spec.file
    temporary = target.with_name(f"{TEMPORARY}{os.urandom(8).hex()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(str(target.parent))
        with temporary.open("xb") as file:
            if copy is None:
                download.run(file, pause)
            else:
                with copy.open("rb") as source:
                    shutil.copyfileobj(source, file)
            file.flush()
            sync(file.fileno())
        temporary.replace(target)
    except DownloadError:
        raise
    except OSError as error:
        raise _not_written(spec, target, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
    return target


def _intact_copy(spec: ModelSpec) -> Path | None:
    """The file where rembg has put it, so that it need not be downloaded."""
    for path in copies(spec):
        with suppress(OSError):
            if damage(path, spec) is None:
                return path
    return None


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


def _not_written(spec: ModelSpec, path: object, error: OSError) -> DownloadError:
    reason = error.strerror or type(error).__name__
    return DownloadError(
        f"model {spec.name!r}: cannot write {str(path)!r} ({reason}); free some space, or set "
        "DEFOCUS_MODELS to another folder"
    )


class _Download:
    """One file from `url`."""

    def __init__(self, spec: ModelSpec, url: str, timeout: float, progress: Progress) -> None:
        self._spec, self._url, self._timeout, self._progress = spec, url, timeout, progress
        self._opener = build_opener(_SafeRedirects)
        self._received, self._hash = 0, hasher(spec)

    def run(self, file: BinaryIO, pause: float) -> None:
        """Write the file.  A failure that may be temporary is followed by another attempt."""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(pause * 2 ** (attempt - 1))
            try:
                self._receive(file)
                return
            except DownloadError:
                raise
            except HTTPError as error:
                error.close()
                reason = f"HTTP {error.code} {error.reason}"
                if error.code not in _TEMPORARY_FAILURES:
                    raise self._failed(f"{reason}; check the name of the mirror") from error
            except ValueError as error:  # an address, or one to which the server redirects
                raise self._failed(f"{error}; check the name of the mirror") from error
            except (OSError, HTTPException) as error:
                cause = getattr(error, "reason", error)  # URLError wraps it
                reason = str(cause) or type(cause).__name__
        raise self._failed(f"{reason}; run the command again")

    def _receive(self, file: BinaryIO) -> None:
        """Request what is missing once, and check size and digest."""
        size = self._spec.size
        headers = {"User-Agent": "defocus"}
        if self._received:
            headers["Range"] = f"bytes={self._received}-"
        request = Request(self._url, headers=headers)
        with self._opener.open(request, timeout=self._timeout) as response:
            if not self._continues(response):
                self._begin(file)
            length = response.headers.get("Content-Length", "")
            stated = re.fullmatch("[0-9]{1,19}", length)
            whole = self._received + int(length) if stated else size
            if whole != size:  # such as the page of a log-in
                raise self._failed(
                    f"the server has {whole} bytes, expected {size}; try another mirror"
                )
            while block := response.read(_BLOCK):
                self._add(block, file)
        if self._received < size:
            raise ConnectionError(f"the connection ended after {self._received} of {size} bytes")
        found = self._hash.hexdigest()
        if found != digest(self._spec)[1]:
            raise self._failed(f"{mismatch(self._spec, found)}; try another mirror")

    def _continues(self, response: HTTPResponse) -> bool:
        """Whether the answer begins where the previous one ended."""
        start = f"bytes {self._received}-"
        return response.headers.get("Content-Range", "").startswith(start)

    def _begin(self, file: BinaryIO) -> None:
        self._received, self._hash = 0, hasher(self._spec)
        file.seek(0)
        file.truncate()

    def _add(self, block: bytes, file: BinaryIO) -> None:
        self._received += len(block)
        if self._received > self._spec.size:
            raise self._failed(f"more than {self._spec.size} bytes arrived; try another mirror")
        try:
            file.write(block)
        except OSError as error:
            raise _not_written(self._spec, file.name, error) from error
        self._hash.update(block)
        self._progress(self._received)

    def _failed(self, reason: str) -> DownloadError:
        reason = " ".join(reason.split())
        return DownloadError(f"model {self._spec.name!r}: cannot download {self._url}: {reason}")


class _SafeRedirects(HTTPRedirectHandler):
    """Follows no redirect from https to http or anything else."""

    def http_error_302(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> Any:
        """Return the answer behind a redirect."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:  # it leads to no address; urllib leaves the connection open
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(self, req: Request, *rest: Any) -> Request | None:
        """The next request.  Raises DownloadError for a URL that is less safe."""
        url: str = rest[-1]
        if urlsplit(url).scheme not in {"https", req.type}:
            rest[0].close()
            raise DownloadError(
                f"{req.full_url} redirects to {url}, which is not https; try another mirror"
            )
        return super().redirect_request(req, *rest)
