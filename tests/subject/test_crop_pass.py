"""The crop pass of small subjects, and the levels of effort."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.cli import command
from defocus.io import decode
from defocus.io.colour import to_srgb
from defocus.models.view import View
from defocus.pixels.samples import Pixels, to_bytes
from defocus.subject.crop_pass import merge, region, widened
from profiles import wide


def blob(left: int, top: int, right: int, bottom: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    map_ = np.zeros((320, 320), np.float32)
    map_[top:bottom, left:right] = 1
    return map_


def test_only_small_subjects_get_a_crop_pass() -> None:
    assert region(blob(100, 100, 110, 110), (800, 600)) is None  # too small to go by
    assert region(blob(40, 40, 280, 280), (800, 600)) is None  # large enough already
    assert region(np.zeros((320, 320), np.float32), (800, 600)) is None
    assert region(blob(0, 0, 64, 64), (800, 600)) == (0, 0, 192, 152)  # ends at the frame


def test_maps_are_merged_without_a_seam() -> None:
    size = (640, 640)
    first = blob(120, 120, 200, 200)
    box = region(first, size)
    assert box is not None
    second = np.ones((320, 320), np.float32)
    merged = merge(first, second, box, size)
    scale = len(merged) / 640
    left, top, right, bottom = (round(side * scale) for side in box)
    assert len(merged) > 320  # as fine as the map of the crop
    inside = np.zeros(merged.shape, bool)
    inside[top:bottom, left:right] = True
    assert merged[~inside].max() <= 1e-6
    row = merged[(top + bottom) // 2]
    assert abs(np.diff(row[left - 3 : left + 12])).max() < 0.1
    middle = merged[(top + bottom) // 2, (left + right) // 2]
    assert middle == pytest.approx(1.0, abs=1e-3)
    # Half way between what the first did not see and the second did.
    assert merged[top + round(0.11 * (bottom - top)), (left + right) // 2] == pytest.approx(
        0.5, abs=0.05
    )


def test_a_crop_is_widened_where_the_subject_meets_it() -> None:
    size, box = (800, 600), (200, 200, 400, 300)
    assert widened(box, blob(100, 100, 200, 200), size) is None
    assert widened(box, blob(100, 100, 320, 200), size) == (200, 200, 500, 300)
    assert widened(box, blob(0, 100, 200, 320), size) == (100, 200, 400, 350)
    assert widened(box, blob(100, 0, 200, 200), size) == (200, 150, 400, 300)
    assert widened(box, blob(0, 100, 8, 110), size) is None  # a speck
    assert widened((0, 0, 800, 600), blob(0, 0, 320, 320), size) is None  # the frame itself
    assert widened((50, 0, 780, 600), blob(0, 0, 320, 320), size) == (0, 0, 800, 600)


def test_a_mirrored_crop_is_widened_to_the_mirrored_side() -> None:
    size, box = (800, 600), (200, 200, 400, 300)
    mirrored = (size[0] - box[2], box[1], size[0] - box[0], box[3])
    map_ = blob(100, 40, 320, 200)
    wide, other = widened(box, map_, size), widened(mirrored, map_[:, ::-1], size)
    assert wide is not None
    assert other == (size[0] - wide[2], wide[1], size[0] - wide[0], wide[3])


class Twice(defocus.Segmenter):
    """Finds a blob in whatever it is given, and remembers what that was."""

    def __init__(self, box: tuple[int, int, int, int] = (130, 130, 190, 190)) -> None:
        super().__init__("u2netp")
        self.box = box
        self.images: list[np.ndarray[Any, Any]] = []

    def mask(self, pixels: Pixels) -> Any:
        pixels = pixels
        assert pixels.size > 0
        self.images.append(pixels)
        return blob(*self.box)


def photograph(width: int = 1413, height: int = 1301) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def jpeg(image: np.ndarray[Any, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", **options)
    return file.getvalue()


def test_best_runs_the_crop_pass() -> None:
    image = photograph(800, 600)
    expected: list[tuple[Any, int]] = [("fast", 1), ("good", 1), ("best", 2)]
    for effort, looks in expected:
        segmenter = Twice()
        subject = defocus.find_subject(image, segmenter=segmenter, effort=effort)
        assert len(segmenter.images) == looks
        assert subject.matte.shape == (600, 800)
    assert segmenter.images[1].shape[0] < 300
    assert segmenter.images[1].shape[1] < 300


def test_a_crop_that_was_too_narrow_is_taken_once_more() -> None:
    """The first map shows half of a bright bar, and each crop shows all of it."""
    image = np.zeros((600, 800, 3), np.uint8)
    image[260:340, 300:500] = 255

    class Half(Twice):
        def mask(self, pixels: Pixels) -> Any:
            self.images.append(pixels)
            seen = View(self.images[-1], 1).light((320, 320))[0]
            found = np.ascontiguousarray(seen * (seen > 0.5), np.float32)
            found[:, 160 if len(self.images) == 1 else 320 :] = 0
            return found

    segmenter = Half()
    subject = defocus.find_subject(image, segmenter=segmenter, effort="best")
    widths = [shown.shape[1] for shown in segmenter.images]
    assert widths == [800, pytest.approx(140, abs=3), pytest.approx(210, abs=4)]
    assert subject.matte[300, 310:390].min() > 0.9
    assert subject.matte[300, 410:470].min() > 0.3


CLOSER: dict[str, Callable[[], Any]] = {
    "JPEG": lambda: jpeg(photograph()),
    "JPEG, progressive": lambda: jpeg(photograph(), progressive=True),
    "array": photograph,
    "array, 16 bits": lambda: photograph().astype(np.uint16) * 257,
    "PIL": lambda: Image.fromarray(photograph()),
    "small": lambda: jpeg(photograph(300, 200)),
}


@pytest.mark.parametrize("kind", CLOSER)
def test_the_crop_is_cut_from_the_photograph(kind: str) -> None:
    source = CLOSER[kind]()
    photo = decode.read(source).in_bytes()
    for call in (defocus.find_subject, defocus.portrait, defocus.cutout):
        segmenter = Twice()
        call(source, segmenter=segmenter, effort="best")
        box = region(blob(*segmenter.box), photo.size)
        assert box is not None
        left, top, right, bottom = box
        assert np.array_equal(segmenter.images[1], photo.pixels[top:bottom, left:right])


def test_the_crop_is_srgb_and_shows_what_is_visible() -> None:
    rgba = np.dstack([photograph(400, 300), np.full((300, 400), 255, np.uint8)])
    rgba[140:150, :, 3] = 0
    segmenter = Twice()
    defocus.find_subject(Image.fromarray(rgba), segmenter=segmenter, effort="best")
    box = region(blob(*segmenter.box), (400, 300))
    assert box is not None
    left, top, right, bottom = box
    want = np.where(rgba[..., 3:] == 0, 128, rgba[..., :3])[top:bottom, left:right]
    assert np.array_equal(segmenter.images[1], want)
    image = Image.fromarray(photograph(400, 300))
    adobe = wide("Adobe RGB")
    image.info["icc_profile"] = adobe
    defocus.find_subject(image, segmenter=segmenter, effort="best")
    crop = Image.fromarray(photograph(400, 300)[top:bottom, left:right])
    want = np.asarray(to_srgb.as_network_expects(crop, adobe))
    assert np.array_equal(segmenter.images[3], want)
    assert not np.array_equal(segmenter.images[3], np.asarray(crop))


def test_a_file_and_its_decoded_array_give_the_same_matte() -> None:
    """The network of this test detects the fine pattern of the subject only in a crop."""

    class Fine(defocus.Segmenter):
        def mask(self, pixels: Pixels) -> Any:
            planes = View(to_bytes(pixels), 1).light((320, 320))
            smooth = defocus.kernels.gaussian_blur(np.ascontiguousarray(planes[0]), 3.0)
            texture = np.abs(planes[0] - smooth)
            detail = defocus.kernels.gaussian_blur(texture, 3.0)
            found = np.clip(3 * (smooth - 0.45), 0, 0.6) + np.clip(4 * detail, 0, 0.4)
            found = np.where(smooth > 0.45, np.maximum(found, 0.95 * (smooth > 0.5)), 0)
            return np.asarray(found, np.float32)

    image = np.full((1400, 1800, 3), 60, np.uint8)
    y, x = np.mgrid[:260, :200]
    image[600:860, 800:1000] = np.where((x // 3 + y // 3) % 2, 230, 90)[..., np.newaxis]
    data = jpeg(image, quality=95)
    pixels = decode.read(data).pixels
    mattes = [
        defocus.find_subject(source, segmenter=Fine(), effort="best").matte
        for source in (data, pixels)
    ]
    assert mattes[0][600:860, 800:1000].mean() > 0.9
    assert np.array_equal(mattes[0], mattes[1])


def test_in_a_tiny_picture_there_is_something_to_crop() -> None:
    for width, height in itertools.product(range(1, 10), repeat=2):
        for start in range(0, 280, 13):
            box = region(blob(start, 280 - start, start + 36, 316 - start), (width, height))
            assert box is not None
            left, top, right, bottom = box
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
    for size in ((1, 1), (5, 2)):
        segmenter = Twice((110, 110, 146, 146))
        subject = defocus.find_subject(photograph(*size), segmenter=segmenter, effort="best")
        assert subject.matte.shape == size[::-1]
        assert len(segmenter.images) == 2


def test_fast_leaves_soft_pixels_as_they_are() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    matte = np.full((60, 80), 128, np.uint8)
    fast = defocus.cutout(image, matte=matte, effort="fast")
    assert (fast[..., :3] == image).all()
    good = defocus.cutout(image, matte=matte)
    assert (good[..., :3] != image).any()


@pytest.mark.parametrize(
    ("effort", "error"), [("better", defocus.OptionError), (3, defocus.OptionTypeError)]
)
def test_no_such_effort(effort: Any, error: type[Exception]) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    for function in (defocus.portrait, defocus.cutout, defocus.find_subject):
        with pytest.raises(error, match="expected 'fast'"):
            function(image, effort=effort)


def test_effort_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["portrait", "no.jpg", "out.jpg", "--effort", "much"]) == 2
    assert "effort='much' is unknown" in capsys.readouterr().err
