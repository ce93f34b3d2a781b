"""Requests and clients that a service must refuse or survive, each with what may come of it."""

from __future__ import annotations

import asyncio
import io
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from struct import pack
from typing import NamedTuple

import numpy as np
from PIL import Image

from bench.serve import client
from bench.serve.client import Answer, Connection, Gone, Message, form, json_message, message
from bench.serve.good import REFUSALS
from bench.serve.loops import Outcome, ask

MAX_BYTES = 16 << 20  # of a body, in the service under test
UPLOAD_TIMEOUT = 8.0
_CLOSED = "closed without an answer"
_TARGET = "/v1/portrait"
_Script = Callable[[Connection, str], Awaitable[str]]


class Refused(NamedTuple):
    """A request whose answer has to be one of these: a status, with the code of a problem."""

    kind: str
    request: Message
    results: tuple[str, ...]

    def check(self, answer: Answer) -> str:
        """What is wrong with the answer; empty for nothing."""
        result = f"{answer.status} {answer.code}".strip()
        return "" if result in (*self.results, *REFUSALS) else f"{result}, not {self.results[0]}"

    async def play(self, connection: Connection) -> list[Outcome]:
        """Ask for it."""
        return [(await ask(self.kind, self.request, connection, self.check))[0]]


class Misbehaved(NamedTuple):
    """A client that breaks off, dawdles, or sends no HTTP; `script` gives what came of it."""

    kind: str
    script: _Script
    results: tuple[str, ...]

    async def play(self, connection: Connection) -> list[Outcome]:
        """Misbehave."""
        start = time.monotonic()
        try:
            result = await self.script(connection, client.new_id())
        except (Gone, ConnectionError):
            result = _CLOSED
        except TimeoutError:
            result = "nothing happened"
        connection.close()
        broken = "" if result in (*self.results, *REFUSALS) else f"{result}, not {self.results[0]}"
        return [Outcome(self.kind, result, time.monotonic() - start, broken)]


def plays(photograph: bytes) -> Sequence[tuple[float, Refused | Misbehaved]]:
    """All kinds with their weights."""
    return [*_refused(photograph), *_misbehaved(message(_TARGET, photograph))]


