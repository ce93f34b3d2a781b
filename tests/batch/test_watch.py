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


def looks(folder: Path, clock: Clock) -> Iterator[list[str]]:
    def look() -> list[Job]:
        return [Job(str(path), "") for path in sorted(folder.iterdir())]

    for ready in watch(look, interval=1.0, settled=2.0, clock=clock, sleep=clock.sleep):
        yield [Path(job.source).name for job in ready]


def test_a_picture_is_taken_once_its_size_is_stable(tmp_path: Path, clock: Clock) -> None:
    picture = tmp_path / "a.jpg"
    seen = looks(tmp_path, clock)
    assert next(seen) == []
    picture.write_bytes(b"")
    assert [next(seen) for _ in range(4)] == [[]] * 4, "an empty file is one not begun"
    for size in (1, 2, 3):
        picture.write_bytes(b"x" * size)
        assert next(seen) == []
    assert [next(seen), next(seen)] == [[], ["a.jpg"]]
    assert [next(seen) for _ in range(5)] == [[]] * 5, "what failed is not tried again"
    picture.write_bytes(b"whole")
    assert [next(seen) for _ in range(3)] == [[], [], ["a.jpg"]]


def test_a_change_of_equal_size_counts(tmp_path: Path, clock: Clock) -> None:
    picture = tmp_path / "a.jpg"
    seen = looks(tmp_path, clock)
    for time in range(4):
        picture.write_bytes(b"x")
        os.utime(picture, (time, time))
        assert next(seen) == []
    assert [next(seen), next(seen)] == [[], ["a.jpg"]]


def test_what_goes_away_begins_anew(tmp_path: Path, clock: Clock) -> None:
    picture = tmp_path / "a.jpg"
    seen = looks(tmp_path, clock)
    picture.write_bytes(b"x")
    assert [next(seen), next(seen)] == [[], []]
    picture.rename(tmp_path.parent / "away.jpg")
    assert [next(seen), next(seen)] == [[], []]
    (tmp_path.parent / "away.jpg").rename(picture)
    assert [next(seen) for _ in range(3)] == [[], [], ["a.jpg"]]


def test_a_slow_look_is_followed_by_a_longer_pause(clock: Clock) -> None:
    pauses = []

    def look() -> list[Job]:
        clock.now += 3.0
        return [Job("gone.jpg", "")]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)

    seen = watch(look, interval=1.0, clock=clock, sleep=sleep)
    assert [next(seen), next(seen)] == [[], []]
    assert pauses == [12.0]
