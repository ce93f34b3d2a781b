"""The coroutines: results of the functions, a loop that goes on, nothing left after a cancel."""

from __future__ import annotations

import asyncio
import gc
import io
import subprocess
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus import aio, timing
from defocus.io import save as saving
from defocus.render import composite
from tiny_network import bright_network

PHOTO = np.full((120, 160, 3), 30, np.uint8)
PHOTO[40:80, 60:100] = 240
MATTE = np.zeros(PHOTO.shape[:2], np.uint8)
MATTE[40:80, 60:100] = 255
SECONDS = 60.0  # after which a test that hangs fails


@pytest.fixture
def segmenter(tmp_path: Path) -> defocus.Segmenter:
    (tmp_path / "bright.onnx").write_bytes(bright_network((1, 3, 96, 144)))
    return defocus.Segmenter(tmp_path / "bright.onnx")


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(work(), SECONDS)

    asyncio.run(bounded())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.002)


class Held:
    """The pixel work of `cutout`, held until it is let go; knows what it was called with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.ended = 0, 0
        self.go = threading.Event()
        self.rows: weakref.ref[NDArray[Any]] | None = None
        self._cut = composite.cutout
        monkeypatch.setattr(composite, "cutout", self.cut)

    def cut(self, pixels: Any, *arguments: Any, **options: Any) -> Any:
        result = self._cut(pixels, *arguments, **options)
        self.rows = weakref.ref(result)
        self.begun += 1
        assert self.go.wait(SECONDS)
        self.ended += 1
        return result


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held(monkeypatch)
    yield made
    made.go.set()


def test_the_results_are_those_of_the_functions(segmenter: defocus.Segmenter) -> None:
    async def work() -> None:
        blurred = await aio.portrait(PHOTO, segmenter=segmenter, aperture=1.2)
        np.testing.assert_array_equal(
            blurred, defocus.portrait(PHOTO, segmenter=segmenter, aperture=1.2)
        )
        cut = await aio.cutout(PHOTO, segmenter=segmenter, crop="10%")
        np.testing.assert_array_equal(cut, defocus.cutout(PHOTO, segmenter=segmenter, crop="10%"))
        found = await aio.find_subject(PHOTO, segmenter=segmenter, select="largest")
        wanted = defocus.find_subject(PHOTO, segmenter=segmenter, select="largest")
        assert {"matte", "box"} <= {*vars(found)}  # computed in the thread
        np.testing.assert_array_equal(found.matte, wanted.matte)
        assert found.box == wanted.box
        files = io.BytesIO(), io.BytesIO()
        await aio.save(cut, files[0], format="webp", quality=70)
        defocus.save(cut, files[1], format="webp", quality=70)
        assert files[0].getvalue() == files[1].getvalue()

    run(work)


def test_errors_are_those_of_the_functions() -> None:
    async def work() -> None:
        with pytest.raises(defocus.DecodeError):
            await aio.portrait(b"no image")
        with pytest.raises(defocus.OptionError):
            await aio.cutout(PHOTO, matte=MATTE, crop=-1)
        with pytest.raises(TypeError):
            await aio.cutout(PHOTO, corp=1)  # type: ignore[call-overload]
        with pytest.raises(defocus.OptionTypeError):
            await aio.save(PHOTO, 7, format="png")  # type: ignore[arg-type]

    run(work)


def test_the_loop_goes_on_meanwhile(held: Held) -> None:
    async def work() -> None:
        call = asyncio.ensure_future(aio.cutout(PHOTO, matte=MATTE))
        await until(lambda: held.begun == 1)  # the loop runs while the call waits
        assert not call.done()
        held.go.set()
        assert (await call).shape == (120, 160, 4)

    run(work)


def test_a_cancelled_call_ends_after_its_stage_and_leaves_nothing(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []

    class Noted(timing.Stopped):
        def __init__(self) -> None:
            stopped.append("stopped")

    monkeypatch.setattr(aio, "Stopped", Noted)

    async def work() -> None:
        tasks = len(asyncio.all_tasks())
        photo = PHOTO.copy()
        kept = weakref.ref(photo)
        call = asyncio.ensure_future(aio.cutout(photo, matte=MATTE))
        del photo
        await until(lambda: held.begun == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert held.ended == 0  # the coroutine does not wait for the thread
        del call
        held.go.set()
        await until(lambda: bool(stopped))
        assert held.rows is not None
        rows = held.rows
        await until(lambda: gc.collect() >= 0 and kept() is None and rows() is None)
        assert len(asyncio.all_tasks()) == tasks

    before = threading.active_count()
    run(work)
    assert stopped == ["stopped"]
    assert threading.active_count() == before


def test_a_deadline_cancels(held: Held) -> None:
    async def work() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.cutout(PHOTO, matte=MATTE), 0.01)
        held.go.set()

    run(work)


def test_what_waits_for_a_thread_is_not_begun(held: Held) -> None:
    from concurrent.futures import ThreadPoolExecutor

    async def work() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        first = asyncio.ensure_future(aio.cutout(PHOTO, matte=MATTE))
        await until(lambda: held.begun == 1)
        second = asyncio.ensure_future(aio.cutout(PHOTO, matte=MATTE))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        held.go.set()
        await first
        assert (await aio.cutout(PHOTO, matte=MATTE)).shape == (120, 160, 4)
        assert held.begun == 2

    run(work)


def test_a_cancelled_save_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, ended = threading.Event(), threading.Event(), threading.Event()
    encoded = saving._encode_array

    def slow(*arguments: Any) -> Any:
        begun.set()
        assert go.wait(SECONDS)
        ended.set()
        return encoded(*arguments)

    monkeypatch.setattr(saving, "_encode_array", slow)

    async def work() -> None:
        call = asyncio.ensure_future(aio.save(PHOTO, tmp_path / "photo.png"))
        await until(begun.is_set)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        go.set()

    run(work)  # waits for the threads of the loop
    assert ended.is_set()
    assert list(tmp_path.iterdir()) == []


def test_stages_of_the_caller_are_reported_by_task() -> None:
    async def one(number: int) -> list[str]:
        names: list[str] = []
        with defocus.stages(lambda name, seconds: names.append(name)):
            for _ in range(number):
                await aio.cutout(PHOTO, matte=MATTE)
        return names

    async def work() -> None:
        found = await asyncio.gather(*map(one, range(4)))
        assert found == [["render"] * number for number in range(4)]

    run(work)


LIGHT = """
import sys
import defocus
assert "defocus.aio" not in sys.modules and "asyncio" not in sys.modules
coroutines = defocus.aio.portrait, defocus.aio.save
heavy = {"PIL", "onnxruntime", "concurrent.futures.thread"} & {*sys.modules}
assert not heavy, heavy
"""


def test_it_is_loaded_by_its_first_use() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
