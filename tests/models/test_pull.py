"""Downloads of a published network from a real server, over good and bad connections."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from defocus import Segmenter
from defocus.errors import DownloadError, LicenceError, ModelError, ModelMissingError, OptionError
from defocus.models import MODELS, locate
from defocus.models.pull import pull
from model_server import ModelServer
from published_model import DATA, SPEC, fetch, only

pytestmark = pytest.mark.usefixtures("folder")


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
    assert received == [100, 50, len(DATA)]  # this server cannot send the rest alone
    only(folder, "tiny.onnx")


def test_a_broken_download_goes_on_where_it_ended(folder: Path, server: ModelServer) -> None:
    server.resumes = True
    server.plan = ["cut:100", "cut:50"]
    received: list[int] = []
    assert fetch(server, progress=received.append).read_bytes() == DATA
    assert received == [100, 150, len(DATA)]
    assert server.ranges == [None, "bytes=100-", "bytes=150-"]
    only(folder, "tiny.onnx")


def test_the_rest_of_another_file_is_refused(folder: Path, server: ModelServer) -> None:
    def replaced(received: int) -> None:
        server.data = bytes(len(DATA))

    server.resumes = True
    server.plan = ["cut:100"]
    with pytest.raises(DownloadError, match=r"expected SHA-256 .*try another mirror"):
        fetch(server, progress=replaced)
    only(folder)


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
        DownloadError, match=r"tiny.*cannot download https://127.*run the command again"
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


# --- digests and licences --------------------------------------------------------------------

MD5 = dataclasses.replace(SPEC, sha256="", md5=hashlib.md5(DATA).hexdigest())
RESTRICTED = dataclasses.replace(SPEC, non_commercial=True, licence="CC BY-NC 4.0")


def test_md5_where_nothing_else_is_published(folder: Path, server: ModelServer) -> None:
    path = fetch(server, MD5)
    assert path.read_bytes() == DATA
    assert locate(MD5) == path
    path.write_bytes(DATA[:-1] + b"?")
    with pytest.raises(ModelError, match=rf"tiny\.onnx is damaged: expected MD5 {MD5.md5[:12]}"):
        locate(MD5)
    server.data = DATA[:-1] + b"?"
    with pytest.raises(DownloadError, match=rf"expected MD5 {MD5.md5[:12]}.*try another mirror"):
        fetch(server, MD5)


@pytest.mark.parametrize("accepted", [False, None, "no", 1])
def test_a_licence_for_non_commercial_use_is_refused(
    folder: Path, server: ModelServer, accepted: Any
) -> None:
    with pytest.raises(LicenceError, match=r"CC BY-NC 4\.0.*pull tiny --accept-licence") as caught:
        fetch(server, RESTRICTED, accept_licence=accepted)
    assert isinstance(caught.value, PermissionError)
    assert "\n" not in str(caught.value)
    assert server.requests == []
    assert not folder.exists()


def test_an_accepted_licence_counts_from_then_on(folder: Path, server: ModelServer) -> None:
    with pytest.raises(LicenceError, match="accept_licence=True"):
        locate(RESTRICTED)
    assert fetch(server, RESTRICTED, accept_licence=True).read_bytes() == DATA
    assert locate(RESTRICTED) == folder / "tiny.onnx"


def test_a_file_of_rembg_is_copied_after_the_licence_was_accepted(
    folder: Path, server: ModelServer, tmp_path: Path
) -> None:
    theirs = tmp_path / "home" / ".u2net" / "tiny.onnx"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(DATA)
    with pytest.raises(LicenceError):
        locate(RESTRICTED)
    assert fetch(server, RESTRICTED, accept_licence=True).read_bytes() == DATA
    assert server.requests == []
    assert locate(RESTRICTED) == folder / "tiny.onnx"
    fetch(server, RESTRICTED, accept_licence=True, force=True)
    assert len(server.requests) == 1
    (folder / "tiny.onnx").unlink()
    theirs.write_bytes(DATA[:-1] + b"?")
    fetch(server, RESTRICTED, accept_licence=True)
    assert len(server.requests) == 2


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
            assert spec.url.endswith(".onnx")
            assert spec.size > 0
            assert spec.sha256 or spec.md5
            assert spec.licence
            assert spec.memory > 0


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


# --- a server that answers anything -----------------------------------------------------


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The URL of a server that sends these bytes to whoever connects."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.recv(1 << 16)
                self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("length", [b"\xb2", b"9" * 5000, b"-5", b"", b"many"])
def test_a_length_that_is_no_number_is_ignored(length: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n"
    with answering(head + DATA) as url:
        assert pull(SPEC, mirror=url, pause=0).read_bytes() == DATA


@pytest.mark.parametrize(
    "place",
    ["ftp://[::1", "http://[::1/", "http://[zz]/", "http://a..b/", f"http://{'a' * 70}/", "http:/"],
)
def test_a_redirect_to_what_is_no_address(folder: Path, place: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {place}\r\n\r\n".encode()
    with answering(answer) as url, pytest.raises(DownloadError) as raised:
        pull(SPEC, mirror=url, pause=0)
    assert len(str(raised.value).splitlines()) == 1
    only(folder)


def test_a_mirror_that_is_no_address() -> None:
    with pytest.raises(DownloadError):
        pull(SPEC, mirror="http://a..b/models", pause=0)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 99999 x\r\n\r\n", b"\0\1\n\2", b""])
def test_what_is_not_http(folder: Path, answer: bytes) -> None:
    with answering(answer) as url, pytest.raises(DownloadError) as raised:
        pull(SPEC, mirror=url, pause=0)
    assert len(str(raised.value).splitlines()) == 1
    only(folder)
