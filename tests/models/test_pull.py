"""Downloads of a published network from a real server, over good and bad connections."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from defocus import Segmenter, models
from defocus.cli.command import main
from defocus.errors import DownloadError, ModelError, ModelMissingError, OptionError
from defocus.models import MODELS, ModelSpec
from defocus.models.pull import pull
from model_server import ModelServer, serving
from tiny_network import field, tiny_network

DATA = tiny_network() + field(6, "long " * 1000)  # a description
SPEC = ModelSpec(
    name="tiny",
    file="tiny.onnx",
    url="https://127.0.0.1:1/nothing-listens-here/tiny.onnx",
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    licence="none",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for downloaded files.  No folder of the user is used."""
    for name in ("U2NET_HOME", "REMBG_HOME", "XDG_DATA_HOME", "DEFOCUS_MODEL_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEFOCUS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(models, "MODELS", {**MODELS, "tiny": SPEC})
    return tmp_path / "models"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(DATA) as running:
        yield running


def fetch(server: ModelServer, **settings: Any) -> Path:
    return pull(SPEC, **{"mirror": server.url, "pause": 0.0, "timeout": 0.3, **settings})


def only(folder: Path, *names: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


# --- downloads --------------------------------------------------------------------------


def test_a_network_is_downloaded_once_and_then_used(folder: Path, server: ModelServer) -> None:
    with pytest.raises(ModelMissingError, match="run: defocus models pull tiny"):
        Segmenter("tiny").warmup()
    received: list[int] = []
    path = fetch(server, progress=received.append)
    assert path == folder / "tiny.onnx"
    assert path.read_bytes() == DATA
    assert received[-1] == len(DATA)
    assert fetch(server) == path
    assert server.requests == ["/models/tiny.onnx"]
    only(folder, "tiny.onnx")
    assert Segmenter("tiny").providers
    if sys.platform != "win32":
        mask = os.umask(0)
        os.umask(mask)
        assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_force_downloads_again(folder: Path, server: ModelServer) -> None:
    fetch(server)
    fetch(server, force=True)
    assert len(server.requests) == 2
    only(folder, "tiny.onnx")


def test_damaged_file_is_replaced(folder: Path, server: ModelServer) -> None:
    folder.mkdir()
    (folder / "tiny.onnx").write_bytes(DATA[:-1] + b"?")
    with pytest.raises(ModelError, match=r"tiny\.onnx is damaged.*run: defocus models pull tiny"):
        Segmenter("tiny").warmup()
    assert fetch(server).read_bytes() == DATA


def test_mirror_of_the_environment(monkeypatch: pytest.MonkeyPatch, server: ModelServer) -> None:
    monkeypatch.setenv("DEFOCUS_MODEL_MIRROR", server.url + "/")
    assert fetch(server, mirror=None).read_bytes() == DATA
    assert server.requests == ["/models/tiny.onnx"]


def test_embedded_network_is_not_downloaded(server: ModelServer) -> None:
    assert pull(MODELS["u2netp"], mirror=server.url).name == "u2netp.onnx"
    assert server.requests == []


# --- bad connections --------------------------------------------------------------------------


def test_a_broken_download_starts_again(folder: Path, server: ModelServer) -> None:
    server.plan = ["cut:100", "cut:50"]
    received: list[int] = []
    assert fetch(server, progress=received.append).read_bytes() == DATA
    assert received == [100, 50, len(DATA)]
    only(folder, "tiny.onnx")


def test_a_download_that_always_breaks_leaves_nothing(folder: Path, server: ModelServer) -> None:
    server.plan = ["cut:100"] * 4
    with pytest.raises(DownloadError, match=r"ended after 100 of .*run the command again"):
        fetch(server)
    only(folder)


def test_the_file_of_a_killed_download_is_removed_later(folder: Path, server: ModelServer) -> None:
    folder.mkdir()
    left = folder / ".defocus-0123456789abcdef"
    left.write_bytes(DATA[:100])
    os.utime(left, (1, 1))
    fetch(server)
    only(folder, "tiny.onnx")


@pytest.mark.parametrize("step", [503, 429, "silent", "unsized"])
def test_temporary_failures_are_attempted_again(server: ModelServer, step: int | str) -> None:
    server.plan = [step]
    assert fetch(server).read_bytes() == DATA


@pytest.mark.parametrize(
    ("plan", "message", "requests"),
    [
        ([404], r"HTTP 404 Not Found; check the name of the mirror", 1),
        ([403], r"HTTP 403 Forbidden", 1),
        ([503] * 9, r"HTTP 503 Service Unavailable; run the command again", 4),
        (["silent"] * 9, r"timed out; run the command again", 4),
        (["longer"], rf"more than {len(DATA)} bytes arrived; try another mirror", 1),
        (["to:ftp://127.0.0.1/x"], r"redirects to ftp://127.0.0.1/x, which is not https", 1),
        (["to:file:///etc/passwd"], r"file:///etc/passwd.* not allowed", 1),
    ],
)
def test_permanent_failures(
    folder: Path, server: ModelServer, plan: list[int | str], message: str, requests: int
) -> None:
    server.plan = plan
    with pytest.raises(DownloadError, match=message) as caught:
        fetch(server)
    assert "\n" not in str(caught.value)
    assert len(server.requests) == requests
    only(folder)


@pytest.mark.parametrize("data", [DATA[:-1] + b"?", DATA[:-1], DATA + b"?", b"<html>log in</html>"])
def test_a_file_that_is_not_the_published_one(
    folder: Path, server: ModelServer, data: bytes
) -> None:
    server.data = data
    with pytest.raises(DownloadError, match=r"expected .*try another mirror"):
        fetch(server)
    assert len(server.requests) == 1
    only(folder)


def test_no_server(folder: Path) -> None:
    with pytest.raises(
        DownloadError, match=r"tiny.*cannot fetch https://127.*run the command again"
    ):
        pull(SPEC, pause=0.0, timeout=1.0)
    only(folder)


def test_a_secure_address_leads_to_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from io import BytesIO
    from urllib.request import Request

    from defocus.models.pull import _SafeRedirects

    def redirect(before: str, after: str) -> object:
        return _SafeRedirects().redirect_request(Request(before), BytesIO(), 302, "", {}, after)

    assert redirect("https://a.test/x", "https://b.test/y") is not None
    assert redirect("http://a.test/x", "http://b.test/y") is not None
    assert redirect("http://a.test/x", "https://b.test/y") is not None
    with pytest.raises(DownloadError, match="which is not https"):
        redirect("https://a.test/x", "http://b.test/y")


# --- bad mirrors and bad folders ----------------------------------------------------------------


@pytest.mark.parametrize("mirror", ["ftp://a.test/", "file:///tmp", "a.test/models", "https://"])
def test_mirror_that_is_no_url(folder: Path, mirror: str) -> None:
    with pytest.raises(OptionError, match=r"mirror .* is no URL; expected"):
        pull(SPEC, mirror=mirror)
    assert not folder.exists()


def test_every_published_address_is_secure_and_every_name_is_plain() -> None:
    for spec in MODELS.values():
        assert Path(spec.file).name == os.fspath(spec.file)
        if spec.url:
            assert spec.url.startswith("https://")
            assert spec.url.endswith(f"/{spec.file}")
            assert spec.size > 0
            assert len(spec.sha256) == 64


def test_folder_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("DEFOCUS_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(DownloadError, match=r"cannot write .*set DEFOCUS_MODELS to another folder"):
        fetch(server)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_disk_that_takes_no_more(folder: Path, server: ModelServer) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(DownloadError, match=r"cannot write .*\(File too large\); free some"):
            fetch(server)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    only(folder)


def test_a_file_system_without_sync(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "fsync", refuse)
    assert fetch(server).read_bytes() == DATA


def test_two_at_once(folder: Path, server: ModelServer) -> None:
    with ThreadPoolExecutor(2) as pool:
        paths = [*pool.map(lambda _: fetch(server, force=True), range(2))]
    assert paths == [folder / "tiny.onnx"] * 2
    assert paths[0].read_bytes() == DATA
    only(folder, "tiny.onnx")


# --- the command ------------------------------------------------------------------------------

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
    assert "not here; run: defocus models pull u2net-float" in done.stdout
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
    assert done.stderr.startswith("defocus: error: model 'silueta': cannot fetch http://127.0.0.1")
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
