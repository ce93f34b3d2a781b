"""The service as a process of its own, on a system without HOME and without files to write."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import httpx

_SCRIPT = """
import json, sys
from defocus.serve import Settings, server
with server.bind("127.0.0.1", 0) as listening:
    print(server.url_of(listening), flush=True)
    server.run(Settings(model=sys.argv[1], **json.loads(sys.argv[2])), listening)
"""


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
    # The other stream is not read here, and a full pipe would block the process.
    running = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE if stream == "stdout" else subprocess.DEVNULL,
        stderr=subprocess.PIPE if stream == "stderr" else subprocess.DEVNULL,
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


def serving(model: Path, **settings: object) -> tuple[str, ...]:
    """The arguments of a process with these settings."""
    return "-c", _SCRIPT, str(model), json.dumps(settings)


def until_ready(process: Process) -> None:
    end = time.monotonic() + 60
    while process.get("/readyz").status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.05)
