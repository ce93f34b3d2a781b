"""Images of 16-bit samples: their kernels, and the fused stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, written
from tests.native.reference import refine
from tests.native.reference.aperture import portrait as exact_disc
from tests.native.reference.background import background as exact_background
from tests.native.reference.light import to_linear, to_srgb
from tests.native.reference.samples16 import mixed, to_bytes, unfilter
from tests.native.reference.stages import portrait as exact_portrait

rows = _native._rows
WIDTHS = [*range(1, 71), 257, 1025]
ONE, FULL = 16384, 32640
LIGHTS = pytest.mark.parametrize("linear", [False, True], ids=["srgb", "light"])


def samples(rng: np.random.Generator, *shape: int) -> NDArray[np.uint16]:
    """Anything, and a third of it dark, where a curve is steep."""
    bright = rng.integers(0, 65536, shape)
    return np.where(rng.random(shape) < 0.3, bright // 32, bright).astype(np.uint16)


def alphas(rng: np.random.Generator, width: int) -> NDArray[np.int16]:
    """Random alpha with plenty of exact 0 and 1, singly and in stretches."""
    alpha = np.clip(rng.integers(-ONE // 3, 4 * ONE // 3, width), 0, ONE).astype(np.int16)
    alpha[: width // 4], alpha[width // 4 : width // 2] = 0, ONE
    return alpha


def test_every_sample16_becomes_its_byte(isa: str, rng: np.random.Generator) -> None:
    every = np.arange(65536, dtype=np.uint16)
    got = written(rows.bytes_from_16, isa, 65536, np.uint8, every)
    assert (got == to_bytes(every)).all()
    for n in WIDTHS:
        row = samples(rng, n)
        assert (written(rows.bytes_from_16, isa, n, np.uint8, row) == to_bytes(row)).all()


def shares(isa: str, row: Any, alpha: Any, linear: bool) -> tuple[Any, Any]:
    results = []
    for level in (isa, _native.isa_levels()[0]):
        colours, weights = Guarded((len(alpha), 3), np.float32), Guarded(len(alpha), np.float32)
        rows.background_16(row, alpha, linear, colours.view, weights.view, level)
        assert colours.intact()
        assert weights.intact()
        results.append((colours.view.tobytes(), weights.view.tobytes()))
    assert results[0] == results[1]
    return colours.view, weights.view


@LIGHTS
def test_background(isa: str, linear: bool, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        row, alpha = samples(rng, width, 3), alphas(rng, width)
        colours, weights = shares(isa, row, alpha, linear)
        want, share = exact_background(row / 257, alpha / ONE, linear)
        assert np.abs(colours - FULL * want).max() <= (0.15 if linear else 0.01)
        assert np.abs(weights - FULL * share).max() <= 0.004
        assert (colours[alpha == ONE] == 0).all()


def test_every_sample16_becomes_its_light(isa: str) -> None:
    row = np.arange(65536, dtype=np.uint16).repeat(3).reshape(-1, 3)
    colours, _ = shares(isa, row, np.zeros(65536, np.int16), True)
    light = colours[:, 0].astype(np.float64) / FULL
    # A tenth of a step; the curve's two pieces meet at sample 2651 and may step back by as much.
    assert np.abs(257 * to_srgb(light) - row[:, 0]).max() <= 0.12
    assert (np.diff(light) >= 0).all()


@LIGHTS
def test_it_does_not_matter_which_pixels_share_a_vector(
    isa: str, linear: bool, rng: np.random.Generator
) -> None:
    row, alpha = samples(rng, 257, 3), alphas(rng, 257)
    spline = rng.uniform(0, 255, (4, 3, 257)).astype(np.float32)
    taps = np.array([0.1, 0.4, 0.4, 0.1], np.float32)

    def results(order: Any) -> tuple[Any, Any, Any]:
        planes = np.ascontiguousarray(spline[..., order])
        given = (row[order], alpha[order])
        blended = written(
            rows.spline_blend_16, isa, (len(order), 3), np.uint16, planes, taps, *given, linear
        )
        return (*shares(isa, *given, linear), blended)

    straight = results(np.arange(257))
    for order in (rng.permutation(257), np.argsort(alpha), np.array([7]), np.array([100])):
        for got, want in zip(results(order), straight, strict=True):
            assert (got == want[order]).all()


def test_guided_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        pixels = samples(rng, n, 3)
        coefficients = rng.uniform(-0.01, 0.01, (4, n)).astype(np.float32)
        coefficients[3] += 0.5
        got = written(rows.guided_alpha_16, isa, n, np.int16, pixels, coefficients, 0.05, 1 / 0.9)
        explained = (coefficients[:3] * (pixels.T / 257)).sum(axis=0) + coefficients[3]
        want = refine.smooth_step(explained.astype(np.float64), 0.05, 0.95)
        assert np.abs(got - ONE * want).max() <= 0.55


def test_unmixing(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        pixels, alpha = samples(rng, n, 3), alphas(rng, n)
        parts = rng.uniform(0, 255, (6, n)).astype(np.float32)
        front = written(rows.unmix_foreground_16, isa, (n, 3), np.uint16, pixels, alpha, parts)
        a = (alpha / ONE)[:, np.newaxis]
        near = np.clip(refine.fused(pixels / 257, a, parts[:3].T, parts[3:].T), 0, 255)
        assert np.abs(front - np.where(a > 0, 257 * near, pixels)).max() <= 0.53
        assert (front[alpha == 0] == pixels[alpha == 0]).all()
        back = written(rows.unmix_background_16, isa, (n, 3), np.uint16, pixels, front, alpha)
        want = refine.background_value(pixels / 257, front / 257, a)
        # In light: what the curves are off by is divided by 1 - alpha, and a sample is rounded.
        error = np.abs(to_linear(back / 257) - to_linear(want))
        assert (error <= 4e-5 + 1e-5 / np.maximum(1 - a, 1 / ONE)).all()
        sure = (alpha == 0) | (alpha == ONE)
        assert (back[sure] == pixels[sure]).all()


@LIGHTS
def test_spline_blend(isa: str, linear: bool, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        front, alpha = samples(rng, n, 3), alphas(rng, n)
        spline = rng.uniform(-20, 275, (4, 3, n + 2)).astype(np.float32)
        taps = rng.dirichlet([1, 3, 3, 1]).astype(np.float32)
        got = written(
            rows.spline_blend_16, isa, (n, 3), np.uint16, spline, taps, front, alpha, linear
        )
        back = np.einsum("k,kcx->xc", taps.astype(np.float64), spline[..., :n])
        want = 257 * mixed(front / 257, back, alpha / ONE, linear)
        assert np.abs(got - want).max() <= (1.3 if linear else 0.55)
        assert (got[alpha == ONE] == front[alpha == ONE]).all()


def test_attach_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        rgb, alpha = samples(rng, n, 3), alphas(rng, n)
        got = written(rows.attach_alpha_16, isa, (n, 4), np.uint16, rgb, alpha)
        assert (got[:, :3] == rgb).all()
        assert (got[:, 3] == np.floor(alpha / ONE * 65535 + 0.5)).all()


def test_png_filters(rng: np.random.Generator) -> None:
    for pixel in (2, 4, 6, 8):
        for width in (1, 2, 5, 33):
            filtered = rng.integers(0, 256, (11, pixel * width + 1), dtype=np.uint8)
            filtered[:, 0] = [0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 4]
            above = rng.integers(0, 256, pixel * width, dtype=np.uint8)
            got = _native.unfilter_png(filtered, above, pixel)
            assert (got == unfilter(filtered, above, pixel)).all()


@pytest.mark.parametrize(
    ("filtered", "above", "pixel", "match"),
    [
        (np.full((1, 7), 5, np.uint8), np.zeros(6, np.uint8), 6, "does not know"),
        (np.zeros((1, 7), np.uint8), np.zeros(7, np.uint8), 6, "one byte more"),
        (np.zeros(7, np.uint8), np.zeros(6, np.uint8), 6, "one byte more"),
        (np.zeros((1, 7), np.uint8), np.zeros(6, np.uint8), 0, "1 or more"),
    ],
)
def test_bad_png_rows(filtered: Any, above: Any, pixel: int, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        _native.unfilter_png(filtered, above, pixel)


# ---- the stages


def mask() -> NDArray[np.float32]:
    y, x = np.mgrid[:24, :24] / 23.0 - 0.5
    return np.asarray(np.clip(1.6 - 5 * np.hypot(x, y), 0, 1), np.float32)


def scenes(height: int, width: int) -> dict[str, NDArray[np.uint16]]:
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:height, :width]
    ramp = np.repeat((200 + 5 * x)[..., np.newaxis], 3, axis=2)
    waves = [32767 * (1 + np.sin(x / (7 + c) + y / 11)) for c in range(3)]
    return {
        "noise": rng.integers(0, 65536, (height, width, 3)).astype(np.uint16),
        "dark noise": rng.integers(0, 3000, (height, width, 3)).astype(np.uint16),
        "dark ramp": ramp.astype(np.uint16),
        "waves": np.stack(waves, axis=-1).astype(np.uint16),
    }


@pytest.mark.parametrize("light", ["linear", "srgb"])
@pytest.mark.parametrize("sigma", [1, 6.5, 15])
def test_portrait_equals_the_slow_pieces(isa: str, light: str, sigma: float) -> None:
    for name, image in scenes(90, 123).items():
        got = _native.portrait(image, mask(), sigma, light=light, isa=isa)
        want = 257 * exact_portrait(image / 257, mask(), sigma, light=light)
        # The grid's approximation of the blur and alpha's 14 bits; an 8-bit level is 257.
        assert np.abs(got - want).max() <= (1 if name.startswith("dark") else 16), name


def test_masked_or_not(isa: str) -> None:
    for name, image in scenes(60, 83).items():
        got = _native.portrait(image, mask(), 5.0, masked=False, light="srgb", isa=isa)
        want = 257 * exact_portrait(image / 257, mask(), 5.0, masked=False, light="srgb")
        assert np.abs(got - want).max() <= 16, name


@pytest.mark.parametrize("light", ["linear", "srgb"])
@pytest.mark.parametrize("radius", [0.4, 2, 5.3, 7.9])
def test_small_discs_equal_the_slow_ones(isa: str, light: str, radius: float) -> None:
    for name, image in scenes(45, 61).items():
        got = _native.portrait(image, mask(), radius / 2, bokeh="disc", light=light, isa=isa)
        want = 257 * exact_disc(image / 257, mask(), radius, light=light)
        # The disc itself is drawn as finely as for bytes (core/plan/aperture.hpp).
        assert np.abs(got - want).max() <= (3 if name.startswith("dark") else 64), name


def test_the_matte_and_the_colours_of_its_edge(isa: str) -> None:
    for name, image in scenes(90, 123).items():
        got = _native.cutout(image, mask(), guided=True, unmixed=True, isa=isa)
        alpha = got[..., 3] / 65535
        assert np.abs(alpha - refine.guided_matte(image / 257, mask())).max() <= 1e-4, name
        front, _ = refine.unmix(image / 257, alpha)
        assert np.abs(got[..., :3] - 257 * front).max() <= 16, name
        matte = _native.guided_matte(image, mask(), isa=isa)
        assert np.abs(65535 * matte - got[..., 3]).max() <= 1, name


# Every look, and what `progressive` asks for.
LOOKS: list[dict[str, Any]] = [
    {},
    {"guided": True, "unmixed": True},
    {"bokeh": "disc", "highlights": 5.0},
    {"bokeh": "disc", "blades": 7, "light": "srgb"},
    {"front": True, "excluded": True},
]


def stage(image: Any, look: dict[str, Any], **more: Any) -> Any:
    given = dict(look)
    if "front" in given:
        given["front"] = image[::-1].copy()
        given["excluded"] = mask()[:, ::-1].copy()
    return _native.portrait(image, mask(), 9.0, **given, **more)


@pytest.mark.parametrize("look", LOOKS)
def test_sixteen_bits_of_bytes_give_what_bytes_give(look: dict[str, Any]) -> None:
    rng = np.random.default_rng(4)
    image = rng.integers(0, 256, (150, 203, 3), dtype=np.uint8)
    image[20:24, 30:34] = 255
    got = stage(image * np.uint16(257), look)
    want = stage(image, look)
    limit = 2.6 if look.get("unmixed") else 1.1  # parts of soft pixels are not rounded to bytes
    assert np.abs(got / 257 - want).max() <= limit
    assert np.abs(got / 257 - want).mean() <= 0.26  # what rounding to bytes leaves


def test_threads_make_the_same_bytes_of_16_bits() -> None:
    image = samples(np.random.default_rng(6), 31, 203, 3)
    threads = _native.Threads(3, least_cost=1)
    assert (_native.to_bytes(image, threads=threads) == to_bytes(image)).all()
    assert threads.ran == 3


@pytest.mark.parametrize("look", LOOKS)
def test_levels_threads_and_strides_give_the_same_bytes(look: dict[str, Any]) -> None:
    image = samples(np.random.default_rng(5), 301, 203, 3)
    want = stage(image, look)
    for level in _native.isa_levels():
        assert stage(image, look, isa=level).tobytes() == want.tobytes()
    threads = _native.Threads(3, least_cost=1)
    assert stage(image, look, threads=threads).tobytes() == want.tobytes()
    assert threads.ran == 3
    spread = np.zeros((301, 406, 4), np.uint16)
    spread[:, ::2, :3] = image
    assert stage(spread[:, ::2, :3], look).tobytes() == want.tobytes()


def test_cutout(isa: str) -> None:
    image = scenes(41, 67)["noise"]
    matte = np.zeros((41, 67), np.float32)
    matte[10:20, 10:30], matte[20:30, 10:30] = 1, 0.3
    got = _native.cutout(image, matte, isa=isa)
    assert got.dtype == np.uint16
    assert (got[..., :3] == image).all()
    assert (got[10:20, 10:30, 3] == 65535).all()
    assert np.abs(got[20:30, 10:30, 3] - 0.3 * 65535).max() <= 2.5  # alpha has 14 bits
    assert (got[30:, :, 3] == 0).all()


@pytest.mark.parametrize("look", LOOKS[:4])
def test_the_subject_keeps_every_bit(look: dict[str, Any]) -> None:
    image = samples(np.random.default_rng(6), 150, 203, 3)
    matte = np.zeros((150, 203), np.uint8)
    matte[40:90, 50:150] = 255
    whole = {key: value for key, value in look.items() if key != "guided"}
    got = _native.portrait(image, matte, 8.0, **whole)
    assert (got[40:90, 50:150] == image[40:90, 50:150]).all()


@pytest.mark.parametrize("light", ["linear", "srgb"])
def test_a_dark_gradient_shows_no_bands(light: str) -> None:
    # Two 8-bit levels over the whole width: bytes would show two steps.
    ramp = np.linspace(600, 1114, 1028)
    image = np.repeat(np.rint(ramp)[np.newaxis, :, np.newaxis], 40, axis=0).repeat(3, axis=2)
    got = _native.portrait(image.astype(np.uint16), np.zeros((1, 1), np.float32), 12.0, light=light)
    middle = got[20, 60:-60, 1].astype(int)
    assert np.abs(middle - ramp[60:-60]).max() <= 1.1
    assert (np.diff(middle) >= 0).all()
    assert len(np.unique(middle)) >= 450  # of the 455 that there are


@pytest.mark.parametrize(
    ("front", "error"),
    [(np.zeros((8, 9, 3), np.uint8), TypeError), (np.zeros((8, 8, 3), np.uint16), ValueError)],
)
def test_a_front_of_another_kind_is_refused(front: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="front"):
        _native.portrait(np.zeros((8, 9, 3), np.uint16), mask(), 2.0, front=front)
