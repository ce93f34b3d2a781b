"""The network's input: rows weighed by ramps, columns by taps, the peak, and all of it together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from defocus import _native
from guards import Guarded
from reference import shrink as exact

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PLAIN = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


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


@pytest.mark.parametrize("taps", [8, 16, 24])
def test_weighed_columns(isa: str, taps: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 255, 40 + taps).astype(np.float32)
        starts = rng.integers(0, 40, n).astype(np.int32)
        weights = rng.uniform(0, 1 / taps, (n, taps)).astype(np.float32)
        out = Guarded(n, np.float32)
        rows.weigh_columns(row, starts, weights, out.view, isa)
        parts = row.astype(np.float64)[starts[:, np.newaxis] + np.arange(taps)]
        assert np.abs(out.view - (weights * parts).sum(axis=1)).max() < 1e-4
        assert out.intact()


def test_the_peak_of_a_row(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 255, n).astype(np.float32)
        for place in (0, n // 2, n - 1):
            row[place] = 256
            for start in (1.0, 300.0):
                peak = Guarded(1, np.float32)
                peak.view[0] = start
                rows.raise_to_row(row, peak.view, isa)
                assert peak.view[0] == max(start, 256)
                assert peak.intact()
            row[place] = 0


def test_a_scaled_row(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = Guarded(n, np.float32)
        row.view[...] = before = rng.uniform(0, 255, n).astype(np.float32)
        rows.scale_row(row.view, 0.25, 1.5, isa)
        assert (row.view == before * np.float32(0.25) - np.float32(1.5)).all()
        assert row.intact()


SIZES = [(1, 1), (1, 90), (90, 1), (2, 3), (20, 16), (37, 53), (64, 64), (200, 131), (700, 40)]


def scene(height: int, width: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    return rng.integers(0, 200, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_whole_is_its_twin(isa: str, height: int, width: int, rng: np.random.Generator) -> None:
    image = scene(height, width, rng)
    for size in ((16, 20), (1, 1), (33, 5), (64, 64)):
        got = _native.network_input(image, *size, MEAN, STD, isa=isa)
        assert got.shape == (1, 3, size[1], size[0])
        assert got.dtype == np.float32
        assert np.abs(got - exact.network_input(image, *size, MEAN, STD)).max() < 2e-5
        best = _native.network_input(image, *size, MEAN, STD)
        assert got.tobytes() == best.tobytes(), "levels differ"
        got = _native.network_input(image, *size, MEAN, STD, divisor=255.0, isa=isa)
        want = exact.network_input(image, *size, MEAN, STD, 255.0)
        assert np.abs(got - want).max() < 2e-5


def test_it_shrinks_as_pillow_does(rng: np.random.Generator) -> None:
    image = scene(211, 307, rng)
    image[100:140, 50:100] = 255
    for size in ((40, 30), (307, 211), (400, 280)):
        small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
        got = _native.network_input(image, *size, *PLAIN)[0].transpose(1, 2, 0)
        peak = exact.shrink(image, *size).max()
        assert np.abs(got * peak - small).max() <= 1.0


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
        want = _native.network_input(np.ascontiguousarray(view), 32, 20, MEAN, STD)
        for threads in (1, 2, 3, 50):
            got = _native.network_input(view, 32, 20, MEAN, STD, threads=threads)
            assert got.tobytes() == want.tobytes()
        assert view.tobytes() == before


@pytest.mark.parametrize("value", [0, 1, 77, 255])
def test_an_even_picture_stays_even(value: int) -> None:
    image = np.full((1000, 70, 3), value, np.uint8)
    got = _native.network_input(image, 32, 20, *PLAIN)
    assert np.abs(got - (value > 0)).max() < 1e-6


def test_what_it_refuses() -> None:
    image: Any = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="size"):
        _native.network_input(image, 0, 4, MEAN, STD)
    with pytest.raises(TypeError, match="uint8"):
        _native.network_input(image.astype(np.float32), 4, 4, MEAN, STD)
    with pytest.raises(ValueError, match="none"):
        _native.network_input(image, 4, 4, MEAN, STD, isa="none")
