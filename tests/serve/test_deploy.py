"""The unit of systemd, the Dockerfile and the guide agree with the command and its metrics."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from defocus.cli.command import main
from defocus.serve import Settings, create_app, server
from tools.try_dockerfile.dockerfile import parse

ROOT = Path(__file__).resolve().parents[2]
UNIT = (ROOT / "deploy" / "defocus.service").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "how-to" / "production.md").read_text(encoding="utf-8")
KEYS = "${CREDENTIALS_DIRECTORY}"
NO_NEW_CODE = """
import ctypes
import sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE
    sys.exit(77)
import defocus.serve.server
defocus.portrait(sys.argv[1])
"""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of services that would have run."""
    made: list[Settings] = []

    def run(settings: Settings, _listening: socket.socket) -> None:
        made.append(settings)

    monkeypatch.delenv("DEFOCUS_API_KEYS", raising=False)
    monkeypatch.setattr(server, "run", run)
    monkeypatch.setattr(server, "run_workers", run)
    return made


def value(key: str) -> str:
    found = re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


def test_the_unit_starts_the_service(served: list[Settings], tmp_path: Path) -> None:
    (tmp_path / "api-keys").write_text("key\n", encoding="utf-8")
    words = shlex.split(value("ExecStart").replace(KEYS, tmp_path.as_posix()))
    assert Path(words[0]).name == "defocus"
    assert main([*words[1:], "--port=0"]) == 0
    (settings,) = served
    assert settings.api_keys == ("key",)
    assert settings.grace < float(value("TimeoutStopSec"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_unit_is_one(tmp_path: Path) -> None:
    """The unit, with the guide's drop-in for a socket file."""
    copy, more = tmp_path / "defocus.service", tmp_path / "defocus.service.d" / "socket.conf"
    more.parent.mkdir()
    (drop_in,) = re.findall(r"^(\[Service\].*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    for path, text in ((copy, UNIT), (more, drop_in)):
        path.write_text(text.replace("/opt/defocus/bin/defocus", sys.executable), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is of Linux")
def test_no_memory_becomes_code() -> None:
    """MemoryDenyWriteExecute=yes works with ONNX Runtime and numpy."""
    assert value("MemoryDenyWriteExecute") == "yes"
    photo = ROOT / "examples" / "rocket.jpg"
    done = subprocess.run([sys.executable, "-c", NO_NEW_CODE, photo], timeout=120, check=False)
    if done.returncode == 77:
        pytest.skip("needs Linux 6.3")
    assert done.returncode == 0


def test_the_container_starts_the_service(served: list[Settings]) -> None:
    stage = parse((ROOT / "Dockerfile").read_text(encoding="utf-8")).last
    assert main([*stage.entry_point[1:], *stage.command, "--port=0"]) == 0
    assert served[0].hosts == ()  # any name: the address of the container is not known


def test_the_commands_of_the_guide(served: list[Settings], tmp_path: Path) -> None:
    (tmp_path / "api-keys").write_text("key\n", encoding="utf-8")
    text = re.sub(r"/run/(?:defocus|keys)\b", tmp_path.as_posix(), GUIDE)
    (unit,) = re.findall(r"^ExecStart=\S+ (.+)$", text, re.MULTILINE)
    (pod,) = re.findall(r"^ +args: (.+)$", text, re.MULTILINE)
    assert main(["serve", *json.loads(pod), "--port=0"]) == 0
    assert served[0].grace + 5 < float(re.findall(r"terminationGracePeriodSeconds: (\d+)", text)[0])
    if sys.platform != "win32":
        assert main(shlex.split(unit.replace(KEYS, tmp_path.as_posix()))) == 0


def test_the_limits_of_the_proxies() -> None:
    sizes = re.findall(r"(?:client_max_body_size|max_size|request_buffers) (\d+)", GUIDE)
    assert {int(size) << 20 for size in sizes} == {Settings().max_bytes}
    times = re.findall(r"(?:proxy_read_timeout|response_header_timeout) (\d+)s", GUIDE)
    assert len(times) == 2
    assert min(map(int, times)) > Settings().deadline


def test_the_metrics_of_the_guide() -> None:
    app = create_app(Settings())
    app.state.service.metrics.requests.labels("GET", "/", "200").inc()
    app.state.service.metrics.rejections.labels("queue_full").inc()
    app.state.service.metrics.stages.labels("decode").observe(1)
    text = app.state.service.metrics.text().decode()
    app.state.service.admission.close()
    known = set(re.findall(r"^(?:# TYPE )?(\w+)(?:\{| )", text, re.MULTILINE))
    measured = "defocus|process" if sys.platform == "linux" else "defocus"
    named = set(re.findall(rf"\b(?:{measured})_[a-z_]+\b", GUIDE))
    assert len(named) > 7
    assert named <= known
