"""A process made by fork finds nothing locked, at whatever moment it was made."""

from __future__ import annotations

import functools
import importlib
import os
import pkgutil
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import defocus
from defocus import forks
from defocus.pipeline import find

HERE = str(Path(__file__).parents[1] / "support")
LOCKS = (
    *(type(threading.Lock()), type(threading.RLock()), threading.Condition, threading.Event),
    *(threading.Semaphore, threading.Barrier, queue.Queue, queue.SimpleQueue),
)
# Every lock that lives as long as the process, by the place where it was found.
KNOWN = {
    "defocus.forks.unforked._changed",
    "defocus.pipeline.find._default._slot.lock",
}

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


# --- the list of locks ----------------------------------------------------------------------------


def inside(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object of ours, a class of ours or a container holds, by name."""
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", item) for key, item in value.items())
    elif isinstance(value, (list, tuple, set, frozenset, weakref.WeakSet)):
        yield from ((f"[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, functools.partial):
        yield from (("()", item) for item in (value.func, value.args, value.keywords))
    elif callable(value) and hasattr(value, "__closure__"):
        yield from (("()", cell.cell_contents) for cell in value.__closure__ or ())
    module = getattr(value, "__module__", None) or ""
    if isinstance(module, str) and module.split(".")[0] == "defocus" and hasattr(value, "__dict__"):
        yield from ((f".{name}", item) for name, item in list(vars(value).items()))
    elif isinstance(value, functools.cached_property):
        yield from ((f".{name}", item) for name, item in vars(value).items())


def locks() -> dict[str, Any]:
    """Every lock that can be reached from a module of defocus."""
    found: dict[str, Any] = {}
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = []
    for module in pkgutil.walk_packages(defocus.__path__, "defocus."):
        if module.name.rpartition(".")[2] != "__main__":
            try:
                loaded = importlib.import_module(module.name)
            except ImportError:  # an extra that is not installed
                continue
            waiting += [(f"{module.name}.{name}", item) for name, item in vars(loaded).items()]
    while waiting:
        name, value = waiting.pop()
        if id(value) in seen or isinstance(value, type(sys)):
            continue
        seen.add(id(value))
        if isinstance(value, LOCKS):
            found[name] = value
        else:
            waiting += [(name + more, item) for more, item in inside(value)]
    return found


def test_the_list_of_locks_is_complete() -> None:
    known = {id(forks.unforked._changed)}
    # It is taken inside of `unforked` only, so no process forks meanwhile.
    known.add(id(sys.modules["defocus.models.openvino_runtime"]._setting))
    for slot in sys.modules["defocus.models.segmenter"]._slots:
        known.add(id(slot.lock))
        if slot.network is not None:  # left behind with all that it has
            known.add(id(slot.network._turn))
    unknown = {name for name, lock in locks().items() if id(lock) not in known}
    assert not unknown, f"what becomes of {unknown} in a process made by fork?"


def test_the_search_for_locks_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ours:
        __module__ = "defocus.threads"
        shared = threading.Lock()

    monkeypatch.setattr(find, "one", [{"a": (threading.RLock(),)}], raising=False)
    monkeypatch.setattr(find, "two", Ours, raising=False)
    found = "\n".join(locks())
    assert "defocus.pipeline.find.one[0]['a'][0]" in found
    assert "defocus.pipeline.find.two.shared" in found


# --- children -------------------------------------------------------------------------------------

START = """
import os, signal, sys, threading, time, warnings
# Since 3.12 Python warns of every fork with threads around, which is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)

def child_works(work):
    child = os.fork()
    if child == 0:
        signal.alarm(40)
        try:
            work()
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

import first_uses

def both():
    first_uses.portrait()
    first_uses.find_subject()
    import defocus
    assert defocus.find_subject(first_uses.PNG, segmenter=defocus.Segmenter("u2netp"))
"""


def run_child(code: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START + code, *arguments],
        env={**os.environ, "PYTHONPATH": HERE},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr


HELD = """
from importlib import import_module

both()
name = sys.argv[1].split(".")
lock = import_module(".".join(name[:2]))
for part in name[2:]:
    lock = getattr(lock, part)
held, enough = threading.Event(), threading.Event()

def hold():
    with lock:
        held.set()
        enough.wait(0.5)  # a fork may wait for it

thread = threading.Thread(target=hold)
thread.start()
held.wait()
child_works(both)
enough.set()
thread.join()
both()
"""


@needs_fork
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_fork_while_another_thread_holds_a_lock(name: str) -> None:
    run_child(HELD, name)


IMPORTING = """
begun = threading.Event()

def before(name):
    if name == sys.argv[1]:
        begun.set()
        time.sleep(0.3)

sys.meta_path.insert(0, first_uses.Imports(before))
import defocus
thread = threading.Thread(target=both)
thread.start()
assert begun.wait(30)
child_works(both)
thread.join()
"""


@needs_fork
@pytest.mark.parametrize(
    "module", ["defocus.io.photo", "PIL.Image", "PIL.TiffImagePlugin", "onnxruntime.capi"]
)
def test_a_fork_while_another_thread_imports(module: str) -> None:
    run_child(IMPORTING, module)


BUSY = """
import io
import numpy as np
import defocus
from PIL import Image

file = io.BytesIO()
Image.effect_noise((1500, 1000), 60).convert("RGB").save(file, "JPEG", quality=95)
matte = np.full((1000, 1500), 255, np.uint8)
stop = False

def decode():
    while not stop:
        defocus.portrait(file.getvalue(), matte=matte, sigma=2, max_pixels=200_000_000)

def find():
    while not stop:
        defocus.find_subject(file.getvalue(), segmenter=defocus.Segmenter("u2netp")).matte

threads = [threading.Thread(target=work) for work in (decode, decode, find)]
before = Image.MAX_IMAGE_PIXELS
for thread in threads:
    thread.start()
def work():
    assert Image.MAX_IMAGE_PIXELS == before
    assert threading.active_count() == 1
    both()
    assert threading.active_count() == 1
try:
    for turn in range(4):
        time.sleep(0.07 * turn)
        child_works(work)
finally:
    stop = True
    for thread in threads:
        thread.join()
assert Image.MAX_IMAGE_PIXELS == before
"""


@needs_fork
def test_a_fork_while_other_threads_decode_and_infer() -> None:
    run_child(BUSY)


ITSELF = """
from defocus.forks import unforked

with unforked:  # whoever forks does not wait for himself
    child_works(lambda: both())
assert not unforked.here
"""


@needs_fork
def test_a_fork_from_inside() -> None:
    run_child(ITSELF)


MAPPING = """
import defocus

def slow(picture, matte):
    time.sleep(0.2)  # so that threads are at work while the process forks
    return defocus.portrait(picture, matte=matte)

results = defocus.map([first_uses.PNG] * 8, slow, matte=first_uses.ONES, jobs=2)
next(results).unwrap()

def go_on():
    assert sum(result.ok for result in results) == 7

child_works(go_on)
child_works(results.close)
go_on()
"""


STREAM = """
import numpy as np
import defocus

def pictures():
    for number in range(20):
        time.sleep(0.01)
        yield np.full((64, 64, 3), number, np.uint8)

frames = defocus.video(pictures(), segmenter=first_uses._segmenter())
next(frames)

def go_on():
    try:
        next(frames)
    except defocus.DefocusError:
        frames.close()
        return
    raise AssertionError("whence?")

child_works(go_on)
child_works(frames.close)
assert len(list(frames)) == 19
"""


@needs_fork
def test_a_fork_in_the_middle_of_a_video() -> None:
    run_child('vars(os)["sched_getaffinity"] = lambda _: {0, 1}' + STREAM)


@needs_fork
def test_a_fork_in_the_middle_of_many_pictures() -> None:
    run_child('vars(os)["sched_getaffinity"] = lambda _: {0, 1}' + MAPPING)
