"""The service as a process: signals, connections that hang, clients that go, a read-only system."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

import httpx
import pytest

from tests.serve.service import encoded, two_subjects

DATA = encoded(two_subjects())
SCRIPT = """
import sys
from defocus.serve import Settings, server
with server.bind("127.0.0.1", 0) as listening:
    print(server.url_of(listening), flush=True)
    times = {"header_timeout": 0.5, "send_timeout": 0.5, "idle_timeout": 30.0}
    server.run(Settings(model=sys.argv[1], **times), listening)
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Process(NamedTuple):
    url: str
    running: subprocess.Popen[bytes]

    def connect(self) -> socket.socket:
        host, _, port = self.url.removeprefix("http://").strip("/").partition(":")
        return socket.create_connection((host, int(port)), 30)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=30)


def no_files() -> None:
    """As on a read-only system: no byte can be written to a file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@contextmanager
def started(*command: str, stream: str = "stdout") -> Iterator[Process]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    running = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env=kept,  # no HOME
        preexec_fn=no_files,
    )
    try:
        pipe: IO[bytes] | None = getattr(running, stream)
        assert pipe is not None
        yield Process(pipe.readline().decode().split()[-1].strip("/"), running)
    finally:
        running.kill()
        running.communicate()


@pytest.fixture(scope="module")
def process(model: Path) -> Iterator[Process]:
    with started("-c", SCRIPT, str(model)) as made:
        until_ready(made)
        yield made


def until_ready(process: Process) -> None:
    end = time.monotonic() + 60
    while process.get("/readyz").status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.05)


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


def open_files(process: Process) -> float:
    found = re.search(r"^process_open_fds (\S+)", process.get("/metrics").text, re.MULTILINE)
    assert found
    return float(found[1])


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
    with started("-c", SCRIPT, str(model)) as process:
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
