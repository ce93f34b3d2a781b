"""The flags of `defocus serve` become settings; what cannot be served is refused in one line."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")

from defocus.cli.command import main
from defocus.serve import Settings, server


class Runs:
    """What would have been served."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []
        self.hosts: list[str] = []

    def run(self, settings: Settings, listening: socket.socket) -> None:
        self.settings.append(settings)
        self.hosts.append(listening.getsockname()[0])


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()
    monkeypatch.delenv("DEFOCUS_API_KEYS", raising=False)
    monkeypatch.setattr(server, "run", made.run)
    monkeypatch.setattr(server, "run_workers", made.run)
    return made


def test_it_listens_to_this_machine_only_unless_told(runs: Runs) -> None:
    assert main(["serve", "--port", "0"]) == 0
    assert runs.hosts == ["127.0.0.1"]
    (settings,) = runs.settings
    assert settings == Settings(hosts=("localhost", "127.0.0.1", "[::1]"))
    assert main(["serve", "--port", "0", "--host", "0.0.0.0"]) == 0
    assert runs.hosts[1] == "0.0.0.0"
    assert runs.settings[1].hosts == ()


def test_every_flag_reaches_its_setting(runs: Runs) -> None:
    values: dict[str, Any] = {
        "workers": 2,
        "threads": 3,
        "queue": 7,
        "max_bytes": 1000,
        "max_pixels": 2000,
        "deadline": 1.5,
        "upload_timeout": 2.5,
        "grace": 3.5,
        "model": "u2net",
    }
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]
    origins = "--origins=https://a.example, https://b.example"
    providers = ["--provider=openvino", "--provider=cpu"]
    assert main(["serve", "--port=0", "--hosts=a.example", origins, *flags, *providers]) == 0
    expected = Settings(
        providers=("openvino", "cpu"),
        page=False,
        hosts=("a.example",),
        origins=("https://a.example", "https://b.example"),
        **values,
    )
    assert runs.settings == [expected]
    assert main(["serve", "--port=0", "--no-page"]) == 0
    assert not runs.settings[1].page


def test_keys_come_from_a_file_or_the_environment(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEFOCUS_API_KEYS", "one,two")
    assert main(["serve", "--port=0"]) == 0
    keys = tmp_path / "keys.txt"
    keys.write_text("# ours\nthree\n\nfour \n", encoding="utf-8")
    assert main(["serve", "--port=0", "--api-keys", str(keys)]) == 0
    assert [settings.api_keys for settings in runs.settings] == [("one", "two"), ("three", "four")]
    keys.write_text("\n", encoding="utf-8")
    assert main(["serve", "--port=0", "--api-keys", str(keys)]) == 2  # would be open to all
    assert main(["serve", "--port=0", "--api-keys", str(tmp_path / "none")]) == 1
    assert "three" not in capsys.readouterr().err


def test_what_cannot_be_served(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    with server.bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    for wrong in (["--port=70000"], ["--deadline=0"], ["--workers=0"], ["--prot=1"]):
        assert main(["serve", *wrong]) == 2
    assert not runs.settings
    assert len(capsys.readouterr().err.splitlines()) == 5


def test_every_address_is_also_one_of_ipv4(runs: Runs) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("needs IPv6")
    with server.bind("::", 0) as listening:
        address = ("127.0.0.1", listening.getsockname()[1])
        with socket.create_connection(address, timeout=10), listening.accept()[0]:
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="no socket files")
def test_a_socket_file(runs: Runs, tmp_path: Path) -> None:
    path = tmp_path / "s"
    assert main(["serve", f"--uds={path}"]) == 0
    assert runs.hosts == [str(path)[:1]]
    assert runs.settings == [Settings(hosts=())]
    assert path.is_socket()
    assert main(["serve", f"--uds={path}"]) == 0  # replaces the file of a process that has ended
    with server.bind_file(str(tmp_path / "alive")):
        assert main(["serve", f"--uds={tmp_path / 'alive'}"]) == 2
    (tmp_path / "file").write_text("kept")
    assert main(["serve", f"--uds={tmp_path / 'file'}"]) == 2
    assert (tmp_path / "file").read_text() == "kept"
    assert main(["serve", "--uds="]) == 2
    assert main(["serve", f"--uds={tmp_path / ('x' * 200)}"]) == 2
    for more in ("--host=127.0.0.1", "--port=0", "--open"):
        assert main(["serve", f"--uds={path}", more]) == 2
    assert len(runs.settings) == 2


def test_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import defocus.serve

    monkeypatch.delattr(defocus.serve, "server")
    monkeypatch.setitem(sys.modules, "defocus.serve.server", None)
    assert main(["serve", "--port=0"]) == 1
    assert "defocus[serve]" in capsys.readouterr().err
