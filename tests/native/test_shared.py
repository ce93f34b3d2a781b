"""Several callers at once, each with several threads, on the same arrays.

Under ThreadSanitizer these calls show races: `python -m tools.sanitize thread`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeAlias

import numpy as np
import pytest

from defocus import _native

CALLERS, THREADS = 3, 3
IMAGE = np.random.default_rng(3).integers(0, 256, (130, 70, 3), dtype=np.uint8)
DEEP = IMAGE.astype(np.uint16) * np.uint16(257)
MASK = np.zeros((20, 16), np.float32)
MASK[5:14, 4:11] = 1
MATTE = _native.resize_bilinear(MASK, 70, 130)

Call: TypeAlias = Callable[..., Any]


def turn(*, threads: Any, isa: str | None = None) -> Any:
    """Turn an image, which is the same at all levels."""
    return _native.turn(IMAGE, True, False, True, threads=threads)


# By name of the native function; every function that takes `threads` is here.
CALLS: dict[str, list[Call]] = {
    "gaussian_blur": [
        lambda **more: _native.gaussian_blur(IMAGE, 2.0, **more),
        lambda **more: _native.gaussian_blur(IMAGE, 20.0, **more),
    ],
    "resize_bilinear": [lambda **more: _native.resize_bilinear(MASK, 70, 90, **more)],
    "guided_matte": [lambda **more: _native.guided_matte(IMAGE, MASK, **more)],
    "turn": [turn],
    "unmix": [lambda **more: np.stack(_native.unmix(IMAGE, MATTE, **more))],
    "blend": [lambda **more: _native.blend(IMAGE, IMAGE[::-1], MATTE, **more)],
    "portrait": [
        lambda **more: _native.portrait(IMAGE, MASK, 5.0, guided=True, unmixed=True, **more),
        lambda **more: _native.portrait(IMAGE, MASK, 9.0, light="srgb", **more),
        lambda **more: _native.portrait(IMAGE, MASK, 9.0, rgbx=True, **more),
        lambda **more: _native.portrait(
            IMAGE, MASK, 6.0, bokeh="disc", blades=6, highlights=1.0, **more
        ),
        lambda **more: _native.portrait(DEEP, MASK, 3.0, **more),
    ],
    "cutout": [
        lambda **more: _native.cutout(IMAGE, MASK, guided=True, unmixed=True, **more),
        lambda **more: _native.cutout(DEEP, MASK, **more),
    ],
    "to_bytes": [lambda **more: _native.to_bytes(DEEP, **more)],
    "shrink_planes": [lambda **more: _native.shrink_planes(IMAGE, 32, 40, **more)],
}


def at_once(work: Callable[[], Any]) -> list[Any]:
    """Return what each caller gets; all of them begin together."""
    together = Barrier(CALLERS)

    def begin(_: int) -> Any:
        together.wait(30)
        return work()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(begin, range(CALLERS)))


@pytest.mark.parametrize("name", CALLS)
def test_callers_share_inputs_and_start_threads(name: str, isa: str) -> None:
    for call in CALLS[name]:
        want = call(threads=1, isa=isa).tobytes()

        def work(call: Call = call) -> tuple[bytes, int]:
            threads = _native.Threads(THREADS, least_cost=1)
            return call(threads=threads, isa=isa).tobytes(), threads.ran

        assert at_once(work) == [(want, THREADS)] * CALLERS


@pytest.mark.parametrize("name", CALLS)
def test_callers_share_one_count_of_threads(name: str) -> None:
    for call in CALLS[name]:
        threads = _native.Threads(THREADS, least_cost=1)
        at_once(functools.partial(call, threads=threads))
        assert threads.ran == THREADS


def test_callers_fill_their_own_rows_of_one_array() -> None:
    out = np.zeros((CALLERS, *IMAGE.shape), np.uint8)
    rows = iter(range(CALLERS))

    def work() -> None:
        threads = _native.Threads(THREADS, least_cost=1)
        _native.gaussian_blur(IMAGE, 4.0, out=out[next(rows)], threads=threads)
        assert threads.ran == THREADS

    at_once(work)
    assert (out == _native.gaussian_blur(IMAGE, 4.0)).all()


def test_every_function_with_threads_is_here() -> None:
    takes = {
        name
        for name, function in vars(_native).items()
        if re.search(r"\bthreads: ", getattr(function, "__doc__", None) or "")
    }
    assert takes == set(CALLS)
