"""The service as a process: sockets, signals, workers, and connections that send no request."""

from __future__ import annotations

import asyncio
import errno
import functools
import logging
import multiprocessing
import signal
import socket
import sys
import time
from multiprocessing import connection
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from defocus.errors import OptionError
from defocus.options.values import check_port
from defocus.serve.app import create_app
from defocus.serve.settings import Settings

__all__ = ["bind", "bind_file", "run", "run_workers", "url_of"]

_MOST_CONNECTIONS = 1000
_LARGEST_HEAD = 32768  # bytes of a request line and its headers
_BACKLOG = 1024
_RESTART_AFTER = 1.0  # seconds


class Protocol(H11Protocol):
    """Closes a connection that hangs.

    That is one whose next request does not begin or does not get its headers in time, or whose
    client does not take its answer.
    """

    def __init__(
        self, *arguments: Any, header_timeout: float, send_timeout: float, **more: Any
    ) -> None:
        super().__init__(*arguments, **more)
        self._header_timeout, self._send_timeout = header_timeout, send_timeout
        self._late: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the headers of the first request."""
        super().connection_made(transport)
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        """Stop waiting when the headers are there; wait again when the next request begins."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._late is None:
            self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        self._taken()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to take what is sent."""
        super().pause_writing()
        self._taken()
        self._stuck = self.loop.call_later(self._send_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has taken it."""
        super().resume_writing()
        self._taken()

    def _taken(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def _wait_for_headers(self) -> None:
        self._late = self.loop.call_later(self._header_timeout, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class Server(uvicorn.Server):
    """Refuses new requests from the first signal on, and finishes those that it has accepted."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to shut down; a second interrupt does not wait."""
        if self.config.loaded:
            self.config.loaded_app.state.service.admission.drain()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal comes."""
        _log_to_stderr()
        super().run(sockets)


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there; `::` is every address, also of IPv4.  Raises OptionError."""
    check_port(port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        made = socket.create_server(
            (host, port), family=family, backlog=_BACKLOG, dualstack_ipv6=both
        )
    except OSError as error:
        raise OptionError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    made.set_inheritable(True)
    return made


def bind_file(path: str) -> socket.socket:
    """A socket that listens on a file, which replaces one that nobody listens on.

    The file stays when the service ends: its successor may listen there already.
    Raises OptionError.
    """
    if sys.platform == "win32":
        raise OptionError("a socket file needs a POSIX system")
    made = socket.socket(socket.AF_UNIX)
    try:
        if Path(path).is_socket() and not _answers(path):
            Path(path).unlink()
        made.bind(path or "/")  # without a name Linux would choose one
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        raise OptionError(f"cannot listen on {path!r}: {error.strerror or error}") from error
    made.set_inheritable(True)
    return made


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) != errno.ECONNREFUSED


def url_of(listening: socket.socket) -> str:
    """The address for a browser, or the name of the socket file."""
    if isinstance(listening.getsockname(), str):
        return f"unix:{listening.getsockname()}"
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run(settings: Settings, listening: socket.socket) -> None:
    """Serve in this process until SIGTERM or SIGINT, and finish what was accepted."""
    protocol = functools.partial(
        Protocol, header_timeout=settings.header_timeout, send_timeout=settings.send_timeout
    )
    config = uvicorn.Config(
        functools.partial(create_app, settings),
        factory=True,
        http=protocol,  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        interface="asgi3",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=max(1, round(settings.grace)),
        h11_max_incomplete_event_size=_LARGEST_HEAD,
    )
    Server(config).run([listening])


def run_workers(settings: Settings, listening: socket.socket) -> None:
    """Serve with several processes; one that ends by itself is replaced."""
    context = multiprocessing.get_context("spawn")
    ending = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal ending
        ending = True
        for worker in workers:
            worker.terminate()

    workers = [_start(context, settings, listening) for _ in range(settings.workers)]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while workers:
        ended = connection.wait([worker.sentinel for worker in workers], _RESTART_AFTER)
        alive = [worker for worker in workers if worker.sentinel not in ended]
        lost = len(workers) - len(alive)
        workers[:] = alive
        if lost and not ending:
            time.sleep(_RESTART_AFTER)
            workers += [_start(context, settings, listening) for _ in range(lost)]


def _start(context: SpawnContext, settings: Settings, listening: socket.socket) -> SpawnProcess:
    worker = context.Process(target=run, args=(settings, listening))
    worker.start()
    return worker


def _log_to_stderr() -> None:
    """Write the access log as JSON lines, and other loggers from warnings on."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    access = logging.getLogger("defocus.serve.access")
    if not access.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        access.addHandler(handler)
        access.propagate = False
        access.setLevel(logging.INFO)
