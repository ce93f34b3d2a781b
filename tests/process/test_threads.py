"""Threads and processes: how many may be used, and that a Segmenter serves them all."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus import models, threads
from defocus.errors import OptionError, OptionTypeError
from defocus.models import segmenter as segmenter_module
from defocus.models import session
from defocus.models.network import Network
from defocus.models.prepared import fastest
from defocus.models.segmenter import Segmenter
from defocus.options.values import check_threads
from defocus.threads import available_threads, effective_threads
from tiny_network import bright_network

Image = NDArray[np.uint8]


def noise(seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (320, 320, 3), dtype=np.uint8)


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# How many


@pytest.fixture
def eight_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def machine(root: Path, cgroup: str, **files: str) -> Path:
    """A root folder with the given `proc/self/cgroup` and files below `sys/fs/cgroup`."""
    for name, text in {"proc/self/cgroup": cgroup, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


@pytest.mark.usefixtures("eight_cpus")
class TestAvailable:
    def test_affinity_alone(self, tmp_path: Path) -> None:
        assert available_threads(tmp_path) == 8

    @pytest.mark.parametrize(
        ("limit", "expected"),
        [
            ("200000 100000\n", 2),
            ("150000 100000\n", 2),  # rounded up
            ("1000 100000\n", 1),
            ("6400000 100000\n", 8),  # more than there are CPUs
            ("max 100000\n", 8),
            ("", 8),
            ("rubbish\n", 8),
            ("100000\n", 8),
            ("100000 0\n", 8),
        ],
    )
    def test_version_2(self, tmp_path: Path, limit: str, expected: int) -> None:
        root = machine(tmp_path, "0::/app\n", **{"sys/fs/cgroup/app/cpu.max": limit})
        assert available_threads(root) == expected

    def test_version_2_group_above_limits_too(self, tmp_path: Path) -> None:
        limits = {"a": "500000 100000", "a/b": "max 100000", "a/b/c": "700000 100000"}
        files = {f"sys/fs/cgroup/{group}/cpu.max": text for group, text in limits.items()}
        assert available_threads(machine(tmp_path, "0::/a/b/c\n", **files)) == 5

    def test_version_2_container_that_sees_its_group_at_the_mount(self, tmp_path: Path) -> None:
        files = {"sys/fs/cgroup/cpu.max": "300000 100000\n"}
        assert available_threads(machine(tmp_path, "0::/docker/0123\n", **files)) == 3

    @pytest.mark.parametrize("mount", ["cpu,cpuacct", "cpu"])
    @pytest.mark.parametrize("group", ["", "docker/0123/"])
    def test_version_1(self, tmp_path: Path, mount: str, group: str) -> None:
        files = {
            f"sys/fs/cgroup/{mount}/{group}cpu.cfs_quota_us": "250000\n",
            f"sys/fs/cgroup/{mount}/{group}cpu.cfs_period_us": "100000\n",
        }
        cgroup = "5:memory:/elsewhere\n3:cpu,cpuacct:/docker/0123\n0::/\n"
        assert available_threads(machine(tmp_path, cgroup, **files)) == 3

    def test_version_1_without_limit(self, tmp_path: Path) -> None:
        files = {
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        }
        assert available_threads(machine(tmp_path, "1:cpu:/\n", **files)) == 8

    @pytest.mark.parametrize("cgroup", ["", "\n", "nonsense\n", "0::\n", "::::\n", "\xff"])
    def test_odd_group_files_set_no_limit(self, tmp_path: Path, cgroup: str) -> None:
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/self/cgroup").write_bytes(cgroup.encode("latin-1"))
        assert available_threads(tmp_path) == 8

    def test_folder_in_place_of_a_file_sets_no_limit(self, tmp_path: Path) -> None:
        root = machine(tmp_path, "0::/\n")
        (root / "sys/fs/cgroup/cpu.max").mkdir(parents=True)
        assert available_threads(root) == 8


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (None, 1)])
def test_systems_without_affinity(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, count: int | None, expected: int
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert available_threads(tmp_path) == expected


def test_this_machine() -> None:
    assert 1 <= available_threads() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("value", [None, 1, 64, np.int64(3)])
def test_good_values(value: int | None) -> None:
    checked = check_threads(value)
    assert checked == value
    assert checked is None or type(checked) is int


@pytest.mark.parametrize("value", [True, False, 2.0, "2", np.bool_(True), [2]])
def test_wrong_types(value: object) -> None:
    with pytest.raises(OptionTypeError, match=r"threads=.* is a .*; expected a whole number"):
        check_threads(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, -3])
def test_out_of_range(value: int) -> None:
    with pytest.raises(OptionError, match=rf"threads={value} is out of range.*1 or more"):
        check_threads(value)


def test_never_more_than_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "available_threads", lambda: 4)
    assert [effective_threads(n) for n in (None, 1, 4, 5)] == [4, 1, 4, 4]


# Several items at a time


def test_no_thread_goes_on_after_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    real, made, tried = threads.thread, list[threading.Thread](), list[int]()

    def scarce(function: Callable[[], object]) -> threading.Thread:
        if made:
            raise MemoryError
        made.append(real(function))
        return made[0]

    def work(number: int) -> None:
        tried.append(number)
        time.sleep(0.01)

    monkeypatch.setattr(threads, "thread", scarce)
    with pytest.raises(MemoryError):
        threads.spread(work, range(100), 3)
    assert not made[0].is_alive()
    assert len(tried) < 100


def test_items_are_spread_over_threads_in_order() -> None:
    barrier = threading.Barrier(3)  # breaks, after a while, if fewer threads are at work

    def work(number: int) -> int:
        if number < 3:
            barrier.wait(timeout=10)
        return number * number

    assert threads.spread(work, range(20), 3) == [number * number for number in range(20)]
    assert threads.spread(work, [], 3) == []
    assert threads.spread(work, [5], 3) == [25]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("error", [RuntimeError, IndexError, KeyboardInterrupt])
def test_an_error_of_an_item_is_raised_and_nothing_is_tried_again(
    count: int, error: type[BaseException]
) -> None:
    tried: list[int] = []

    def work(number: int) -> None:
        tried.append(number)
        if number == 4:
            raise error("4")

    before = threading.active_count()
    with pytest.raises(error, match="4"):
        threads.spread(work, range(20), count)
    assert len(tried) == len(set(tried))
    assert len(tried) < 20
    assert threading.active_count() == before


# One Segmenter for all


def test_network_is_built_by_the_first_use_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []

    def build(spec: models.ModelSpec, threads: int, places: int, choice: object) -> Network:
        built.append(threads)
        return Network(lambda image: np.zeros((1, 1, 320, 320), np.float32), (320, 320), places)

    monkeypatch.setattr(segmenter_module, "build", build)
    segmenter = Segmenter(threads=1)
    assert built == []
    segmenter.warmup()
    segmenter.mask(noise(0))
    assert built == [1]


def test_four_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    images = [noise(seed) for seed in range(4)]
    expected = list(map(Segmenter().mask, images))
    loads: list[str] = []

    def counted(spec: models.ModelSpec) -> Path:
        loads.append(spec.name)
        return fastest(spec)

    monkeypatch.setattr(session, "fastest", counted)
    fresh = Segmenter()
    start = threading.Barrier(4)

    def work(image: Image) -> NDArray[np.float32]:
        start.wait(timeout=30)
        return fresh.mask(image)

    with ThreadPoolExecutor(4) as pool:
        for mask, wanted in zip(pool.map(work, images), expected, strict=True):
            np.testing.assert_array_equal(mask, wanted)
    assert loads == [models.DEFAULT_MODEL]


def pickled(segmenter: Segmenter) -> Segmenter:
    twin: Segmenter = pickle.loads(pickle.dumps(segmenter))
    return twin


@pytest.mark.parametrize(("each", "at_once"), [(1, 4), (2, 2), (3, 1), (None, 1)])
def test_no_more_callers_at_once_than_there_are_threads_for(
    monkeypatch: pytest.MonkeyPatch, each: int | None, at_once: int
) -> None:
    inside: list[int] = []
    seen: list[int] = []
    barrier = threading.Barrier(at_once)  # breaks, after a while, if fewer are let in

    def network(image: NDArray[np.float32]) -> NDArray[np.float32]:
        inside.append(1)
        seen.append(len(inside))
        barrier.wait(timeout=10)
        time.sleep(0.02)  # so that one too many would be seen
        inside.pop()
        return np.zeros((1, 1, 320, 320), np.float32)

    monkeypatch.setattr(segmenter_module, "available_threads", lambda: 4)
    monkeypatch.setattr(threads, "available_threads", lambda: 4)
    monkeypatch.setattr(
        segmenter_module,
        "build",
        lambda spec, threads, places, choice: Network(network, (320, 320), places),
    )
    segmenter = Segmenter(threads=each)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(segmenter.mask, [noise(0)] * 8))
    assert max(seen) == at_once


@pytest.mark.parametrize("duplicate", [copy.copy, pickled])
def test_copies_and_pickles_travel_without_the_network(
    duplicate: Callable[[Segmenter], Segmenter],
) -> None:
    used = Segmenter(threads=1)
    image = noise(5)
    expected = used.mask(image)
    twin = duplicate(used)
    assert repr(twin) == repr(used)
    assert len(pickle.dumps(used)) < 2000
    np.testing.assert_array_equal(twin.mask(image), expected)


FORK = """
import os, sys, time, warnings
import numpy as np
from defocus.models.segmenter import Segmenter
from defocus.models.network import Network

