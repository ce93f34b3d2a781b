"""`defocus models` as a real process."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from defocus import models
from defocus.cli.command import main
from model_server import ModelServer
from published_model import DATA, SPEC, only

pytestmark = pytest.mark.usefixtures("folder")


PATCHED = """
import signal, sys
from defocus import cli, models
from defocus.models import ModelSpec
# A process that was started in the background may have inherited that it is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
spec = ModelSpec(**eval(sys.argv[1]))
models.MODELS = {**models.MODELS, spec.name: spec}
sys.exit(cli.main(sys.argv[2:]))
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", PATCHED, repr(dataclasses.asdict(SPEC)), *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60)


def test_pull_and_list_as_real_processes(folder: Path, server: ModelServer) -> None:
    done = run("models", "pull", "tiny", "--mirror", server.url)
    path = folder / "tiny.onnx"
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}\n", "")
    done = run("models", "pull", "tiny", "--mirror", server.url, "--force", "--progress")
    assert (done.returncode, done.stdout) == (0, f"{path}\n")
    assert done.stderr.startswith("defocus: info: 0.0/0.0 MB 100 % ")
    done = run("models", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{path}, verified" in done.stdout
    assert "missing; run: defocus models pull u2net-float" in done.stdout
    starred = next(line for line in done.stdout.splitlines() if line.startswith("* "))
    assert starred.split()[1] == models.DEFAULT_MODEL
    assert "in the package, verified" in starred
    path.write_bytes(b"?" * len(DATA))
    assert "tiny.onnx is damaged: expected SHA-256" in run("models", "list").stdout


def test_the_real_command_against_a_server_with_something_else(server: ModelServer) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "defocus", "models", "pull", "silueta", "--mirror", server.url],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "defocus: error: model 'silueta': cannot download http://127.0.0.1"
    )
    assert f"the server has {len(DATA)} bytes, expected 44173029" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("models pull ../../etc/passwd", 2, "unknown model '../../etc/passwd'; known models: "),
        ("models pull tinny", 2, "did you mean 'tiny'?"),
        ("models pull tiny --mirror nonsense", 2, "mirror 'nonsense' is no URL"),
        ("models pull", 2, "required: NAME; example: defocus models pull u2net-float"),
        ("models", 2, "required: list|pull; example: defocus models list"),
        ("models list tiny", 2, "unexpected argument 'tiny'; example: defocus models list"),
        ("models pull tiny --forc", 2, "unknown option '--forc'; did you mean '--force'?"),
    ],
)
def test_wrong_usage(
    arguments: str, code: int, message: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    assert main(arguments.split()) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert message in output.err
    assert output.err.count("\n") == 1
    assert not folder.exists()


@pytest.mark.skipif(not hasattr(os, "kill") or sys.platform == "win32", reason="POSIX signals")
def test_an_interrupted_pull_leaves_nothing(folder: Path, server: ModelServer) -> None:
    server.plan = ["cut:100", "silent", "silent"]
    arguments = command("models", "pull", "tiny", "--mirror", server.url)
    with subprocess.Popen(arguments, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while len(server.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")
    only(folder)
