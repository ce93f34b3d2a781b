"""split and merge: interleaved pixels to planes and back."""

from __future__ import annotations

import numpy as np
import pytest

from defocus import _native
from guards import Guarded, untouched

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
CHANNELS = pytest.mark.parametrize("channels", [1, 3, 4])


@CHANNELS
def test_split_puts_each_channel_on_its_plane(
    isa: str, channels: int, rng: np.random.Generator
) -> None:
    for width in WIDTHS:
        pixels = rng.integers(0, 256, (width, channels), dtype=np.uint8)
        planes = Guarded((channels, width + 5), np.float32)
        rows.split_bytes(pixels, planes.view, isa)
        assert (planes.view[:, :width] == pixels.T).all()
        assert untouched(planes.view[:, width:])
        assert planes.intact()

        samples = pixels.astype(np.float32) / 7
        planes = Guarded((channels, width + 5), np.float32)
        rows.split_floats(samples, planes.view, isa)
        assert (planes.view[:, :width] == samples.T).all()
        assert untouched(planes.view[:, width:])
        assert planes.intact()


@CHANNELS
@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_merge_interleaves_the_planes(
    isa: str, channels: int, dtype: str, rng: np.random.Generator
) -> None:
    kernel = {
        "int16": rows.merge_q7,
        "float32": rows.merge_floats,
    }[dtype]
    for width in WIDTHS:
        planes = rng.integers(0, 256, (channels, width + 3)).astype(dtype)
        pixels = Guarded((width, channels), dtype)
        kernel(planes, pixels.view, isa)
        assert (pixels.view == planes[:, :width].T).all()
        assert pixels.intact()


def test_q7_is_rounded_to_the_nearest(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 255, n).astype(np.float32)
        out = Guarded(n, np.int16)
        rows.to_q7(row, out.view, isa)
        assert (out.view == np.floor(row.astype(np.float64) * 128 + 0.5)).all()
        assert out.intact()
