"""The interface of every published network, by a tiny network of the same shape and meaning."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus import Segmenter
from defocus.errors import ModelError, OptionError, OptionTypeError
from defocus.models import MODELS, ModelSpec
from tiny_network import FLOAT16, WEIGHTS, family_network, tiny_network

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (1.0, 1.0, 1.0))
PLAIN = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
BOTH_SIGNS = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))  # -1 to 1
COLOURS = ((200, 60, 20), (30, 90, 140))  # of the left and the right half


class Family(NamedTuple):
    """What the authors' own programs do with a network, written down a second time."""

    shape: tuple[int | str, ...]
    largest: float | None  # the divisor; None is the largest value of the image
    normalised: tuple[tuple[float, ...], tuple[float, ...]]
    sigmoid: bool  # whether the network has it
    outputs: int = 1
    half: bool = False


SQUARE = (1, 3, 1024, 1024)
U2NET = Family((1, 3, 320, 320), None, IMAGENET, sigmoid=True, outputs=7)
ISNET = Family(SQUARE, 255.0, HALF, sigmoid=True, outputs=6)
BIREFNET = Family(SQUARE, 255.0, IMAGENET, sigmoid=False)
FAMILIES = {
    "u2net-float": U2NET,
    "u2net_human_seg": U2NET,
    "silueta": U2NET,
    "isnet-general-use": ISNET,
    "isnet-anime": Family(SQUARE, 255.0, PLAIN, sigmoid=True),
    **dict.fromkeys((name for name in MODELS if name.startswith("birefnet-")), BIREFNET),
    "modnet": Family(("batch", 3, "height", "width"), 255.0, BOTH_SIGNS, sigmoid=True),
    "ben2": Family(SQUARE, 255.0, PLAIN, sigmoid=True, half=True),
    "bria-rmbg": Family(SQUARE, 255.0, IMAGENET, sigmoid=True),
    "bria-rmbg-1.4": Family(SQUARE, 255.0, HALF, sigmoid=True),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def photo(width: int = 90, height: int = 60) -> NDArray[np.uint8]:
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2], image[:, width // 2 :] = COLOURS
    return image


def own(name: str, family: Family, **changes: Any) -> ModelSpec:
    """The published network of a name, with a tiny file in place of its own."""
    Path("tiny.onnx").write_bytes(
        family_network(
            family.shape, sigmoid=family.sigmoid, outputs=family.outputs, half=family.half
        )
    )
    origin: dict[str, Any] = {"url": "", "sha256": "", "md5": "", "size": 0}
    return dataclasses.replace(
        MODELS[name], file="tiny.onnx", non_commercial=False, **origin, **changes
    )


def expected(family: Family) -> list[float]:
    """The mask in the left and the right half, in double precision."""
    found = []
    for colour in COLOURS:
        shares = [value / (family.largest or max(map(max, COLOURS))) for value in colour]
        means, deviations = family.normalised
        given = zip(shares, means, deviations, WEIGHTS, strict=True)
        logit = sum(weight * (c - mean) / deviation for c, mean, deviation, weight in given)
        found.append(1.0 / (1.0 + math.exp(-logit)))
    return found


def test_every_published_network_is_tested() -> None:
    assert {*FAMILIES} == {spec.name for spec in MODELS.values() if spec.url}


@pytest.mark.parametrize("name", FAMILIES)
def test_interface_is_that_of_the_authors(name: str) -> None:
    family = FAMILIES[name]
    mask = Segmenter(own(name, family)).mask(photo())
    row = mask[mask.shape[0] // 2]
    assert mask.dtype == np.float32
    left, right = expected(family)
    assert abs(left - right) > 0.1
    assert row[5] == pytest.approx(left, abs=1e-3 if family.half else 1e-5)
    assert row[-5] == pytest.approx(right, abs=1e-3 if family.half else 1e-5)


@pytest.mark.parametrize(
    ("size", "view"),
    [
        ((90, 60), (768, 512)),
        ((60, 90), (512, 768)),
        ((640, 480), (672, 512)),
        ((512, 512), (512, 512)),
        ((30, 31), (512, 544)),
        ((4000, 20), (2048, 512)),
        ((1, 300), (512, 2048)),
    ],
)
def test_modnet_keeps_the_proportions(size: tuple[int, int], view: tuple[int, int]) -> None:
    segmenter = Segmenter(own("modnet", FAMILIES["modnet"]))
    assert segmenter.mask(photo(*size)).shape == view[::-1]
    assert segmenter.input_size == (512, 512)
    assert not view[0] % 32
    assert not view[1] % 32


@pytest.mark.parametrize("effort", ["fast", "good", "best"])
def test_photographs_of_any_proportions(effort: Any) -> None:
    spec = own("modnet", FAMILIES["modnet"], subject_threshold=0.0, short_edge=64)
    segmenter = Segmenter(spec, threads=1)
    segmenter.warmup()
    image = np.full((180, 400, 3), COLOURS[1], np.uint8)
    image[60:120, 150:210] = COLOURS[0]
    defocus.save(image, "photo.jpg")
    for source in (image, "photo.jpg"):
        subject = defocus.find_subject(source, effort=effort, segmenter=segmenter)
        assert subject.matte.shape == (180, 400)
        assert subject.matte[90, 180] > subject.matte[20, 20]
    frames = [*defocus.video([image, image], segmenter=segmenter)]
    assert [frame.shape for frame in frames] == [image.shape] * 2


def test_order_of_the_channels() -> None:
    spec = own("birefnet-general", BIREFNET, channels="bgr")
    Path("tiny.onnx").write_bytes(family_network(SQUARE, sigmoid=False, bgr=True))
    assert Segmenter(spec).mask(photo())[0, 5] == pytest.approx(expected(BIREFNET)[0], abs=1e-5)


def test_input_of_sixteen_bits() -> None:
    Path("tiny.onnx").write_bytes(tiny_network((1, 3, 60, 90), FLOAT16))
    halves = Segmenter("tiny.onnx").mask(photo())
    Path("tiny.onnx").write_bytes(tiny_network((1, 3, 60, 90)))
    mask = Segmenter("tiny.onnx").mask(photo())
    np.testing.assert_allclose(halves, mask, atol=2e-3)
    assert halves.dtype == np.float32


# --- activations ------------------------------------------------------------------------------


def family(shape: tuple[int, ...] = (1, 3, 8, 8), **fields: Any) -> Segmenter:
    """A network with a sigmoid inside unless `fields` say that it gives logits."""
    inside = fields.pop("inside", True)
    Path("tiny.onnx").write_bytes(family_network(shape, sigmoid=inside))
    return Segmenter(ModelSpec(file="tiny.onnx", divisor=255.0, **fields))


def test_logits_need_a_sigmoid() -> None:
    with pytest.raises(ModelError, match=r"expected 0 to 1.*activation='sigmoid'"):
        family(inside=False).mask(photo())


def test_a_second_sigmoid_is_visible() -> None:
    assert family(activation="sigmoid").mask(photo()).min() >= 0.5
    assert family().mask(photo()).min() < 0.5


@pytest.mark.parametrize("inside", [True, False])
def test_min_max_stretches_to_the_whole_range(inside: bool) -> None:
    mask = family(inside=inside, activation="min-max").mask(photo())
    assert (mask.min(), mask.max()) == (0.0, 1.0)
    even = family(inside=inside, activation="min-max").mask(np.full((9, 9, 3), 77, np.uint8))
    assert even.max() == 0.0


@pytest.mark.parametrize("factor", [1e-4, 1e-30])
def test_sigmoid_of_extreme_logits(factor: float) -> None:
    mask = family(inside=False, activation="sigmoid", std=(factor,) * 3).mask(photo())
    assert (mask.min(), mask.max()) == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize("activation", ["none", "sigmoid", "min-max"])
def test_what_is_not_finite_is_refused(activation: Any) -> None:
    segmenter = family(inside=False, activation=activation, std=(1e-40,) * 3)
    with pytest.raises(ModelError, match="not finite"):
        segmenter.mask(photo())


# --- fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"activation": "softmax"}, OptionError, "activation='softmax'"),
        ({"activation": None}, OptionTypeError, "activation=None"),
        ({"activation": "minmax"}, OptionError, "did you mean 'min-max'"),
        ({"channels": "RGB"}, OptionError, "channels='RGB'"),
        ({"md5": "0" * 31}, OptionError, "md5="),
        ({"md5": 5}, OptionTypeError, "md5="),
        ({"non_commercial": "no"}, OptionTypeError, "non_commercial="),
        ({"memory": -1}, OptionError, "memory="),
        ({"short_edge": 0}, OptionError, "short_edge=0"),
        ({"short_edge": 512.0}, OptionTypeError, "short_edge="),
        ({"short_edge": 500}, OptionError, "short_edge=500 .*multiple=32"),
        ({"short_edge": 64, "multiple": 0}, OptionError, "multiple=0"),
        ({"short_edge": 64, "input_size": (9, 9)}, OptionError, "input_size=.*short_edge=64"),
    ],
)
def test_field_out_of_range(
    fields: dict[str, Any], error: type[defocus.DefocusError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        ModelSpec(file="a.onnx", **fields)
    assert "\n" not in str(caught.value)


def test_proportions_and_a_file_of_fixed_size_exclude_each_other() -> None:
    with pytest.raises(ModelError, match=r"takes .*fixed size.*short_edge=64"):
        family(short_edge=64).warmup()