def _refused(photograph: bytes) -> list[tuple[float, Refused]]:
    half = photograph[: len(photograph) // 2]
    text, noise = b"This is not a photograph.\n" * 40, bytes(range(256)) * 20
    too_long = message(_TARGET, b"x" * 70_000, length=MAX_BYTES + 1)
    rows: list[tuple[float, str, Message, str]] = [
        (3, "text", message(_TARGET, text), "415 unknown_format"),
        (1, "noise", form("/v1/mask", {"image": noise}, {}), "415 unknown_format"),
        (2, "text/plain", message(_TARGET, text, "text/plain"), "415 unsupported_media_type"),
        (3, "truncated", message(_TARGET, half), "422 decode"),
        (2, "too many bytes", too_long, "413 body_too_large"),
        (2, "too many pixels", message("/v1/mask", _huge()), "413 image_too_large"),
        (2, "option", message(f"{_TARGET}?aperture=0", photograph), "422 option"),
        (2, "unknown option", message("/v1/mask?blur=3", photograph), "422 option"),
        (2, "no subject", message(_TARGET, _flat()), "422 no_subject"),
        (1, "no image", message(_TARGET, b""), "422 image_missing"),
        (1, "damaged form", message(_TARGET, b"--x\r\n", _FORM), "422 multipart"),
        (1, "address", form("/api/remove", {}, {"url": "http://x"}), "422 url_refused"),
        (1, "address by GET", message("/api/remove?url=x", method="GET"), "405 url_refused"),
        (1, "no such path", message("/v2/none", method="GET"), "404 not_found"),
        (1, "method", message(_TARGET, method="GET"), "405 method_not_allowed"),
        (1, "no such photo", json_message(_RENDER, {"kind": "mask"}), "404 photo_expired"),
        (1, "no JSON", message(_RENDER, b"{", "application/json"), "422 option"),
        (1, "metrics", message("/metrics", method="GET"), "200"),
    ]
    ready = Refused("readyz", message("/readyz", method="GET"), ("200", "503 queue_full"))
    found = [(weight, Refused(kind, request, (result,))) for weight, kind, request, result in rows]
    return [*found, (1, ready)]


_FORM = "multipart/form-data; boundary=x"
_RENDER = "/page/photos/none/render"


def _misbehaved(request: Message) -> list[tuple[float, Misbehaved]]:
    closed, late = (_CLOSED,), ("408 upload_timeout",)
    gone = ("left", _CLOSED)
    return [
        (2, Misbehaved("leaves in its upload", _leaving(request, 0.5, 0.0), gone)),
        (2, Misbehaved("leaves while it is computed", _leaving(request, 1.0, 0.1), gone)),
        (1, Misbehaved("half-closed in its upload", _half_closed(request, 0.5), closed)),
        (1, Misbehaved("half-closed", _half_closed(request, 1.0), ("200", *closed))),
        (0.5, Misbehaved("slow upload", _slow(request), late)),
        (0.5, Misbehaved("slow headers", _loris, closed)),
        (0.5, Misbehaved("no HTTP", _no_http, ("400",))),
        (0.5, Misbehaved("endless body", _endless, ("413 body_too_large",))),
    ]


def _leaving(request: Message, share: float, seconds: float) -> _Script:
    async def script(connection: Connection, request_id: str) -> str:
        _, writer = await connection.open()
        data = request.wire(request_id)
        writer.write(data[: int(len(data) * share)])
        await writer.drain()
        await asyncio.sleep(seconds)
        connection.close()
        return "left"

    return script


def _half_closed(request: Message, share: float) -> _Script:
    async def script(connection: Connection, request_id: str) -> str:
        reader, writer = await connection.open()
        data = request.wire(request_id)
        writer.write(data[: int(len(data) * share)])
        await writer.drain()
        writer.write_eof()
        return await _result(reader)

    return script


def _slow(request: Message) -> _Script:
    async def script(connection: Connection, request_id: str) -> str:
        reader, writer = await connection.open()
        writer.write(request.opening(request_id))
        answer = asyncio.ensure_future(_result(reader))
        for number in range(100):
            if answer.done() or writer.is_closing():
                break
            writer.write(request.body[number : number + 1])
            await asyncio.wait({answer}, timeout=0.5)
        return await answer

    return script


async def _loris(connection: Connection, request_id: str) -> str:
    reader, writer = await connection.open()
    answer = asyncio.ensure_future(_result(reader))
    for byte in b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"b" * 1000:
        if answer.done() or writer.is_closing():
            break
        writer.write(bytes([byte]))
        await asyncio.wait({answer}, timeout=0.5)
    return await answer


async def _no_http(connection: Connection, request_id: str) -> str:
    reader, writer = await connection.open()
    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    return await _result(reader)


async def _endless(connection: Connection, request_id: str) -> str:
    """A body in chunks, which announces no length."""
    reader, writer = await connection.open()
    head = f"POST {_TARGET} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n"
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode("ascii"))
    answer = asyncio.ensure_future(_result(reader))
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for _ in range(MAX_BYTES // 0x10000 + 2):
        if answer.done() or writer.is_closing():
            break
        writer.write(chunk)
        await asyncio.wait({answer}, timeout=0.001)
    return await answer


async def _result(reader: asyncio.StreamReader) -> str:
    answer = await asyncio.wait_for(client.read(reader), client.TIMEOUT)
    return f"{answer.status} {answer.code}".strip()


def _flat() -> bytes:
    """A photograph without a subject."""
    file = io.BytesIO()
    Image.fromarray(np.full((600, 800, 3), 128, np.uint8)).save(file, "JPEG")
    return file.getvalue()


def _huge() -> bytes:
    """A small PNG of 400 million pixels."""
    side = 20_000
    rows = zlib.compress(bytes((side // 8 + 1) * 64))

    def chunk(name: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))

    header = pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)
    return png + chunk(b"IEND", b"")
