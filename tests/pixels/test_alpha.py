"""Pictures that are transparent already: hidden colours stay hidden, alpha is multiplied in."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

import defocus
from defocus.io import decode, network_view
from defocus.io.photo import Photo
from defocus.pixels import alpha as alpha_module
from defocus.subject.components import Component

Pixels = NDArray[np.uint8]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "astronaut.jpg"
GREEN = (0, 255, 0)  # must never be visible
MATTE = np.zeros((60, 80), np.uint8)
MATTE[10:40, 30:60] = 255


def holed(mode: str = "RGBA") -> Image.Image:
    """Red left, blue right; the top left corner is hidden, and green."""
    pixels = np.full((60, 80, 4), (200, 40, 40, 255), np.uint8)
    pixels[:, 40:, :3] = (30, 60, 220)
    pixels[:20, :20] = (*GREEN, 0)
    image = Image.fromarray(pixels)
    return image if mode == "RGBA" else image.convert(mode)


def test_hidden_colours_are_those_around() -> None:
    photo = decode.read(holed())
    assert photo.alpha is not None
    assert (photo.alpha == 0).sum() == 400
    assert (photo.pixels[:20, :20] == (200, 40, 40)).all()
    assert (photo.pixels[30, [5, 70]] == [(200, 40, 40), (30, 60, 220)]).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (23, 40), (300, 290)])
def test_filling_at_any_size(size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.full((height, width, 3), 90, np.uint8)
    alpha = np.zeros((height, width), np.uint8)
    pixels[height // 2 + 1 :] = GREEN
    alpha[: height // 2 + 1] = 255
    alpha_module.fill_hidden(pixels, alpha)
    assert (pixels == 90).all()
    alpha_module.fill_hidden(pixels, np.zeros_like(alpha))  # nothing to see: anything will do


def test_a_portrait_keeps_alpha_and_does_not_blur_hidden_colours_in() -> None:
    for sigma in (2, 12):
        result = defocus.portrait(holed(), matte=MATTE, sigma=sigma)
        got = np.asarray(result)
        assert result.mode == "RGBA"
        assert np.array_equal(got[..., 3], np.asarray(holed())[..., 3])
        assert got[:20, 20:24, 1].max() <= 61, "green has come in"
        assert np.array_equal(got[10:40, 30:60, :3], np.asarray(holed())[10:40, 30:60, :3])


def test_nearly_hidden_colours_count_as_little_as_they_are_seen() -> None:
    image = np.asarray(holed()).copy()
    image[:20, :20, 3] = 1
    got = np.asarray(defocus.portrait(Image.fromarray(image), matte=MATTE, sigma=8))
    assert got[:20, 20:24, 1].max() <= 63


def test_soft_pixels_of_the_subject_keep_their_bytes() -> None:
    image = np.asarray(holed()).copy()
    image[20:30, 40:50] = (9, 200, 70, 3)
    chosen: list[dict[str, Any]] = [{}, {"ramp": 0.1}]
    for options in chosen:
        got = np.asarray(defocus.portrait(Image.fromarray(image), matte=MATTE, sigma=4, **options))
        assert np.array_equal(got[12:38, 32:58], image[12:38, 32:58]), options


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_a_cutouts_alpha_is_the_product(mode: str) -> None:
    alpha = np.tile(np.linspace(0, 255, 80).astype(np.uint8), (60, 1))
    image = holed("LA" if mode == "LA" else "RGBA")
    image.putalpha(Image.fromarray(alpha))
    if mode == "PA":
        image = image.convert("RGB").convert("P").convert("PA")
        image.putalpha(Image.fromarray(alpha))
    matte = np.where(MATTE == 255, np.uint8(255), np.uint8(100))
    result = defocus.cutout(image, matte=matte)
    assert result.mode == ("LA" if mode == "LA" else "RGBA")
    got = np.asarray(result)[..., -1]
    assert np.abs(got - alpha * (matte / 255.0)).max() <= 0.5


def test_holes_of_the_photograph_are_not_filled_and_faint_alpha_is_removed() -> None:
    image = Image.new("RGBA", (80, 60), (90, 80, 70, 255))
    image.paste((0, 0, 0, 0), (40, 20, 46, 26))
    image.paste((0, 0, 0, 2), (50, 20, 56, 26))
    matte = MATTE.copy()
    matte[30:33, 40:43] = 0
    alpha = np.asarray(defocus.cutout(image, matte=matte, fill_holes=0.5, alpha_floor=4 / 255))[
        ..., 3
    ]
    assert (alpha[30:33, 40:43] == 255).all()
    assert (alpha[20:26, 40:46] == 0).all()
    assert (alpha[20:26, 50:56] == 0).all()


def test_a_background_shows_through() -> None:
    got = defocus.cutout(holed(), matte=np.full_like(MATTE, 255), background="white")
    assert got.mode == "RGB"
    assert got.getpixel((5, 5)) == (255, 255, 255)
    assert got.getpixel((30, 5)) == (200, 40, 40)


def test_a_background_is_opaque() -> None:
    with pytest.raises(defocus.ImageValueError, match="the background has transparent pixels"):
        defocus.cutout(holed(), matte=MATTE, background=holed())


def test_jpeg_names_what_to_do(tmp_path: Path) -> None:
    result = defocus.portrait(holed(), matte=MATTE)
    with pytest.raises(defocus.UnsupportedFormatError, match=r"one of PNG, WEBP.* background"):
        defocus.save(result, tmp_path / "a.jpg")


def test_the_network_sees_neutral_grey() -> None:
    shown = network_view.pixels(decode.read(holed()), (320, 320))
    assert (shown[:20, :20] == 128).all()
    assert (shown[30, 5] == (200, 40, 40)).all()


def framed() -> Image.Image:
    """The astronaut, softly cut off on all sides, in a green that is hidden."""
    image = Image.open(EXAMPLE).convert("RGB")
    alpha = Image.new("L", image.size, 0)
    alpha.paste(255, (20, 20, 380, 460))
    alpha = alpha.filter(ImageFilter.GaussianBlur(3))
    pixels = np.dstack([np.asarray(image), np.asarray(alpha)])
    pixels[pixels[..., 3] == 0, :3] = GREEN
    return Image.fromarray(pixels)


def test_a_subject_ends_where_the_picture_ends() -> None:
    image = framed()
    subject = defocus.find_subject(image)
    alpha = np.asarray(image.getchannel("A")) / 255.0
    assert (subject.matte <= alpha + 1e-6).all()
    assert subject.box is not None
    assert subject.box[3] <= 461
    # Inside the subject the rim's alpha counts once, not twice: along the bottom of the suit.
    assert np.abs(subject.matte[452:464, 120:250] - alpha[452:464, 120:250]).max() < 0.05
    result = defocus.cutout(image, subject=subject)
    assert np.abs(np.asarray(result)[..., 3] / 255.0 - subject.matte).max() < 0.02
    # What is cut out once stays as it is.
    again = np.asarray(defocus.cutout(result))[..., 3].astype(int)
    assert np.abs(again - np.asarray(result)[..., 3]).mean() < 0.5


def test_nothing_to_see_is_no_subject() -> None:
    subject = defocus.find_subject(Image.new("RGBA", (64, 48), (9, 9, 9, 0)))
    assert not subject.found
    assert subject.matte.max() == 0


def test_what_the_network_makes_up_where_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = np.zeros((32, 32), np.float32)
    raw[4:12, 4:12] = raw[20:28, 20:28] = 0.95
    monkeypatch.setattr(defocus.Segmenter, "mask", lambda *_: raw.copy())
    alpha = np.zeros((320, 320), np.uint8)
    alpha[:160, :160] = 255
    image = Image.new("RGB", (320, 320), (80, 90, 100))
    image.putalpha(Image.fromarray(alpha))
    subject = defocus.find_subject(image)
    assert [type(part) for part in subject.components] == [Component]
    assert subject.components[0].box[2] <= 160
    assert subject.matte[160:].max() == subject.matte[:, 160:].max() == 0


def test_continued_reads_the_map_further_in() -> None:
    alpha = np.zeros((100, 100), np.uint8)
    alpha[:, 50:] = 255
    raw = np.zeros((20, 20), np.float32)
    raw[5:15, 8:] = np.minimum(np.arange(12) / 4, 1)
    visible = alpha_module.visible(raw, alpha)
    assert visible[:, :10].max() == 0
    row = alpha_module.continued(visible, alpha)[10]
    assert (row[8:] == 1).all()
    edge = alpha_module.continued(visible, alpha)[:, 12]
    assert np.flatnonzero(edge > 0.5).tolist() == list(range(5, 15))


def test_the_callers_pixels_are_left_alone() -> None:
    image = holed()
    before = image.tobytes()
    defocus.portrait(image, matte=MATTE, sigma=3)
    assert image.tobytes() == before


def test_large_grey_cutouts_keep_their_alpha() -> None:
    """Those that are made into a Pillow image band by band."""
    grey = Image.new("L", (900, 700), 90)
    matte = np.tile(np.linspace(0, 255, 900).astype(np.uint8), (700, 1))
    result = defocus.cutout(grey, matte=matte)
    assert result.mode == "LA"
    assert np.array_equal(np.asarray(result)[..., 1], matte)


def test_a_photo_that_is_opaque_costs_nothing_more() -> None:
    photo = Photo(np.zeros((4, 5, 3), np.uint8))
    assert network_view.pixels(photo, (320, 320)) is photo.pixels
    opaque = np.full((4, 5), 255, np.uint8)
    assert alpha_module.weighted(photo.pixels, opaque) is photo.pixels


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "GIF"])
def test_files(form: str) -> None:
    file = io.BytesIO()
    settings: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
    holed().save(file, form, **settings)
    photo = decode.read(file.getvalue())
    assert photo.alpha is not None
    assert np.array_equal(photo.alpha, np.asarray(holed())[..., 3])


# --- in bands of rows -------------------------------------------------------------------------

LARGE = (410, 390)  # height and width of more than one band


def random_picture(kind: str, dtype: Any) -> tuple[Any, Any]:
    """Noise, and alpha: soft everywhere, soft in a few rows, or hidden here and there."""
    rng, full = np.random.default_rng(7), np.iinfo(dtype).max
    pixels = rng.integers(0, full, (*LARGE, 3), dtype, endpoint=True)
    noise = rng.integers(0, full, LARGE, dtype, endpoint=True)
    if kind == "soft":
        return pixels, noise
    alpha = np.full(LARGE, full, dtype)
    if kind == "rows":
        alpha[300:303] = noise[300:303]
    else:
        alpha[noise < full // 3] = 0
    return pixels, alpha


def around_all(pixels: Any, alpha: Any) -> Any:
    """The colours around every pixel, of the whole picture at once."""
    height, width = alpha.shape
    rows, columns = round(height * 256 / max(LARGE)), round(width * 256 / max(LARGE))
    small = alpha_module._spread(*alpha_module._means(pixels, alpha, rows, columns))
    above, below, down = alpha_module._places(np.arange(height), height, rows)
    left, right, along = alpha_module._places(np.arange(width), width, columns)
    down, along = down[:, np.newaxis, np.newaxis], along[:, np.newaxis]
    few = small[above] * (1 - down) + small[below] * down
    return np.rint(few[:, left] * (1 - along) + few[:, right] * along).astype(pixels.dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", ["soft", "rows", "holes"])
def test_bands_give_what_the_whole_gives(kind: str, dtype: Any) -> None:
    pixels, alpha = random_picture(kind, dtype)
    around, full = around_all(pixels, alpha), np.iinfo(dtype).max
    filled = pixels.copy()
    alpha_module.fill_hidden(filled, alpha)
    hidden, soft = alpha == 0, (alpha > 0) & (alpha < full)
    assert np.array_equal(filled, np.where(hidden[..., None], around, pixels))

    used = alpha_module.weighted(filled, alpha)
    share = alpha[..., None] * np.float32(1 / full)
    mixed = np.rint(around + share * (filled - around.astype(np.float32)))
    assert np.array_equal(used, np.where(soft[..., None], mixed, filled))

    matte = np.random.default_rng(8).random(LARGE, np.float32) * (np.arange(LARGE[1]) > 99)
    matte = matte.astype(np.float32)
    out = alpha_module.weighted(filled[::-1].copy(), alpha)
    own = matte[..., None] * (filled.astype(np.float32) - used)
    want = np.clip(np.rint(out + np.where(soft[..., None], own, 0)), 0, full)
    alpha_module.restore(out, filled, used, alpha, matte)
    assert np.array_equal(out, want)
    whole = alpha_module.with_alpha(pixels, alpha)
    assert np.array_equal(whole, np.dstack([pixels, alpha]))
    alpha_module.multiply(whole, alpha[::-1])
    product = alpha.astype(np.float64) * alpha[::-1] / full
    assert np.array_equal(whole[..., 3], np.floor(product + 0.5))


def test_means_of_pictures_too_large_for_floats_are_exact() -> None:
    pixels = np.full((600, 600, 3), 65535, np.uint16)
    alpha = np.full((600, 600), 65535, np.uint16)
    pixels[::2] = alpha[:, 300:] = 65533
    colours, share = alpha_module._means(pixels, alpha, 1, 2)
    assert (colours == 65534).all()
    assert np.array_equal(share, np.array([[1, 65533 / 65535]], np.float32))


def test_only_bands_that_are_not_opaque_are_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[Any] = []
    means = alpha_module._means

    def counted(*arguments: Any) -> Any:
        passes.append(arguments)
        return means(*arguments)

    monkeypatch.setattr(alpha_module, "_means", counted)
    pixels, holes = random_picture("holes", np.uint8)
    alpha_module.weighted(pixels, holes)
    pixels, rows = random_picture("rows", np.uint8)
    rows[rows == 0] = 1
    alpha_module.fill_hidden(pixels, rows)
    assert not passes, "nothing is soft, or hidden: the picture is not even looked at"
    places = alpha_module._around(pixels, rows, alpha_module._soft)
    (band, at, _), *others = places
    assert (band, others) == (slice(252, 336), [])
    assert at.size == np.count_nonzero(rows < 255)
    assert len(passes) == 1


MEMORY = """
import sys, tracemalloc
import numpy as np
from PIL import Image
import defocus
from defocus.subject.subject import Subject

