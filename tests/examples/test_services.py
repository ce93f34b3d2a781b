"""The examples that wait for requests: FastAPI, Gradio, Celery."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from pictures import empty_scene
from tests.examples.programs import (
    ASTRONAUT,
    LIMIT,
    Running,
    assert_cutout,
    assert_portrait,
    astronaut,
    checkout,
    commands,
    run,
    running,
)

pytestmark = pytest.mark.examples


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait(ready: Callable[[], bool], of: Running | None = None) -> None:
    """Wait until something is so; a program that ends meanwhile is a failure."""
    end = time.monotonic() + LIMIT
    while not ready():
        assert time.monotonic() < end, of and of.log()
        assert of is None or of.process.poll() is None, of.log()
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code > 0
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the FastAPI endpoint."""
    folder, port = checkout(tmp_path_factory.mktemp("fastapi")), free_port()
    with running(f"{commands('fastapi_endpoint.py')[0]} --port {port}", folder) as program:
        wait(lambda: answers(port), program)
        yield port
    assert "Traceback" not in program.log()


def test_fastapi_answers_a_portrait(port: int, tmp_path: Path) -> None:
    call = commands("fastapi_endpoint.py")[1].replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    done = run(call, checkout(tmp_path))
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "portrait.jpg") as made:
        assert (made.format, made.mode) == ("JPEG", "RGB")
        assert_portrait(np.asarray(made), *astronaut(), lossy=True)


def test_fastapi_refuses_with_the_right_status(port: int, tmp_path: Path) -> None:
    url, photo = f"http://127.0.0.1:{port}/portrait", ASTRONAUT.read_bytes()
    empty_scene(tmp_path / "empty.png")
    Image.new("L", (8000, 8000)).save(tmp_path / "large.png")

    def status(body: bytes, **parameters: float | str) -> int:
        return httpx.post(url, content=body, params=parameters, timeout=LIMIT).status_code

    assert status(bytes(33 << 20)) == 413
    assert status((tmp_path / "large.png").read_bytes()) == 413
    assert status(b"no picture") == 415
    assert status(photo[: len(photo) // 2]) == 422
    assert status(photo, aperture=0) == 422
    assert status(photo, aperture="wide") == 422
    assert status((tmp_path / "empty.png").read_bytes()) == 422


def test_fastapi_refuses_more_than_it_accepts(port: int) -> None:
    accepted = 8
    head = b"POST /portrait HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n"

    def answer() -> httpx.Response:
        url = f"http://127.0.0.1:{port}/portrait"
        return httpx.post(url, content=b"no picture", timeout=LIMIT)

    for _ in range(accepted):  # errors keep no place
        assert answer().status_code == 415
    with ExitStack() as uploads:
        for _ in range(accepted):  # none of these ends
            upload = uploads.enter_context(socket.create_connection(("127.0.0.1", port)))
            upload.sendall(head)
        wait(lambda: answer().status_code == 503)
        assert answer().headers["Retry-After"] == "5"
    wait(lambda: answer().status_code == 415)


@pytest.mark.filterwarnings("default")
def test_gradio_makes_both_effects(tmp_path: Path) -> None:
    gradio_client = pytest.importorskip("gradio_client")
    folder, port = checkout(tmp_path), free_port()
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    with running(commands("gradio_demo.py")[0], folder, **settings) as program:
        wait(lambda: answers(port), program)
        client = gradio_client.Client(f"http://127.0.0.1:{port}", verbose=False)
        photo = gradio_client.handle_file(str(ASTRONAUT))
        made, notes = client.predict(photo, "portrait", 1.4, "disc", api_name="/make")
        with Image.open(made) as image:
            assert_portrait(np.asarray(image), *astronaut())
        assert notes.startswith("Confidence: ")
        made, _ = client.predict(photo, "cutout", 1.4, "disc", api_name="/make")
        with Image.open(made) as image:
            assert_cutout(np.asarray(image), *astronaut())
        empty_scene(tmp_path / "empty.png")
        nothing = gradio_client.handle_file(str(tmp_path / "empty.png"))
        with pytest.raises(gradio_client.exceptions.AppError, match="no subject"):
            client.predict(nothing, "portrait", 1.4, "disc", api_name="/make")


def test_celery_makes_what_the_client_queues(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    start, client = commands("celery_worker.py")
    queue = {"QUEUE_FOLDER": str(tmp_path / "queue")}
    with running(start, folder, **queue) as program:
        wait(lambda: " ready." in program.log(), program)
        done = run(client, folder, **queue)
        assert done.returncode == 0, done.stderr + program.log()
        assert json.loads(done.stdout)["size"] == [512, 512]
        with Image.open(folder / "portrait.jpg") as made:
            assert_portrait(np.asarray(made), *astronaut(), lossy=True)
        (folder / "examples" / "astronaut.jpg").write_bytes(b"no picture")
        failed = run(client, folder, **queue)
        assert failed.returncode == 1
        assert failed.stderr.startswith("UnknownFormatError: ")
        assert "Traceback" not in failed.stderr + program.log()
    assert program.process.returncode == 0
