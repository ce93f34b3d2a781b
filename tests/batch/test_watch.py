"""When a picture that arrives is taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from defocus.batch.plan import Job
from defocus.batch.watch import watch


class Clock:
    """Time that passes only while the watch sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def searches(folder: Path, clock: Clock) -> Iterator[list[str]]:
    def find() -> list[Job]:
        return [Job(str(path), "") for path in sorted(folder.iterdir())]

    for ready in watch(find, interval=1.0, settled=2.0, clock=clock, sleep=clock.sleep):
        yield [Path(job.source).name for job in ready]


def test_an_image_is_ready_when_its_size_is_stable(tmp_path: Path, clock: Clock) -> None:
    picture = tmp_path / "a.jpg"
    ready = searches(tmp_path, clock)
    assert next(ready) == []
    picture.write_bytes(b"")
    assert [next(ready) for _ in range(4)] == [[]] * 4, "an empty file is not complete"
    for size in (1, 2, 3):
        picture.write_bytes(b"x" * size)
        assert next(ready) == []
    assert [next(ready), next(ready)] == [[], ["a.jpg"]]
    assert [next(ready) for _ in range(5)] == [[]] * 5, "what failed is not tried again"
    picture.write_bytes(b"whole")
    assert [next(ready) for _ in range(3)] == [[], [], ["a.jpg"]]


def test_a_change_of_equal_size_counts(tmp_path: Path, clock: Clock) -> None:
    picture = tmp_path / "a.jpg"
    ready = searches(tmp_path, clock)
    for time in range(4):
        picture.write_bytes(b"x")
        os.utime(picture, (time, time))
        assert next(ready) == []
    assert [next(ready), next(ready)] == [[], ["a.jpg"]]


def test_an_image_that_was_removed_waits_again(tmp_path: Path, clock: Clock) -> None:
    picture = tmp_path / "a.jpg"
    ready = searches(tmp_path, clock)
    picture.write_bytes(b"x")
    assert [next(ready), next(ready)] == [[], []]
    picture.rename(tmp_path.parent / "away.jpg")
    assert [next(ready), next(ready)] == [[], []]
    (tmp_path.parent / "away.jpg").rename(picture)
    assert [next(ready) for _ in range(3)] == [[], [], ["a.jpg"]]


def test_a_slow_search_is_followed_by_a_longer_pause(clock: Clock) -> None:
    pauses = []

    def find() -> list[Job]:
        clock.now += 3.0
        return [Job("gone.jpg", "")]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)

    ready = watch(find, interval=1.0, clock=clock, sleep=sleep)
    assert [next(ready), next(ready)] == [[], []]
    assert pauses == [12.0]
