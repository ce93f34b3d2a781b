"""The load generator of bench/serve notices what a service gets wrong."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from bench.serve import bad, good, loops, overload
from bench.serve.client import Connection, message
from bench.serve.loops import Outcome
from bench.serve.servers import Usage

BODY = b"the picture"
KNOWN = good.Known(
    "portrait 2 MP",
    message("/v1/portrait", b"photograph"),
    200,
    "image/png",
    hashlib.sha256(BODY).hexdigest(),
)
TEXT = bad.Refused("text", message("/v1/portrait", b"text"), ("415 unknown_format",))
PROBLEM = b'{"code": "%s"}'
Played = good.Known | bad.Refused


def reply(status: int, kind: str, body: bytes, *lines: str) -> Callable[[bytes], bytes]:
    """What a service answers to a request with this id."""

    def answer(request_id: bytes) -> bytes:
        head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", *lines]
        return "\r\n".join(head).encode() + b"\r\nX-Request-ID: " + request_id + b"\r\n\r\n" + body

    return answer


def sized(status: int, kind: str, body: bytes, *lines: str) -> Callable[[bytes], bytes]:
    return reply(status, kind, body, f"Content-Length: {len(body)}", *lines)


def problem(status: int, code: bytes, *lines: str) -> Callable[[bytes], bytes]:
    return sized(status, "application/problem+json", PROBLEM % code, *lines)


def outcomes(played: Played, answer: Callable[[bytes], bytes], times: int = 1) -> list[Outcome]:
    """What the generator makes of a service that always answers so."""

    async def run() -> list[Outcome]:
        served = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                while head := await reader.read(65536):
                    request_id = head.partition(b"X-Request-ID: ")[2].partition(b"\r\n")[0]
                    writer.write(answer(request_id))
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            served.set()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            async with Connection(f"http://{host}:{port}/") as connection:
                found = [outcome for _ in range(times) for outcome in await played.play(connection)]
            await served.wait()
        return found

    return asyncio.run(run())


def test_right_answers_are_right() -> None:
    for outcome in outcomes(KNOWN, sized(200, "image/png", BODY), 3):
        assert (outcome.result, outcome.broken) == ("200", "")
    chunks = b"4\r\n" + BODY[:4] + b"\r\n7\r\n" + BODY[4:] + b"\r\n0\r\n\r\n"
    chunked = reply(200, "image/png", chunks, "Transfer-Encoding: chunked")
    assert [outcome.broken for outcome in outcomes(KNOWN, chunked, 2)] == ["", ""]
    full = problem(429, b"queue_full", "Retry-After: 1")
    assert outcomes(KNOWN, full)[0].result == "429 queue_full"
    assert not outcomes(KNOWN, full)[0].broken
    assert not outcomes(TEXT, full)[0].broken
    assert not outcomes(TEXT, problem(415, b"unknown_format"))[0].broken


@pytest.mark.parametrize(
    ("played", "answer"),
    [
        (KNOWN, sized(200, "image/png", b"another picture")),
        (KNOWN, sized(200, "image/jpeg", BODY)),
        (KNOWN, problem(504, b"deadline")),
        (KNOWN, problem(429, b"queue_full")),  # without Retry-After
        (KNOWN, lambda _: sized(200, "image/png", BODY)(b"another")),
        (KNOWN, lambda _: b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nend"),
        (TEXT, sized(200, "image/png", BODY)),
        (TEXT, problem(500, b"internal")),
    ],
)
def test_wrong_answers_are_noticed(
    played: Played, answer: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.serve.client.TIMEOUT", 0.2)
    assert outcomes(played, answer)[0].broken


def observed(
    growth: float = 1.0, slow: float = 1.0, status: int = 0, files: int = 0
) -> overload.Observed:
    usage = [Usage(0.0, 400.0, 20, 9)] * 200 + [Usage(0.0, 400.0 * growth, 20, 9)] * 30
    times = [0.5] * 98 + [0.5 * slow] * 2
    found = [Outcome(overload.JUDGED, "200", seconds) for seconds in times]
    idle, after = Usage(0.0, 400.0, 7, 5), Usage(0.0, 400.0, 7 + files, 5)
    return overload.Observed(5.0, found, idle, usage, after, status, 0.1)


def test_promises() -> None:
    def kept(**changes: float) -> set[bool]:
        return {ok for _, ok in overload.promises(observed(**changes)).values()}  # type: ignore[arg-type]

    assert kept(growth=1.04, slow=2.9) == {True}
    assert False in kept(growth=1.06)
    assert False in kept(slow=3.1)
    assert False in kept(status=1)
    assert False in kept(files=1)


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [loops.percentile(values, percent) for percent in (50, 99, 100)] == [50.0, 99.0, 100.0]
    assert loops.percentile([7.0], 50) == 7.0
