"""What has to be true of the result of a case, whatever its options are."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from covering.cases import NOT, Case
from covering.effects import check_effects, check_geometry, check_shadow, check_storage
from covering.pictures import Input, ellipses, srgb_of_grey
from covering.runs import (
    GEOMETRY,
    Bench,
    CommandError,
    called,
    commanded,
    keywords,
    own_matte,
    source,
    stored,
)
from covering.stored import check_file
from defocus import DeepImage


def check(case: Case, picture: Input, bench: Bench) -> None:
    """Carry out a case.  Raises AssertionError for what is wrong, and what defocus raises."""
    before = _print_of(picture.value)
    if case["function"].startswith("cli"):
        _check_command(case, picture, bench)
    elif case["function"] == "find":
        _check_subject(case, picture, bench)
    else:
        _check_picture(case, picture, bench)
    assert _print_of(picture.value) == before, "the input was modified"


def check_refusal(
    case: Case, picture: Input, bench: Bench, error: type[defocus.DefocusError]
) -> None:
    """A case that contradicts itself is refused with that error; the command says so in a line."""
    if case["function"].startswith("cli"):
        with pytest.raises(CommandError) as refused:
            commanded(case, picture, bench)
        assert refused.value.code == 2, "not the exit code of wrong usage"
        *warnings, last = refused.value.message.splitlines()
        assert last.startswith("defocus: error: "), last
        assert all(line.startswith("defocus: warning: ") for line in warnings), warnings
        return
    given = source(case, picture, bench)
    with pytest.raises(error):
        stored(case, called(case, given, keywords(case, picture, bench)), picture, bench)


def samples_of(result: Any) -> NDArray[Any]:
    """The samples of a result, array or image, H x W x C."""
    if isinstance(result, DeepImage):
        return np.asarray(result.samples)
    array = np.asarray(result)
    return array[..., np.newaxis] if array.ndim == 2 else array


def core(case: Case, picture: Input) -> NDArray[np.bool_]:
    """The pixels that are subject for certain, and not see-through."""
    large, _ = ellipses(picture.size)
    inside: NDArray[np.bool_] = large < 0.5
    if case["matte"] not in ("network", "subject"):
        inside = own_matte(picture.size) == 255
    alpha = picture.shown.alpha
    if alpha is not None:
        inside &= alpha == np.iinfo(alpha.dtype).max
    if any(case[name] != NOT for name in ("threshold", "grow", "feather")):
        inside = _without_edge(inside)
    return inside


def _without_edge(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those more than four pixels from any that are not inside."""
    kept: NDArray[np.bool_] = inside.copy()
    for down, right in product(range(-4, 5), repeat=2):
        kept &= np.roll(inside, (down, right), (0, 1))
    return kept


def corner(picture: Input) -> NDArray[np.bool_]:
    """The pixels that are background for certain."""
    large, small = ellipses(picture.size)
    return np.asarray((large > 2) & (small > 3))


def expected_mode(case: Case, picture: Input) -> str:
    """The mode of the result as a PIL image of 8 bits would have it."""
    mode, function = picture.kind.result, case["function"]
    if function in ("matte-only", "cli-mask"):
        return "L"
    if "cutout" in function:
        mode = "RGB" if case["background"] != NOT else {"L": "LA", "RGB": "RGBA"}.get(mode, mode)
    return mode


def _check_picture(case: Case, picture: Input, bench: Bench) -> None:
    kept, given = keywords(case, picture, bench), source(case, picture, bench)
    own = {name: _print_of(value) for name, value in kept.items()}
    result = called(case, given, kept)
    for name, value in kept.items():
        assert _print_of(value) == own[name], f"{name} was modified"
    if case["function"] != "save":
        samples = samples_of(result)
        _check_form(case, picture, result)
        uncropped = samples
        if any(name in kept for name in (*GEOMETRY, "shadow")):
            without = {n: v for n, v in kept.items() if n not in (*GEOMETRY, "shadow")}
            whole = called(case, source(case, picture, bench), without)
            uncropped = samples_of(whole)
            check_geometry(case, samples, uncropped)
            check_shadow(case, samples, uncropped)
        assert uncropped.shape[:2] == picture.shown.pixels.shape[:2], "another size"
        _check_samples(case, picture, uncropped)
        check_effects(case, picture, bench, kept, uncropped)
        _check_twin(case, picture, bench, samples)
    data = stored(case, result, picture, bench)
    check_file(case, picture, data, samples_of_saved(result))
    check_storage(case, result, picture, bench, data)


def samples_of_saved(result: Any) -> NDArray[Any]:
    """The samples that a file of this result should have, in its own mode."""
    if isinstance(result, Image.Image) and not isinstance(result, DeepImage):
        if result.mode == "P":
            result = result.convert("RGBA" if result.has_transparency_data else "RGB")
        elif result.mode == "1":
            result = result.convert("L")
    return samples_of(result)


def _check_form(case: Case, picture: Input, result: Any) -> None:
    mode, deep = expected_mode(case, picture), picture.kind.deep
    samples = samples_of(result)
    assert samples.dtype == (np.uint16 if deep else np.uint8), f"dtype {samples.dtype}"
    assert samples.shape[2] == len(mode), f"{samples.shape[2]} channels for {mode}"
    if picture.kind.form == "array":
        assert isinstance(result, np.ndarray), f"an array became a {type(result).__name__}"
        return
    assert isinstance(result, Image.Image), f"a {type(result).__name__}"
    assert result.mode == ("I;16" if deep and mode == "L" else mode), f"mode {result.mode}"