# Since 3.12 Python warns of every fork with threads around, which is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)
segmenter = Segmenter()
image = np.random.default_rng(0).integers(0, 256, (320, 320, 3), dtype=np.uint8)
expected = segmenter.mask(image)
time.sleep(0.2)  # lets the network's threads fall asleep, as they are in a service at rest
for use in True, False:
    lock = segmenter._slot.lock
    lock.acquire()  # as if another thread were about to build the network
    child = os.fork()
    if child == 0:
        fresh = segmenter._slot.network is None  # the parent's lacks its threads
        same = not use or np.array_equal(segmenter.mask(image), expected)
        sys.exit(0 if fresh and same else 1)
    lock.release()
    assert os.waitpid(child, 0)[1] == 0
assert np.array_equal(segmenter.mask(image), expected)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_child_made_by_fork_works_and_ends() -> None:
    result = run_python(FORK)
    assert (result.returncode, result.stderr) == (0, "")


QUIET = """
import os, sys
from defocus.models.segmenter import Segmenter
from defocus.models.network import Network

assert "onnxruntime" not in sys.modules
segmenter = Segmenter()
assert "onnxruntime" not in sys.modules
environment = dict(os.environ)
segmenter.warmup()
assert dict(os.environ) == environment
"""


def test_nothing_is_printed_written_or_left_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    home = str(tmp_path)
    result = run_python(QUIET, HOME=home, XDG_CACHE_HOME=home, LOCALAPPDATA=home)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("value", ["0", "1"])
