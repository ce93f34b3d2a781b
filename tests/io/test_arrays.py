"""What arrays go in, and what comes out: every kind of input with every function."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import defocus
from defocus.io import save
from defocus.pixels.arrays import samples_of

DTYPES = ("uint8", "uint16", "float16", "float32", "float64")
LAYOUTS: dict[str, tuple[int, ...]] = {"grey": (), "grey, 1": (1,), "RGB": (3,), "RGBA": (4,)}
HEIGHT, WIDTH = 24, 36
# layout of the input -> channels of portrait, cutout, cutout on white, cutout(matte_only=True)
CHANNELS: dict[str, list[tuple[int, ...]]] = {
    "grey": [(), (4,), (3,), ()],
    "grey, 1": [(1,), (4,), (3,), ()],
    "RGB": [(3,), (4,), (3,), ()],
    "RGBA": [(4,), (4,), (3,), ()],
}


def full(dtype: str) -> float:
    return 1.0 if dtype.startswith("float") else float(np.iinfo(dtype).max)


def noise(dtype: str, layout: str, *, opaque: bool = True) -> Any:
    values = np.random.default_rng(1).random((HEIGHT, WIDTH, *LAYOUTS[layout]))
    if layout == "RGBA":
        values[..., 3] = 1.0 if opaque else values[..., 3]
    scaled = values * full(dtype)
    return (scaled if dtype.startswith("float") else np.rint(scaled)).astype(dtype)


def matte() -> Any:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[6:18, 9:27] = 255
    return values


def results(image: Any) -> list[Any]:
    return [
        defocus.portrait(image, matte=matte(), sigma=2),
        defocus.cutout(image, matte=matte()),
        defocus.cutout(image, matte=matte(), background="white"),
        defocus.cutout(image, matte=matte(), matte_only=True),
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_result_has_the_dtype_and_the_layout_of_the_table(dtype: str, layout: str) -> None:
    image = noise(dtype, layout)
    before = image.copy()
    made = results(image)
    assert [result.shape for result in made] == [
        (HEIGHT, WIDTH, *channels) for channels in CHANNELS[layout]
    ]
    assert {str(result.dtype) for result in made} == {dtype}
    assert np.array_equal(image, before)
    # The subject keeps every bit, floats too; the background does not.
    assert np.array_equal(made[0][8:16, 11:25], image[8:16, 11:25])
    assert not np.array_equal(made[0][0], image[0])
    assert made[1][12, 18, 3] == full(dtype)
    assert made[1][0, 0, 3] == 0
    assert np.allclose(made[2][0, 0], full(dtype), rtol=1e-3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_grey_is_the_same_as_grey_in_three_channels(dtype: str) -> None:
    grey = noise(dtype, "grey")
    colour = np.repeat(grey[..., np.newaxis], 3, axis=2)
    for mine, theirs in zip(results(grey), results(colour), strict=True):
        shown = theirs[..., 0] if mine.ndim == 2 and theirs.ndim == 3 else theirs
        assert np.array_equal(mine, shown)


def test_floats_are_the_same_as_16_bits() -> None:
    floats = noise("float64", "RGB")
    for mine, theirs in zip(results(floats), results(samples_of(floats)), strict=True):
        assert np.abs(mine - theirs / 65535).max() <= 0.5 / 65535 + 1e-12


@pytest.mark.parametrize("dtype", DTYPES)
def test_alpha_of_an_array_counts_as_in_an_image(dtype: str) -> None:
    image = noise(dtype, "RGBA", opaque=False)
    image[:, :8, 3] = 0
    image[:, :8, 0] = full(dtype)  # a hidden colour
    blurred = defocus.portrait(image, matte=matte(), sigma=2)
    assert np.allclose(blurred[..., 3], image[..., 3], atol=full(dtype) / 65535)
    cut = defocus.cutout(image, matte=matte())
    assert (cut[..., 3] <= image[..., 3] + full(dtype) * 1e-3).all()
    if dtype == "uint8":
        opened: Any = Image.fromarray(image)
        assert np.array_equal(blurred, np.asarray(defocus.portrait(opened, matte=matte(), sigma=2)))
        assert np.array_equal(cut, np.asarray(defocus.cutout(opened, matte=matte())))


def test_an_opaque_alpha_changes_nothing() -> None:
    image = noise("uint8", "RGBA")
    with_alpha, without = results(image), results(image[..., :3])
    assert np.array_equal(with_alpha[0][..., :3], without[0])
    assert (with_alpha[0][..., 3] == 255).all()
    for mine, theirs in zip(with_alpha[1:], without[1:], strict=True):
        assert np.array_equal(mine, theirs)


class Tensor:
    """An object that only converts to an array, as a tensor of PyTorch does."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self._values


