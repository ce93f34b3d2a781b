"""Shrunk planes: rows weighed by ramps, columns by taps, and all of it together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from defocus import _native
from guards import Guarded
from hard_pictures import SIZES as SIZES_OF_HARD_PICTURES
from hard_pictures import hard_picture, hard_pictures
from tests.native.reference import shrink as exact

rows = _native._rows
WIDTHS = [*range(1, 71), 257]


@pytest.mark.parametrize("count", [1, 2, 3, 16, 22])
def test_a_ramp_of_rows(isa: str, count: int, rng: np.random.Generator) -> None:
    a, b = float(np.float32(0.07)), float(np.float32(-0.003))
    for n in WIDTHS:
        for high in (256, 0):  # all of them white, too: the sums have to fit
            pixels = rng.integers(high and 0, high or 1, (count, n), dtype=np.uint8)
            pixels = pixels if high else np.full((count, n), 255, np.uint8)
            sums = Guarded(n, np.float32)
            sums.view[...] = before = rng.uniform(0, 255, n).astype(np.float32)
            rows.add_ramp(pixels, a, b, sums.view, isa)
            factors = a + b * np.arange(count)
            want = before + factors @ pixels.astype(np.float64)
            assert np.abs(sums.view - want).max() < 2e-4
            assert sums.intact()


def ramps(count: int) -> list[tuple[float, float]]:
    """Weights that rise from and fall to almost nothing, and some that do neither."""
    step = float(np.float32(1 / 3))
    return [
        (float(np.float32(first)), sign * step)
        for first, sign in ((1e-7, 1), (0.0, 1), (step * (count - 1), -1), (0.4 + count, -1))
    ] + [(0.25, 0.0)]


@pytest.mark.parametrize("count", [1, 2, 15, 16, 22])
def test_a_ramp_adds_nothing_negative_and_stays_close_where_little_is_seen(
    isa: str, count: int
) -> None:
    for a, b in ramps(count):
        for lit in range(count):
            pixels = np.zeros((count, 41), np.uint8)
            pixels[lit] = np.linspace(1, 255, 41)
            sums = np.zeros(41, np.float32)
            rows.add_ramp(pixels, a, b, sums, isa)
            assert sums.min() >= 0
            want = max(np.float64(a) + np.float64(b) * lit, 0.0) * pixels[lit]
            # Of what is there, not of what all of them could weigh; the weights are floats.
            assert np.abs(sums - want).max() <= 2e-7 * want.max() + 1e-7 * count * 255 * abs(b)


@pytest.mark.parametrize("taps", [8, 16, 24])
def test_weighed_columns(isa: str, taps: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 255, 40 + taps).astype(np.float32)
        starts = rng.integers(0, 40, n).astype(np.int32)
        weights = rng.uniform(0, 1 / taps, (n, taps)).astype(np.float32)
        out = Guarded(n, np.float32)
        rows.weigh_columns(row, starts, weights, 255.0, out.view, isa)
        parts = row.astype(np.float64)[starts[:, np.newaxis] + np.arange(taps)]
        assert np.abs(out.view - (weights * parts).sum(axis=1)).max() < 1e-4
        whole = out.view.copy()
        rows.weigh_columns(row, starts, weights, 100.0, out.view, isa)
        assert (out.view == np.minimum(whole, 100)).all()
        assert out.intact()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        *((source, target) for source in range(1, 70) for target in (1, 3, 4, 32)),
        *((source, 320) for source in (319, 320, 321, 640, 1283, 20480, 20489, 20800, 32111)),
        (270, 4),
        (100_003, 3),
    ],
)
def test_all_taps_lie_within_the_row(source: int, target: int) -> None:
    starts, weights = _native.plan_columns(source, target)
    taps = weights.shape[1]
    assert starts.shape == (target,)
    assert starts.min() >= 0
    assert starts.max() + taps <= max(source, taps)
    assert weights.min() >= 0
    if source * target < 1_000_000:
        dense = np.zeros((target, max(source, taps)))
        for row, start, own in zip(dense, starts, weights, strict=True):
            row[start : start + taps] = own
        assert np.abs(dense[:, :source] - exact.weights(source, target)).max() < 1e-6
        assert not dense[:, source:].any()


@pytest.mark.parametrize(("source", "target"), [(270, 4), (20489, 320), (64, 3), (5, 32)])
def test_what_lies_behind_a_row_does_not_count(isa: str, source: int, target: int) -> None:
    starts, weights = _native.plan_columns(source, target)
    row = np.full(source, 7, np.float32)
    if source < weights.shape[1]:  # continued by zeros, as the plan wants it
        row = np.pad(row, (0, weights.shape[1] - source))
    beyond = np.concatenate([row, np.full(64, np.nan, np.float32)])
    for samples in (row, beyond):
        out = np.empty(target, np.float32)
        rows.weigh_columns(samples, starts, weights, 255.0, out, isa)
        assert np.abs(out - 7).max() < 1e-5


SIZES = [(1, 1), (1, 90), (90, 1), (2, 3), (20, 16), (37, 53), (64, 64), (200, 131), (700, 40)]


def scene(height: int, width: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    return rng.integers(0, 200, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_whole_is_its_twin(isa: str, height: int, width: int, rng: np.random.Generator) -> None:
    image = scene(height, width, rng)
    for size in ((16, 20), (1, 1), (33, 5), (64, 64)):
        got = _native.shrink_planes(image, *size, isa=isa)
        assert got.shape == (3, size[1], size[0])
        assert got.dtype == np.float32
        assert np.abs(got - exact.shrink_planes(image, *size)).max() < 2e-4
        best = _native.shrink_planes(image, *size)
        assert got.tobytes() == best.tobytes(), "levels differ"


def strided(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture, whose pixels lie far apart and backwards."""
    height, width, _ = image.shape
    spread = np.full((2 * height, width, 5), 99, np.uint8)
    view = spread[::-2, ::-1, 3:0:-1]
    view[...] = image
    return view


