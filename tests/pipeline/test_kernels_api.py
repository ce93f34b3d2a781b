"""defocus.kernels: what it takes, gives and refuses.  tests/native judges how exact it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native, errors, kernels
from defocus.threads import effective_threads
from tests.native.reference import blend as exact_blend
from tests.native.reference import blur as exact_blur
from tests.native.reference import stages as exact_stages
from tests.native.reference import upsample as exact_upsample
from tests.native.reference.convert import to_bytes

HEIGHT, WIDTH = 37, 52
RNG = np.random.default_rng(99)
IMAGE = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
OTHER = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
MASK = RNG.integers(0, 256, (9, 7), dtype=np.uint8)
ALPHA = RNG.random((HEIGHT, WIDTH), dtype=np.float32)
for array in (IMAGE, OTHER, MASK, ALPHA):
    array.setflags(write=False)  # no kernel may write to its input

Call = Callable[..., NDArray[Any]]
# Every function with good arguments; the tests spoil one at a time.
CALLS: dict[str, tuple[Call, dict[str, Any]]] = {
    "gaussian_blur": (kernels.gaussian_blur, {"image": IMAGE, "sigma": 5.0}),
    "resize_bilinear": (kernels.resize_bilinear, {"mask": MASK, "size": (WIDTH, HEIGHT)}),
    "blend": (kernels.blend, {"foreground": IMAGE, "background": OTHER, "alpha": ALPHA}),
    "portrait_stage": (kernels.portrait_stage, {"image": IMAGE, "mask": MASK, "sigma": 5.0}),
    "cutout_stage": (kernels.cutout_stage, {"image": IMAGE, "mask": MASK}),
}
every_call = pytest.mark.parametrize("name", CALLS)


def call(name: str, **changes: Any) -> NDArray[Any]:
    function, arguments = CALLS[name]
    return function(**{**arguments, **changes})


def levels_off(got: NDArray[np.uint8], want: NDArray[np.float64]) -> int:
    return int(np.abs(got.astype(int) - to_bytes(want).astype(int)).max())


def assert_like(array: NDArray[Any], dtype: type, shape: tuple[int, ...]) -> None:
    assert array.dtype == dtype
    assert array.shape == shape


def test_the_public_names() -> None:
    assert sorted(CALLS) == kernels.__all__


# What they give


@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_blur_takes_all_channel_counts_and_both_dtypes(channels: tuple[int, ...]) -> None:
    image = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, *channels), dtype=np.uint8)
    want = exact_blur.gaussian_blur(image, 5.0)
    blurred = kernels.gaussian_blur(image, 5)
    assert_like(blurred, np.uint8, image.shape)
    assert levels_off(blurred, want) <= 1
    sigma: Any = np.float32(5)
    floats = kernels.gaussian_blur(image.astype(np.float32), sigma)
    assert_like(floats, np.float32, image.shape)
    assert np.abs(floats - want).max() <= 1


def test_resize_takes_width_first() -> None:
    got = kernels.resize_bilinear(MASK, (WIDTH, HEIGHT))
    assert_like(got, np.float32, (HEIGHT, WIDTH))
    assert np.abs(got - exact_upsample.resize_bilinear(MASK, WIDTH, HEIGHT)).max() < 1e-4
    assert (kernels.resize_bilinear(MASK, [np.int64(WIDTH), HEIGHT]) == got).all()  # type: ignore[arg-type]


@pytest.mark.parametrize("alpha", [ALPHA, (ALPHA * 255).astype(np.uint8)], ids=["float", "bytes"])
def test_blend_is_the_weighted_sum(alpha: NDArray[Any]) -> None:
    scale = 255.0 if alpha.dtype == np.uint8 else 1.0
    want = exact_blend.blend(IMAGE, OTHER, alpha / scale)
    assert levels_off(kernels.blend(IMAGE, OTHER, alpha), want) <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_blend_keeps_the_bytes_where_alpha_is_certain(dtype: type) -> None:
    one = 255 if dtype is np.uint8 else 1
    alpha: NDArray[Any] = np.zeros((HEIGHT, WIDTH), dtype)
    alpha[:, ::2] = one
    got = kernels.blend(IMAGE, OTHER, alpha)
    assert (got[:, ::2] == IMAGE[:, ::2]).all()
    assert (got[:, 1::2] == OTHER[:, 1::2]).all()


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("light", ["linear", "srgb"])
def test_portrait_stage_is_made_of_the_slow_pieces(masked: bool, light: Any) -> None:
    got = kernels.portrait_stage(IMAGE, MASK, 5.0, masked=masked, light=light)
    want = exact_stages.portrait(IMAGE, MASK, 5.0, masked=masked, light=light)
    assert levels_off(got, want) <= 1


def test_portrait_stage_is_masked_and_in_linear_light_by_default() -> None:
    default = kernels.portrait_stage(IMAGE, MASK, 5.0)
    assert (default == kernels.portrait_stage(IMAGE, MASK, 5.0, masked=True, light="linear")).all()
    for other in ({"masked": False}, {"light": "srgb"}):
        assert (default != call("portrait_stage", **other)).any()


def test_cutout_stage_adds_the_mask_as_alpha() -> None:
    got = kernels.cutout_stage(IMAGE, MASK)
    assert_like(got, np.uint8, (HEIGHT, WIDTH, 4))
    assert (got[..., :3] == IMAGE).all()
    assert levels_off(got[..., 3:], exact_stages.cutout(IMAGE, MASK)[..., 3:]) <= 1


@every_call
def test_out_is_filled_and_returned(name: str) -> None:
    want = call(name)
    out = np.empty_like(want)
    assert call(name, out=out) is out
    assert (out == want).all()
    crop = np.empty((HEIGHT + 2, WIDTH + 3, *want.shape[2:]), want.dtype)[1:-1, 2:-1]
    assert call(name, out=crop) is crop
    assert (crop == want).all()


@every_call
def test_strided_inputs_equal_their_copies(name: str) -> None:
    _, arguments = CALLS[name]
    arrays = {key: value for key, value in arguments.items() if isinstance(value, np.ndarray)}
    flipped = {key: array[::-1, ::-1] for key, array in arrays.items()}
    copies = {key: array.copy() for key, array in flipped.items()}
    assert (call(name, **flipped) == call(name, **copies)).all()


@every_call
def test_threads_do_not_change_a_byte(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[_native.Threads] = []

    def worth_it(asked: int | None) -> _native.Threads:
        made.append(_native.Threads(effective_threads(asked), least_cost=1))
        return made[-1]

    monkeypatch.setattr("defocus.threads.available_threads", lambda: 7)
    # These pictures are too small to be worth a second thread.
    monkeypatch.setattr("defocus.kernels.arguments.effective_threads", worth_it)
    want = call(name, threads=1).tobytes()
    assert made[-1].ran == 1
    for threads, ran in ((2, 2), (3, 3), (1000, 7), (np.int64(2), 2), (None, 7)):
        assert call(name, threads=threads).tobytes() == want
        assert made[-1].ran == ran


@every_call
def test_threads_reach_the_native_code(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def record(*_: Any, threads: int, **__: Any) -> None:
        seen.append(threads)

    for native in ("gaussian_blur", "resize_bilinear", "blend", "portrait", "cutout"):
        monkeypatch.setattr(_native, native, record)
    monkeypatch.setattr("defocus.threads.available_threads", lambda: 4)
    for threads in (1, 3, 1000, None):
        call(name, threads=threads)
    assert seen == [1, 3, 4, 4]


# What they refuse


@every_call
def test_options_are_keywords_only(name: str) -> None:
    function, arguments = CALLS[name]
    keywords = inspect.signature(function).parameters
    assert {k for k, p in keywords.items() if p.kind is p.KEYWORD_ONLY} == set(keywords) - set(
        arguments
    )
    with pytest.raises(TypeError, match="thread"):
        call(name, thread=1)


@every_call
@pytest.mark.parametrize(
    ("threads", "error"),
    [(0, errors.OptionError), (-1, errors.OptionError), (1.0, errors.OptionTypeError)],
)
def test_bad_threads(name: str, threads: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"threads={threads}"):
        call(name, threads=threads)


@pytest.mark.parametrize("name", ["gaussian_blur", "portrait_stage"])
@pytest.mark.parametrize("sigma", [0, -2.0, float("nan"), float("inf"), 10**400])
def test_sigma_out_of_range(name: str, sigma: Any) -> None:
    with pytest.raises(errors.OptionError, match=r"sigma=.*above 0"):
        call(name, sigma=sigma)


@pytest.mark.parametrize("name", ["gaussian_blur", "portrait_stage"])
@pytest.mark.parametrize("sigma", ["5", True, None, 5j])
def test_sigma_of_another_type(name: str, sigma: Any) -> None:
    with pytest.raises(errors.OptionTypeError, match=r"sigma=.*above 0"):
        call(name, sigma=sigma)


@pytest.mark.parametrize("size", [(0, 5), (5, -1), (5, 2**28), (5,), (5, 5, 3)])
def test_size_out_of_range(size: Any) -> None:
    with pytest.raises(errors.OptionError, match=r"size=.*\(width, height\)"):
        kernels.resize_bilinear(MASK, size)


@pytest.mark.parametrize("size", [(5.0, 5), "55", 5, None])
def test_size_of_another_type(size: Any) -> None:
    with pytest.raises(errors.OptionTypeError, match=r"size=.*\(width, height\)"):
        kernels.resize_bilinear(MASK, size)


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("masked", 1, errors.OptionTypeError),
        ("masked", None, errors.OptionTypeError),
        ("light", "sRGB", errors.OptionError),
        ("light", None, errors.OptionTypeError),
    ],
)
def test_bad_stage_options(option: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"{option}={value!r}"):
        call("portrait_stage", **{option: value})


ARRAYS = [
    (name, argument)
    for name, (_, arguments) in CALLS.items()
    for argument, value in arguments.items()
    if isinstance(value, np.ndarray)
]


@pytest.mark.parametrize(("name", "argument"), ARRAYS)
def test_bad_arrays(name: str, argument: str) -> None:
    good: NDArray[Any] = CALLS[name][1][argument]
    wrong: list[Any] = [good.tolist(), None, good.astype(np.int64), good.astype(complex)]
    if argument not in {"mask", "alpha"}:
        wrong += [good.astype(np.float64), good.astype(bool)]
    for bad in wrong:
        with pytest.raises(errors.ImageTypeError, match=argument) as type_error:
            call(name, **{argument: bad})
        assert "\n" not in str(type_error.value)
    for bad in (good[:0], good[np.newaxis], good.ravel()):
        with pytest.raises(errors.ImageValueError, match=argument) as value_error:
            call(name, **{argument: bad})
        assert "\n" not in str(value_error.value)


@pytest.mark.parametrize(
    ("name", "argument"),
    [pair for pair in ARRAYS if pair[1] in {"mask", "alpha"}],
)
@pytest.mark.parametrize(
    ("value", "match"),
    [(np.nan, "NaN"), (1.001, "to 1.00"), (-0.001, "from -0.001"), (np.inf, "inf")],
)
def test_floats_that_are_no_fractions(name: str, argument: str, value: float, match: str) -> None:
    good: NDArray[Any] = CALLS[name][1][argument]
    bad = np.full(good.shape, 0.5, np.float32)
    call(name, **{argument: bad})
    bad[-1, -1] = value
    with pytest.raises(errors.ImageValueError, match=f"{argument} has .*{match}.*0 to 1"):
        call(name, **{argument: bad})


@every_call
def test_bad_out(name: str) -> None:
    good = call(name)
    read_only = np.empty_like(good)
    read_only.setflags(write=False)
    with pytest.raises(errors.ImageValueError, match="out: array is read-only"):
        call(name, out=read_only)
    with pytest.raises(errors.ImageValueError, match="out: expected shape"):
        call(name, out=good[1:])
    with pytest.raises(errors.ImageTypeError, match="out: expected dtype"):
        call(name, out=good.astype(np.int32))
    with pytest.raises(errors.ImageTypeError, match="out: expected a numpy array"):
        call(name, out=good.tolist())


def test_native_refusals_keep_their_words() -> None:
    with pytest.raises(ValueError, match="image") as theirs:
        _native.gaussian_blur(IMAGE[..., :2], 2.0)
    with pytest.raises(errors.ImageValueError) as ours:
        kernels.gaussian_blur(IMAGE[..., :2], 2.0)
    assert str(ours.value) == str(theirs.value)
