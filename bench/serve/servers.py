"""The servers as processes of their own, and what they use of the machine (Linux only)."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from bench.serve import client
from bench.support import harness, processes
from defocus.threads import available_threads

_START = 300.0  # seconds


class Usage(NamedTuple):
    """What a server and its child processes have used, and hold."""

    cpu: float  # seconds
    rss: float  # MB
    files: int
    threads: int


class Server:
    """A server that runs: its address and its process."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url, self.process = url, process

    def usage(self) -> Usage:
        """What it uses now, all its processes together."""
        found = [_usage(pid) for pid in _tree(self.process.pid)]
        return Usage(*(sum(column) for column in zip(*found, strict=True)))

    def end(self) -> int:
        """Send SIGTERM and wait; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_START)


@contextlib.contextmanager
def defocus(*arguments: str) -> Iterator[Server]:
    """`defocus serve` on a port of its own, ready to answer."""
    command = [sys.executable, "-m", "defocus", "serve", "--port", "0", *arguments]
    with _running(command) as (process, output):
        url = _wait(lambda: _listening(output), process, output)
        yield _ready(Server(url, process), "/readyz", output)


@contextlib.contextmanager
def rembg(script: Path) -> Iterator[Server]:
    """`rembg s` on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(script), "s", "--host", "127.0.0.1", "--port", str(port)]
    with _running(command) as (process, output):
        yield _ready(Server(f"http://127.0.0.1:{port}/", process), "/openapi.json", output)


@contextlib.contextmanager
def _running(command: Sequence[str]) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    with tempfile.TemporaryFile("w+") as output:
        environment = processes.environment(available_threads())
        process = subprocess.Popen(
            command, cwd=harness.ROOT, env=environment, stdout=output, stderr=output, text=True
        )
        try:
            yield process, output
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.terminate()
                process.wait(30)
            process.kill()
            process.wait()


def _listening(output: IO[str]) -> str:
    output.seek(0)
    found = re.search(r"listening on (\S+)", output.read())
    return found[1] if found else ""


def _ready(server: Server, path: str, output: IO[str]) -> Server:
    _wait(lambda: _answers(server.url, path), server.process, output)
    return server


def _answers(url: str, path: str) -> str:
    host, _, port = url.removeprefix("http://").strip("/").partition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 5) as peer:
        peer.sendall(client.message(path, method="GET").wire(client.new_id()))
        return "yes" if b" 200 " in peer.recv(1000) else ""
    return ""


def _wait(condition: Callable[[], str], process: subprocess.Popen[str], output: IO[str]) -> str:
    end = time.monotonic() + _START
    while not (found := condition()):
        if process.poll() is not None or time.monotonic() > end:
            output.seek(0)
            raise RuntimeError(f"{process.args!r} does not answer: {output.read()[-2000:]}")
        time.sleep(0.1)
    return found


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                yield from _tree(int(child))


def _usage(pid: int) -> Usage:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        cpu = (int(words[11]) + int(words[12])) / harness.TICK
        rss = processes.resident(pid)
        return Usage(cpu, rss, len([*Path(f"/proc/{pid}/fd").iterdir()]), int(words[17]))
    return Usage(0.0, 0.0, 0, 0)
