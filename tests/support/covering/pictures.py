"""The pictures of the covering array: every kind of input, and what it shows, known beforehand.

Two bright ellipses, one large, one small, are the subject; all the rest is dark, or thin.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

import deep_files
from covering.kinds import KINDS, Kind
from defocus import DeepImage
from defocus.io.colour.to_srgb import srgb_profile

# The tiny network takes 64 x 48.  Three times that makes exact cells.
SIZES = {"96x64": (96, 64), "192x144": (192, 144), "61x83": (61, 83), "300x220": (300, 220)}
POINT = (0.35, 0.5)  # in the large ellipse, as shares of width and height
BOX = (0.05, 0.1, 0.6, 0.9)  # around it
SCENES = ("black", "lines", "dots", "noise")
MAKER, DPI = "Maker", 300.0
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
  <rdf:Description rdf:about="" dc:source="covering"/>
 </rdf:RDF>
</x:xmpmeta>"""
_BACK = {3: 3, 5: 5, 6: 2, 8: 4}  # orientation -> Pillow's Transpose: how it is stored


@dataclass(frozen=True)
class Shown:
    """What a picture shows, upright: `pixels` H x W x 3 and `alpha` H x W, uint8 or uint16."""

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None


@dataclass(frozen=True)
class Input:
    """A picture: `value` is the file's bytes, the array or the PIL image."""

    kind: Kind
    value: Any
    shown: Shown
    profile: bytes | None

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.shown.pixels.shape[:2]
        return width, height


