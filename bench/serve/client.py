"""A small HTTP/1.1 client on asyncio streams: it takes little of the machine that it measures."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TIMEOUT = 120.0  # seconds for one answer
_BOUNDARY = "defocus-bench-3f9a1c7e"


class Gone(Exception):  # noqa: N818  # what an answer can be, not a fault of the client
    """The server has closed the connection without a whole answer."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The `code` of a problem; empty for other answers."""
        if self.headers.get("content-type") != "application/problem+json":
            return ""
        return str(json.loads(self.body)["code"])


class Message(NamedTuple):
    """A request as bytes, but for its id."""

    head: bytes
    body: bytes = b""

    def wire(self, request_id: str) -> bytes:
        """The bytes to send."""
        return self.opening(request_id) + self.body

    def opening(self, request_id: str) -> bytes:
        """All of it but the body."""
        return self.head + f"X-Request-ID: {request_id}\r\n\r\n".encode("ascii")


def message(
    path: str,
    body: bytes | None = None,
    kind: str = "image/jpeg",
    *,
    method: str = "POST",
    length: int | None = None,
) -> Message:
    """A request; `length` announces another length than that of the body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: */*"]
    if body is not None:
        lines += [f"Content-Type: {kind}", f"Content-Length: {length or len(body)}"]
    return Message("".join(f"{line}\r\n" for line in lines).encode("ascii"), body or b"")


def form(path: str, files: Mapping[str, bytes], fields: Mapping[str, object]) -> Message:
    """A request with a multipart body."""
    pieces = []
    for name, value in fields.items():
        pieces.append(_part(f'name="{name}"', str(value).encode()))
    for name, data in files.items():
        pieces.append(_part(f'name="{name}"; filename="a.jpg"', data))
    body = b"".join([*pieces, f"--{_BOUNDARY}--\r\n".encode()])
    return message(path, body, f"multipart/form-data; boundary={_BOUNDARY}")


def _part(disposition: str, data: bytes) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + data + b"\r\n"


def new_id() -> str:
    """The id of a request."""
    return uuid.uuid4().hex


class Connection:
    """A connection that opens when it is needed, and again after the server has closed it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The two streams."""
        if self._streams is None or self._streams[0].at_eof() or self._streams[1].is_closing():
            self.close()
            self._streams = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        return self._streams

    def close(self) -> None:
        """Close it at once, whatever is on its way."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def ask(self, request: Message, request_id: str = "") -> Answer:
        """The answer.  Raises Gone, or TimeoutError."""
        reader, writer = await self.open()
        try:
            writer.write(request.wire(request_id or new_id()))
            answer = await asyncio.wait_for(read(reader), TIMEOUT)
        except BaseException:
            self.close()
            raise
        if answer.headers.get("connection") == "close":
            self.close()
        return answer


async def read(reader: asyncio.StreamReader) -> Answer:
    """The next answer of a connection.  Raises Gone."""
    try:
        while True:
            status, headers = _head(await reader.readuntil(b"\r\n\r\n"))
            if status >= 200:
                return Answer(status, headers, await _body(reader, status, headers))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise Gone from error


def _head(data: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = data.decode("latin-1").rstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _body(reader: asyncio.StreamReader, status: int, headers: Mapping[str, str]) -> bytes:
    if status in (204, 304):
        return b""
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return await reader.read()
    pieces = []
    while size := int(await reader.readline(), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(pieces)


def json_message(path: str, content: Any) -> Message:
    """A request whose body is JSON."""
    return message(path, json.dumps(content).encode(), "application/json")
