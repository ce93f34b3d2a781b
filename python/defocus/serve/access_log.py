"""One structured line a request, under an id that the answer carries, too."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from defocus.serve.metrics import Metrics

__all__ = ["AccessLog", "logger"]

logger = logging.getLogger("defocus.serve.access")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
_GONE = 499  # as nginx logs a client that has closed the connection


class AccessLog:
    """Middleware: gives each request its id, counts it, and logs it as JSON."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        start, status, sent = time.monotonic(), _GONE, 0

        async def send_on(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            seconds = time.monotonic() - start
            self._metrics.requests.labels(_method(scope), _route(scope), str(status)).inc()
            logger.info("%s", _Line(scope, request_id, status, sent, seconds))


def _method(scope: Scope) -> str:
    """The method, if it is a usual one: a client may send any word."""
    method: str = scope["method"]
    return method if method in _METHODS else "other"


def _route(scope: Scope) -> str:
    """The path as the router knows it: of a client's own there could be any number."""
    return getattr(scope.get("route"), "path", "other")


class _Line:
    """A log line that is made only where it is written."""

    def __init__(
        self, scope: Scope, request_id: str, status: int, sent: int, seconds: float
    ) -> None:
        client = scope.get("client")
        self._members: dict[str, Any] = {
            "id": request_id,
            "client": client[0] if client else None,
            "method": scope["method"],
            "path": scope["path"][:200],
            "status": status,
            "bytes": sent,
            "ms": round(1000 * seconds, 1),
        }
        stages = scope["state"].get("stages", {})
        self._members |= {f"{name}_ms": round(1000 * s, 1) for name, s in stages.items()}

    def __str__(self) -> str:
        return json.dumps(self._members)