class Capsule:
    """An object with DLPack alone."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __dlpack__(self, **options: Any) -> Any:
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._values.__dlpack_device__()


class Interface:
    """An object with the array interface alone."""

    def __init__(self, values: Any) -> None:
        self._values = values
        self.__array_interface__ = values.__array_interface__


class OnDevice:
    """A tensor on a GPU, which cannot be converted."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


@pytest.mark.parametrize("kind", [Tensor, Capsule, Interface])
def test_what_numpy_converts_is_taken(kind: Any) -> None:
    image = noise("float32", "RGB")
    wrapped = kind(image)
    for mine, theirs in zip(results(wrapped), results(image), strict=True):
        assert isinstance(mine, np.ndarray)
        assert np.array_equal(mine, theirs)
    given: Any = defocus.portrait(image, matte=kind(matte()), sigma=2)
    assert np.array_equal(given, results(image)[0])
    assert np.array_equal(
        defocus.cutout(image, matte=matte(), background=kind(image))[..., 0],
        defocus.cutout(image, matte=matte(), background=image)[..., 0],
    )
    file = io.BytesIO()
    defocus.save(wrapped, file, format="png")
    assert file.getvalue() == defocus.to_bytes(image)


def test_what_numpy_cannot_convert_is_an_error_of_ours() -> None:
    stuck: Any = OnDevice()
    with pytest.raises(defocus.ImageTypeError, match="cuda:0"):
        defocus.portrait(stuck, matte=matte())
    with pytest.raises(defocus.ImageTypeError, match="cuda:0"):
        defocus.portrait(noise("uint8", "RGB"), matte=stuck)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((5, 24, 36, 3), np.uint8),
        np.zeros((3, 24, 36), np.uint8),
        np.zeros((24, 36, 2), np.uint8),
        np.zeros((24, 36, 5), np.uint8),
        np.zeros(7, np.uint8),
        np.zeros((0, 3), np.uint8),
        np.zeros((0, 3), np.float32),
        np.full((24, 36), np.nan),
        np.full((24, 36), np.inf),
        np.full((24, 36), 1.0001),
        np.full((24, 36), -0.0001),
        np.full((24, 36), 255.0),
        np.ma.masked_less(np.full((24, 36), 0.5), 1.0),
    ],
    ids=lambda array: f"{array.dtype}-{array.shape}-{array.flat[0] if array.size else ''}",
)
def test_an_array_that_is_no_image_is_refused(image: Any) -> None:
    with pytest.raises(defocus.ImageValueError) as caught:
        defocus.portrait(image, matte=matte())
    if image.ndim == 4:
        assert "defocus.map" in str(caught.value)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "uint32", "complex64", "object"])
def test_a_dtype_without_a_scale_is_refused(dtype: str) -> None:
    with pytest.raises(defocus.ImageTypeError):
        defocus.portrait(np.zeros((24, 36, 3), dtype), matte=matte())


