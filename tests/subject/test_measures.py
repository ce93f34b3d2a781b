"""Measures of pictures and maps that are hard on rounding: finite, and in their range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus.io.photo import Photo
from defocus.models.interface import network_input
from defocus.models.segmenter import Segmenter, _checked
from defocus.models.view import View
from defocus.pixels.samples import Pixels
from defocus.subject import flip_pass, measures
from hard_pictures import SIZES, hard_pictures

Map = NDArray[np.float32]
every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


def maps(height: int, width: int) -> Iterator[Map]:
    """Maps from all subject to hardly any, sure ones and grey ones."""
    rng = np.random.default_rng(height * 1009 + width)
    nothing = np.zeros((height, width), np.float32)
    yield nothing + 1
    yield nothing + np.float32(0.5)
    yield rng.random((height, width), np.float32)
    yield (rng.random((height, width)) > 0.5).astype(np.float32)
    half = nothing.copy()
    half[: height // 2 + 1] = 1
    yield half
    yield half * np.linspace(1, 0, width, dtype=np.float32)
    one = nothing.copy()
    one[height // 2, width // 2] = 1
    yield one


class Drawn(Segmenter):
    """Gives the middle of the picture as subject, with a grey half."""

    def mask(self, pixels: Pixels) -> Map:
        # What goes to the network is looked at, then forgotten.
        view = View(_checked(pixels), 2)
        fed = network_input(view, self.spec, (320, 320))[0]
        mean, std = (np.array(v)[:, None, None] for v in (self.spec.mean, self.spec.std))
        light = fed * std + mean
        assert light.min() > -1e-6
        assert light.max() < 1 + 1e-6
        map_ = np.zeros((320, 320), np.float32)
        map_[100:220, 110:210] = 1
        map_[170:220, 110:210] = 0.45
        return map_


def in_sixteen_bits(image: NDArray[np.uint8]) -> NDArray[np.uint16]:
    samples16: NDArray[np.uint16] = image.astype(np.uint16) * np.uint16(257)
    return samples16


def check(found: measures.Measures) -> None:
    assert 0 <= found.area <= 1
    assert 0 <= found.doubt < np.inf
    assert 0 <= found.histogram_overlap <= 1 + 1e-9
    assert 0 <= found.focus < np.inf


@every_size
def test_light_lies_between_black_and_white(size: tuple[int, int]) -> None:
    for name, image in hard_pictures(*size):
        small = View(image, 2).light((64, 48))
        assert np.isfinite(small).all(), name
        assert small.min() >= 0, name
        assert small.max() <= 1, name
        deep = Photo.from_array(in_sixteen_bits(image)).in_bytes(1).pixels
        assert View(deep, 1).light((64, 48)).tobytes() == small.tobytes(), name
        mirrored = View(image[:, ::-1], 1).light((64, 48))
        assert mirrored.min() >= 0, name
        assert mirrored.max() <= 1, name


@every_size
def test_measures_of_hard_pictures(size: tuple[int, int]) -> None:
    each = list(maps(96, 96))
    for number, (_, image) in enumerate(hard_pictures(*size)):
        small = View(image, 1).light((96, 96))
        check(measures.measure(each[number % len(each)], small))


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (1, 40), (40, 5)])
def test_measures_of_small_maps(shape: tuple[int, int]) -> None:
    small = np.random.default_rng(5).random((3, *shape), np.float32)
    for map_ in maps(*shape):
        check(measures.measure(map_, small))
        flip_pass.unsure(map_)
        for other in maps(*shape):
            merged = flip_pass.merge(map_, other)
            assert merged.min() >= 0
            assert merged.max() <= 1


@pytest.mark.parametrize("value", [-1e-8, 1 + 1e-7])
def test_measures_do_not_rely_on_the_last_bit(value: float) -> None:
    for map_ in maps(64, 64):
        check(measures.measure(map_, np.full((3, 64, 64), value, np.float32)))


@pytest.mark.parametrize("size", [(1280, 960), (448, 448), (150, 201), (64, 1), (1, 1)])
def test_subjects_of_hard_pictures(size: tuple[int, int]) -> None:
    segmenter = Drawn()
    for name, image in hard_pictures(*size):
        subject = defocus.find_subject(image, segmenter=segmenter, effort="best")
        assert subject.found, name
        assert np.isfinite(subject.matte).all(), name
        assert subject.matte.min() >= 0, name
        assert subject.matte.max() <= 1, name


@every_size
def test_results_of_hard_pictures(size: tuple[int, int]) -> None:
    segmenter = Drawn()
    for number, (name, image) in enumerate(hard_pictures(*size)):
        if number % 6 == sum(size) % 6:
            picture = image if number % 3 else in_sixteen_bits(image)
            blurred = defocus.portrait(picture, segmenter=segmenter, sigma=3)
            assert blurred.shape == picture.shape, name
            assert defocus.cutout(picture, segmenter=segmenter).shape[:2] == picture.shape[:2]
            if not np.ptp(image):
                levels = np.abs(blurred.astype(int) - picture.astype(int)).max()
                assert levels <= (1 if image is picture else 257), name
