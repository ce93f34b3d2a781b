"""Runs the built image as `docker run --read-only --cap-drop ALL --network none` does."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tools.try_dockerfile.dockerfile import Stage
from tools.try_dockerfile.roots import NEW_NETWORK, command_in, unshare

__all__ = ["try_image"]

_PORT = 8000
_LIMITS = ("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")
_LOAD = 6  # clients
_UP, _SET_FLAGS = 0x1, 0x8914  # IFF_UP, SIOCSIFFLAGS


class Container:
    """The running entry point: process 1 of its own, without capabilities, HOME or a disk."""

    def __init__(self, root: Path, stage: Stage) -> None:
        self._root, self._stage = root, stage
        command = (*stage.entry_point, *stage.command)
        ends_too = "--pdeathsig=KILL"  # when this process ends
        line = command_in(root, stage, command, *_LIMITS, ends_too, mount_proc="/proc")
        line[1:1] = ["--pid", "--fork"]
        self._outer = subprocess.Popen(line, env=stage.environment, stderr=subprocess.PIPE)
        self._log: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._outer.stderr is not None
        self._log += self._outer.stderr

    @property
    def log(self) -> str:
        """What the process has written, when it has ended."""
        self._reader.join(10)
        return b"".join(self._log).decode()

    @property
    def pid(self) -> int:
        """The process, as this process sees it."""
        outer = self._outer.pid
        return int(Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])

    def stop(self) -> None:
        """Send the signal of STOPSIGNAL."""
        os.kill(self.pid, signal.Signals[self._stage.stop_signal])

    def wait(self) -> int:
        """The exit status."""
        return self._outer.wait(90)

    def kill(self) -> None:
        """End it, if it has not ended."""
        self._outer.kill()
        self._outer.wait()

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._outer.poll() is not None


def try_image(root: Path, stage: Stage, photo: bytes) -> None:
    """Start, use and stop the image.  Raises AssertionError."""
    shared = root / "dev" / "shm"
    _make_read_only(root)
    _cut_off()
    assert not _healthy(root, stage), "the health check succeeds without a service"
    container = Container(root, stage)
    try:
        _wait_for_ready(container)
        _check_rights(container)
        assert _healthy(root, stage), "the health check fails"
        status, answer = _post(photo)
        assert status == 200, answer[:500]
        assert answer.startswith(b"\xff\xd8"), answer[:500]
        assert answer != photo
        _stop_under_load(container, photo)
        assert not any(shared.iterdir()), "it has written to /dev/shm"
    finally:
        container.kill()
        if not container.ended:
            print(container.log)


def _make_read_only(root: Path) -> None:
    """Let nothing be written but /dev/shm, as an engine does."""
    (root / "dev" / "shm").mkdir(mode=0o1777)
    subprocess.run(["mount", "-o", "remount,ro", root], check=True)
    try:
        (root / "tmp" / "written").touch()
    except OSError:
        return
    raise AssertionError("the root is not read-only")


def _cut_off() -> None:
    """Leave the network: only the loopback device of a new one stays."""
    unshare(NEW_NETWORK)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def _healthy(root: Path, stage: Stage) -> bool:
    command = command_in(root, stage, stage.health_check, *_LIMITS)
    done = subprocess.run(
        command, env=stage.environment, stderr=subprocess.DEVNULL, timeout=30, check=False
    )
    return done.returncode == 0


def _request(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", _PORT, timeout=60)
    try:
        connection.request(method, path, body, {"Content-Type": "image/jpeg"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _post(photo: bytes) -> tuple[int, bytes]:
    return _request("POST", "/v1/portrait", photo)


def _wait_for_ready(container: Container) -> None:
    def ready() -> bool:
        assert not container.ended, container.log
        try:
            return _request("GET", "/readyz")[0] == 200
        except OSError:
            return False

    _wait(ready, "it does not become ready")


def _wait(done: Callable[[], bool], problem: str) -> None:
    end = time.monotonic() + 120
    while not done():
        assert time.monotonic() < end, problem
        time.sleep(0.1)


def _check_rights(container: Container) -> None:
    process = Path(f"/proc/{container.pid}")
    lines = (line.split() for line in (process / "status").read_text().splitlines())
    status = {words[0]: words[1:] for words in lines}
    assert "0" not in status["Uid:"] + status["Gid:"], "it runs as root"
    for name in ("CapEff:", "CapPrm:", "CapBnd:"):
        assert int(status[name][0], 16) == 0, f"it has {name} {status[name][0]}"
    assert status["NoNewPrivs:"] == ["1"]
    assert status["NSpid:"][-1] == "1", "it is not the first process"
    assert b"HOME=" not in (process / "environ").read_bytes()
    children = (process / "task").glob("*/children")
    assert not "".join(path.read_text() for path in children), "it has child processes"


def _stop_under_load(container: Container, photo: bytes) -> None:
    """What was accepted is answered, the rest is refused, and the exit status is 0."""
    before: list[int] = []
    after: list[int] = []
    stopped = threading.Event()

    def client() -> None:
        while True:
            try:
                status, _ = _post(photo)
            except (OSError, http.client.HTTPException):
                assert stopped.is_set(), "a connection is refused"
                return
            (after if stopped.is_set() else before).append(status)

    clients = [threading.Thread(target=client) for _ in range(_LOAD)]
    for thread in clients:
        thread.start()
    _wait(lambda: before.count(200) >= _LOAD, "nothing is answered under load")
    stopped.set()
    container.stop()
    assert container.wait() == 0, "the exit status is not 0"
    for thread in clients:
        thread.join()
    assert {*before} <= {200, 429}, before
    assert {*after} <= {200, 429, 503}, after
    assert 200 in after, "what was accepted is not answered"
