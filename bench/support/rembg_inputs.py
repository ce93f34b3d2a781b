"""What is given to rembg and to its replacement: kinds of input, and options of `remove`."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PHOTO = Path(__file__).resolve().parents[2] / "examples" / "astronaut.jpg"
SIZE = (96, 64)
ORIENTATION, TURNED = 0x0112, 6

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "only_mask": {"only_mask": True},
    "bgcolor, alpha 0": {"bgcolor": (10, 20, 30, 0)},
    "bgcolor, alpha 128": {"bgcolor": (10, 20, 30, 128)},
    "bgcolor, alpha 255": {"bgcolor": (10, 20, 30, 255)},
    "bgcolor, three": {"bgcolor": (10, 20, 30)},
    "post_process_mask": {"post_process_mask": True},
    "post_process_mask, only_mask": {"post_process_mask": True, "only_mask": True},
    "force_return_bytes": {"force_return_bytes": True},
    "alpha_matting": {"alpha_matting": True},
    "decontaminate": {"decontaminate": True},
    "putalpha": {"putalpha": True},
}


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def kinds() -> dict[str, Any]:
    """Every kind of input, by its name."""
    with Image.open(PHOTO) as opened:
        photo = opened.convert("RGB").resize(SIZE)
    grey, half = photo.convert("L"), photo.convert("RGBA")
    alpha = Image.new("L", SIZE, 255)
    alpha.paste(0, (0, 0, SIZE[0] // 3, SIZE[1]))
    half.putalpha(alpha)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        **_files(photo, grey, half, deep),
        **_images(photo, half, deep),
        **_arrays(np.asarray(photo), np.asarray(grey), np.asarray(half)),
    }


def _files(
    photo: Image.Image, grey: Image.Image, half: Image.Image, deep: Image.Image
) -> dict[str, Any]:
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    png = encoded(photo, "PNG")
    return {
        "bytes JPEG": encoded(photo, "JPEG"),
        "bytes JPEG, turned": encoded(photo, "JPEG", exif=exif),
        "bytes JPEG, grey": encoded(grey, "JPEG"),
        "bytes JPEG, CMYK": encoded(photo.convert("CMYK"), "JPEG"),
        "bytes PNG": png,
        "bytes PNG, RGBA": encoded(half, "PNG"),
        "bytes PNG, 16 bits": encoded(deep, "PNG"),
        "bytes GIF": encoded(photo, "GIF"),
        "bytearray": bytearray(png),
        "memoryview": memoryview(png),
    }


def _images(photo: Image.Image, half: Image.Image, deep: Image.Image) -> dict[str, Any]:
    modes = ("RGB", "RGBX", "L", "P", "CMYK", "1", "YCbCr", "HSV", "LAB", "F", "I")
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    turned = Image.open(io.BytesIO(encoded(photo, "JPEG", exif=exif)))
    return {
        **{f"PIL {mode}": photo.convert(mode) for mode in modes},
        "PIL RGBA": half,
        "PIL LA": half.convert("LA"),
        "PIL PA": half.convert("P").convert("PA"),
        "PIL La": half.convert("La"),
        "PIL I;16": deep,
        "PIL, turned": turned,
    }


def _arrays(photo: Any, grey: Any, half: Any) -> dict[str, Any]:
    return {
        "array RGB": photo,
        "array RGBA": half,
        "array grey": grey,
        "array H x W x 1": grey[..., None],
        "array grey and alpha": half[..., (0, 3)],
        "array uint16 RGB": photo.astype(np.uint16) * 257,
        "array uint16 grey": grey.astype(np.uint16) * 257,
        "array float32 RGB": photo.astype(np.float32) / np.float32(255),
        "array float32 grey": grey.astype(np.float32) / np.float32(255),
        "array float64 grey": grey / 255,
        "array bool": grey > 100,
        "array int32": grey.astype(np.int32),
    }


def answer(remove: Any, data: Any, session: Any, options: Mapping[str, Any]) -> str:
    """What `remove` gives: type, mode or dtype, and size; or the error that it raises."""
    given = data.copy() if isinstance(data, Image.Image) else data  # rembg changes images
    try:
        return described(remove(given, session=session, **options))
    except Exception as error:
        return f"raises {type(error).__name__}"


def described(made: Any) -> str:
    if isinstance(made, bytes):
        with Image.open(io.BytesIO(made)) as image:
            return f"bytes {image.format} {image.mode} {image.width} x {image.height}"
    if isinstance(made, np.ndarray):
        return f"array {made.dtype} {' x '.join(map(str, made.shape))}"
    return f"PIL {made.mode} {made.width} x {made.height}"
