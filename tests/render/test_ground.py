"""portrait(ground=): the ground at the feet of a standing subject is in focus too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus import _native
from defocus.options import Look
from defocus.render import composite, graded, ground

HEIGHT, WIDTH = 240, 320
HORIZON, HEAD, FEET, LEFT, RIGHT = 90, 60, 190, 140, 180
SIGMA = 6.0
Bytes = NDArray[np.uint8]


def scene(*, dtype: Any = np.uint8) -> NDArray[Any]:
    """Grey gravel below the horizon, a dotted blue wall above."""
    noise = np.random.default_rng(4).integers(-20, 21, (HEIGHT, WIDTH, 1))
    image = np.empty((HEIGHT, WIDTH, 3), np.int64)
    image[:HORIZON] = (40, 80, 200)
    image[HORIZON:] = (130, 125, 110)
    image += noise
    image[HEAD:FEET, LEFT:RIGHT] = (170, 30, 30)
    return image.astype(np.uint8).astype(dtype) * (257 if dtype == np.uint16 else 1)


def standing() -> Bytes:
    matte = np.zeros((HEIGHT, WIDTH), np.uint8)
    matte[HEAD:FEET, LEFT:RIGHT] = 255
    return matte


def portrait(image: NDArray[Any], matte: NDArray[Any], **options: Any) -> NDArray[Any]:
    return defocus.portrait(image, matte=matte, sigma=SIGMA, **options)


def sharpness(image: NDArray[Any], rows: slice, columns: slice) -> float:
    """The mean step between neighbours in a row."""
    return float(np.abs(np.diff(image[rows, columns, 0].astype(float), axis=1)).mean())


BESIDE = (slice(FEET - 4, FEET + 3), slice(20, 120))


def test_the_ground_beside_the_feet_is_in_focus() -> None:
    image = scene()
    plain, got = (portrait(image, standing(), ground=way) for way in ("off", "auto"))
    assert sharpness(plain, *BESIDE) < 0.2 * sharpness(image, *BESIDE)
    assert sharpness(got, *BESIDE) > 0.8 * sharpness(image, *BESIDE)
    assert np.array_equal(got[:HEAD], plain[:HEAD]), "what is behind the ground has the whole blur"
    inside = standing() == 255
    assert np.array_equal(got[inside], image[inside])


def test_the_blur_grows_with_the_distance_from_the_feet() -> None:
    got = portrait(scene(), standing(), ground="auto")
    behind = [
        sharpness(got, slice(top, top + 12), slice(20, 120)) for top in range(100, FEET - 12, 12)
    ]
    assert behind == sorted(behind)
    before = [sharpness(got, slice(top, top + 12), slice(20, 300)) for top in (192, 210, 228)]
    assert before == sorted(before, reverse=True)


def test_the_share_is_that_of_a_lens_over_level_ground() -> None:
    share = ground.share(scene(), standing())
    assert share is not None
    column = share[:, share.shape[1] // 8]
    cell = HEIGHT / len(column)
    below = (np.arange(len(column)) + 0.5) * cell - HORIZON
    between = (below > 12) & (below < 90)
    want = 1 - below[between] / (FEET - HORIZON)
    assert column[between] == pytest.approx(want, abs=0.06)


def test_off_is_the_default() -> None:
    image = scene()
    assert np.array_equal(portrait(image, standing(), ground="off"), portrait(image, standing()))


def wall() -> Bytes:
    """Ground on the left of the feet only: on the right there is a wall down to the lower frame."""
    image = scene()
    image[:, RIGHT + 2 :] = (40, 80, 200)
    return image


def flat(noise: int) -> NDArray[np.int64]:
    image = scene().astype(np.int64)
    grain = np.random.default_rng(4).integers(-noise, noise + 1, (HEIGHT, WIDTH, 1))
    ground = np.array([130, 125, 110]) + grain[HORIZON:]
    image[HORIZON:] = np.where(standing()[HORIZON:, :, np.newaxis] > 0, image[HORIZON:], ground)
    return image


def bars() -> Bytes:
    """Two dark bars below the feet, on ground without texture."""
    image = flat(3)
    for left in (150, 165):
        image[FEET:, left : left + 3] -= 60
    return image.astype(np.uint8)


def trench() -> Bytes:
    """A dark line from the upper to the lower frame, near the feet."""
    image = scene()
    image[:, RIGHT + 3 : RIGHT + 8] = 10
    return image


def gradient() -> Bytes:
    """Ground that is blue on the left and red on the right."""
    image = flat(12).astype(np.float64)
    across = (np.arange(WIDTH) - WIDTH / 2)[:, np.newaxis] * (0.4, 0.0, -0.4)
    ground = image[HORIZON:] + across
    image[HORIZON:] = np.where(standing()[HORIZON:, :, np.newaxis] > 0, image[HORIZON:], ground)
    return image.clip(0, 255).astype(np.uint8)


def nearly_cut() -> tuple[Bytes, Bytes]:
    """The same subject and ground, with 4 rows below the feet."""
    return np.ascontiguousarray(scene()[: FEET + 4]), standing()[: FEET + 4]


def cut() -> Bytes:
    matte = standing()
    matte[FEET:, LEFT:RIGHT] = 255
    return matte


def apart() -> Bytes:
    matte = standing()
    matte[HEAD : FEET - 60, 20:80] = 255
    return matte


def even() -> Bytes:
    image = scene()
    image[:HORIZON] = image[HORIZON : 2 * HORIZON]
    return image


@pytest.mark.parametrize(
    ("image", "matte"),
    [
        (scene(), cut()),
        (wall(), standing()),
        (wall()[:, ::-1], standing()[:, ::-1]),
        (scene(), apart()),
        (even(), standing()),
        (bars(), standing()),
        (trench(), standing()),
        (gradient(), standing()),
        nearly_cut(),
        (scene(), np.zeros_like(standing())),
        (scene(), np.full_like(standing(), 255)),
        (scene()[:, :1], standing()[:, LEFT : LEFT + 1]),
    ],
    ids=[
        "cut",
        "wall",
        "wall left",
        "apart",
        "no end",
        "bars",
        "trench",
        "gradient",
        "nearly cut",
        "empty",
        "full",
        "narrow",
    ],
)
def test_no_ground(image: Bytes, matte: Bytes) -> None:
    image, matte = np.ascontiguousarray(image), np.ascontiguousarray(matte)
    got = portrait(image, matte, ground="auto")
    assert np.array_equal(got, portrait(image, matte)), "the portrait has changed"


def test_a_table_edge_ends_the_ground() -> None:
    image = scene()
    image[FEET - 20 :, RIGHT + 60 :] = (20, 60, 30)
    image[:, RIGHT + 60 :] += np.random.default_rng(1).integers(0, 9, 3).astype(np.uint8)
    plain, got = (portrait(image, standing(), ground=way) for way in ("off", "auto"))
    assert not np.array_equal(got, plain)
    beyond = np.s_[FEET - 10 : FEET + 10, RIGHT + 80 :]
    assert np.abs(got[beyond].astype(int) - plain[beyond]).max() <= 1


def test_rows_of_equal_share_are_a_plain_portrait() -> None:
    """Also next to the rows of another share: each portrait sees what is beyond its rows."""
    image, matte, middle = scene(), standing(), HEIGHT // 2
    share = np.ones((HEIGHT, WIDTH), np.float32)
    share[middle:] = 0.5
    got = graded.portrait(image, matte, share, SIGMA, Look(), 1, unmixed=True)
    whole, half = (
        composite.portrait(image, matte, sigma, Look(), 1, guided=False)
        for sigma in (SIGMA, SIGMA / 2)
    )
    assert np.array_equal(got[:middle], whole[:middle])
    assert np.abs(got[middle:].astype(int) - half[middle:]).max() <= 1


def test_a_mirrored_photograph() -> None:
    image, matte = scene(), standing()
    got = portrait(image, matte, ground="auto")
    mirrored = portrait(image[:, ::-1], matte[:, ::-1], ground="auto")[:, ::-1]
    assert np.abs(got.astype(int) - mirrored).max() <= 3


def test_16_bits() -> None:
    got = portrait(scene(dtype=np.uint16), standing(), ground="auto")
    assert got.dtype == np.uint16
    want = portrait(scene(), standing(), ground="auto")
    assert np.abs(got / 257 - want).max() <= 2.5


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_any_number_of_threads(dtype: Any) -> None:
    image, matte = scene(dtype=dtype), standing()
    share = ground.share(image, matte)
    assert share is not None
    one, three = (
        graded.portrait(image, matte, share, SIGMA, Look(), threads, unmixed=True)
        for threads in (1, 3)
    )
    assert np.array_equal(one, three)


@pytest.mark.parametrize("level", _native.isa_levels())
def test_every_level(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    want = portrait(scene(), standing(), ground="auto")
    names = ("matte_cells", "gaussian_blur", "portrait", "resize_bilinear", "blend")
    for name in names:
        native = getattr(_native, name)

        def at_level(*arrays: Any, native: Any = native, **options: Any) -> Any:
            return native(*arrays, **options, isa=level)

        monkeypatch.setattr(_native, name, at_level)
    assert np.array_equal(portrait(scene(), standing(), ground="auto"), want)


@pytest.mark.parametrize(
    "options",
    [
        {"bokeh": "disc", "blades": 7},
        {"light": "srgb"},
        {"effort": "fast"},
        {"grain": 1.0},
    ],
)
def test_with_other_options(options: dict[str, Any]) -> None:
    plain = portrait(scene(), standing(), **options)
    got = portrait(scene(), standing(), ground="auto", **options)
    assert sharpness(got, *BESIDE) > sharpness(plain, *BESIDE)
    assert np.array_equal(got[: HEAD // 2], plain[: HEAD // 2])


def test_transparent_photographs() -> None:
    from PIL import Image

    alpha = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
    alpha[:20] = 0
    picture = Image.fromarray(np.concatenate([scene(), alpha], axis=2))
    got = np.asarray(defocus.portrait(picture, matte=standing(), sigma=SIGMA, ground="auto"))
    assert np.array_equal(got[..., 3:], alpha)
    assert sharpness(got, *BESIDE) > 0.8 * sharpness(scene(), *BESIDE)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"ground": "on"}, defocus.OptionError),
        ({"ground": True}, defocus.OptionTypeError),
        ({"ground": "auto", "ramp": 0.3}, defocus.OptionError),
        ({"ground": "auto", "depth": np.ones((HEIGHT, WIDTH))}, defocus.OptionError),
        ({"ground": "auto", "look": Look()}, defocus.OptionError),
    ],
)
def test_what_does_not_go_together(
    options: dict[str, Any], error: type[defocus.DefocusError]
) -> None:
    with pytest.raises(error):
        portrait(scene(), standing(), **options)


def test_off_goes_with_everything() -> None:
    got = portrait(scene(), standing(), ground="off", ramp=0.3)
    assert np.array_equal(got, portrait(scene(), standing(), ramp=0.3))


@pytest.mark.parametrize("options", [{"ground": "auto"}, {"look": Look(ground="auto")}])
def test_a_video_refuses_it(options: dict[str, Any]) -> None:
    with pytest.raises(defocus.OptionError):
        defocus.video([scene()], **options)
