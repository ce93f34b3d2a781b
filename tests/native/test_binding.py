"""What the native functions refuse, and that they let other threads run."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from defocus import _native

IMAGE = np.zeros((8, 9, 3), np.uint8)
MASK = np.zeros((4, 4), np.float32)


@pytest.mark.parametrize(
    ("image", "error", "match"),
    [
        (IMAGE.astype(np.uint32), TypeError, "expected dtype uint8 or uint16, got uint32"),
        (IMAGE.astype(np.float64), TypeError, "float64"),
        (IMAGE.astype(bool), TypeError, "bool"),
        (IMAGE[..., 0], ValueError, r"\(height, width, 3\).*got \(8, 9\)"),
        (IMAGE[..., :2], ValueError, r"got \(8, 9, 2\)"),
        (IMAGE[:0], ValueError, r"no side 0, got \(0, 9, 3\)"),
        (IMAGE[:, :0], ValueError, r"got \(8, 0, 3\)"),
        (IMAGE[np.newaxis], ValueError, r"got \(1, 8, 9, 3\)"),
    ],
)
def test_stages_refuse_bad_images(image: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        _native.portrait(image, MASK, 3.0)
    with pytest.raises(error, match=match):
        _native.cutout(image, MASK)


@pytest.mark.parametrize(
    ("mask", "error"),
    [
        (MASK.astype(np.float64), TypeError),
        (MASK.astype(">f4"), TypeError),
        (MASK[..., np.newaxis], ValueError),
        (MASK[:0], ValueError),
    ],
)
def test_stages_refuse_bad_masks(mask: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="mask"):
        _native.portrait(IMAGE, mask, 3.0)
    with pytest.raises(error, match="mask"):
        _native.resize_bilinear(mask, 5, 5)


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan"), float("inf")])
def test_a_sigma_that_is_none(sigma: float) -> None:
    with pytest.raises(ValueError, match="sigma"):
        _native.gaussian_blur(IMAGE, sigma)


def test_blend_needs_equal_sizes() -> None:
    with pytest.raises(ValueError, match="background"):
        _native.blend(IMAGE, IMAGE[1:], np.zeros((8, 9), np.uint8))
    with pytest.raises(ValueError, match="alpha"):
        _native.blend(IMAGE, IMAGE, np.zeros((8, 8), np.uint8))


def test_out_is_checked() -> None:
    read_only = np.zeros_like(IMAGE)
    read_only.setflags(write=False)
    shared = np.zeros((16, 9, 3), np.uint8)
    one_row = np.ndarray(IMAGE.shape, np.uint8, np.zeros(27, np.uint8), strides=(0, 3, 1))
    cases: list[tuple[Any, Any, type[Exception], str]] = [
        (IMAGE, read_only, ValueError, "read-only"),
        (IMAGE, np.zeros((8, 9, 4), np.uint8), ValueError, r"\(8, 9, 3\), got \(8, 9, 4\)"),
        (IMAGE, np.zeros((8, 9, 3), np.float32), TypeError, "dtype"),
        (IMAGE, [1, 2], TypeError, "numpy array"),
        (IMAGE, np.zeros((8, 9, 6), np.uint8)[..., ::2], ValueError, "contiguous"),
        (IMAGE, one_row, ValueError, "overlap"),
        (shared[:8], shared[4:12], ValueError, "shares memory"),
        (shared[:8], shared[:8], ValueError, "shares memory"),
    ]
    for image, out, error, match in cases:
        with pytest.raises(error, match=match):
            _native.gaussian_blur(image, 2.0, out=out)
    flipped_neighbour = shared[:8][::-1]
    _native.gaussian_blur(flipped_neighbour, 2.0, out=shared[8:])


def test_misaligned_floats_are_refused() -> None:
    raw = np.zeros(4 * 30 + 1, np.uint8)
    with pytest.raises(ValueError, match="aligned"):
        _native.gaussian_blur(raw[1:].view(np.float32).reshape(5, 6), 2.0)
    record = np.zeros((5, 6), np.dtype([("v", np.float32), ("pad", np.uint8)], align=False))
    with pytest.raises(ValueError, match=r"stride|aligned"):
        _native.gaussian_blur(record["v"], 2.0)


def test_misaligned_samples_are_copied() -> None:
    """Reading them in place is undefined behaviour, which `tools.sanitize address` reports."""
    samples = np.arange(1, 61, dtype=np.uint8)[1:-1].view(np.uint16).reshape(-1)
    raw = np.zeros(2 * samples.size + 1, np.uint8)
    raw[1:] = samples.view(np.uint8)
    misaligned = raw[1:].view(np.uint16)
    assert not misaligned.flags.aligned
    assert (_native.to_bytes(misaligned) == _native.to_bytes(samples.copy())).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_strided_views_equal_their_copies(dtype: type, rng: np.random.Generator) -> None:
    base: Any = rng.integers(0, 256, (40, 50, 4)).astype(dtype)
    views = [base[::-1], base[:, ::-2], base[..., ::-1], base[5:30:3, 7:41, 1:4], base[..., 2]]
    views += [base.transpose(1, 0, 2), np.broadcast_to(base[:1], base.shape)]
    for view in views:
        want = _native.gaussian_blur(np.ascontiguousarray(view), 3.0)
        assert (_native.gaussian_blur(view, 3.0) == want).all()


def ticks_during(call: Callable[[], object]) -> int:
    """How often this thread woke up while another one ran the call; once if the lock is held."""
    started, finished = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        call()
        finished.set()

    worker = threading.Thread(target=work)
    worker.start()
    started.wait()
    ticks = 0
    while not finished.is_set():
        time.sleep(0.001)
        ticks += 1
    worker.join()
    return ticks


def test_other_threads_run_during_a_blur() -> None:
    image = np.zeros((3000, 3000, 3), np.uint8)
    isa = "baseline" if "baseline" in _native.isa_levels() else None
    assert ticks_during(lambda: _native.gaussian_blur(image, 3.9, isa=isa)) > 5


def test_other_threads_run_during_a_cut(rng: np.random.Generator) -> None:
    unary = np.rint(rng.normal(0, 60, (400, 400))).astype(np.int32)
    cut = _native.GridCut(np.full((400, 400, 4), 1000, np.int32))
    assert ticks_during(lambda: cut.solve(unary)) > 3


CHILD = """
import resource
import numpy as np
from defocus import _native

weights = np.ones((512, 512, 4), np.int32)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
outcomes = set()
for spare in (*range(0, 40 << 20, 1 << 20), 200 << 20):
    resource.setrlimit(resource.RLIMIT_AS, (used + spare, hard))
    try:
        outcomes.add(_native.GridCut(weights).solve(np.ones((512, 512), np.int32)).all())
    except MemoryError:
        outcomes.add("MemoryError")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
assert outcomes == {True, "MemoryError"}, outcomes
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS and /proc")
def test_a_cut_that_finds_too_little_memory_is_a_memory_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
