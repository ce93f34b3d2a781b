"""The sRGB curve: exact enough for 16 bits, and the same bits on every processor."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from defocus.pixels.srgb import from_light, light_of_samples, to_light

SAMPLES = np.arange(65536) / 65535
LIGHT = np.where(SAMPLES <= 0.04045, SAMPLES / 12.92, ((SAMPLES + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize(("dtype", "slack"), [(np.float32, 5e-7), (np.float64, 1e-14)])
def test_the_curve_is_that_of_the_standard(dtype: type, slack: float) -> None:
    assert np.abs(to_light(SAMPLES.astype(dtype)) - LIGHT).max() < slack
    assert np.abs(from_light(LIGHT.astype(dtype)) - SAMPLES).max() < slack
    assert to_light(SAMPLES.astype(dtype)).dtype == dtype


def test_every_sample_survives_the_way_to_light_and_back() -> None:
    for full, dtype in ((255, np.uint8), (65535, np.uint16)):
        light = light_of_samples(full).astype(np.float32)
        back = (from_light(light) * np.float32(full) + np.float32(0.5)).astype(dtype)
        assert np.array_equal(back, np.arange(full + 1))


def test_shapes_and_ends() -> None:
    light = np.array([[-0.01, 0.0, 2.0]])[:, ::-1]
    assert np.allclose(from_light(light), [[1.0, 0.0, -0.1292]])
    assert to_light(np.zeros((0, 3), np.float32)).shape == (0, 3)


def digest() -> str:
    """Of what was computed by powers and by products of matrices, which differ among processors."""
    from defocus.io.colour import hdr
    from defocus.render.grain import measure

    rng = np.random.default_rng(3)
    values = rng.random(40_000)
    found = hashlib.sha256(from_light(values.astype(np.float32)).tobytes())
    for curve in (from_light, to_light):
        found.update(curve(values).tobytes())
    noise = rng.normal(30_000, 900, (150, 150, 3)).astype(np.uint16)
    found.update(hdr.to_srgb(noise, (9, 18)).tobytes())
    return found.hexdigest() + repr(measure(noise))


def test_a_processor_without_avx512_computes_the_same() -> None:
    code = f"import sys; sys.path[:0] = {sys.path!r}\nimport test_srgb\nprint(test_srgb.digest())"
    older = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL", "OPENBLAS_CORETYPE": "Prescott"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, **older},
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == digest(), done.stderr
