"""Mattes and depth maps from images: what the picture shows counts, not how it is stored."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from deep_files import png, tiff
from defocus.io import maps

GREY = np.arange(60, dtype=np.uint8).reshape(6, 10) * 4
DEEP = np.linspace(0, 65535, 60).astype(np.uint16).reshape(6, 10)
PHOTO = np.random.default_rng(5).integers(0, 256, (6, 10, 3), np.uint8)


def encoded(image: Image.Image, form: str = "PNG", **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def palette(values: Any = GREY, mode: str = "P") -> Image.Image:
    """The picture in a palette that is in no order."""
    shades = sorted(set(values.ravel().tolist()), key=lambda shade: shade * 7 % 256)
    image = Image.fromarray(
        np.array([shades.index(v) for v in values.ravel().tolist()], np.uint8).reshape(values.shape)
    )
    image.putpalette([shade for shade in shades for _ in range(3)])
    return image if mode == "P" else image.convert(mode)


def turned(image: Image.Image, orientation: int = 6) -> Image.Exif:
    exif = image.getexif()
    exif[274] = orientation
    return exif


def palette_with(alpha: bytes) -> Image.Image:
    image = palette()
    image.info["transparency"] = alpha
    return image


L = Image.fromarray(GREY)
RGB = Image.merge("RGB", [L] * 3)
OPAQUE = Image.new("L", L.size, 255)
# All of these show GREY.
AS_IT_IS: dict[str, Any] = {
    "L": L,
    "P": palette(),
    "PA": palette().convert("PA"),
    "RGB": RGB,
    "RGBX": RGB.convert("RGBX"),
    "LA": Image.merge("LA", [L, OPAQUE]),
    "La": Image.merge("LA", [L, OPAQUE]).convert("La"),
    "RGBA": RGB.convert("RGBA"),
    "RGBa": RGB.convert("RGBa"),
    "png": encoded(L),
    "palette png": encoded(palette()),
    "RGB png": encoded(RGB),
    "RGBA png": encoded(RGB.convert("RGBA")),
    "LA png": encoded(Image.merge("LA", [L, OPAQUE])),
    "tiff": encoded(L, "TIFF"),
    "palette of opaque colours": palette_with(bytes([255] * 60)),
    "palette png of opaque colours": encoded(palette(), transparency=bytes([255] * 60)),
    "palette tiff": encoded(palette(), "TIFF"),
    "min-is-white tiff": encoded(L, "TIFF", tiffinfo={262: 0}),
    "gif": encoded(palette(), "GIF"),
    "bmp": encoded(palette(), "BMP"),
    "pgm": encoded(L, "PPM"),
    "webp": encoded(RGB, "WEBP", lossless=True),
    "file": lambda: io.BytesIO(encoded(palette())),
    "bytearray": bytearray(encoded(palette())),
}
# All of these show DEEP.
OF_16_BITS: dict[str, Any] = {
    "I;16": Image.fromarray(DEEP),
    "I;16B": Image.frombytes("I;16B", (10, 6), DEEP.astype(">u2").tobytes()),
    "deep": defocus.DeepImage.of(np.dstack([DEEP] * 3)),
    "deep, grey and alpha": defocus.DeepImage.of(np.dstack([DEEP, np.full_like(DEEP, 65535)])),
    "png": png(DEEP[..., None]),
    "RGB png": png(np.dstack([DEEP] * 3)),
    "RGBA png": png(np.dstack([DEEP] * 3 + [np.full_like(DEEP, 65535)])),
    "tiff": tiff(DEEP[..., None]),
    "big-endian tiff": tiff(DEEP[..., None], order=">"),
    "RGB tiff": tiff(np.dstack([DEEP] * 3)),
    "min-is-white tiff": tiff(~DEEP[..., None], tags={262: (3, (0,))}),
    "pgm": b"P5 10 6 65535\n" + DEEP.astype(">u2").tobytes(),
}


def made(source: Any) -> Any:
    return source() if callable(source) else source


@pytest.mark.parametrize("kind", AS_IT_IS)
def test_every_way_to_store_grey(kind: str) -> None:
    assert np.array_equal(maps.read_matte(made(AS_IT_IS[kind])), GREY)
    depth = maps.read_depth(made(AS_IT_IS[kind]))
    assert depth.dtype == np.float32
    assert np.array_equal(depth, GREY)


@pytest.mark.parametrize("kind", OF_16_BITS)
def test_16_bits_are_kept(kind: str) -> None:
    matte = maps.read_matte(made(OF_16_BITS[kind]))
    assert np.array_equal(matte, DEEP / np.float32(65535))
    assert np.array_equal(maps.read_depth(made(OF_16_BITS[kind])), DEEP)


@pytest.mark.parametrize("form", ["mode 1", "png", "tiff", "pbm", "min-is-white"])
def test_pictures_of_one_bit(form: str) -> None:
    bits = Image.fromarray(GREY > 100)
    source: Any = {
        "mode 1": bits,
        "png": encoded(bits),
        "tiff": encoded(bits, "TIFF"),
        "pbm": encoded(bits, "PPM"),
        "min-is-white": encoded(bits, "TIFF", tiffinfo={262: 0}),
    }[form]
    assert np.array_equal(maps.read_matte(source), np.where(GREY > 100, 255, 0))
    assert np.array_equal(maps.read_depth(source), np.where(GREY > 100, 255, 0))


@pytest.mark.parametrize(
    "values",
    [
        np.linspace(0, 1, 60, dtype=np.float32).reshape(6, 10),
        np.linspace(0.5, 4e6, 60, dtype=np.float32).reshape(6, 10),
        np.arange(60, dtype=np.int32).reshape(6, 10) * 1_000_003,
        np.arange(60, dtype=np.int16).reshape(6, 10) * 500,
    ],
    ids=["fractions", "float", "int32", "int16"],
)
def test_numbers_of_other_kinds(values: Any) -> None:
    image = Image.fromarray(values.astype(np.int32) if values.dtype == np.int16 else values)
    sources: list[Any] = [image, encoded(image, "TIFF")]
    if values.dtype == np.float32:
        sources += [image.copy(), encoded(image, "PPM")]  # PFM
    else:
        bits = 8 * values.itemsize
        big = values.astype(values.dtype.newbyteorder(">"))
        sources.append(signed_tiff(big.tobytes(), bits))
    for source in sources:
        depth = maps.read_depth(source)
        assert np.array_equal(depth, values.astype(np.float32))
        if values.max() <= 1:
            assert np.array_equal(maps.read_matte(source), values)
        else:
            with pytest.raises((defocus.ImageTypeError, defocus.ImageValueError)):
                maps.read_matte(source)


def signed_tiff(data: bytes, bits: int) -> bytes:
    """A big-endian TIFF of one strip of 10 x 6 grey integers."""
    tags = {256: 10, 257: 6, 258: bits, 259: 1, 262: 1, 273: 0, 277: 1, 278: 6, 279: len(data)}
    tags[339] = 2
    tags[273] = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(
        tag.to_bytes(2, "big") + b"\0\4\0\0\0\1" + value.to_bytes(4, "big")
        for tag, value in sorted(tags.items())
    )
    directory = len(tags).to_bytes(2, "big") + entries + bytes(4)
    return b"MM\0*" + (8).to_bytes(4, "big") + directory + data


def test_unsigned_32_bits() -> None:
    values = np.linspace(0, 4294967295, 60).astype(np.uint32).reshape(6, 10)
    little = encoded(Image.fromarray(values.view(np.int32)), "TIFF")
    assert np.array_equal(maps.read_depth(unsigned(little)), values.astype(np.float32))
    assert np.allclose(maps.read_matte(unsigned(little)), values / 4294967295, atol=1e-7)


def unsigned(data: bytes) -> bytes:
    """The little-endian TIFF with samples that the tags call unsigned."""
    place = data.index(b"\x53\x01\x03\0\x01\0\0\0")
    return data[: place + 8] + b"\1\0" + data[place + 10 :]


@pytest.mark.parametrize("orientation", [2, 3, 6, 8])
def test_orientation_is_heeded_as_in_photographs(orientation: int) -> None:
    exif = turned(L, orientation)
    in_memory: Any = L.copy()
    in_memory.info["exif"] = exif.tobytes()
    want = np.asarray(defocus.portrait(in_memory, matte=maps.read_matte(in_memory), sigma=1))
    shown = {2: GREY[:, ::-1], 3: GREY[::-1, ::-1], 6: np.rot90(GREY, -1), 8: np.rot90(GREY)}
    deep = {2: DEEP[:, ::-1], 3: DEEP[::-1, ::-1], 6: np.rot90(DEEP, -1), 8: np.rot90(DEEP)}
    assert want.shape == shown[orientation].shape
    sources: list[Any] = [
        in_memory,
        *(encoded(L, form, exif=exif) for form in ("PNG", "TIFF", "WEBP")),
    ]
    sources.append(encoded(palette(), exif=exif))
    sources[3] = encoded(RGB, "WEBP", exif=exif, lossless=True)
    for source in sources:
        assert np.array_equal(maps.read_matte(source), shown[orientation])
        assert np.array_equal(maps.read_depth(source), shown[orientation])
    floats = Image.fromarray(GREY.astype(np.float32))
    sources = [tiff(DEEP[..., None], tags={274: (3, (orientation,))})]
    sources.append(encoded(Image.fromarray(DEEP), exif=exif))
    for source in sources:
        assert np.array_equal(maps.read_depth(source), deep[orientation])
        assert np.array_equal(maps.read_matte(source), deep[orientation] / np.float32(65535))
    assert np.array_equal(maps.read_depth(encoded(floats, "TIFF", exif=exif)), shown[orientation])
    floats.info["exif"] = exif.tobytes()
    assert np.array_equal(maps.read_depth(floats), shown[orientation])


def test_a_matte_is_lightness_or_alpha_where_something_is_transparent() -> None:
    colours = Image.fromarray(PHOTO)
    assert np.array_equal(maps.read_matte(encoded(colours)), np.asarray(colours.convert("L")))
    deep = maps.read_matte(png(PHOTO * np.uint16(257)))
    assert np.abs(deep - maps.read_matte(colours) / 255).max() <= 0.5 / 255 + 1e-6
    cut = colours.copy()
    cut.putalpha(L)
    # The palette's colours count for nothing where some of them are transparent.
    clear = palette_with(bytes(range(10, 70)))
    key = RGB.copy()
    key.info["transparency"] = (40, 40, 40)
    cases: list[tuple[Image.Image, Any]] = [
        (cut, GREY),
        (Image.merge("LA", [OPAQUE, L]), GREY),
        (clear, np.asarray(clear) + np.uint8(10)),
        (key, np.where(GREY == 40, 0, 255)),
    ]
    for image, alpha in cases:
        assert np.array_equal(maps.read_matte(image), alpha)
        data = encoded(image, transparency=image.info.get("transparency"))
        assert np.array_equal(maps.read_matte(data), alpha)
    alpha16 = np.dstack([PHOTO * np.uint16(257), DEEP])
    assert np.array_equal(maps.read_matte(png(alpha16)), DEEP / np.float32(65535))
    assert np.array_equal(maps.read_matte(defocus.DeepImage.of(alpha16)), DEEP / np.float32(65535))


def test_depth_in_colours_or_with_holes_is_refused() -> None:
    colours, holes = Image.fromarray(PHOTO), RGB.copy()
    holes.putalpha(L)
    one_off = np.dstack([GREY] * 3)
    one_off[3, 3, 2] += 1
    turbo = palette()
    turbo.putpalette(PHOTO.tobytes())
    deep = np.dstack([DEEP] * 3)
    deep[0, 0, 0] += 1
    clear = palette()
    clear.info["transparency"] = 3
    refused = [colours, holes, Image.fromarray(one_off), turbo, defocus.DeepImage.of(deep)]
    refused += [clear, Image.merge("LA", [L, L]), colours.convert("CMYK")]
    sources: list[Any] = [*refused, png(deep), encoded(colours, "JPEG"), encoded(turbo)]
    sources += [encoded(clear, transparency=3), png(np.dstack([DEEP, DEEP]))]
    for source in sources:
        with pytest.raises(defocus.ImageValueError, match=r"^depth (is in colour|has transp)"):
            maps.read_depth(source)


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_grey_that_was_stored_with_losses(form: str) -> None:
    wide = np.linspace(10, 240, 6400).astype(np.uint8).reshape(80, 80)
    data = encoded(Image.fromarray(np.dstack([wide] * 3)), form, quality=80)
    assert np.abs(maps.read_depth(data) - wide).max() < 12


def test_arrays_of_depth() -> None:
    for dtype in ("u1", ">u2", "i8", "f2", ">f8", np.longdouble):
        depth = maps.read_depth(GREY.astype(dtype))
        assert depth.dtype == np.float32
        assert np.array_equal(depth, GREY)
    assert np.isinf(maps.read_depth(np.full((2, 2), 1e300))).all()
    with pytest.raises(defocus.ImageValueError, match="filled"):
        maps.read_depth(np.ma.masked_array(GREY, GREY > 3))
    for bad in (GREY - 1.0, np.full((2, 2), np.nan), GREY[..., None], GREY > 3, GREY[:0], PHOTO):
        with pytest.raises(defocus.ImageValueError):
            maps.read_depth(bad)


@pytest.mark.parametrize("source", [None, 5, GREY.tolist(), object(), True, np.float32(1)])
def test_things_that_are_no_picture(source: Any) -> None:
    for read in (maps.read_matte, maps.read_depth):
        with pytest.raises(defocus.ImageTypeError, match=r"expected an array.*numpy\.asarray"):
            read(source)


def test_limits_and_damage() -> None:
    for read in (maps.read_matte, maps.read_depth):
        for source in (L, encoded(L), encoded(Image.fromarray(GREY.astype(np.float32)), "TIFF")):
            with pytest.raises(defocus.ImageTooLargeError):
                read(source, max_pixels=59)
        for data in (b"", b"text", encoded(Image.fromarray(GREY * 0.1), "TIFF")[:200]):
            with pytest.raises(defocus.DecodeError):
                read(data)


def test_in_a_map_a_file_is_read_once() -> None:
    want = defocus.portrait(PHOTO, matte=GREY, sigma=2, depth=np.maximum(GREY, 1))
    matte, depth = (io.BytesIO(encoded(palette(v))) for v in (GREY, np.maximum(GREY, 1)))
    results = list(defocus.map([PHOTO] * 3, matte=matte, sigma=2, depth=depth))
    assert all(np.array_equal(result.unwrap(), want) for result in results)
    on_black = defocus.cutout(PHOTO, matte=GREY, background="black")
    black = io.BytesIO(encoded(Image.new("RGB", L.size)))
    cuts = list(defocus.map([PHOTO] * 3, defocus.cutout, matte=GREY, background=black))
    assert all(np.array_equal(result.unwrap(), on_black) for result in cuts)


def test_in_portrait_and_cutout(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(encoded(palette()))
    depth = np.maximum(GREY, 1)
    want = defocus.portrait(PHOTO, matte=GREY, sigma=2)
    cut = defocus.cutout(PHOTO, matte=GREY)
    for source in (path, str(path), path.read_bytes(), palette(), io.BytesIO(path.read_bytes())):
        assert np.array_equal(defocus.portrait(PHOTO, matte=source, sigma=2), want)
        if isinstance(source, io.BytesIO):
            source.seek(0)
        assert np.array_equal(defocus.cutout(PHOTO, matte=source), cut)
    images: list[Any] = [depth, palette(depth), encoded(palette(depth))]
    one, two, three = (
        defocus.portrait(PHOTO, matte=GREY, sigma=2, depth=source) for source in images
    )
    assert np.array_equal(one, two)
    assert np.array_equal(one, three)
    small = Image.new("L", (5, 4))
    for source in (small, encoded(small)):
        with pytest.raises(defocus.ImageValueError, match=r"matte has shape \(4, 5\)"):
            defocus.cutout(PHOTO, matte=source)
