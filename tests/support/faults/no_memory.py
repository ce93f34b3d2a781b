"""A program: every allocation of a call fails in its turn, alone and with all after it.

Ends with 0 if each call has given a MemoryError or the right result, and works afterwards.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

import defocus
from defocus import _native
from faults.control import EVER, NATIVE, no_memory
from faults.native_calls import CALLS, DEEP, IMAGE, MASK, plain
from tiny_network import bright_network

NUMPY = "/_multiarray_umath."  # allocates the results
MATTE = np.asarray(_native.resize_bilinear(MASK, 33, 40) * 255, np.uint8)
EFFECTS: list[Callable[[Any], Any]] = [
    lambda source: defocus.portrait(source, matte=MATTE),
    lambda source: defocus.portrait(source, matte=MATTE, bokeh="disc", grain=0),
    lambda source: defocus.cutout(source, matte=MATTE),
]


def exhaust(call: Callable[[], Any], objects: str, *, least: int = 0) -> int:
    """Run the call with each allocation failing; the number of failures."""
    want, failures = plain(call()), 0
    for single in (True, False):
        for number in count(1):
            got = None
            try:
                with no_memory(objects, number, number if single else EVER, least=least) as seen:
                    got = call()
            except MemoryError:
                failures += 1
            assert got is None or plain(got) == want, number
            if seen.calls < number:
                break
        assert plain(call()) == want
    return failures


def native() -> None:
    """Every function of the extension, on one thread and on several."""
    failures = Counter[str]()
    for name, calls in CALLS.items():
        for call in calls:
            for threads in (1, 3, _native.Threads(1), _native.Threads(3, least_cost=1)):
                for objects in (NATIVE, NUMPY):
                    failures[name] += exhaust(lambda: call(threads), objects)  # noqa: B023
    assert {name for name in CALLS if not failures[name]} <= {"active_isa", "vector_bytes"}


def pipeline() -> None:
    """Portraits and cutouts with a given matte."""
    for source in (IMAGE, DEEP, defocus.to_bytes(IMAGE, format="jpeg")):
        for effect in EFFECTS:
            assert exhaust(lambda: np.asarray(effect(source)), NATIVE) > 50  # noqa: B023


def network() -> None:
    """A run of a network, whose smaller allocations ONNX Runtime does not survive."""
    Path("bright.onnx").write_bytes(bright_network((1, 3, 96, 144)))
    segmenter = defocus.Segmenter("bright.onnx", threads=1)
    image = np.pad(np.full((30, 40, 3), 255, np.uint8), ((20, 20), (30, 30), (0, 0)))

    def call() -> Any:
        return defocus.find_subject(image, segmenter=segmenter, effort="fast").mask

    assert exhaust(call, "/libstdc++.", least=1000) > 10


if __name__ == "__main__":
    {"native": native, "network": network, "pipeline": pipeline}[sys.argv[1]]()
