"""Who may call: host names, API keys, origins; and the headers that every answer has."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from defocus.serve.problems import Problem, answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from defocus.serve.settings import Settings

__all__ = ["LOOPBACK", "Guard"]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_PROBES = ("/healthz", "/readyz")  # are asked at an address, not at a name
_GUARDED = ("/v1/", "/api/", "/page/", "/metrics")
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
}


class Guard:
    """Middleware: refuses who may not call, and adds the security headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = {host.lower() for host in settings.hosts}
        self._origins = {*settings.origins}
        self._keys = [_digest(key) for key in settings.api_keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(_GUARDED):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._check(scope)
        except Problem as problem:
            response = answer(problem, scope["state"]["request_id"])
            await response(scope, receive, send_on)
            return
        await self._app(scope, receive, send_on)

    def _check(self, scope: Scope) -> None:
        if not scope["query_string"].isascii():  # the router would fail with others
            raise Problem(400, "query", "expected a query of ASCII; encode other letters with %")
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        named = not self._hosts or _without_port(host) in self._hosts
        if not named and scope["path"] not in _PROBES:
            raise Problem(421, "host", "the Host header names another server", value=host[:80])
        origin, safe = headers.get("origin"), scope["method"] in ("GET", "HEAD", "OPTIONS")
        if not safe and origin not in self._origins and _is_cross_site(headers, origin, host):
            raise Problem(403, "cross_site", "pages of other sites may not call this service")
        if self._keys and scope["path"].startswith(_GUARDED) and scope["method"] != "OPTIONS":
            self._check_key(headers)

    def _check_key(self, headers: Headers) -> None:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        digest = _digest(given)
        # All are compared, so that the time does not depend on the key.
        if not sum(hmac.compare_digest(digest, key) for key in self._keys):
            raise Problem(
                401,
                "api_key",
                "expected an API key: Authorization: Bearer KEY, or X-API-Key",
                headers={"WWW-Authenticate": "Bearer"},
            )


def _is_cross_site(headers: Headers, origin: str | None, host: str) -> bool:
    """Return whether a page of another site sent the request."""
    site = headers.get("sec-fetch-site")
    if site is not None or origin is None:
        return site == "cross-site"
    # Browsers leave out the site where the service is called by http under an outer address.
    return _without_port(origin.partition("://")[2].lower()) != _without_port(host)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