def test_a_long_name_is_shortened_in_errors() -> None:
    for name in ("data:image/png;base64," + "A" * 90_000, "https://host/" + "a" * 9_000):
        with pytest.raises(defocus.InputNotFoundError) as caught:
            defocus.portrait(name)
        assert len(str(caught.value)) < 200
    with pytest.raises(defocus.DefocusError) as other:
        defocus.portrait("a" * 9_000)
    assert len(str(other.value)) < 200


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_samples_of_floats_round_to_the_nearest(data: st.DataObject) -> None:
    shape = (data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5)))
    values = np.random.default_rng(data.draw(st.integers(0, 99))).random(shape)
    values = values.astype(data.draw(st.sampled_from(["float16", "float32", "float64"])))
    samples = samples_of(values)
    assert np.abs(samples - values.astype(np.float64) * 65535).max() <= 0.5
    exact = (samples / np.float64(65535)).astype(np.float64)
    assert np.array_equal(samples_of(exact), samples)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "tiff"])
def test_to_bytes_is_what_save_writes(format: str, tmp_path: Any) -> None:
    image = noise("uint16", "RGB")
    path = tmp_path / "saved"
    defocus.save(image, path, format=format, strip="all")
    assert defocus.to_bytes(image, format=format, strip="all") == path.read_bytes()


def test_to_bytes_names_metadata_that_is_left_out() -> None:
    picture = Image.new("RGB", (8, 8))
    picture.info["iptc"] = b"\x1c\x02\x78\x00\x01a"
    with pytest.warns(defocus.DefocusWarning) as warned:
        defocus.to_bytes(picture, format="webp")
    assert warned[0].filename == __file__
    with pytest.raises(defocus.UnsupportedFormatError):
        defocus.to_bytes(picture, format="gif")
    with pytest.raises(defocus.OptionError):
        defocus.to_bytes(picture, quality=101, format="jpeg")


def test_the_byte_order_does_not_matter() -> None:
    image = noise("uint16", "RGB")
    swapped = image.astype(">u2")
    for mine, theirs in zip(results(swapped), results(image), strict=True):
        assert np.array_equal(mine, theirs)
    assert defocus.to_bytes(swapped) == defocus.to_bytes(image)


def test_floats_are_saved_as_16_bits() -> None:
    floats = noise("float32", "RGB")
    assert defocus.to_bytes(floats) == defocus.to_bytes(samples_of(floats))
    grey = noise("uint8", "grey, 1")
    assert defocus.to_bytes(grey) == defocus.to_bytes(grey[..., 0])


@pytest.mark.parametrize("form", ["png", "tiff", "jpeg"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_an_array_is_stored_as_its_picture_is(dtype: str, layout: str, form: Any) -> None:
    if form == "jpeg" and layout == "RGBA":
        return
    image = np.tile(noise(dtype, layout, opaque=False), (4, 3) + (1,) * len(LAYOUTS[layout]))
    picture = save.as_picture(image)
    assert picture.size == (3 * WIDTH, 4 * HEIGHT)
    for array in (image, np.asfortranarray(image), np.flip(np.flip(image, 1).copy(), 1)):
        assert defocus.to_bytes(array, format=form) == defocus.to_bytes(picture, format=form)
    small: Any = {"compression": "small"} if form == "png" else {"strip": "all"}
    assert defocus.to_bytes(image, format=form, **small) == defocus.to_bytes(
        picture, format=form, **small
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("dtype", "form"), [("uint8", "png"), ("uint16", "png"), ("uint16", "tiff")]
)
def test_no_picture_is_made_of_an_array(
    dtype: str, form: Any, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = np.tile(noise(dtype, layout), (4, 3) + (1,) * len(LAYOUTS[layout]))
    monkeypatch.setattr(save, "of_samples", None)
    data = defocus.to_bytes(image, format=form)
    with Image.open(io.BytesIO(data)) as stored:
        assert stored.size == (3 * WIDTH, 4 * HEIGHT)
