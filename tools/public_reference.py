"""What Pillow, or ImageMagick, makes of a file: upright, and how a result differs from it."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

__all__ = ["Expected", "by_imagemagick", "deviations", "expected", "sizes_differ"]

# Rounding of 16 bits to 8, and of inks to light, may differ by so much.
_OFF = 1
_OFF_INKS = 3
_MOST = 100_000_000  # pixels that are compared
_WAIT = 30  # seconds for ImageMagick
_TURNS: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "mirrored": lambda a: a[:, ::-1],
    "upside down": lambda a: a[::-1, ::-1],
    "flipped": lambda a: a[::-1],
    "turned left": lambda a: np.rot90(a),
    "turned right": lambda a: np.rot90(a, -1),
    "transposed": lambda a: a.swapaxes(0, 1),
    "transversed": lambda a: np.rot90(a.swapaxes(0, 1), 2),
}


class _TooLargeError(ValueError):
    """The picture would take more memory than it is worth."""


@dataclass(frozen=True)
class Expected:
    """The upright picture, uint8 H x W x 4, by that reader; colours may be `off` by so much."""

    pixels: NDArray[np.uint8]
    reader: str
    off: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]


def expected(path: str) -> Expected:
    """The first frame of a file.  Raises whatever its readers raise."""
    try:
        return _by_pillow(path)
    except (_TooLargeError, Image.DecompressionBombError):
        raise
    except Exception as error:  # of every kind, for a damaged file
        if (other := by_imagemagick(path)) is None:
            raise ValueError(f"nobody reads it: {error}") from error
        return other


def _by_pillow(path: str) -> Expected:
    with _opened(path) as image:
        if image.width * image.height > _MOST:
            raise _TooLargeError(f"{image.size} is too large to be compared")
        image.load()
        off = _OFF_INKS if image.mode in ("CMYK", "LAB") else _OFF
        return Expected(_rgba(ImageOps.exif_transpose(image)), "Pillow", off)


def by_imagemagick(path: str) -> Expected | None:
    """What ImageMagick sees, where it is installed and reads the file."""
    tool = shutil.which("magick") or shutil.which("convert")
    if tool is None:
        return None
    command = [tool, f"{path}[0]", "-auto-orient", "-depth", "8", "png32:-"]
    try:
        made = subprocess.run(command, capture_output=True, check=True, timeout=_WAIT).stdout
        return Expected(_rgba(Image.open(io.BytesIO(made))), "ImageMagick", _OFF_INKS)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _opened(path: str) -> Image.Image:
    with Path(path).open("rb") as file:
        start = file.read(12)
    if start[4:8] == b"ftyp" and start[8:12] not in (b"avif", b"avis") and find_spec("pillow_heif"):
        import pillow_heif

        image: Image.Image = pillow_heif.open_heif(path).to_pillow()
        return image
    return Image.open(path)


def _rgba(image: Image.Image) -> NDArray[np.uint8]:
    """Any image as 8 bits of RGBA, inks by their profile."""
    if image.mode.startswith("I;16"):
        samples16 = np.asarray(image).astype(np.uint16)
        clear = image.info.get("transparency")  # which Pillow does not apply to 16 bits
        image = Image.fromarray((samples16 >> 8).astype(np.uint8))
        if isinstance(clear, int):
            image.putalpha(Image.fromarray((samples16 != clear).astype(np.uint8) * 255))
    elif image.mode in ("I", "F"):
        raise ValueError(f"mode {image.mode} has no scale")
    elif image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    elif image.mode in ("CMYK", "LAB"):
        image = _by_profile(image)
    return np.asarray(image.convert("RGBA"))


def _by_profile(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    space = {"CMYK": b"CMYK", "LAB": b"Lab "}[image.mode]
    source = None
    if isinstance(profile, bytes) and profile[16:20] == space:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    elif image.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if source is None:
        return image.convert("RGB")
    made = ImageCms.profileToProfile(
        image,
        source,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE,
    )
    return made if made is not None else image


def deviations(result: Path, wanted: Expected, *, pixels: bool) -> Iterator[tuple[str, str]]:
    """How a result differs from the picture: pairs of kind and detail; `pixels` are compared."""
    with Image.open(result) as image:
        found = _rgba(image)
        if image.getexif().get(0x0112, 1) != 1:
            yield "orientation", "the result says that it is to be turned"
    if differ := sizes_differ((found.shape[1], found.shape[0]), wanted):
        yield from differ
        return
    if not pixels:
        return
    mean, worst = _away(found, wanted.pixels)
    if worst <= wanted.off:
        return
    for name, turn in _TURNS.items():
        other = turn(wanted.pixels)
        if other.shape == found.shape and _away(found, other)[1] <= wanted.off:
            yield "orientation", f"{name}, against {wanted.reader}"
            return
    yield "colour", f"mean {mean:.2f}, worst {worst}, against {wanted.reader}"


def sizes_differ(size: tuple[int, int], wanted: Expected) -> list[tuple[str, str]]:
    """The deviation of a width and height from what is expected, if there is one."""
    if size == wanted.size:
        return []
    kind = "orientation" if size == wanted.size[::-1] else "size"
    return [(kind, f"{size}, by {wanted.reader}: {wanted.size}")]


def _away(found: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[float, int]:
    """The mean and the worst difference, of what is visible."""
    away = np.abs(found.astype(np.int16) - other)
    hidden = (found[..., 3] == 0) & (other[..., 3] == 0)
    away[hidden] = 0
    return float(away.mean()), int(away.max())
