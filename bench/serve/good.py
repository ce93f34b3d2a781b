"""Requests that deserve an answer, each with the answer that was computed before."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from PIL import Image

import defocus
from bench.serve.client import Answer, Connection, Message, form, json_message, message
from bench.serve.loops import Outcome, ask

# What a service under too much load may say.
REFUSALS = ("429 queue_full", "429 upload_memory", "504 deadline")
LIBRARY: dict[str, Callable[..., Any]] = {"portrait": defocus.portrait, "cutout": defocus.cutout}


class Known(NamedTuple):
    """A request and its one right answer."""

    kind: str
    request: Message
    status: int
    type: str
    digest: str

    def check(self, answer: Answer) -> str:
        """What is wrong with the answer; empty for nothing."""
        result = f"{answer.status} {answer.code}"
        if result in REFUSALS:
            return "" if "retry-after" in answer.headers else "no Retry-After"
        if answer.status != self.status:
            return f"{result} instead of {self.status}"
        if answer.headers.get("content-type", "") != self.type:
            return "another content type"
        return "" if digest(answer) == self.digest else "another answer than before"

    async def play(self, connection: Connection) -> list[Outcome]:
        """Ask for it."""
        return [(await ask(self.kind, self.request, connection, self.check))[0]]


class Page(NamedTuple):
    """What the page does with a photograph: upload, render, download, forget."""

    kind: str
    request: Message
    described: str  # the digest of the answer to the upload, without its id
    rest: tuple[tuple[str, str, str, str, int], ...]  # method, path, JSON, digest, status

    async def play(self, connection: Connection) -> list[Outcome]:
        """Ask for everything in turn; stop when the upload is refused."""
        known = Known(self.kind, self.request, 201, "application/json", self.described)
        outcome, answer = await ask("page: upload", self.request, connection, known.check)
        if answer is None or answer.status != 201:
            return [outcome]
        found, key = [outcome], json.loads(answer.body)["id"]
        for method, path, body, wanted, status in self.rest:
            request = _about(key, method, path, body)
            check = _Rest(wanted, status).check
            found.append((await ask(f"page: {path or method}", request, connection, check))[0])
        return found


class _Rest(NamedTuple):
    digest: str
    status: int

    def check(self, answer: Answer) -> str:
        if f"{answer.status} {answer.code}" in REFUSALS:
            return ""
        if answer.status != self.status:
            return f"{answer.status} {answer.code} instead of {self.status}"
        return "" if digest(answer) == self.digest else "another answer than before"


def digest(answer: Answer) -> str:
    """The digest of the body, but for the random id of an upload."""
    body = answer.body
    if answer.headers.get("content-type") == "application/json" and answer.status == 201:
        members = json.loads(body)
        del members["id"]
        body = json.dumps(members, sort_keys=True).encode()
    return hashlib.sha256(body).hexdigest()


def _about(key: str, method: str, path: str, body: str) -> Message:
    target = f"/page/photos/{key}" + (f"/{path}" if path else "")
    if method == "POST":
        return json_message(target, json.loads(body))
    return message(target, method=method)


def requests(files: Mapping[str, Sequence[bytes]]) -> list[tuple[float, str, Message]]:
    """Weight, kind and message of the requests for one answer."""
    found: list[tuple[float, str, Message]] = []
    for data in files["2 MP"]:
        found += [
            (6, "portrait 2 MP", message("/v1/portrait", data)),
            (3, "cutout 2 MP", message("/v1/cutout", data)),
            (2, "rembg 2 MP", form("/api/remove", {"file": data}, {"model": "u2net", "om": "1"})),
            (1, "subject 2 MP", message("/v1/subject", data)),
        ]
    for data in files["0.3 MP"]:
        disc = {"bokeh": "disc", "aperture": "1.2", "format": "png"}
        webp = "/v1/cutout?format=webp&background=white"
        found += [
            (2, "portrait 0.3 MP", form("/v1/portrait", {"image": data}, disc)),
            (2, "cutout 0.3 MP", message(webp, _as(data, "WEBP"), "image/webp")),
            (2, "mask 0.3 MP", message("/v1/mask", _as(data, "PNG"), "image/png")),
        ]
    found += [(0.5, "portrait 12 MP", message("/v1/portrait", data)) for data in files["12 MP"]]
    return found


def library(files: Mapping[str, Sequence[bytes]]) -> dict[bytes, str]:
    """The digests of what the library makes of some of the bodies."""
    segmenter = defocus.Segmenter(threads=1)
    found = {}
    for data in files["2 MP"]:
        for command, suffix in (("portrait", "jpeg"), ("cutout", "png")):
            made = LIBRARY[command](data, segmenter=segmenter)
            file = io.BytesIO()
            defocus.save(made, file, format=suffix, strip="gps")
            request = message(f"/v1/{command}", data)
            found[request.wire("")] = hashlib.sha256(file.getvalue()).hexdigest()
    return found


async def learn(url: str, files: Mapping[str, Sequence[bytes]]) -> list[tuple[float, Any]]:
    """Ask the idle service for every answer once: plays with their weights.

    Raises RuntimeError for an answer that is not 200, or not what the library makes.
    """
    found: list[tuple[float, Any]] = []
    by_library = library(files)
    async with Connection(url) as connection:
        for weight, kind, request in requests(files):
            answer = await _right(connection, request, 200)
            learned = digest(answer)
            if by_library.get(request.wire(""), learned) != learned:
                raise RuntimeError(f"{kind}: the service and the library differ")
            found.append(
                (weight, Known(kind, request, 200, answer.headers["content-type"], learned))
            )
        found += [(0.5, await _page(connection, data)) for data in files["2 MP"]]
        for path in ("/healthz", "/openapi.json", "/page/limits"):
            request = message(path, method="GET")
            answer = await _right(connection, request, 200)
            kind = answer.headers["content-type"]
            found.append((1, Known(path, request, 200, kind, digest(answer))))
    return found


async def _page(connection: Connection, data: bytes) -> Page:
    request = message("/page/photos", data)
    uploaded = await _right(connection, request, 201)
    key = json.loads(uploaded.body)["id"]
    rest = []
    for method, path, body, status in (
        ("POST", "render", '{"kind": "portrait", "options": {"aperture": 1.4}}', 200),
        ("POST", "render", '{"kind": "cutout", "options": {"background": "white"}}', 200),
        ("GET", "components", "", 200),
        ("POST", "download", '{"kind": "portrait"}', 200),
        ("DELETE", "", "", 204),
    ):
        answer = await _right(connection, _about(key, method, path, body), status)
        rest.append((method, path, body, digest(answer), status))
    return Page("page", request, digest(uploaded), tuple(rest))


async def _right(connection: Connection, request: Message, status: int) -> Answer:
    answer = await connection.ask(request)
    if answer.status != status:
        raise RuntimeError(f"{request.head!r}: {answer.status} {answer.body[:300]!r}")
    return answer


async def fill_store(url: str, files: Mapping[str, Sequence[bytes]], count: int) -> None:
    """Upload photographs that stay, so that the page's store is full from the beginning."""
    async with Connection(url) as connection:
        for number in range(count):
            data = files["2 MP"][number % len(files["2 MP"])]
            await _right(connection, message("/page/photos", data), 201)


def chooser(weighted: Sequence[tuple[float, Any]], rng: random.Random) -> Callable[[], Any]:
    """Picks a play at random, by the weights."""
    weights, plays = zip(*weighted, strict=True)
    return lambda: rng.choices(plays, weights)[0]


def _as(data: bytes, form_: str) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).save(file, form_)
    return file.getvalue()