def test_own_choice_on_telemetry_stays(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", value)
    session.import_onnxruntime()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == value


def test_one_segmenter_serves_the_calls_of_many_threads(tmp_path: Path) -> None:
    (tmp_path / "bright.onnx").write_bytes(bright_network((1, 3, 96, 144)))
    segmenter = Segmenter(tmp_path / "bright.onnx", threads=2)
    photos = [np.full((90 + seed, 120, 3), 10 + seed, np.uint8) for seed in range(4)]
    for seed, photo in enumerate(photos):
        photo[20:60, 10 + 9 * seed : 50 + 9 * seed] = 240

    def work(photo: Image) -> tuple[bytes, ...]:
        subject = defocus.find_subject(photo, segmenter=segmenter)
        cut = defocus.cutout(photo, segmenter=segmenter)
        blurred = defocus.portrait(photo, subject=subject, segmenter=segmenter)
        return subject.matte.tobytes(), cut.tobytes(), blurred.tobytes()

    expected = [*map(work, photos)]
    assert len({*expected}) == 4
    before = threading.active_count()
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(work, photos * 8)] == expected * 8
    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform == "win32", reason="has other signals")
def test_python_waits_for_a_thread_after_an_interruption() -> None:
    done = run_python(
        "import os, signal, threading, time; from defocus import threads\n"
        "def work():\n"
        "    time.sleep(.3); os.kill(os.getpid(), signal.SIGINT); time.sleep(.5)\n"
        "    print('all done', flush=True)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "threads.effective_threads = lambda _: 2\n"
        "try: threads.both(lambda: None, work, None)\n"
        "except KeyboardInterrupt: print('interrupted', flush=True)\n"
    )
    assert done.stdout == "interrupted\nall done\n", done.stderr
