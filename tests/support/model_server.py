"""A real HTTP server on this machine that serves one file, well or badly."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ModelServer(ThreadingHTTPServer):
    """Serves `data` under any name.

    `plan` is what goes wrong with the next requests, one after the other.  An entry is a status
    code, "cut:N" (the connection ends after N bytes), "silent" (no answer for a while), "longer"
    (more bytes than the file), "unsized" (right, but without a length), or "to:URL" (a redirect).
    `requests` are the paths that were requested, and `ranges` their Range headers.  With `resumes`
    such a request gets the rest of the file alone.
    """

    daemon_threads = True

    def __init__(self, data: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.data = data
        self.plan: list[int | str] = []
        self.requests: list[str] = []
        self.ranges: list[str | None] = []
        self.resumes = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/models"


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def log_message(self, *_arguments: object) -> None:
        """Print nothing: tests read standard error."""

    def do_GET(self) -> None:
        server = self.server
        server.requests.append(self.path)
        server.ranges.append(self.headers["Range"])
        step = server.plan.pop(0) if server.plan else ""
        if isinstance(step, int):
            self.send_error(step)
            return
        if step == "silent":
            time.sleep(1.0)
            return
        if step.startswith("to:"):
            self.send_response(302)
            self.send_header("Location", step[3:])
            self.end_headers()
            return
        body = server.data
        asked = self.headers["Range"]
        if server.resumes and asked:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            body = body[start:]
        else:
            self.send_response(200)
        if step not in ("longer", "unsized"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if step == "longer":
            body += b"and more"
        if step.startswith("cut:"):
            body = body[: int(step[4:])]
        self.wfile.write(body)


@contextmanager
def serving(data: bytes) -> Iterator[ModelServer]:
    server = ModelServer(data)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
