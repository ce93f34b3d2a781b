"""Requests to the service: an answer that is never a fault of the service, and always comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.fuzz.inputs import Choices
from tools.fuzz.pictures import PIXELS, encoded, exif
from tools.fuzz.service import asked, scope_of

_MOST_PARTS, _MOST_HEADERS = 6, 5
_METHODS = ("POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "X")
_PATHS = (
    *("/v1/portrait", "/v1/cutout", "/v1/mask", "/v1/subject", "/api/remove", "/page/photos"),
    *("/page/limits", "/page/photos/x/render", "/page/photos/x", "/page/background", "/page/zip"),
    *("/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/v1", "//", "/v1/cutout/"),
)
_NAMES = (
    *("image", "file", "matte", "depth", "background", "keep", "remove", "sigma", "aperture"),
    *("bokeh", "blades", "highlights", "ramp", "ground", "grain", "box", "points", "select"),
    *("effort", "format", "quality", "subsampling", "compression", "strip", "fill_holes", "grow"),
    *("feather", "crop", "canvas", "fill", "align", "max_size", "shadow", "matte_only", "url"),
    *("bgc", "om", "ppm", "model", "a", "af", "extras", "threshold", "alpha_floor", "unknown"),
)
_VALUES = (
    *("1", "0", "-1", "0.5", "1e9", "nan", "inf", "", "true", "white", "#ff8800", "png", "jpeg"),
    *("webp", "disc", "all", "largest", "1,2", "1,1,8,6", "3,3,keep;1,1,remove", "10%", "square"),
    *("20x10", "drop blur=3%", "best", "small", "4:2:0", "255,0,0,255", "gps", "auto", "\ud800"),
)
_HEADERS = (
    *("content-type", "content-length", "accept", "host", "origin", "authorization", "expect"),
    *("x-api-key", "x-request-id", "transfer-encoding", "content-encoding", "range", "cookie"),
    *("if-none-match", "sec-fetch-site", "access-control-request-method", "x-forwarded-for"),
)
_TYPES = (
    *("image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain"),
    *("application/json", "multipart/form-data", "multipart/form-data; boundary=", "image/*;q=0"),
    *("*/*", "image/webp", "0", "-1", "999999999999", "chunked", "gzip", "bytes=0-1", "null"),
)


def seeds() -> Iterable[bytes]:
    """Every path, with a body that is an image, a form of several parts, and options."""
    for path in range(len(_PATHS)):
        yield bytes((1, path, 0, 0, 0, 0))
    for path in range(6):
        for file in range(len(_FILES)):
            yield bytes((0, path, 0, 0, 0, 1, file))
        for option in range(5, len(_NAMES), 3):
            name_and_value = option, (option * 7) % len(_VALUES)
            yield bytes((0, path, 1, *name_and_value, 0, 0, 0, 1, 0))
            image = int(path == 4), 1, 1
            yield bytes((0, path, 0, 0, 0, 2, 2, *image, option, 2, name_and_value[1]))


def check(data: bytes) -> None:
    """Send one request to the application itself, without a server before it."""
    scope, body, cuts = _request(Choices(data))
    asked(scope, body, cuts)


def _request(choices: Choices) -> tuple[dict[str, Any], bytes, int]:
    """Return the scope of a request, its body, and into how many pieces that is cut."""
    method, path = choices.one_of(_METHODS), choices.one_of(_PATHS)
    query = b"&".join(_pair(choices) for _ in range(choices.number(4)))
    if choices.number(8) == 7:
        path += choices.take(choices.number(12)).decode("latin-1")
    headers = [_header(choices) for _ in range(choices.number(_MOST_HEADERS))]
    kind, body = choices.number(4), b""
    if kind == 1:
        body, named = _FILES[choices.number(len(_FILES))], b"application/octet-stream"
    elif kind == 2:
        body, named = _form(choices), b"multipart/form-data; boundary=line"
    elif kind == 3:
        body, named = choices.take(choices.number(1 << 16)), choices.one_of(_TYPES).encode()
    if kind:
        headers.append((b"content-type", named))
        headers.append((b"content-length", str(len(body)).encode()))
    return scope_of(method, path, query, tuple(headers)), body, 1 + choices.number(4)


def _pair(choices: Choices) -> bytes:
    name = choices.one_of(_NAMES)
    text = choices.one_of(_VALUES).encode("utf-8", "replace")
    if choices.number(4) == 3:
        text = choices.take(choices.number(20))
    return name.encode() + b"=" + text


def _header(choices: Choices) -> tuple[bytes, bytes]:
    name, value = choices.one_of(_HEADERS).encode(), choices.one_of(_TYPES).encode()
    if choices.number(4) == 3:
        value = choices.take(choices.number(24)).translate(None, b"\r\n\0")
    return name, value


def _form(choices: Choices) -> bytes:
    parts = []
    for _ in range(choices.number(_MOST_PARTS)):
        name, kind = choices.one_of(_NAMES).encode(), choices.number(4)
        head = b'--line\r\nContent-Disposition: form-data; name="' + name + b'"'
        if kind < 2:
            file = _FILES[choices.number(len(_FILES))] if kind else choices.take(40)
            parts.append(head + b'; filename="a.jpg"\r\n\r\n' + file)
        elif kind == 2:
            parts.append(head + b"\r\n\r\n" + choices.one_of(_VALUES).encode("utf-8", "replace"))
        else:
            parts.append(choices.take(choices.number(40)))
    return b"\r\n".join([*parts, b"--line--\r\n"])


_FILES = (
    encoded(PIXELS, "JPEG", exif=exif()),
    encoded(PIXELS, "PNG"),
    encoded(PIXELS[..., 0], "WEBP"),
    b"\xff\xd8\xff\xe0 no photograph",
)
