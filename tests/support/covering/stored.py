"""What has to be true of a file that was stored: read back by Pillow, not by defocus."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from covering.cases import NOT, Case
from covering.pictures import DPI, MAKER, Input
from defocus.io.colour.to_srgb import srgb_profile

# How far the mean of all samples of a lossy file may be off, in levels of 255: lines, at 4:2:0.
_OFF = 20.0


def opened(data: bytes) -> Image.Image:
    """The file, by Pillow, or by pillow-heif."""
    if data[4:8] == b"ftyp" and data[8:12] != b"avif":
        from pillow_heif import HeifImageFile

        image: Image.Image = HeifImageFile(io.BytesIO(data), "")
        return image
    return Image.open(io.BytesIO(data))


def check_file(case: Case, picture: Input, data: bytes, samples: NDArray[Any]) -> None:
    """The file holds these samples, and what the photograph says of itself."""
    image = opened(data)
    names = {"HEIF": "heic", "MPO": "jpeg"}
    form = str(image.format)
    assert names.get(form, form.lower()) == case["format"], f"format {form}"
    height, width = samples.shape[:2]
    assert image.size == (width, height), f"stored size {image.size}, result {width} x {height}"
    assert image.getexif().get(0x0112, 1) == 1, "the file says that it has to be turned"
    _check_stored_samples(case, image, samples)
    if _is_photograph(case, picture):
        _check_metadata(case, picture, image)
        there = b'dc:source="covering"' in data
        assert there == (picture.kind.xmp and case["strip"] != "all"), "XMP"


def _check_stored_samples(case: Case, image: Image.Image, samples: NDArray[Any]) -> None:
    channels = samples.shape[2]
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    if case["function"] == "save" and case["kind"] == "pil-cmyk":
        mode = "CMYK"
    deep = samples.dtype == np.uint16
    if deep and image.mode.startswith("I"):
        assert case["format"] in ("png", "tiff")
        assert mode == "L", f"stored mode {image.mode}, result {mode}"
        assert (np.asarray(image, np.uint16) == samples[..., 0]).all(), "stored samples differ"
        return
    wider = {"L": "RGB", "LA": "RGBA"} if case["format"] in ("webp", "avif", "heic") else {}
    allowed = {mode, wider.get(mode)} | ({"1"} if case["kind"] == "pil-1" else set())
    assert image.mode in allowed, f"stored mode {image.mode}, result {mode}"
    got = np.asarray(image.convert(mode)).astype(np.int64)
    got = got[..., np.newaxis] if got.ndim == 2 else got
    lossy = case["format"] not in ("png", "tiff")
    if deep:  # Pillow keeps the upper byte of 16 bits
        samples = (samples.astype(np.uint32) + 128) // 257 if lossy else samples >> 8
    away = np.abs(got - samples)
    if not lossy:
        # The mask is rounded once, the cutout's matte where it is multiplied by alpha, too.
        allowed_off = 1 if case["function"] == "cli-mask" else 0
        assert away.max() <= allowed_off, f"stored samples are up to {away.max()} off"
        return
    if mode in ("LA", "RGBA"):
        away = away[samples[..., -1] > 0]
    assert away.mean() <= _OFF, f"stored samples are {away.mean():.2f} off"


def _is_photograph(case: Case, picture: Input) -> bool:
    """Whether the file has what the photograph says of itself: not of arrays and mattes."""
    return picture.kind.form != "array" and case["function"] not in ("matte-only", "cli-mask")


def _check_metadata(case: Case, picture: Input, image: Image.Image) -> None:
    kind, strip = picture.kind, case["strip"]
    assert _profile(image) == expected_profile(case, picture), "another colour profile"
    tags = image.getexif()
    if kind.exif and strip != "all":
        assert tags.get(0x010F) == MAKER, "EXIF is gone"
        assert bool(tags.get_ifd(0x8825)) == (strip == NOT), "the place"
        sides = [
            tags.get_ifd(0x8769).get(tag, side)
            for tag, side in zip((0xA002, 0xA003), image.size, strict=True)
        ]
        assert tuple(sides) == image.size, f"EXIF says {sides} pixels"
    else:
        assert 0x010F not in tags, "EXIF has come from nowhere"
    if kind.dpi and case["format"] in ("jpeg", "png", "tiff"):
        dpi = image.info.get("dpi", (0, 0))
        assert all(abs(float(dots) - DPI) < 0.1 for dots in dpi), f"resolution {dpi}"


def _profile(image: Image.Image) -> bytes | None:
    found: bytes | None = image.info.get("icc_profile")
    return found or None


def expected_profile(case: Case, picture: Input) -> bytes | None:
    """The profile that the result should have."""
    if picture.kind.mode == "CMYK" and case["function"] != "save":
        return srgb_profile()
    coloured = "cutout" in case["function"] and case["background"] != NOT
    if picture.kind.grey and (coloured or case["format"] in ("webp", "avif")):
        return None  # it is sRGB then
    return picture.profile
