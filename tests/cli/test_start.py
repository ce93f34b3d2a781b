"""What the command does beside the work: how its process starts and ends."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from defocus import Segmenter
from defocus.cli import main
from defocus.errors import ModelError

EXAMPLE = Path(__file__).parents[2] / "examples" / "astronaut.jpg"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads that ask for the network, of which there is none."""
    asked: list[threading.Thread] = []

    def build(segmenter: Segmenter) -> None:
        asked.append(threading.current_thread())
        raise ModelError("no network")

    monkeypatch.setattr(Segmenter, "build", build)
    return asked


def main_thread(threads: list[threading.Thread]) -> list[bool]:
    return [thread is threading.main_thread() for thread in threads]


def test_another_thread_builds_the_network_at_once(
    tmp_path: Path, builds: list[threading.Thread], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["portrait", str(EXAMPLE), str(tmp_path / "a.jpg"), "--threads", "1"])
    # Its failure is reported once, by the use of the network.
    assert code == 1
    assert capsys.readouterr().err.count("no network") == 1
    assert main_thread(builds) == [False, True]


def test_where_no_thread_can_be_had(
    tmp_path: Path, builds: list[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    assert main(["portrait", str(EXAMPLE), str(tmp_path / "a.jpg"), "--threads", "1"]) == 1
    assert main_thread(builds) == [True]


@pytest.mark.parametrize(
    ("photo", "more"),
    [
        (EXAMPLE, ["--matte", "matte.png"]),
        (Path("missing.jpg"), []),
        (Path(), []),
    ],
)
def test_no_network_where_none_is_needed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    builds: list[threading.Thread],
    photo: Path,
    more: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.full((512, 512), 255, np.uint8)).save("matte.png")
    main(["portrait", str(photo), "a.jpg", *more])
    assert builds == []


def test_a_result_that_exists_needs_no_network(
    tmp_path: Path, builds: list[threading.Thread]
) -> None:
    out = tmp_path / "a.jpg"
    out.write_bytes(b"result")
    assert main(["portrait", str(EXAMPLE), "-o", str(out), "--existing", "skip"]) == 0
    assert builds == []


INTERRUPTED = """
import os, signal, sys
from defocus.cli import command

def interrupted(options):
    raise KeyboardInterrupt

command._run = interrupted
sys.argv = ["defocus", "models", "list"]
code = command.main()
os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has other signals")
def test_a_second_interruption_ends_the_process_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


BUILDING = """
import sys, threading, time
from defocus.cli import command

def interrupted(options):
    threading.Thread(target=time.sleep, args=(120,)).start()
    print("so far", end="")
    raise KeyboardInterrupt

command._run = interrupted
sys.argv = ["defocus", "models", "list"]
sys.exit(command.main())
"""


def test_an_interruption_does_not_wait_for_the_thread_that_builds() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BUILDING], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "so far", "")


PROCESS = """
import atexit, gc, os, sys
from defocus.cli import main
atexit.register(lambda: print(gc.get_freeze_count() > 0, os.environ.get("OPENBLAS_NUM_THREADS")))
sys.argv = ["defocus", *sys.argv[1:]]
code = main()
atexit.register(lambda: print(gc.get_freeze_count()))
sys.exit(code)
"""


@pytest.mark.parametrize("own", [None, "3"])
def test_the_process_of_the_command(tmp_path: Path, own: str | None) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    if own is not None:
        environment["OPENBLAS_NUM_THREADS"] = own
    out = tmp_path / "a.png"
    words = ["mask", str(EXAMPLE), str(out), "--model", "u2netp"]
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("error")) == (0, 0)
    # At exit objects are frozen after what was registered later, and before the first.
    assert done.stdout.split() == ["0", "True", own or "1"]
    assert out.exists()


def test_other_processes_stay_as_they_are(tmp_path: Path) -> None:
    before = dict(os.environ), gc.get_threshold(), gc.get_freeze_count()
    assert main(["mask", str(EXAMPLE), str(tmp_path / "a.png"), "--model", "u2netp"]) == 0
    assert (dict(os.environ), gc.get_threshold(), gc.get_freeze_count()) == before
