"""Stages of a call are reported to the callback of its caller, and to no other."""

from __future__ import annotations

import io
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import defocus
from defocus import threads, timing
from defocus.frames.prefetch import Prefetch
from tiny_network import bright_network

PHOTO = np.full((120, 160, 3), 30, np.uint8)
PHOTO[40:80, 60:100] = 240
MATTE = np.zeros(PHOTO.shape[:2], np.uint8)
MATTE[40:80, 60:100] = 255
FINDING = {"decode", "network", "refine"}


class Times:
    """A callback that counts, and perhaps fails."""

    def __init__(self, fails_at: str = "", error: BaseException | None = None) -> None:
        self.names: list[str] = []
        self._fails_at, self._error = fails_at, error

    def __call__(self, name: str, seconds: float) -> None:
        assert seconds >= 0
        self.names.append(name)
        if name == self._fails_at and self._error is not None:
            raise self._error


@pytest.fixture
def segmenter(tmp_path: Path) -> defocus.Segmenter:
    (tmp_path / "bright.onnx").write_bytes(bright_network((1, 3, 96, 144)))
    return defocus.Segmenter(tmp_path / "bright.onnx")


@pytest.fixture(params=[1, 2])
def cpus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """With two, a photo is decoded while the network is built."""
    count: int = request.param
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)), raising=False)
    return count


def jpeg(height: int = 480, width: int = 640) -> bytes:
    pixels = np.full((height, width, 3), 30, np.uint8)
    pixels[height // 3 : height // 2, width // 3 : width // 2] = 240
    file = io.BytesIO()
    defocus.save(pixels, file, format="jpeg")
    return file.getvalue()


# What each call reports


@pytest.mark.usefixtures("cpus")
def test_each_call_reports_its_stages(segmenter: defocus.Segmenter) -> None:
    data, subject = jpeg(), defocus.find_subject(PHOTO, segmenter=segmenter)
    calls: list[tuple[Callable[[], Any], set[str]]] = [
        (lambda: defocus.portrait(data, segmenter=segmenter), {*FINDING, "render"}),
        (lambda: defocus.portrait(PHOTO, segmenter=segmenter), {*FINDING, "render"} - {"decode"}),
        (lambda: defocus.find_subject(data, segmenter=segmenter), FINDING),
        (lambda: defocus.find_subject(data, segmenter=segmenter, effort="best"), FINDING),
        (lambda: defocus.find_subject(data, segmenter=segmenter, effort="fast"), FINDING),
        (lambda: defocus.cutout(PHOTO, matte=MATTE), {"render"}),
        (lambda: defocus.cutout(PHOTO, matte=MATTE, background="white"), {"render"}),
        (lambda: defocus.portrait(PHOTO, matte=MATTE, depth=data), {"decode", "render"}),
        (lambda: subject.matte, {"refine"}),
        (lambda: subject.box, set()),  # of the same matte
        (lambda: defocus.save(PHOTO, io.BytesIO(), format="png"), {"encode"}),
    ]
    for number, (call, expected) in enumerate(calls):
        times = Times()
        with defocus.stages(times):
            call()
        call()
        assert {*times.names} == expected, number


def test_a_stage_inside_of_another_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    seconds: Counter[str] = Counter()
    monkeypatch.setattr("defocus.timing.time.perf_counter", lambda: clock)
    with timing.stages(lambda name, passed: seconds.update({name: passed})):
        with timing.stage("refine"):
            clock += 1.0
            with timing.stage("network"):
                clock += 10.0
                with timing.stage("network"):
                    clock += 100.0
            clock += 2.0
        with timing.stage("render"):
            clock += 5.0
    assert seconds == {"refine": 3.0, "network": 110.0, "render": 5.0}


def test_without_a_callback_no_clock_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("defocus.timing.time.perf_counter", None)
    defocus.cutout(PHOTO, matte=MATTE)


def test_callbacks_inside_of_others_are_all_called() -> None:
    outer, inner = Times(), Times()
    with defocus.stages(outer):
        with defocus.stages(inner), timing.stage("render"):
            pass
        with timing.stage("encode"):
            pass
    assert (inner.names, outer.names) == (["render"], ["render", "encode"])


def test_a_stage_that_fails_is_reported_and_its_error_stays() -> None:
    times = Times()
    with defocus.stages(times), pytest.raises(defocus.DecodeError):
        defocus.cutout(b"no image", matte=MATTE)
    assert times.names == ["decode"]


# Errors of the callback end the call


class OwnError(Exception):
    pass


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize("name", ["decode", "network", "refine", "render", "encode"])
@pytest.mark.parametrize("kind", [OwnError, ValueError, OSError, KeyboardInterrupt, timing.Stopped])
def test_an_error_of_the_callback_ends_the_call(
    segmenter: defocus.Segmenter, name: str, kind: type[BaseException]
) -> None:
    data, error, file = jpeg(), kind("enough"), io.BytesIO()
    times, before = Times(name, error), threading.active_count()
    with pytest.raises(kind) as raised, defocus.stages(times):
        defocus.save(defocus.portrait(data, segmenter=segmenter), file, format="png")
    assert raised.value is error
    order = ["decode", "network", "refine", "render", "encode"]
    later = {*order[order.index(name) + 1 :]} - {"network"}  # runs while the photo is decoded
    assert not later & {*times.names}
    assert file.getvalue() == b""
    assert threading.active_count() == before


# Contexts and threads


def test_threads_have_callbacks_of_their_own() -> None:
    start, found = threading.Barrier(4), {}

    def work(number: int) -> None:
        with defocus.stages(times := Times()):
            start.wait(timeout=20)
            for _ in range(number):
                defocus.cutout(PHOTO, matte=MATTE)
        found[number] = len(times.names)

    helpers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for helper in helpers:
        helper.start()
    for helper in helpers:
        helper.join()
    assert found == {0: 0, 1: 1, 2: 2, 3: 3}


def staged(item: int) -> int:
    with timing.stage(f"{item}"):
        return item


def test_threads_of_a_call_report_to_its_callback() -> None:
    times = Times()
    with defocus.stages(times):
        threads.spread(staged, range(4), 3)
        threads.both(lambda: staged(4), lambda: staged(5), None)
        list(Prefetch(iter([6, 7]), staged))
    assert sorted(times.names) == [str(number) for number in range(8)]


@pytest.mark.usefixtures("cpus")
def test_many_photos_and_frames_report(segmenter: defocus.Segmenter) -> None:
    times = Times()

    def frames() -> Iterator[Any]:
        for _ in range(3):
            yield PHOTO.copy()

    with defocus.stages(times):
        assert len([*defocus.video(frames(), segmenter=segmenter, every=1)]) == 3
    counts = Counter(times.names)
    assert counts["network"] >= 3
    assert counts["render"] == 3
    with defocus.stages(times := Times()):
        results = [*defocus.map([PHOTO] * 5, defocus.cutout, jobs=2, matte=MATTE)]
    assert all(result.ok for result in results)
    assert times.names == ["render"] * 5
