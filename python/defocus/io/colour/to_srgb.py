"""Convert colour spaces other than RGB to sRGB by their ICC profile, and images for the network.

Wide-gamut RGB stays in its own space, with its profile.  Pillow is imported inside the functions,
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

# Pillow's modes, and the names of the space in their profiles (ICC.1:2010, 7.2.6).
CONVERTED = {"CMYK": b"CMYK", "LAB": b"Lab "}
_STEPS = (0, 85, 170, 255)
_LINEAR = 177  # half of the largest sample in sRGB, of 255: the gamma is below 1.2
_LIKE = 6  # 8-bit values: profiles of sRGB itself differ by as much, near black
# The date of the profile, fixed so that its bytes do not change (7.2.8): 1 January 2000.
_DATE = b"".join(part.to_bytes(2, "big") for part in (2000, 1, 1, 0, 0, 0))


@cache
def srgb_profile() -> bytes:
    """Return the ICC profile of sRGB, IEC 61966-2-1; its bytes are always the same."""
    from PIL import ImageCms

    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + _DATE + made[36:]


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert a CMYK or Lab image to sRGB.

    The image's profile is used: relative colorimetric, with black point compensation, the default
    of Photoshop.  Lab without a fitting profile is D50 Lab, as in TIFF and ICC.  CMYK without one
    has ideal inks, each of which absorbs its share of the light, as in browsers.
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
        # Without "optimisation", which interpolates in a coarse table and is up to 18 levels off.
        ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE,
    )
    return ImageCms.applyTransform(image, transform) or image


def as_network_expects(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert an RGB or grey image to sRGB, the space in which networks are trained.

    Unconverted samples of a wide gamut look pale.  Adobe RGB costs the map .011 of IoU, ProPhoto
    .029.
    """
    if not profile or like_srgb(profile):
        return image
    return _as_srgb(image, profile)


def grey_as_srgb(samples: Pixels, profile: bytes) -> Pixels:
    """Convert grey samples of any shape from a grey profile to sRGB."""
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
    """Return whether a profile states that samples are linear light, or nearly so."""
    from PIL import Image

    if like_srgb(profile):
        return False
    middle = _as_srgb(Image.new("RGB", (1, 1), (128, 128, 128)), profile).getpixel((0, 0))
    return isinstance(middle, tuple) and middle[1] > _LINEAR


def _as_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert an image with a usable profile, RGB or grey, to RGB in sRGB."""
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
    """Return whether a profile hardly changes any of some colours; True also for an unusable
    profile.
    """
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
    """Return Pillow's profile, or None for a damaged one."""
    from PIL import ImageCms

    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return None
