"""`defocus.map` and the threads below it: order, bounds, errors, endings."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import defocus
from defocus import errors
from defocus.batch import map, pool
from pictures import IMAGE, MATTE, photographs


@pytest.fixture(autouse=True)
def four_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("defocus.threads.available_threads", lambda: 4)


def workers() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("defocus")]


def values(results: Iterator[map.Result[Any, Any]]) -> list[Any]:
    return [result.unwrap() for result in results]


# --- results --------------------------------------------------------------------------------------


def test_results_are_those_of_a_loop_whatever_jobs_is(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(5)]
    photographs(tmp_path, names)
    paths = [tmp_path / name for name in names]
    small = defocus.Segmenter("u2netp", threads=1)
    expected = [np.asarray(defocus.portrait(p, segmenter=small, sigma=3)) for p in paths]
    for jobs in (1, 2, 3):
        results = list(defocus.map(paths, jobs=jobs, segmenter=small, sigma=3))
        assert [result.source for result in results] == paths
        for result, pixels in zip(results, expected, strict=True):
            assert np.array_equal(np.asarray(result.unwrap()), pixels)


def test_other_functions_and_their_options() -> None:
    photos = [IMAGE, IMAGE[:, ::-1]]
    cut = values(defocus.map(photos, defocus.cutout, matte=MATTE, jobs=2))
    assert np.array_equal(cut[1], defocus.cutout(photos[1], matte=MATTE))
    assert values(defocus.map([1, 2], lambda x, add: x + add, add=3)) == [4, 5]
    assert values(defocus.map(["a"], str.upper, jobs=1)) == ["A"]


def test_order_is_kept_when_the_first_takes_longest() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number

    assert values(defocus.map(range(9), slow_first, jobs=3)) == list(range(9))


def test_one_network_with_a_share_of_the_threads() -> None:
    calls: list[tuple[int, Any]] = []

    def record(image: int, segmenter: Any = None) -> None:
        calls.append((id(segmenter), segmenter.threads))

    list(defocus.map(range(6), record, jobs=2))
    assert len(set(calls)) == 1
    assert calls[0][1] == 2
    own = defocus.Segmenter(threads=3)
    calls.clear()
    list(defocus.map(range(2), record, segmenter=own))
    assert set(calls) == {(id(own), 3)}


@pytest.mark.parametrize(
    ("jobs", "threads", "expected"),
    [(None, None, (4, 1)), (2, None, (2, 2)), (9, None, (4, 1)), (None, 3, (3, 1)), (3, 4, (3, 1))],
)
def test_threads_are_never_more_than_there_are(
    jobs: int | None, threads: int | None, expected: tuple[int, int]
) -> None:
    assert map.share(jobs, threads) == expected


# --- bounds ---------------------------------------------------------------------------------------


def test_the_input_is_taken_lazily() -> None:
    taken = []

    def source() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = defocus.map(source(), lambda number: number, jobs=2)
    assert taken == []
    for number, result in enumerate(results):
        assert result.value == number
        assert len(taken) - number <= 5
        if number == 20:
            break
    results.close()
    assert len(taken) <= 26
    assert workers() == []


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


def test_results_that_were_taken_are_freed() -> None:
    alive: list[weakref.ref[Any]] = []

    class Value:
        pass

    def make(number: int) -> Value:
        value = Value()
        alive.append(weakref.ref(value))
        return value

    for result in defocus.map(range(50), make, jobs=2):
        del result
        assert sum(reference() is not None for reference in alive) <= 6


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


# --- errors ---------------------------------------------------------------------------------------


def test_errors_belong_to_their_items(tmp_path: Path) -> None:
    photographs(tmp_path, ["good.png"])
    items = [tmp_path / "good.png", tmp_path / "missing.png", b"junk", IMAGE[:9, :9]]
    results = list(defocus.map(items, matte=MATTE, jobs=2))
    kinds = [type(result.error) for result in results]
    missing, junk, size = (
        defocus.InputNotFoundError,
        errors.UnknownFormatError,
        defocus.ImageValueError,
    )
    assert kinds == [type(None), missing, junk, size]
    assert [result.ok for result in results] == [True, False, False, False]
    with pytest.raises(defocus.InputNotFoundError, match=r"missing\.png"):
        results[1].unwrap()


def test_an_error_that_is_kept_holds_no_image() -> None:
    held: list[weakref.ref[Any]] = []

    def fail(_: int) -> None:
        pixels = np.zeros((100, 100, 3), np.uint8)
        held.append(weakref.ref(pixels))
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error

    kept = list(defocus.map(range(4), fail, jobs=2))
    gc.collect()
    assert all(result.error is not None for result in kept)
    assert [reference() for reference in held] == [None] * 4


def test_wrong_arguments_are_errors_at_once() -> None:
    with pytest.raises(TypeError, match="aperturr"):
        defocus.map([], aperturr=2)
    with pytest.raises(defocus.OptionTypeError, match="fn='portrait' is a str"):
        defocus.map([], "portrait")  # type: ignore[call-overload]
    with pytest.raises(defocus.OptionError, match="=0 is out of range"):
        defocus.map([], jobs=0)
    with pytest.raises(TypeError, match="images=3"):
        list(defocus.map(3, jobs=2))  # type: ignore[call-overload]


def test_an_error_of_the_iterable_comes_after_the_results_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise RuntimeError("the camera was unplugged")

    results = defocus.map(source(), lambda n: n, jobs=2)
    assert [next(results).value, next(results).value] == [1, 2]
    with pytest.raises(RuntimeError, match="unplugged"):
        next(results)
    assert workers() == []


def test_an_exit_in_a_thread_is_an_exit() -> None:
    def leave(_: int) -> None:
        raise SystemExit(7)

    with pytest.raises(SystemExit, match="7"):
        list(defocus.map(range(3), leave, jobs=2))
    assert workers() == []


# --- endings --------------------------------------------------------------------------------------


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