side = 800
noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
ramp = np.linspace(0, 255, side * side).astype(np.uint8).reshape(side, side)
everywhere = np.full((side, side), 255, np.uint8)
alphas = {"opaque": None, "soft": ramp, "hidden": np.where(ramp < 128, np.uint8(0), 255)}
raw = np.zeros((320, 320), np.float32)
raw[80:240, 80:240] = 1

def picture(kind, alpha):
    pixels = noise if alpha is None else np.dstack([noise, alpha])
    if kind == "deep":
        return defocus.DeepImage.of(pixels * np.uint16(257))
    image = Image.fromarray(pixels.astype(np.uint8))
    if kind == "turned":
        exif = Image.Exif()
        exif[274] = 6
        image.info["exif"] = exif.tobytes()
    return image

found = Subject(raw, (side, side), confidence=1.0, guide=noise)
calls = {
    "portrait": lambda image: defocus.portrait(image, matte=ramp[::-1], sigma=9),
    "of a subject": lambda image: defocus.portrait(image, subject=found, sigma=9),
    "cutout": lambda image: defocus.cutout(image, matte=everywhere),
    "on red": lambda image: defocus.cutout(image, matte=everywhere, background="red"),
}
tracemalloc.start()
cases = [("eight", name) for name in calls]
cases += [("turned", "portrait"), ("deep", "portrait"), ("deep", "on red")]
for kind, name in cases:
    used = {}
    for state, alpha in alphas.items():
        image = picture(kind, alpha)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        calls[name](image)
        used[state] = (tracemalloc.get_traced_memory()[1] - before) / side**2
    for state in ("soft", "hidden"):
        print(kind, name, state, used[state] - used["opaque"], sep=",")
"""


def test_memory_beyond_that_of_opaque_pictures() -> None:
    """In bytes a pixel; of 16 bits alpha and the result's four channels are twice as large."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    rows = [line.split(",") for line in done.stdout.splitlines()]
    assert len(rows) == 14
    for kind, name, state, more in rows:
        assert float(more) < (20 if kind == "deep" else 12), (kind, name, state, more)
