"""One matte everywhere: of Subject, cutout and mask, from every kind of input."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from deep_files import png
from defocus import kernels
from defocus.batch import job
from defocus.batch.recipe import Recipe
from defocus.options import Effort
from defocus.pixels.samples import Pixels

WIDTH, HEIGHT = 200, 150
EFFORTS: tuple[Effort, ...] = ("fast", "good", "best")
SELECTS = ("all", "largest", "point", "box")


class Network(defocus.Segmenter):
    """Takes for subject what is red, with soft edges; asked for 64 x 64 pixels."""

    @property
    def input_size(self) -> tuple[int, int]:
        return 64, 64

    def mask(self, pixels: Pixels) -> NDArray[np.float32]:
        pixels = pixels
        red, green = (pixels[..., channel].astype(np.float32) for channel in (0, 1))
        scale = np.float32(1 / np.iinfo(pixels.dtype).max)
        small = kernels.resize_bilinear(np.clip((red - green) * scale, 0, 1), (64, 64))
        smooth = kernels.gaussian_blur(small, 1.5)
        return np.asarray(np.clip(0.02 + 2 * smooth, 0, 0.97), np.float32)


NETWORK = Network(threads=1)


@cache
def scene(width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Two red discs before black and white stripes, with grain."""
    y, x = np.mgrid[:height, :width] / np.array([height, width])[:, np.newaxis, np.newaxis]
    image = np.where(np.sin(x * 40)[..., np.newaxis] > 0, 235.0, 0.0) * np.ones(3)
    for (across, down), radius in (((0.3, 0.45), 0.18), ((0.75, 0.6), 0.11)):
        image[np.hypot(x - across, y - down) < radius] = (210, 40, 60)
    grain = np.random.default_rng(3).normal(0, 6, (height, width, 1))
    return np.asarray(np.clip(image + grain, 0, 255).astype(np.uint8))


