"""Colour spaces that are not RGB -> sRGB, by their ICC profile; and what the network should see.

Wide-gamut RGB is left in its own space, with its profile.  Pillow is imported inside the functions,
to keep `import defocus` light.
"""

from __future__ import annotations

import io
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from defocus.pixels.samples import SCALE_TO_16, Pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

__all__ = [
    "CONVERTED",
    "as_network_expects",
    "grey_as_srgb",
    "is_linear",
    "like_srgb",
    "srgb_profile",
    "to_srgb",
]

# Pillow's modes, and what their profiles call the space (ICC.1:2010, 7.2.6).
CONVERTED = {"CMYK": b"CMYK", "LAB": b"Lab "}
_STEPS = (0, 85, 170, 255)
_LINEAR = 177  # of 255, what half the greatest sample is: of a gamma below 1.2
_LIKE = 6  # codes: profiles of sRGB itself differ by as much, near black
# When the profile was made, which would differ from run to run (7.2.8): 1 January 2000.
_DATE = b"".join(part.to_bytes(2, "big") for part in (2000, 1, 1, 0, 0, 0))


@cache
def srgb_profile() -> bytes:
    """The ICC profile of sRGB, IEC 61966-2-1, always of the same bytes."""
    from PIL import ImageCms

    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + _DATE + made[36:]


def to_srgb(image: Image.Image) -> Image.Image:
    """A CMYK or Lab image as sRGB.

    By the profile that it carries: relative colorimetric, with black point compensation, as
    Photoshop does by default.  One without a fitting profile is taken for D50 Lab, as TIFF and ICC
    have it, or for ideal inks, each of which takes its share of the light, as browsers do.
    """
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    source: Any = None
    if isinstance(profile, bytes) and profile[16:20] == CONVERTED[image.mode]:
        source = _readable(profile)
    if source is None and image.mode == "LAB":
        source = ImageCms.createProfile("LAB")
    if source is None:
        return image.convert("RGB")
    transform = ImageCms.buildTransform(
        source,
        ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())),
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        # Without "optimisation", which interpolates in a coarse table: up to 18 levels off.
        ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE,
    )
    return ImageCms.applyTransform(image, transform) or image


def as_network_expects(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An RGB or grey image in the space in which networks are trained, sRGB.

    Samples of a wide gamut look pale to it: Adobe RGB costs the map .011 of IoU, ProPhoto .029.
    """
    if not profile or like_srgb(profile):
        return image
    return _as_srgb(image, profile)


def grey_as_srgb(samples: Pixels, profile: bytes) -> Pixels:
    """Grey samples, of any shape, of a grey profile as sRGB has them."""
    from PIL import Image

    table: NDArray[Any] = np.asarray(
        _as_srgb(Image.frombytes("L", (256, 1), bytes(range(256))), profile)
    )
    table = table[0, :, 1]
    if samples.dtype == np.uint16:
        steps = np.interp(
            np.arange(65536), np.arange(256) * SCALE_TO_16, table * float(SCALE_TO_16)
        )
        table = np.rint(steps).astype(np.uint16)
    result: Pixels = table[samples]
    return result


@lru_cache(maxsize=16)
def is_linear(profile: bytes) -> bool:
    """Whether a profile says that samples are amounts of light, or nearly so."""
    from PIL import Image

    if like_srgb(profile):
        return False
    middle = _as_srgb(Image.new("RGB", (1, 1), (128, 128, 128)), profile).getpixel((0, 0))
    return isinstance(middle, tuple) and middle[1] > _LINEAR


def _as_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """An image in the space of a usable profile, RGB or grey, as RGB of sRGB."""
    from PIL import ImageCms

    mode = "L" if profile[16:20] == b"GRAY" else "RGB"
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    return ImageCms.applyTransform(image.convert(mode), transform) or image


@lru_cache(maxsize=16)
def like_srgb(profile: bytes) -> bool:
    """Whether a profile hardly moves any of some colours; also for one that is of no use."""
    from PIL import Image, ImageCms

    if profile[16:20] == b"GRAY":
        codes = bytes(code for code in range(0, 256, 17) for _ in range(3))
    elif profile[16:20] == b"RGB ":
        codes = bytes(code for r in _STEPS for g in _STEPS for b in _STEPS for code in (r, g, b))
    else:
        return True
    colours = Image.frombytes("RGB", (len(codes) // 3, 1), codes)
    try:
        moved = _as_srgb(colours, profile)
    except (OSError, ImageCms.PyCMSError):
        return True
    return all(abs(a - b) <= _LIKE for a, b in zip(codes, moved.tobytes(), strict=True))


def _readable(profile: bytes) -> Any:
    """Pillow's profile, or None for a damaged one."""
    from PIL import ImageCms

    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return None
