"""The service inside this process, and what has to be true of every answer."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

from defocus.serve import Settings, create_app
from tools.fuzz.networks import folder

_SECONDS = 40

Sent = list[dict[str, Any]]


def scope_of(
    method: str, path: str, query: bytes = b"", headers: tuple[tuple[bytes, bytes], ...] = ()
) -> dict[str, Any]:
    """Return what an ASGI server says of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "replace"),
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("service.example", 80),
    }


def asked(scope: dict[str, Any], body: bytes, cuts: int = 1) -> Sent:
    """Send a request, in so many pieces; return the answer, which is checked."""
    sent = asyncio.run(asyncio.wait_for(_answer(scope, body, cuts), _SECONDS))
    assert sent, "no answer"
    assert sent[0]["type"] == "http.response.start", sent
    status = sent[0]["status"]
    assert 200 <= status < 600, status
    assert status != 500, (scope, body[:200], sent)
    assert not sent[-1].get("more_body"), "the answer does not end"
    names = [name.lower() for name, _ in sent[0]["headers"]]
    assert names.count(b"content-length") <= 1, names
    if b"application/problem+json" in dict(sent[0]["headers"]).get(b"content-type", b""):
        assert json.loads(content(sent))["status"] == status
    return sent


def content(sent: Sent) -> bytes:
    """Return the body of an answer."""
    return b"".join(part.get("body", b"") for part in sent)


async def _answer(scope: dict[str, Any], body: bytes, cuts: int) -> Sent:
    step = max(1, -(-len(body) // cuts))
    pieces = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
    sent: Sent = []

    async def receive() -> dict[str, Any]:
        if not pieces:
            await asyncio.Event().wait()
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await _app()(scope, receive, send)
    return sent


@cache
def _app() -> Any:
    model = folder() / "bright.onnx"
    return create_app(Settings(model=model, max_bytes=1 << 16, max_pixels=1 << 14))
