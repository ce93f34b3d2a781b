"""Raw streams of deflate: what zlib reads again, with ISA-L and without."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import defocus
from defocus.io.codecs import deflate, png

isal_zlib = pytest.importorskip("isal.isal_zlib")


@pytest.fixture(params=["isal", "zlib"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The library that compresses; zlib where isal cannot be imported."""
    if request.param == "zlib":
        monkeypatch.setitem(sys.modules, "isal", None)
    name: str = request.param
    return name


def samples(count: int) -> bytes:
    noise = np.random.default_rng(4).integers(0, 40, count, dtype=np.uint8)
    return noise.tobytes()


def joined(parts: list[bytes], **options: Any) -> bytes:
    last = len(parts) - 1
    return b"".join(
        deflate.compressed(memoryview(part), last=number == last, **options)
        for number, part in enumerate(parts)
    )


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("length", [0, 1, 1000, 70_000, 400_000])
def test_parts_make_one_stream(library: str, length: int, small: bool) -> None:
    data = samples(length)
    parts = [data[: length // 3], b"", data[length // 3 :], bytes(length)]
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    assert decoder.decompress(joined(parts, small=small)) == data + bytes(length)
    assert decoder.eof
    assert not decoder.unused_data
    assert deflate.checksum(memoryview(data)) == zlib.adler32(data), library


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_any_parts(parts: list[bytes]) -> None:
    assert zlib.decompress(joined(parts, small=False), -zlib.MAX_WBITS) == b"".join(parts)
    whole = memoryview(b"".join(parts))
    assert deflate.checksum(whole) == zlib.adler32(whole)


def test_the_library_is_the_fast_one_if_it_is_there(library: str) -> None:
    deflate.import_if_installed()
    assert deflate._library() is (isal_zlib if library == "isal" else zlib)


@pytest.mark.parametrize("error", [OSError, RuntimeError, AttributeError, SystemError])
def test_a_library_that_does_not_work(error: type[Exception], tmp_path: Path) -> None:
    (tmp_path / "isal").mkdir()
    (tmp_path / "isal" / "__init__.py").write_text("")
    (tmp_path / "isal" / "isal_zlib.py").write_text(f"raise {error.__name__}('no')")
    code = "from defocus.io.codecs import deflate; import zlib; assert deflate._library() is zlib"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)


def test_a_png_has_the_same_pixels(library: str, tmp_path: Any) -> None:
    rgba = np.random.default_rng(1).integers(0, 256, (700, 900, 4), dtype=np.uint8)
    rgba[100:300] = 0
    for array in (rgba, rgba[..., 0], rgba.astype(np.uint16) * 257):
        path = tmp_path / f"{library}.png"
        defocus.save(array, path)
        assert array.shape[0] * array.shape[1] >= png._SMALL
        with Image.open(path) as image:
            image.load()
            assert (np.asarray(image) == (array if array.dtype == np.uint8 else rgba)).all()


def test_small_is_smaller() -> None:
    data = memoryview(b"".join(b"%d, %d; " % (n * n, n % 77) for n in range(20_000)))
    fast, small = (deflate.compressed(data, last=True, small=small) for small in (False, True))
    assert len(small) < len(fast)