def stored(form: str, image: Image.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (image or Image.fromarray(scene())).save(file, form, **options)
    return file.getvalue()


def soft(full: int) -> NDArray[np.int64]:
    """Alpha that rises from the left and is 0 at the bottom."""
    alpha = np.tile(np.linspace(0.3, 1.3, WIDTH).clip(0, 1) * full, (HEIGHT, 1))
    alpha[-20:] = 0
    return np.asarray(np.rint(alpha), np.int64)


def deep() -> NDArray[np.uint16]:
    low = np.random.default_rng(4).integers(0, 257, scene().shape)
    return np.asarray(np.minimum(scene() * 256.0 + low, 65535), np.uint16)


def transparent() -> Image.Image:
    return Image.fromarray(np.dstack([scene(), soft(255).astype(np.uint8)]))


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return stored("JPEG", exif=exif, quality=92)


LARGE = Image.fromarray(scene(420, 310))
KINDS: dict[str, Callable[[], Any]] = {
    "JPEG, large": lambda: stored("JPEG", LARGE, quality=92),
    "JPEG, large and progressive": lambda: stored("JPEG", LARGE, progressive=True),
    "JPEG, small": lambda: stored("JPEG", quality=92),
    "JPEG, turned": turned,
    "PNG": lambda: stored("PNG"),
    "PNG, soft alpha": lambda: stored("PNG", transparent()),
    "PNG, 16 bits": lambda: png(deep()),
    "PNG, 16 bits, soft alpha": lambda: png(np.dstack([deep(), soft(65535).astype(np.uint16)])),
    "WebP": lambda: stored("WEBP", lossless=True),
    "palette": lambda: stored("GIF", Image.fromarray(scene()).quantize(32)),
    "PIL": lambda: Image.fromarray(scene()),
    "array": scene,
    "array, strided": lambda: scene()[::-1, ::2],
    "array, 16 bits": deep,
}


def samples_of(result: Any) -> Pixels:
    return np.asarray(getattr(result, "samples", result))


def alpha_of(result: Any) -> NDArray[np.float64]:
    """The last channel, 0..1."""
    samples = samples_of(result)
    return np.asarray(samples if samples.ndim == 2 else samples[..., 3]) / (
        255.0 if samples.dtype == np.uint8 else 65535.0
    )


def same_bytes(one: Any, other: Any) -> bool:
    return np.array_equal(samples_of(one), samples_of(other))


def boxed(alpha: NDArray[np.float64]) -> tuple[int, int, int, int] | None:
    inside = alpha >= 0.5
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.fixture(params=KINDS, scope="module")
def source(request: pytest.FixtureRequest) -> Any:
    return KINDS[request.param]()


def chosen(source: Any, select: str) -> Any:
    """What to give as `select`: a point in the smaller subject, or a box around the larger one."""
    if select not in ("point", "box"):
        return select
    large, small = defocus.find_subject(source, segmenter=NETWORK, effort="fast").components
    left, top, right, bottom = small.box
    return large.box if select == "box" else ((left + right) / 2, (top + bottom) / 2)


@pytest.mark.parametrize(("effort", "select"), list(itertools.product(EFFORTS, SELECTS)))
def test_one_matte(source: Any, effort: Effort, select: str) -> None:
    finding: dict[str, Any] = {"effort": effort, "select": chosen(source, select)}
    subject = defocus.find_subject(source, segmenter=NETWORK, **finding)
    assert subject.guided == (effort != "fast")
    cut: dict[str, Any] = {"segmenter": NETWORK, "alpha_floor": 0}
    alone = defocus.cutout(source, **finding, **cut)
    given = defocus.cutout(source, subject=subject, effort=effort, **cut)
    assert same_bytes(alone, given)

    matte = defocus.cutout(source, matte_only=True, **finding, **cut)
    mask = job.make(source, Recipe(command="mask", finding=finding, segmenter=NETWORK))
    # Alpha is rounded to a byte, or to 14 bits; the photograph's own is multiplied with that.
    for result in (alone, matte, mask.picture):
        assert np.abs(alpha_of(result) - subject.matte).max() <= 1.01 / 255
    assert same_bytes(matte, samples_of(alone)[..., 3])
    assert subject.box == boxed(subject.matte.astype(np.float64))
    assert subject.box is not None
    assert len(subject.components) == (2 if select == "all" else 1)

    blurred = [
        defocus.portrait(source, sigma=4, segmenter=NETWORK, **options)
        for options in (finding, {"subject": subject, "effort": effort})
    ]
    assert same_bytes(*blurred)


LOOKS: list[dict[str, Any]] = [{"grain": 2.0}, {"ramp": 0.1, "grain": 2.0}]


@pytest.mark.parametrize("effort", ["fast", "good"])
@pytest.mark.parametrize("look", LOOKS)
def test_what_the_matte_calls_subject_keeps_its_bytes(
    source: Any, effort: Effort, look: dict[str, Any]
) -> None:
    subject = defocus.find_subject(source, segmenter=NETWORK, effort=effort)
    result = defocus.portrait(
        source, sigma=6, subject=subject, segmenter=NETWORK, effort=effort, **look
    )
    photo = defocus.portrait(source, matte=np.full(subject.matte.shape, 255, np.uint8))
    sure = subject.matte == 1.0
    assert sure.any()
    assert (samples_of(result)[sure] == samples_of(photo)[sure]).all()


@pytest.mark.parametrize("command", ["portrait", "cutout"])
@pytest.mark.parametrize("where", ["options", "finding"])
def test_a_recipe_makes_what_the_function_makes(command: Any, where: str) -> None:
    data = stored("PNG")
    for effort, select in itertools.product(EFFORTS, ("all", "largest")):
        asked = {"effort": effort, "select": select}
        given: dict[str, Any] = {where: asked}
        made = job.make(data, Recipe(command=command, segmenter=NETWORK, **given))
        want = getattr(defocus, command)(data, segmenter=NETWORK, **asked)
        assert same_bytes(made.picture, want)


def test_a_subject_from_elsewhere_brings_its_own_matte() -> None:
    """What `effort` says to `cutout` is about colours; the matte is the Subject's."""
    image = scene()
    for effort in EFFORTS:
        subject = defocus.find_subject(image, segmenter=NETWORK, effort=effort)
        for other in EFFORTS:
            alpha = defocus.cutout(image, subject=subject, effort=other, alpha_floor=0)[..., 3]
            assert np.abs(alpha / 255 - subject.matte).max() <= 0.53 / 255


def test_the_matte_of_a_file_is_that_of_the_photograph() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(stored("JPEG", LARGE, quality=92))))
    subjects = [
        defocus.find_subject(source, segmenter=NETWORK)
        for source in (stored("JPEG", LARGE, quality=92), pixels)
    ]
    file, array = (subject.matte for subject in subjects)
    assert (file == array).all()
    assert subjects[0].box == subjects[1].box
