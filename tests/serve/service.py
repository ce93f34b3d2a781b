"""Calls of the service inside this process, with a network that finds what is bright."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray
from PIL import Image

from defocus.serve import create_app

Client = httpx.AsyncClient


def two_subjects(height: int = 96, width: int = 144) -> NDArray[np.uint8]:
    """A dark textured photograph with two bright subjects, the left one larger."""
    rng = np.random.default_rng(1)
    image = rng.integers(10, 60, (height, width, 3), dtype=np.uint8)
    image[height // 4 : -height // 4, width // 8 : width // 2 - 8] = (250, 240, 230)
    image[height // 3 : -height // 3, width // 2 + 16 : -width // 8] = (240, 250, 235)
    return image


def encoded(image: NDArray[np.uint8], form: str = "PNG", **settings: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, **settings)
    return file.getvalue()


def decoded(data: bytes) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(data)))


def client_of(app: FastAPI, **more: Any) -> Client:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return Client(transport=transport, base_url="http://service.example", **more)


def calling(app: FastAPI, calls: Callable[[Client], Awaitable[Any]]) -> Any:
    """What `calls` gives, for a client of the app, which is started and ended."""

    async def run() -> Any:
        async with app.router.lifespan_context(app), client_of(app) as client:
            return await calls(client)

    return asyncio.run(run())


def post(app: FastAPI, path: str, **request: Any) -> httpx.Response:
    """The answer to one request of an app that is neither started nor ended."""

    async def call() -> httpx.Response:
        async with client_of(app) as client:
            return await client.post(path, **request)

    return asyncio.run(call())


async def raw(
    app: FastAPI,
    path: str,
    messages: Iterable[Any],
    headers: Iterable[tuple[str, str]] = (),
    query: bytes = b"",
) -> list[dict[str, Any]]:
    """What the app sends for a POST whose `receive` gives these messages, or awaits them."""
    coming, sent = iter(messages), []

    async def receive() -> Any:
        message = next(coming, None)
        if message is None:
            await asyncio.Event().wait()
        if isinstance(message, asyncio.Event):
            await message.wait()
            return await receive()
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("service.example", 80),
    }
    await app(scope, receive, send)
    return sent


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


GONE = {"type": "http.disconnect"}


def new_app(model: Path, **settings: Any) -> FastAPI:
    from defocus.serve import Settings

    return create_app(Settings(model=model, **settings))
