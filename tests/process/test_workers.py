"""Worker processes of every kind: they begin before or after the first use, and none hangs.

Each test is a program of its own, whose processes are ended if they take too long.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from socket import AF_UNIX, socket
from time import monotonic, sleep

import pytest

SECONDS = 100.0
# What a user's own module may hold.  The network is the smaller embedded one, with its threads.
MODULE = """
import warnings, zlib
import numpy as np
import numpy.random  # which numpy would import at its first use, perhaps while another thread forks
import defocus

# Since 3.12 Python warns of every fork with threads around, which is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)
segmenter = defocus.Segmenter("u2netp", threads=2)

def photo(seed):
    pixels = np.random.default_rng(seed).integers(0, 90, (160, 200, 3), dtype=np.uint8)
    pixels[40:120, 60 + 10 * seed : 110 + 10 * seed] = 235
    return pixels

def checksum(seed):
    subject = defocus.find_subject(photo(seed), segmenter=segmenter)
    return zlib.crc32(defocus.portrait(photo(seed), subject=subject, segmenter=segmenter))
"""
POOLS = """
import multiprocessing, sys, threading
from concurrent.futures import ProcessPoolExecutor
import embedded

def main():
    method, use = sys.argv[1:]
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["preloaded"])
    stop, threads = threading.Event(), []

    def busy():
        while not stop.is_set():
            embedded.checksum(0)

    if use == "busy":
        embedded.segmenter.warmup()
        threads = [threading.Thread(target=busy) for _ in range(2)]
        for thread in threads:
            thread.start()
    with context.Pool(2) as pool:
        found = pool.map(embedded.checksum, range(4), chunksize=1)
        pool.close()
        pool.join()  # the workers end by themselves
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        again = list(executor.map(embedded.checksum, range(4)))
    stop.set()
    for thread in threads:
        thread.join()
    assert found == again == [embedded.checksum(seed) for seed in range(4)], (found, again)

if __name__ == "__main__":
    main()
"""
PRELOADED = "import embedded\nembedded.segmenter.warmup()\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "embedded.py").write_text(MODULE)
    (tmp_path / "preloaded.py").write_text(PRELOADED)
    return tmp_path


def start(folder: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore"}
    with (folder / "errors.txt").open("w") as errors:
        return subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=folder,
            env=environment,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
            text=True,
        )


def end(process: subprocess.Popen[str]) -> None:
    """End all processes of the program."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(SECONDS)


def finished(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait for the end of the program, which has to be a good one."""
    try:
        assert process.wait(SECONDS) == 0, (folder / "errors.txt").read_text()
    finally:
        end(process)


def methods() -> list[str]:
    import multiprocessing

    return multiprocessing.get_all_start_methods()


@pytest.mark.long
@pytest.mark.parametrize(
    ("method", "use"), [*((method, "fresh") for method in methods()), ("fork", "busy")]
)
def test_pools_of_processes(folder: Path, method: str, use: str) -> None:
    if method not in methods():
        pytest.skip("this system has no fork")
    (folder / "pools.py").write_text(POOLS)
    finished(folder, start(folder, "pools.py", method, use))


# --- gunicorn -------------------------------------------------------------------------------------

WSGI = """
import os, embedded

embedded.segmenter.warmup()  # in the parent of the workers: gunicorn --preload

def app(environ, start_response):
    text = f"{os.getpid()} {embedded.checksum(int(environ['PATH_INFO'][1:]))}"
    start_response("200 OK", [("Content-Length", str(len(text)))])
    return [text.encode()]
"""


def answer(path: Path, number: int) -> tuple[int, int]:
    """The process that answered, and the checksum."""
    connection = HTTPConnection("service.example", timeout=SECONDS)
    connection.sock = socket(AF_UNIX)
    connection.sock.settimeout(SECONDS)
    connection.sock.connect(str(path))
    connection.request("GET", f"/{number}")
    process, _, checksum = connection.getresponse().read().decode().partition(" ")
    connection.close()
    return int(process), int(checksum)


@pytest.mark.long
@pytest.mark.skipif(find_spec("gunicorn") is None, reason="needs pip install gunicorn")
def test_gunicorn_with_preload(folder: Path) -> None:
    (folder / "service.py").write_text(WSGI)
    place = folder / "socket"
    options = ("--preload", "--workers", "2", "--threads", "2", "--bind", f"unix:{place}")
    process = start(folder, "-m", "gunicorn", *options, "service:app")
    try:
        until = monotonic() + SECONDS
        while not place.exists() and process.poll() is None and monotonic() < until:
            sleep(0.02)
        assert place.exists(), (folder / "errors.txt").read_text()
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda number: answer(place, number % 4), range(16)))
        assert process.pid not in {worker for worker, _ in found}
        checksums = [checksum for _, checksum in found]
        assert checksums == checksums[:4] * 4
        assert len({*checksums}) == 4
        process.terminate()
        finished(folder, process)
    finally:
        end(process)


# --- Celery ---------------------------------------------------------------------------------------

TASKS = """
import pathlib, celery, embedded

embedded.segmenter.warmup()  # in the parent of the workers
place = pathlib.Path(__file__).parent / "queue"
place.mkdir(exist_ok=True)
app = celery.Celery("tasks", broker="filesystem://", backend=f"file://{place}")
folders = {"data_folder_in": str(place), "data_folder_out": str(place)}
app.conf.broker_transport_options = {**folders, "control_folder": str(place / "control")}
task = app.task(embedded.checksum, name="checksum")
"""
SEND = """
import tasks

sent = [tasks.app.send_task("checksum", [seed]) for seed in range(4)]
found = [result.get(timeout=90) for result in sent]
assert found == [tasks.embedded.checksum(seed) for seed in range(4)], found
"""


@pytest.mark.long
@pytest.mark.skipif(find_spec("celery") is None, reason="needs pip install celery")
def test_celery_with_prefork(folder: Path) -> None:
    (folder / "tasks.py").write_text(TASKS)
    (folder / "send.py").write_text(SEND)
    options = ("--pool", "prefork", "--concurrency", "2", "--without-mingle", "--without-gossip")
    worker = start(folder, "-m", "celery", "-A", "tasks", "worker", *options)
    try:
        finished(folder, start(folder, "send.py"))
        worker.terminate()
        assert worker.wait(SECONDS) == 0
    finally:
        end(worker)
