"""The service as a process: signals, connections that hang, clients that go, a read-only system."""

from __future__ import annotations

import functools
import json
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.serve.process import Process, serving, started, until_ready
from tests.serve.service import encoded, two_subjects

DATA = encoded(two_subjects())
TIMES = {"header_timeout": 0.5, "send_timeout": 0.5, "idle_timeout": 30.0}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def process(model: Path) -> Iterator[Process]:
    with started(*serving(model, **TIMES)) as made:
        until_ready(made)
        yield made


def until_closed(process: Process) -> None:
    """Wait until no new connections are taken."""
    with suppress(OSError):
        while True:
            process.connect().close()
            time.sleep(0.02)


def head(path: str, length: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        f"Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def begin_upload(process: Process) -> socket.socket:
    """A connection whose request has been accepted, and waits for its body."""
    connection = process.connect()
    connection.sendall(head("/v1/mask", len(DATA)))
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    return connection


def answer(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def metric(process: Process, name: str) -> float:
    found = re.search(rf"^{name} (\S+)", process.get("/metrics").text, re.MULTILINE)
    assert found
    return float(found[1])


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_answers(process: Process) -> None:
    got = httpx.post(f"{process.url}/v1/cutout", content=DATA, timeout=30)
    assert got.status_code == 200
    assert got.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: loc"])
def test_a_connection_without_headers_is_closed(process: Process, begun: bytes) -> None:
    with process.connect() as connection:
        connection.sendall(begun)
        assert connection.recv(1000) == b""


def test_a_kept_connection_is_closed_when_the_next_headers_do_not_end(process: Process) -> None:
    with process.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(10000).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /healthz HT")
        assert answer(connection) in (b"", b"ok")


def test_a_client_that_goes_leaves_nothing_behind(process: Process) -> None:
    with begin_upload(process) as connection:
        connection.sendall(DATA[:50])
    with begin_upload(process) as connection:
        connection.sendall(DATA[:50])
        connection.shutdown(socket.SHUT_WR)  # half-closed: the rest never comes
        answer(connection)
    end = time.monotonic() + 30
    while "defocus_abandoned_total 2.0" not in process.get("/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "defocus_in_flight 0.0" in process.get("/metrics").text


def test_a_client_that_goes_while_it_is_computed_for_is_abandoned(process: Process) -> None:
    large = encoded(two_subjects(1600, 1600))
    for half_closed in (False, True):
        before = metric(process, "defocus_abandoned_total")
        with process.connect() as connection:
            connection.sendall(head("/v1/portrait?bokeh=disc&sigma=80", len(large)) + large)
            until(lambda: metric(process, "defocus_in_flight") == 1)
            if half_closed:
                connection.shutdown(socket.SHUT_WR)
                assert b" 200 " not in answer(connection)
        until(functools.partial(was_abandoned, process, before + 1))
        until(lambda: metric(process, "defocus_in_flight") == 0)


def was_abandoned(process: Process, count: float) -> bool:
    return metric(process, "defocus_abandoned_total") == count


def test_a_slow_upload_is_ended_though_bytes_keep_coming(model: Path) -> None:
    with started(*serving(model, upload_timeout=1.0, idle_timeout=30.0)) as process:
        until_ready(process)
        with begin_upload(process) as connection:
            connection.settimeout(0.1)
            got = b""
            for byte in DATA[:200]:
                connection.sendall(bytes([byte]))
                with suppress(TimeoutError):
                    got += connection.recv(1000)
                if got:
                    break
            assert got.startswith(b"HTTP/1.1 408 ")


def open_files(process: Process) -> float:
    return metric(process, "process_open_fds")


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files by /proc")
def test_a_client_that_takes_no_answer_is_cut_off(process: Process) -> None:
    large = encoded(two_subjects(1600, 1600))
    before = open_files(process)
    with process.connect() as connection:
        connection.sendall(head("/v1/portrait?format=tiff", len(large)) + large)
        end = time.monotonic() + 60
        while 'route="/v1/portrait",status="200"' not in process.get("/metrics").text:
            assert time.monotonic() < end
            time.sleep(0.05)
        while open_files(process) > before:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert len(answer(connection)) < 3 * 1600 * 1600


def test_what_is_no_http_is_refused(process: Process) -> None:
    with process.connect() as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 400")
    assert process.get("/healthz").status_code == 200


def test_sigterm_finishes_what_was_accepted(model: Path) -> None:
    with started(*serving(model, **TIMES)) as process:
        with begin_upload(process) as accepted:
            process.running.send_signal(signal.SIGTERM)
            until_closed(process)
            accepted.sendall(DATA)
            assert answer(accepted).startswith(b"HTTP/1.1 200")
        assert process.running.wait(60) == 0


def test_a_socket_file(model: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    command = ("-m", "defocus", "serve", "--uds", path, "--model", str(model))
    with started(*command, stream="stderr") as process:
        assert process.url == f"unix:{path}"
        with httpx.Client(transport=httpx.HTTPTransport(uds=path)) as client:
            answer = client.post("http://any.example/v1/mask", content=DATA, timeout=60)
        assert answer.status_code == 200
        process.running.send_signal(signal.SIGTERM)
        assert process.running.wait(60) == 0
        assert process.running.stderr is not None
        assert json.loads(process.running.stderr.readline())["client"] is None


def test_sigterm_under_load_answers_or_refuses_every_request(model: Path) -> None:
    large = encoded(two_subjects(400, 600))
    with started(*serving(model)) as process, ThreadPoolExecutor(4) as callers:
        until_ready(process)

        def call(_: object) -> list[int]:
            found: list[int] = []
            with suppress(httpx.ConnectError):  # the port is closed
                while True:
                    got = httpx.post(f"{process.url}/v1/portrait", content=large, timeout=60)
                    found.append(got.status_code)
            return found

        running = callers.map(call, range(4))
        until(lambda: 'route="/v1/portrait",status="200"' in process.get("/metrics").text)
        process.running.send_signal(signal.SIGTERM)
        statuses = [status for found in running for status in found]
        assert process.running.wait(60) == 0
        assert {200} <= {*statuses} <= {200, 503}


@pytest.mark.long
def test_the_command_with_several_workers(model: Path) -> None:
    command = ("-m", "defocus", "serve", "--port", "0", "--workers", "2", "--model", str(model))
    with started(*command, stream="stderr") as process:
        until_ready(process)
        assert httpx.post(f"{process.url}/v1/mask", content=DATA, timeout=30).status_code == 200
        assert process.get("/page/photos/x/preview").json()["code"] == "not_found"
        process.running.send_signal(signal.SIGTERM)
        assert process.running.wait(60) == 0
        assert process.running.stderr is not None
        for line in process.running.stderr.read().splitlines():
            assert json.loads(line)["status"] in (200, 404, 503)
