"""The worker threads of `map`: bounds, and how they end."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import defocus
from defocus.batch import map, pool


@pytest.fixture(autouse=True)
def four_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("defocus.threads.available_threads", lambda: 4)


def workers() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("defocus")]


def values(results: Iterator[map.Result[Any, Any]]) -> list[Any]:
    return [result.unwrap() for result in results]


def test_large_results_are_waited_for() -> None:
    started = []

    def work(number: int) -> int:
        started.append(number)
        time.sleep(0.2 if number == 0 else 0)
        return number

    results = pool.run(range(40), work, jobs=2, ahead=30, weigh=lambda value: 200_000_000)
    next(results)
    assert len(started) <= 4
    results.close()


def test_a_budget_of_pixels() -> None:
    budget = pool.PixelBudget(10)
    most, now, lock = [0], [0], threading.Lock()

    def work(pixels: int) -> None:
        with budget.holding(pixels):
            with lock:
                now[0] += pixels
                most[0] = max(most[0], now[0])
            time.sleep(0.005)
            with lock:
                now[0] -= pixels

    list(pool.run([4, 4, 4, 25, 4, 4, 9, 1] * 3, work, jobs=4, ahead=4))
    assert most[0] == 25
    assert budget.used == 0


def test_leaving_early_starts_no_other_item() -> None:
    started = []

    def work(number: int) -> int:
        started.append(number)
        time.sleep(0.02)
        return number

    for result in pool.run(range(1000), work, jobs=2, ahead=50):
        if result.value == 3:
            break
    del result
    gc.collect()
    count = len(started)
    time.sleep(0.1)
    assert len(started) == count <= 10
    assert workers() == []


def test_an_unfinished_iterator_does_not_keep_python_from_exiting() -> None:
    """Items in work, perhaps in native code, are finished first."""
    code = (
        "import itertools, os, time, defocus.threads\n"
        "defocus.threads.available_threads = lambda: 2\n"
        "work = lambda n: (time.sleep(.2), os.write(1, b'x'))\n"
        "results = defocus.map(itertools.count(), work, jobs=2)\n"
        "for _ in range(3): next(results)\n"
        "os.write(1, b'end')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")
    assert 1 <= done.stdout.partition(b"end")[2].count(b"x") <= 2


FORK = """
import os, signal, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork with threads, which this tests
from defocus.batch import pool

def work(number):
    time.sleep(0.5 if number == 1 else 0.01)
    return number

results = pool.run(range(6), work, jobs=2, ahead=2)
assert next(results).value == 0
child = os.fork()  # while the other thread processes the 1
if child == 0:
    signal.alarm(20)
    os._exit([result.value for result in results] != [1, 2, 3, 4, 5])
assert os.waitpid(child, 0)[1] == 0
assert [result.value for result in results] == [1, 2, 3, 4, 5]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_made_by_fork_runs_the_tasks_of_its_parents_threads() -> None:
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_threads_the_caller_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    here = threading.get_ident()
    assert set(values(defocus.map(range(9), lambda _: threading.get_ident(), jobs=3))) == {here}


def test_no_more_in_work_than_jobs() -> None:
    now, most, lock = [0], [0], threading.Lock()

    def work(_: int) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.003)
        with lock:
            now[0] -= 1

    list(defocus.map(range(40), work, jobs=3))
    assert most[0] == 3
