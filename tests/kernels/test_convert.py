"""split, split_float, merge, merge_float."""

from __future__ import annotations

import numpy as np
import pytest

from defocus import _native
from guards import Guarded, untouched
from reference.convert import to_bytes

rows = _native._rows
WIDTHS = [*range(1, 71), 257]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_split_puts_each_channel_on_its_plane(
    isa: str, channels: int, rng: np.random.Generator
) -> None:
    for width in WIDTHS:
        pixels = rng.integers(0, 256, (width, channels), dtype=np.uint8)
        planes = Guarded((channels, width + 5), np.float32)
        rows.split(pixels, planes.view, isa)
        assert (planes.view[:, :width] == pixels.T).all()
        assert untouched(planes.view[:, width:])
        assert planes.intact()

        samples = pixels.astype(np.float32) / 7
        planes = Guarded((channels, width + 5), np.float32)
        rows.split_float(samples, planes.view, isa)
        assert (planes.view[:, :width] == samples.T).all()
        assert untouched(planes.view[:, width:])
        assert planes.intact()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_merge_rounds_to_the_nearest_byte(
    isa: str, channels: int, rng: np.random.Generator
) -> None:
    for width in WIDTHS:
        planes = rng.uniform(-3, 258, (channels, width + 3)).astype(np.float32)
        planes[:, 0] = [0.5, 254.5, np.nan, 1e9][:channels]
        pixels = Guarded((width, channels), np.uint8)
        rows.merge(planes, pixels.view, isa)
        assert (pixels.view == to_bytes(planes[:, :width].T)).all()
        assert pixels.intact()

        samples = Guarded((width, channels), np.float32)
        rows.merge_float(planes, samples.view, isa)
        np.testing.assert_array_equal(samples.view, planes[:, :width].T)
        assert samples.intact()


def test_every_byte_survives_the_round_trip(isa: str) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(-1, 1)
    planes = np.empty((1, 256), np.float32)
    back = np.empty_like(pixels)
    rows.split(pixels, planes, isa)
    rows.merge(planes, back, isa)
    assert (back == pixels).all()
