"""`defocus models` as a real process."""

from __future__ import annotations

import dataclasses
import json
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
    assert state("tiny") == ("pulled", str(path))
    path.write_bytes(b"?" * len(DATA))
    assert state("tiny") == ("damaged", None)


def state(name: str) -> tuple[str, str | None]:
    """The state and the path of a network, as the list for programs has them."""
    done = run("models", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    entries = {entry["name"]: entry for entry in map(json.loads, done.stdout.splitlines())}
    assert [*entries] == [*models.MODELS]
    return entries[name]["state"], entries[name]["path"]


def test_the_list_fits_a_terminal() -> None:
    done = run("models", "list")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].split() == ["NAME", "LICENCE", "SIZE", "MEMORY", "DIGEST", "STATE"]
    rows = {line[1:].split()[0]: line for line in lines[1:] if line.strip()}
    starred = [line for line in lines if line.startswith("* ")]
    assert starred[0].split()[1] == models.DEFAULT_MODEL
    assert starred[0].endswith("shipped")
    assert rows["birefnet-general"].split() == [
        "birefnet-general",
        "MIT",
        "972.7",
        "MB",
        "10.3",
        "GB",
        "SHA-256",
        "not",
        "pulled",
    ]
    assert " MD5 " in rows["birefnet-cod"]
    assert "CC BY-NC 4.0, non-commercial" in rows["bria-rmbg"]


def test_a_licence_for_non_commercial_use_has_to_be_accepted(
    folder: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("models", "pull", "tiny", "--mirror", server.url)
    monkeypatch.setitem(vars(SPEC), "non_commercial", True)
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "licence none, which excludes commercial use" in done.stderr
    assert "defocus models pull tiny --accept-licence" in done.stderr
    assert server.requests == []
    assert state("tiny")[0] == "not pulled"
    done = run(*arguments, "--accept-licence")
    assert (done.returncode, done.stderr) == (0, "")
    assert state("tiny") == ("pulled", str(folder / "tiny.onnx"))


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
