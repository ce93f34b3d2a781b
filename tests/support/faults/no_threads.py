"""A program: threads of Python and of the extension do not start, one or all from then on.

Ends with 0 if every call gives the right result, on fewer threads.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

import defocus
from defocus import _native
from faults.control import EVER, no_threads
from faults.native_calls import CALLS, plain
from tiny_network import bright_network

IMAGE = np.zeros((1200, 1600, 3), np.uint8)
IMAGE[300:600, 400:900] = 255
IMAGE[::7] += 1
MATTE = IMAGE[..., 0] // 255 * 255
CLIP = [np.roll(IMAGE[::10, ::10], step, axis=0).copy() for step in range(8)]


def pipeline() -> dict[str, Callable[[], Any]]:
    """Calls that start threads of Python, by name."""
    Path("bright.onnx").write_bytes(bright_network((1, 3, 96, 144)))
    segmenter = defocus.Segmenter("bright.onnx", threads=2)
    segmenter.warmup()
    jpeg = defocus.to_bytes(IMAGE, format="jpeg")
    return {
        "PNG in bands": lambda: defocus.to_bytes(IMAGE, format="png", threads=4),
        "JPEG": lambda: np.asarray(defocus.portrait(jpeg, segmenter=segmenter)),
        "portrait": lambda: defocus.portrait(IMAGE, matte=MATTE),
        "video": lambda: np.array(list(defocus.video(iter(CLIP), segmenter=segmenter))),
        "map": lambda: np.array(
            [result.unwrap() for result in defocus.map(CLIP, segmenter=segmenter, jobs=3)]
        ),
    }


def python() -> None:
    for name, call in pipeline().items():
        want = plain(call())
        for single in (True, False):
            for number in count(1):
                with no_threads(number, number if single else EVER) as seen:
                    assert plain(call()) == want, name
                if seen.calls < number:
                    break
            assert number > 1, f"{name} starts no thread"


def native() -> None:
    started = 0
    for name, calls in CALLS.items():
        for call in calls:
            want = plain(call(1))
            for first in (1, 2, 3):
                for last in (first, EVER):
                    several = _native.Threads(4, least_cost=1)
                    with no_threads(first, last) as seen:
                        assert plain(call(several)) == want, name
                    assert last == first or several.ran <= first, name
                    started += seen.calls
    assert started > 100


if __name__ == "__main__":
    native()
    python()
