"""The reader of 16-bit TIFF files meets damaged directories and damaged data."""

from __future__ import annotations

import struct
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import defocus
from deep_files import picture, tiff
from defocus.io import decode

SAMPLES = picture()
FILES = {
    "strips": tiff(SAMPLES),
    "lzw": tiff(SAMPLES, compression=5, predictor=True),
    "tiles": tiff(SAMPLES, compression=8, tile=(16, 16), order=">"),
    "planes": tiff(SAMPLES, planar=True, compression=32773),
    "alpha": tiff(picture(channels=4), extra=1, predictor=True, order=">"),
}
QUICK = settings(
    deadline=None, suppress_health_check=list(HealthCheck), database=None, max_examples=60
)
FIELDS = {"tag": (0, "H"), "type": (2, "H"), "count": (4, "I"), "value": (8, "I")}
NUMBERS = st.sampled_from([0, 1, 2, 3, 4, 8, 16, 255, 256, 65535, 1 << 20, (1 << 31) - 1])
MOST_MEMORY = 50_000_000  # bytes; the picture has 4 KB


def reads_or_refuses(data: bytes) -> None:
    tracemalloc.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of some damage and goes on
            pixels = decode.read(data, max_pixels=100_000).pixels
    except defocus.DefocusError:
        pass
    else:
        assert pixels.dtype in (np.uint8, np.uint16)
        assert pixels.size > 0
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < MOST_MEMORY


@pytest.mark.usefixtures("capfd")  # libtiff prints its complaints
@pytest.mark.parametrize("name", FILES)
@QUICK
@given(data=st.data())
def test_any_damage_to_the_directory(name: str, data: st.DataObject) -> None:
    file = bytearray(FILES[name])
    order = "<" if file[:2] == b"II" else ">"
    (start,) = struct.unpack_from(order + "I", file, 4)
    (count,) = struct.unpack_from(order + "H", file, start)
    for _ in range(data.draw(st.integers(1, 3))):
        row = start + 2 + 12 * data.draw(st.integers(0, count - 1))
        at, form = FIELDS[data.draw(st.sampled_from(sorted(FIELDS)))]
        number = data.draw(NUMBERS) & (0xFFFF if form == "H" else 0xFFFFFFFF)
        struct.pack_into(order + form, file, row + at, number)
    reads_or_refuses(bytes(file))


@pytest.mark.usefixtures("capfd")
@pytest.mark.parametrize("name", FILES)
@QUICK
@given(data=st.data())
def test_any_damage_to_the_bytes(name: str, data: st.DataObject) -> None:
    file = bytearray(FILES[name])
    places = st.integers(0, len(file) - 1)
    for at, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        file[at] = value
    end = data.draw(st.sampled_from([len(file), len(file) // 2, 9]))
    reads_or_refuses(bytes(file[:end]))


@pytest.mark.parametrize("compression", [1, 32773])
def test_a_predictor_without_its_compression_is_ignored(compression: int) -> None:
    # libtiff, and so ImageMagick, ignores it too.
    data = tiff(SAMPLES, compression=compression, tags={317: (3, (2,))})
    assert np.array_equal(decode.read(data).pixels, SAMPLES)


@pytest.mark.parametrize("order", "<>")
def test_colours_that_are_multiplied_by_alpha_are_divided_and_rounded(order: str) -> None:
    stored = [(10000, 20000, 39999, 40000), (5, 6, 7, 65535), (1, 0, 9, 2), (9, 9, 9, 0)]
    photo = decode.read(tiff(np.array([stored], np.uint16), extra=1, order=order))
    # 10000 * 65535 / 40000 = 16383.75, 20000 of 40000 is 32767.5, and more than alpha is white.
    assert photo.pixels[0, :3].tolist() == [[16384, 32768, 65533], [5, 6, 7], [32768, 0, 65535]]
    assert photo.alpha is not None
    assert photo.alpha[0].tolist() == [40000, 65535, 2, 0]