@pytest.mark.parametrize("size", SIZES_OF_HARD_PICTURES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_light_is_negative_or_beyond_white(isa: str, size: tuple[int, int]) -> None:
    for name, image in hard_pictures(*size):
        for target in ((32, 32), (7, 3)):
            want = exact.shrink_planes(image, *target)
            for given, count in ((image, 1), (image, 2), (strided(image), 2)):
                threads = _native.Threads(count, least_cost=1)
                got = _native.shrink_planes(given, *target, threads=threads, isa=isa)
                assert threads.ran == count
                assert got.min() >= 0, name
                assert got.max() <= 255, name
                assert np.abs(got - want).max() < 2.5e-4, name


@pytest.mark.parametrize("size", [(1280, 960), (448, 448), (1500, 2000), (20489, 3)])
def test_no_light_is_negative_at_the_networks_own_size(size: tuple[int, int]) -> None:
    for kind in ("noise", "lines", "dots"):
        for white in (False, True):
            image = hard_picture(kind, *size, white=white)
            got = _native.shrink_planes(image, 320, 320)
            assert got.min() >= 0
            assert got.max() <= 255


def test_it_shrinks_as_pillow_does(rng: np.random.Generator) -> None:
    image = scene(211, 307, rng)
    image[100:140, 50:100] = 255
    for size in ((40, 30), (307, 211), (400, 280)):
        small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
        got = _native.shrink_planes(image, *size).transpose(1, 2, 0)
        assert np.abs(got - small).max() <= 1.0


def test_neither_strides_nor_threads_matter(rng: np.random.Generator) -> None:
    base = rng.integers(0, 256, (900, 640, 6), dtype=np.uint8)
    for view in (
        base[..., :3],
        base[::-1, ::-2, 4:1:-1],
        base[3::2, 5:, ::2],
        base.transpose(1, 0, 2)[..., 1:4],
        np.broadcast_to(base[:1, :1, :3], (400, 300, 3)),
    ):
        before = view.tobytes()
        want = _native.shrink_planes(np.ascontiguousarray(view), 32, 20)
        for count in (1, 2, 3, 7):
            threads = _native.Threads(count, least_cost=1)
            got = _native.shrink_planes(view, 32, 20, threads=threads)
            assert got.tobytes() == want.tobytes()
            assert threads.ran == count
        assert view.tobytes() == before


@pytest.mark.parametrize("value", [0, 1, 77, 255])
def test_an_even_picture_stays_even(value: int) -> None:
    image = np.full((1000, 70, 3), value, np.uint8)
    got = _native.shrink_planes(image, 32, 20)
    assert np.abs(got - value).max() < 2.5e-4
    assert got.max() <= 255


def test_what_it_refuses() -> None:
    image: Any = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="size"):
        _native.shrink_planes(image, 0, 4)
    with pytest.raises(TypeError, match="uint8"):
        _native.shrink_planes(image.astype(np.float32), 4, 4)
    with pytest.raises(ValueError, match="none"):
        _native.shrink_planes(image, 4, 4, isa="none")
