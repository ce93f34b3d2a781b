"""Planes, interleaved pixels, and one kind of sample as another."""

from __future__ import annotations

import numpy as np
import pytest

from defocus import _native
from guards import Guarded, untouched, written
from tests.native.reference.convert import CENTRE, to_q7

rows = _native._rows
WIDTHS = [*range(1, 71), 257, 1025]
CHANNELS = pytest.mark.parametrize("channels", [1, 3, 4])
KINDS = pytest.mark.parametrize("kind", ["q7", "floats"])
DTYPES = {"q7": np.int16, "floats": np.float32}
SPLITS = {"q7": rows.split_q7, "floats": rows.split_floats}
MERGES = {"q7": rows.merge_q7, "floats": rows.merge_floats}


@CHANNELS
@KINDS
def test_split_puts_each_channel_on_its_plane(
    isa: str, channels: int, kind: str, rng: np.random.Generator
) -> None:
    for width in WIDTHS:
        pixels = rng.integers(-CENTRE, CENTRE + 1, (width, channels)).astype(DTYPES[kind])
        planes = Guarded((channels, width + 5), DTYPES[kind])
        SPLITS[kind](pixels, planes.view, isa)
        assert (planes.view[:, :width] == pixels.T).all()
        assert untouched(planes.view[:, width:])
        assert planes.intact()


@CHANNELS
@KINDS
def test_merge_interleaves_the_planes(
    isa: str, channels: int, kind: str, rng: np.random.Generator
) -> None:
    for width in WIDTHS:
        planes = rng.integers(-CENTRE, CENTRE + 1, (channels, width + 3)).astype(DTYPES[kind])
        pixels = Guarded((width, channels), DTYPES[kind])
        MERGES[kind](planes, pixels.view, isa)
        assert (pixels.view == planes[:, :width].T).all()
        assert pixels.intact()


def test_centre_bytes(isa: str) -> None:
    for n in WIDTHS:
        row = np.resize(np.arange(256, dtype=np.uint8), n)
        got = written(rows.centre_bytes, isa, n, np.int16, row)
        assert (got == to_q7(row)).all()


def test_open_q7(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.integers(-CENTRE, CENTRE + 1, n).astype(np.int16)
        row[0], row[-1] = -CENTRE, CENTRE
        got = written(rows.open_q7, isa, n, np.float32, row)
        assert (got == row.astype(int) + CENTRE).all()


def test_to_q7_rounds_to_the_nearest_and_clamps(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(-70, 330, n).astype(np.float32)
        row[:: max(1, n // 5)] = rng.choice([-1e30, -60, 0, 127.5, 255, 315, 1e30])
        got = written(rows.to_q7, isa, n, np.int16, row)
        # The kernel's float32 may fall on the other side of a half.
        assert np.abs(got - (128.0 * np.clip(row.astype(float), -60, 315) - CENTRE)).max() <= 0.51


def test_values_are_exact_in_q7(isa: str) -> None:
    values = np.arange(256, dtype=np.float32)
    got = written(rows.to_q7, isa, 256, np.int16, values)
    assert (got == to_q7(values)).all()