def ellipses(size: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each pixel is from the centres of the large and the small one: 1 is the edge."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    large = np.hypot((x / width - 0.35) / 0.22, (y / height - 0.5) / 0.34)
    small = np.hypot((x / width - 0.85) / 0.1, (y / height - 0.4) / 0.2)
    return large, small


def scene(name: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Two bright ellipses before something dark: H x W x 3."""
    width, height = size
    rng = np.random.default_rng(4)
    behind = np.zeros((height, width, 3), np.int64)
    if name == "lines":
        behind[:: height // 6], behind[:, :: width // 6] = 170, 170
    elif name == "dots":
        behind[2::7, 3::7] = 255
    elif name == "noise":
        behind = rng.integers(0, 90, behind.shape)
    bright = np.array([246, 226, 206]) + rng.integers(-9, 10, behind.shape)
    inside = np.minimum(*ellipses(size)) < 1
    return np.where(inside[..., np.newaxis], bright, behind).astype(np.uint8)


def transparency(size: tuple[int, int]) -> NDArray[np.uint8]:
    """Nothing at the left, then a ramp, then all."""
    width, height = size
    ramp = np.clip((np.arange(width) - width // 12) * (255 * 6 / width), 0, 255)
    return np.tile(ramp.astype(np.uint8), (height, 1))


def exif(orientation: int, size: tuple[int, int]) -> bytes:
    """Maker, place, resolution, and how the picture is turned."""
    block = Image.Exif()
    block[0x0112], block[0x010F] = orientation, MAKER
    block[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    block[0x8769] = {0xA002: size[0], 0xA003: size[1]}
    return block.tobytes()


@cache
def made(name: str, scene_name: str, size: str, orientation: int, profiled: bool) -> Input:
    """The picture of that kind; the same object at each call: copy what is changed."""
    kind = KINDS[name]
    plain = scene(scene_name, SIZES[size])
    alpha = transparency((plain.shape[1], plain.shape[0])) if kind.alpha else None
    profile = kind.profile if profiled else None
    if kind.deep:
        return _deep(name, kind, plain, alpha, orientation, profile)
    image = _image(kind, plain, alpha)
    if kind.form == "array":
        strided = np.repeat(plain, 2, axis=1)[::-1, ::2][::-1] if "strided" in name else plain
        return Input(kind, strided, Shown(plain, None), None)
    stored = _turned_back(image, orientation)
    metadata: dict[Any, Any] = {
        "exif": exif(orientation, stored.size),
        "dpi": (DPI, DPI),
        "xmp": XMP,
    }
    if kind.form == "PIL":
        stored.info |= metadata | ({"icc_profile": profile} if profile else {})
        return Input(kind, stored, _shown(stored, kind), profile)
    data = _stored(kind, stored, metadata, profile, frames=name == "gif-frames")
    return Input(kind, data, _shown(_opened(data, kind), kind), profile)


def _image(kind: Kind, plain: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> Image.Image:
    colour = Image.fromarray(plain)
    if kind.mode in ("P", "PA"):
        image = colour.quantize(64)
        if alpha is not None:  # the first of its colours is see-through
            image.info["transparency"] = int(np.asarray(image)[0, 0])
        return image
    if kind.mode == "1":
        return colour.convert("L").point(lambda code: 255 * (code > 180)).convert("1")
    image = colour.convert(kind.mode)
    if alpha is not None:
        image.putalpha(Image.fromarray(alpha))
    return image


def _turned_back(image: Image.Image, orientation: int) -> Image.Image:
    """How an upright picture is stored."""
    if orientation not in _BACK:
        return image
    turned = image.transpose(Image.Transpose(_BACK[orientation]))
    turned.info = dict(image.info)
    return turned


def _stored(
    kind: Kind, image: Image.Image, metadata: dict[str, Any], profile: bytes | None, *, frames: bool
) -> bytes:
    settings: dict[str, Any] = dict(kind.settings)
    if kind.exif:
        settings["exif"] = metadata["exif"]
    if kind.dpi:
        settings["dpi"] = metadata["dpi"]
    if kind.xmp:
        settings["xmp"] = metadata["xmp"]
    if profile is not None:
        settings["icc_profile"] = profile
    if "transparency" in image.info:
        settings["transparency"] = image.info["transparency"]
    if frames:
        settings |= {"save_all": True, "append_images": [ImageOps.mirror(image)]}
    file = io.BytesIO()
    if kind.form == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(image).save(file, chroma=444, **settings)
    else:
        image.save(file, kind.form, **settings)
    return file.getvalue()


def _opened(data: bytes, kind: Kind) -> Image.Image:
    if kind.form != "HEIF":
        return Image.open(io.BytesIO(data))
    from pillow_heif import HeifImageFile

    image: Image.Image = HeifImageFile(io.BytesIO(data), "")
    return image


def _shown(image: Image.Image, kind: Kind) -> Shown:
    """What Pillow, by itself, sees in a picture."""
    upright = ImageOps.exif_transpose(image)
    if kind.mode == "CMYK" and image.info.get("icc_profile"):
        upright = _by_profile(upright, image.info["icc_profile"])
    alpha = np.asarray(upright.convert("RGBA").getchannel("A")) if kind.alpha else None
    return Shown(np.asarray(upright.convert("L" if kind.grey else "RGB").convert("RGB")), alpha)


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    from PIL import ImageCms

    made = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE,
    )
    assert made is not None
    return made


def _deep(
    name: str,
    kind: Kind,
    plain: NDArray[np.uint8],
    alpha: NDArray[np.uint8] | None,
    orientation: int,
    profile: bytes | None,
) -> Input:
    """The same with 16 bits, of which the lower eight say something too."""
    rng = np.random.default_rng(6)
    words = plain.astype(np.uint16) * 257
    words -= np.minimum(words, rng.integers(0, 200, words.shape, np.uint16))
    words[plain == 0] = 0
    if kind.grey:
        words[...] = words[..., :1]
    deep_alpha = None if alpha is None else alpha.astype(np.uint16) * 257
    shown = Shown(words, deep_alpha)
    if kind.form == "array":
        strided = np.repeat(words, 2, axis=1)[:, ::2] if "strided" in name else words
        return Input(kind, strided, shown, None)
    parts = words[..., :1] if kind.grey else words
    if deep_alpha is not None:
        parts = np.concatenate([parts, deep_alpha[..., np.newaxis]], axis=2)
    back = {3: parts[::-1, ::-1], 5: parts.swapaxes(0, 1)}
    back |= {6: np.rot90(parts, 1), 8: np.rot90(parts, -1)}
    parts = np.ascontiguousarray(back.get(orientation, parts))
    block = exif(orientation, (parts.shape[1], parts.shape[0]))
    if kind.form == "PIL":
        image = Image.fromarray(parts[..., 0]) if kind.grey else DeepImage.of(parts)
        image.info |= {"exif": block, "dpi": (DPI, DPI), "xmp": XMP}
        image.info |= {"icc_profile": profile} if profile else {}
        return Input(kind, image, shown, profile)
    if kind.form == "TIFF":
        data = deep_files.tiff(parts, tags={274: (3, (orientation,))})
        return Input(kind, data, shown, None)
    before = deep_files.chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1))
    before += deep_files.chunk(b"eXIf", block.removeprefix(b"Exif\0\0"))
    if profile is not None:
        before = deep_files.chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)) + before
    return Input(kind, deep_files.png(parts, before=before), shown, profile)


def srgb_of_grey(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Samples of the grey profile as samples of sRGB (IEC 61966-2-1)."""
    full = np.iinfo(samples.dtype).max
    light = (samples / full) ** 2.2
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(coded * full)
