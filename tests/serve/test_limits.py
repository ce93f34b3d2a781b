"""Each limit has its own status; who waits, computes, has gone, or comes too late."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from defocus.serve import Settings, work
from tests.serve.service import (
    GONE,
    Client,
    body,
    calling,
    client_of,
    encoded,
    new_app,
    post,
    raw,
    two_subjects,
)

DATA = encoded(two_subjects())


class Gate:
    """Holds every computation until it is opened, and counts them."""

    def __init__(self) -> None:
        self.begun = 0
        self.open = threading.Event()
        self._find = work.find

    def find(self, *arguments: Any) -> Any:
        self.begun += 1
        assert self.open.wait(60)
        return self._find(*arguments)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    monkeypatch.setattr(work, "find", made.find)
    yield made
    made.open.set()


async def until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def problem(sent: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    content = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(content)


@pytest.mark.parametrize("announced", [True, False])
def test_bytes_are_counted_while_they_arrive(model: Path, announced: bool) -> None:
    app = new_app(model, max_bytes=1000)
    pieces = [body(b"x" * 400, more=True)] * 5 + [body(b"x")]
    headers = [("content-length", "2001")] if announced else []
    status, members = problem(asyncio.run(raw(app, "/v1/mask", pieces, headers)))
    assert (status, members["code"], members["limit"]) == (413, "body_too_large", 1000)
    assert members["value"] == (2001 if announced else 1200)


def test_pixels_are_counted_before_they_are_decoded(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("defocus.io.decode._photo", None)  # decodes
    answer = post(new_app(model, max_pixels=1000), "/v1/mask", content=DATA)
    members = answer.json()
    assert (answer.status_code, members["code"]) == (413, "image_too_large")
    assert (members["limit"], members["value"]) == (1000, 96 * 144)


@pytest.mark.parametrize("canvas", ["200x200", "20:1"])
def test_pixels_of_the_result_are_limited(model: Path, canvas: str) -> None:
    app = new_app(model, max_pixels=96 * 144)
    answer = post(app, f"/v1/cutout?canvas={canvas}&fill=.05", content=DATA)
    assert (answer.status_code, answer.json()["code"]) == (422, "option")
    assert "13824" in answer.json()["detail"]
    assert post(app, "/v1/cutout?canvas=100x100", content=DATA).status_code == 200


def test_a_slow_upload_is_refused(model: Path) -> None:
    app = new_app(model, idle_timeout=0.02)
    status, members = problem(asyncio.run(raw(app, "/v1/mask", [body(b"x", more=True)])))
    assert (status, members["code"]) == (408, "upload_timeout")


def test_all_uploads_together_are_limited(model: Path) -> None:
    app = new_app(model, upload_memory=len(DATA) + 10)

    async def calls() -> None:
        rest = asyncio.Event()
        pieces = [body(DATA[:100], more=True), rest, body(DATA[100:])]
        first = asyncio.ensure_future(raw(app, "/v1/mask", pieces))
        await until(lambda: app.state.service.memory.held == 100)
        status, members = problem(await raw(app, "/v1/mask", [body(DATA)]))
        assert (status, members["code"]) == (429, "upload_memory")
        rest.set()
        assert (await first)[0]["status"] == 200
        assert app.state.service.memory.held == 0

    asyncio.run(calls())


def test_the_queue_is_bounded(model: Path, gate: Gate) -> None:
    app = new_app(model, share=1, queue=1)

    async def calls(client: Client) -> None:
        admission = app.state.service.admission
        running = asyncio.ensure_future(client.post("/v1/mask", content=DATA))
        await until(lambda: gate.begun == 1)
        waiting = asyncio.ensure_future(client.post("/v1/mask", content=DATA))
        await until(lambda: admission.waiting == 1)
        refused = await client.post("/v1/mask", content=DATA)
        assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
        assert refused.json()["limit"] == 1
        assert int(refused.headers["retry-after"]) >= 1
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
        gate.open.set()
        assert (await running).status_code == (await waiting).status_code == 200
        assert (admission.running, admission.waiting) == (0, 0)

    calling(app, calls)


def test_a_deadline_ends_waiting_and_computing(model: Path, gate: Gate) -> None:
    app = new_app(model, share=1, deadline=0.05)

    async def calls(client: Client) -> None:
        admission = app.state.service.admission
        both = [client.post("/v1/mask", content=DATA) for _ in range(2)]
        for answer in await asyncio.gather(*both):
            assert (answer.status_code, answer.json()["code"]) == (504, "deadline")
            assert answer.json()["limit"] == 0.05
        assert gate.begun == 1
        assert admission.running == 1  # a thread cannot be stopped, and holds its slot
        gate.open.set()
        await until(lambda: admission.running == 0)

    calling(app, calls)


def test_nothing_is_computed_for_a_client_that_has_gone(model: Path, gate: Gate) -> None:
    app = new_app(model, share=1)

    async def calls() -> None:
        service = app.state.service
        async with client_of(app) as client:
            running = asyncio.ensure_future(client.post("/v1/mask", content=DATA))
            await until(lambda: gate.begun == 1)
            leave = asyncio.Event()
            waiting = asyncio.ensure_future(raw(app, "/v1/mask", [body(DATA), leave, GONE]))
            await until(lambda: service.admission.waiting == 1)
            leave.set()
            await waiting
            assert service.admission.waiting == 0
            gate.open.set()
            assert (await running).status_code == 200
            assert gate.begun == 1

    asyncio.run(calls())


def test_a_client_that_goes_while_computing_stops_the_job_at_the_next_stage(
    model: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = new_app(model, share=1)
    rendered: list[object] = []
    monkeypatch.setattr(work, "render", lambda *a: rendered.append(a))

    async def calls() -> None:
        leave = asyncio.Event()
        asked = asyncio.ensure_future(raw(app, "/v1/mask", [body(DATA), leave, GONE]))
        await until(lambda: gate.begun == 1)
        leave.set()
        await asked
        gate.open.set()
        await until(lambda: app.state.service.admission.running == 0)
        assert not rendered

    asyncio.run(calls())


def test_shutting_down_refuses_and_finishes(model: Path, gate: Gate) -> None:
    app = new_app(model, share=1)

    async def calls(client: Client) -> None:
        running, waiting = (
            asyncio.ensure_future(client.post("/v1/mask", content=DATA)) for _ in range(2)
        )
        await until(lambda: app.state.service.admission.waiting == 1)
        app.state.service.admission.drain()
        for answer in (await client.post("/v1/mask", content=DATA), await client.get("/readyz")):
            assert (answer.status_code, answer.json()["code"]) == (503, "shutting_down")
        gate.open.set()
        assert (await running).status_code == (await waiting).status_code == 200

    calling(app, calls)


@pytest.mark.parametrize(
    ("share", "threads", "slots"),
    [(1, 1, 1), (4, 1, 4), (2, 2, 2), (8, 3, 2), (1, 8, 1), (4, 8, 1), (9, 2, 3)],
)
def test_slots_fit_into_the_share(share: int, threads: int, slots: int) -> None:
    settings = Settings(share=share, threads=threads)
    assert settings.slots == slots
    # With more than one thread, decoding has one beside the network's.
    of_each = settings.request_threads + (settings.request_threads > 1)
    assert settings.slots * of_each <= share


def test_many_at_once_are_answered_each_with_its_own(model: Path) -> None:
    app = new_app(model, share=2, queue=50)

    async def calls(client: Client) -> None:
        sizes = [(96 + 2 * n, 144) for n in range(12)]
        data = [encoded(two_subjects(*size)) for size in sizes]
        answers = await asyncio.gather(
            *(client.post("/v1/subject", content=picture) for picture in data)
        )
        assert [(a.json()["height"], a.json()["width"]) for a in answers] == sizes

    calling(app, calls)


def test_the_parts_of_a_form_are_limited(model: Path) -> None:
    app: FastAPI = new_app(model)
    many = {f"f{n}": (None, "1") for n in range(70)}
    assert post(app, "/v1/mask", files=many).json()["code"] == "multipart"
    long = {"image": DATA, "select": (None, "x" * 9000)}
    assert post(app, "/v1/mask", files=long).status_code == 422
    headers = {"content-type": "multipart/form-data; boundary=b"}
    for content in (b"--b\r\n", b"nonsense", b""):
        answer = post(app, "/v1/mask", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "multipart")
