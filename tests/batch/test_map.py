"""`defocus.map` and the threads below it: order, bounds, errors, endings."""

from __future__ import annotations

import gc
import io
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
from defocus.batch import map
from pictures import IMAGE, MATTE, photographs


@pytest.fixture(autouse=True)
def four_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("defocus.threads.available_threads", lambda: 4)


def workers() -> list[threading.Thread]:
    return [
        t for t in threading.enumerate() if t.name.startswith("defocus") and "serve" not in t.name
    ]


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


@pytest.mark.parametrize("how", ["raise", "copy", "skip"])
def test_images_without_a_subject(how: Any, tmp_path: Path) -> None:
    plain = np.full((48, 64, 3), 128, np.uint8)
    defocus.save(plain, tmp_path / "plain.png")
    photographs(tmp_path, ["photo.png"])
    images: list[Any] = [
        plain,
        tmp_path / "plain.png",
        io.BytesIO(defocus.to_bytes(plain)),
        plain.astype(np.float32)[..., 0] / 255,
        tmp_path / "photo.png",
        tmp_path / "missing.png",
    ]
    small = defocus.Segmenter("u2netp", threads=1)
    made = list(defocus.map(images, no_subject=how, segmenter=small, sigma=2))
    by_source = {id(result.source): result for result in made}
    assert [id(result.source) for result in made] == [
        id(image) for image in images if id(image) in by_source
    ]
    assert by_source[id(images[4])].ok
    assert isinstance(by_source[id(images[5])].error, defocus.InputNotFoundError)
    empty = [by_source.get(id(image)) for image in images[:4]]
    if how == "skip":
        assert empty == [None] * 4
        return
    for image, result in zip(images[:4], empty, strict=True):
        assert result is not None
        if how == "raise":
            assert isinstance(result.error, defocus.NoSubjectError)
        else:
            copy = result.unwrap()
            assert isinstance(copy, np.ndarray) == isinstance(image, np.ndarray)
            wanted = image if isinstance(image, np.ndarray) else plain
            assert np.array_equal(np.asarray(copy), wanted)


def test_a_copy_is_of_a_portrait() -> None:
    for fn in (defocus.cutout, defocus.find_subject, str):
        with pytest.raises(defocus.OptionError):
            defocus.map([], fn, no_subject="copy")
    wrong: Any = "fail"
    with pytest.raises(defocus.OptionError):
        defocus.map([], no_subject=wrong)


def test_skipping_ends_the_threads_of_a_loop_that_is_left() -> None:
    small = defocus.Segmenter("u2netp", threads=1)
    results = defocus.map([IMAGE] * 8, matte=MATTE, no_subject="skip", segmenter=small)
    next(results)
    results.close()
    assert not workers()


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
