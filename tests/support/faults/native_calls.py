"""Calls of every function of the extension, by name; they take what `threads` is to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from defocus import _native

__all__ = ["CALLS", "Call", "plain"]

Call: TypeAlias = Callable[[Any], Any]

IMAGE = np.random.default_rng(3).integers(0, 256, (40, 33, 3), dtype=np.uint8)
DEEP = IMAGE.astype(np.uint16) * np.uint16(257)
MASK = np.zeros((20, 16), np.float32)
MASK[5:14, 4:11] = 1
MATTE = _native.resize_bilinear(MASK, 33, 40)
UNARY = np.random.default_rng(4).integers(-40, 40, (12, 10)).astype(np.int32)
SEEDS = (UNARY > 35).astype(np.uint8)


def cut(_: Any) -> Any:
    division = _native.GridCut(np.full((12, 10, 4), 50, np.int32))
    return division.solve(UNARY), division.energy


CALLS: dict[str, list[Call]] = {
    "gaussian_blur": [
        lambda threads: _native.gaussian_blur(IMAGE, 2.0, threads=threads),
        lambda threads: _native.gaussian_blur(IMAGE.astype(np.float32), 20.0, threads=threads),
    ],
    "resize_bilinear": [lambda threads: _native.resize_bilinear(MASK, 33, 40, threads=threads)],
    "guided_matte": [lambda threads: _native.guided_matte(IMAGE, MASK, threads=threads)],
    "unmix": [lambda threads: _native.unmix(IMAGE, MATTE, threads=threads)],
    "blend": [lambda threads: _native.blend(IMAGE, IMAGE[::-1], MATTE, threads=threads)],
    "portrait": [
        lambda threads: _native.portrait(
            IMAGE, MASK, 5.0, guided=True, unmixed=True, threads=threads
        ),
        lambda threads: _native.portrait(IMAGE, MASK, 9.0, light="srgb", threads=threads),
        lambda threads: _native.portrait(
            IMAGE, MASK, 6.0, bokeh="disc", blades=6, highlights=1.0, threads=threads
        ),
        lambda threads: _native.portrait(DEEP, MASK, 3.0, threads=threads),
    ],
    "cutout": [
        lambda threads: _native.cutout(IMAGE, MASK, guided=True, unmixed=True, threads=threads),
        lambda threads: _native.cutout(DEEP, MASK, threads=threads),
    ],
    "to_bytes": [lambda threads: _native.to_bytes(DEEP, threads=threads)],
    "shrink_planes": [lambda threads: _native.shrink_planes(IMAGE, 32, 40, threads=threads)],
    "filter_png": [lambda _: _native.filter_png(DEEP, 3, 20)],
    "unfilter_png": [
        lambda _: _native.unfilter_png(np.zeros((5, 13), np.uint8), np.zeros(12, np.uint8), 3)
    ],
    "turn": [lambda threads: _native.turn(IMAGE, True, False, True, threads=threads)],
    "plan_columns": [lambda _: _native.plan_columns(100, 30)],
    "matte_cells": [lambda _: _native.matte_cells(IMAGE, MASK)],
    "geodesic_distances": [
        lambda _: _native.geodesic_distances(np.ones((12, 10), np.float32), SEEDS, 20.0)
    ],
    "GridCut": [cut],
    "Threads": [lambda _: _native.Threads(3, least_cost=2).ran],
    "isa_levels": [lambda _: _native.isa_levels()],
    "compiled_isa_levels": [lambda _: _native.compiled_isa_levels()],
    "active_isa": [lambda _: _native.active_isa()],
    "vector_bytes": [lambda _: _native.vector_bytes(_native.active_isa())],
}


def plain(result: Any) -> Any:
    """A result in a form that `==` compares."""
    if isinstance(result, tuple):
        return tuple(map(plain, result))
    return (result.shape, result.tobytes()) if isinstance(result, np.ndarray) else result
