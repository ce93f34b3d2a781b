"""Request bodies -> bytes in memory: raw or multipart, limited while they arrive.

Nothing goes to the disk, and no file name of a client is used.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from defocus.serve.problems import ClientGone, Problem
from defocus.serve.settings import Settings

__all__ = ["Account", "Memory", "Upload", "discard", "read", "read_json"]

_MOST_PARTS, _FIELD_BYTES = 64, 8192
_LINGER, _LINGER_BYTES = 1.0, 1 << 24  # of a body that is refused: seconds, bytes
_PICTURES = ("image", "file")  # are pictures even where the client sends no file name


@dataclass
class Upload:
    """The parts of a request: `fields` of text and `files` of bytes, by name."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


class Memory:
    """Counts the bytes of all bodies that are held, and refuses more than the limit."""

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0

    @contextmanager
    def account(self) -> Iterator[Account]:
        """The share of one request, which is given back at the end."""
        account = Account(self)
        try:
            yield account
        finally:
            self.held -= account.held


class Account:
    """The bytes that one request holds."""

    def __init__(self, memory: Memory) -> None:
        self._memory, self.held = memory, 0

    def add(self, count: int) -> None:
        """Hold more.  Raises Problem."""
        memory = self._memory
        if memory.held + count > memory.limit:
            raise Problem(
                429,
                "upload_memory",
                "other uploads take all the memory there is for them; try again later",
                limit=memory.limit,
                value=memory.held + count,
                headers={"Retry-After": "1", "Connection": "close"},
            )
        memory.held += count
        self.held += count


async def read(request: Request, settings: Settings, account: Account) -> Upload:
    """Read a photograph as the raw body, or several parts.

    Raises Problem for a body that is too large, too slow, or of a type that is not taken, and
    ClientGone.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    pieces = _pieces(request, settings, account, settings.max_bytes)
    if kind == b"multipart/form-data":
        return await _parts(pieces, options.get(b"boundary", b""))
    if kind and not kind.startswith(b"image/") and kind != b"application/octet-stream":
        raise Problem(
            415,
            "unsupported_media_type",
            "expected a picture as the body, or multipart/form-data with the field image",
            value=kind.decode("latin-1"),
        )
    return Upload(files={"image": b"".join([piece async for piece in pieces])})


async def read_json(request: Request, settings: Settings, account: Account) -> Any:
    """Read a body of JSON.  Raises as `read` does."""
    kind, _ = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"application/json":
        raise Problem(415, "unsupported_media_type", "expected application/json")
    pieces = _pieces(request, settings, account, settings.max_json_bytes)
    body = b"".join([piece async for piece in pieces])
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(422, "option", "the body is not JSON") from None


async def discard(request: Request) -> None:
    """Read what is left of a body for a moment: most clients read no answer before they sent it."""
    with suppress(asyncio.TimeoutError, ClientGone):
        await asyncio.wait_for(_drop(request), _LINGER)


async def _drop(request: Request) -> None:
    left = _LINGER_BYTES
    while left > 0 and not getattr(request.state, "body_read", False):
        left -= len(await _next(request))


async def _next(request: Request) -> bytes:
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    request.state.body_read = not message.get("more_body", False)
    body: bytes = message.get("body", b"")
    return body


async def _pieces(
    request: Request, settings: Settings, account: Account, limit: int
) -> AsyncIterator[bytes]:
    """The body as it arrives."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit, int(announced))
    size, end = 0, time.monotonic() + settings.upload_timeout
    while not getattr(request.state, "body_read", False):
        left = min(settings.idle_timeout, end - time.monotonic())
        try:
            piece = await asyncio.wait_for(_next(request), max(left, 0.001))
        except TimeoutError:
            raise Problem(
                408,
                "upload_timeout",
                "the body arrived too slowly",
                limit=settings.upload_timeout,
                headers={"Connection": "close"},
            ) from None
        size += len(piece)
        if size > limit:
            raise _too_large(limit, size)
        account.add(len(piece))
        yield piece


def _too_large(limit: int, value: int) -> Problem:
    return Problem(
        413,
        "body_too_large",
        f"the body has {value} bytes or more, the limit is {limit}",
        limit=limit,
        value=value,
        headers={"Connection": "close"},
    )


async def _parts(pieces: AsyncIterator[bytes], boundary: bytes) -> Upload:
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type]
        async for piece in pieces:
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise Problem(422, "multipart", f"the multipart body is damaged: {error}") from None
    if not form.complete:
        raise Problem(422, "multipart", "the multipart body ends too early")
    return form.upload


class _Form:
    """Collects the parts of a multipart body as the parser finds them."""

    def __init__(self) -> None:
        self.upload = Upload()
        self.complete = False
        self._count = 0
        self._header = [b"", b""]
        self._disposition = b""
        self._data: list[bytes] = []
        self._size = 0
        self._name, self._is_file = "", False

    def callbacks(self) -> dict[str, Any]:
        """The parser's callbacks."""
        names = "part_begin header_field header_value header_end headers_finished part_data"
        return {
            f"on_{name}": getattr(self, f"_{name}") for name in (*names.split(), "part_end", "end")
        }

    def _part_begin(self) -> None:
        self._count += 1
        if self._count > _MOST_PARTS:
            raise Problem(422, "multipart", "too many parts", limit=_MOST_PARTS, value=self._count)
        self._disposition, self._data, self._size = b"", [], 0

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if self._name in self.upload.fields or self._name in self.upload.files:
            raise Problem(422, "option", "a field is given twice", value=self._name)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if not self._is_file and self._name not in _PICTURES and self._size > _FIELD_BYTES:
            raise Problem(
                422, "option", "a field is too long", limit=_FIELD_BYTES, value=self._name
            )
        self._data.append(data[start:end])

    def _part_end(self) -> None:
        content = b"".join(self._data)
        self._data = []
        if self._is_file or self._name in _PICTURES:
            self.upload.files[self._name] = content
        else:
            self.upload.fields[self._name] = content.decode("utf-8", "replace")

    def _end(self) -> None:
        self.complete = True