def _check_samples(case: Case, picture: Input, samples: NDArray[Any]) -> None:
    """The subject's own bytes, and what the background must be."""
    inside, outside = core(case, picture), corner(picture)
    full = np.iinfo(samples.dtype).max
    if case["function"] == "matte-only":
        assert (samples[inside] == full).all(), "the matte has holes in the subject"
        assert (samples[outside] == 0).all(), "the matte has something in the background"
        return
    colours, shown = samples[..., :3], picture.shown.pixels
    if samples.shape[2] < 3:
        colours, shown = samples[..., :1], shown[..., :1]
    assert inside.any()
    assert outside.any()
    if picture.kind.grey and picture.profile is not None and samples.shape[2] == 3:
        away = np.abs(colours[inside].astype(int) - srgb_of_grey(shown[inside]))
        assert away.max() <= full // 255, "the subject is not the grey of its profile"
    else:
        assert (colours[inside] == shown[inside]).all(), "the subject's samples have changed"
    if "portrait" in case["function"]:
        own = picture.shown.alpha
        if own is not None:
            assert (samples[..., -1] == own).all(), "alpha has changed"
        elif case["scene"] == "noise" and case["depth"] == case["ramp"] == NOT:
            rough, smooth = shown[outside].std(), colours[outside].std()
            assert smooth < 0.8 * rough or case["grain"] != NOT, "the background is not blurred"
    elif case["background"] == NOT:
        assert (samples[inside][:, -1] == full).all(), "the subject is not opaque"
        assert (samples[outside][:, -1] == 0).all(), "the background is not transparent"
    elif case["background"] == "white":
        assert (samples[outside] == full).all(), "the background is not white"
    else:
        aim = np.array([30, 90, 200]) * (full // 255)
        assert (np.abs(samples[outside] - aim) <= full // 255).all(), "not the new background"


def decoded(picture: Input) -> Any:
    """What the picture shows, as an array; if it has alpha or a profile, as a PIL image."""
    shown, info = picture.shown, {}
    if picture.profile is not None and picture.kind.mode != "CMYK":
        info["icc_profile"] = picture.profile
    if shown.alpha is None and not info:
        return shown.pixels.copy()
    parts = shown.pixels[..., :1] if picture.kind.grey else shown.pixels
    if shown.alpha is not None:
        parts = np.concatenate([parts, shown.alpha[..., np.newaxis]], axis=2)
    flat = np.ascontiguousarray(parts[..., 0] if parts.shape[2] == 1 else parts)
    deep = picture.kind.deep and flat.ndim == 3
    image = DeepImage.of(flat) if deep else Image.fromarray(flat)
    image.info.update(info)
    return image


def _check_twin(case: Case, picture: Input, bench: Bench, samples: NDArray[Any]) -> None:
    """The decoded array gives the same."""
    twin = Input(picture.kind, decoded(picture), picture.shown, picture.profile)
    plain = {**case, "given": "object", "function": case["function"].replace("map-", "")}
    kept = keywords(plain, twin, bench)
    _compare(samples, samples_of(called(plain, twin.value, kept)))


def _compare(samples: NDArray[Any], other: NDArray[Any]) -> None:
    if other.shape[2] != samples.shape[2]:  # grey: the array had it three times
        other = other[..., [0, 3]] if samples.shape[2] == 2 else other[..., :1]
    full = np.iinfo(samples.dtype).max
    assert samples.shape == other.shape, "another size than the decoded array's"
    worst = np.abs(samples.astype(int) - other).max()
    assert worst == 0, f"up to {worst} of {full} from the decoded array's result"


def _check_subject(case: Case, picture: Input, bench: Bench) -> None:
    kept = keywords(case, picture, bench)
    subject = called(case, source(case, picture, bench), kept)
    matte, (width, height) = subject.matte, picture.size
    assert subject.found
    assert subject.size == picture.size
    assert matte.shape == (height, width)
    assert matte.dtype == np.float32
    assert np.isfinite(matte).all()
    assert matte.min() >= 0
    assert matte.max() <= 1
    assert (matte[core(case, picture)] > 0.99).all(), "the subject is not found"
    assert (matte[corner(picture)] < 0.01).all(), "the background is found"
    left, top, right, bottom = subject.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    _, small = ellipses(picture.size)
    if case["select"] == NOT and case["marks"] != "box":
        assert (matte[small < 0.3] > 0.9).all(), "the small subject is not found"
    else:
        assert len(subject.components) == 1
        assert (matte[small < 0.3] < 0.1).all(), "what was not selected is found"
    other = called(case, decoded(picture), kept).matte
    away = np.abs(matte - other)
    assert away.max() == 0, f"matte up to {away.max():.4f} from the array's"


def _check_command(case: Case, picture: Input, bench: Bench) -> None:
    """The command writes the very file that the library does."""
    data = commanded(case, picture, bench)
    kept = keywords(case, picture, bench)
    plain = {**case, "function": case["function"].removeprefix("cli-")}
    if masks := plain["function"] == "mask":
        plain["function"] = "matte-only"
        kept |= {"matte_only": True, "alpha_floor": 0.0}
    result = called(plain, source(case, picture, bench), kept)
    samples = samples_of_saved(result)
    if masks and samples.dtype == np.uint16:  # of which the command writes 8 bits
        samples = ((samples.astype(np.int64) + 128) // 257).astype(np.uint8)
    check_file(case, picture, data, samples)
    if not masks:
        assert data == stored(case, result, picture, bench), "not the file that the library writes"


def _print_of(value: Any) -> Any:
    """What would show that a value was changed."""
    if isinstance(value, Image.Image):
        return value.mode, value.size, value.tobytes(), sorted(map(str, value.info.items()))
    if isinstance(value, np.ndarray):
        return value.shape, value.strides, value.dtype, value.tobytes()
    if isinstance(value, defocus.Subject):
        return value.map.tobytes()
    return value
