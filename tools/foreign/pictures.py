"""Writes a digest of each result of `portrait`, `cutout`, `find_subject` and the kernels.

    python -m tools.foreign.pictures DIGESTS.json

Two machines whose files are equal give the same bytes.  The matte is given, and `find_subject` has
the brightness in the place of the network.  Photographs and mattes come from integers alone, so
they are the same everywhere.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import defocus
from defocus import kernels
from defocus.io.colour import hdr
from defocus.models.view import View

__all__ = ["digests"]

Array = NDArray[Any]
# Height, width, channels, dtype, and the kind of the matte.
PHOTOS: dict[str, tuple[int, int, int, str, str]] = {
    "bytes": (83, 61, 3, "uint8", "bytes"),
    "words": (97, 131, 3, "uint16", "floats"),
    "floats": (64, 77, 3, "float32", "words"),
    "doubles": (50, 45, 3, "float64", "bools"),
    "grey": (71, 90, 1, "uint8", "bytes"),
    "transparent": (61, 83, 4, "uint8", "bytes"),
    "deep-transparent": (45, 52, 4, "uint16", "words"),
    "small-matte": (220, 300, 3, "uint8", "small"),
    "deep-small-matte": (132, 200, 3, "uint16", "small"),
    "line": (1, 70, 3, "uint8", "bytes"),
}
LARGE = {"large": (601, 1203, 3, "uint8", "bytes"), "large-deep": (403, 801, 3, "uint16", "small")}
_DISC = {"bokeh": "disc"}
LOOKS: tuple[dict[str, Any], ...] = (
    {},
    {"sigma": 0.4},
    {"sigma": 3},
    {"sigma": 17.5},
    {"sigma": 90},
    {"aperture": 1.2, "focal_length": 85, "distance": 2},
    {"light": "srgb", "sigma": 6},
    {"light": "srgb", **_DISC},
    {"sigma": 4, **_DISC},
    {"sigma": 11, "highlights": 0, **_DISC},
    {"sigma": 11, "highlights": 12, **_DISC},
    *({"sigma": 2 + blades, "blades": blades, **_DISC} for blades in range(5, 10)),
    {"grain": 1, "sigma": 5},
    {"grain": 3.3, **_DISC},
    {"ramp": 0.2, "sigma": 7},
    {"ramp": 0.6, "sigma": 7, **_DISC},
    {"ground": "auto", "sigma": 7},
    {"effort": "fast"},
    {"depth": "plane", "sigma": 7},
    {"depth": "plane", "sigma": 7, **_DISC},
    {"depth": "steps", "light": "srgb", "sigma": 4},
)
FINISHES: tuple[dict[str, Any], ...] = (
    {},
    {"effort": "fast"},
    {"fill_holes": 0.05},
    {"alpha_floor": 0.2},
    {"threshold": 0.5},
    {"grow": -1},
    {"grow": 2.5},
    {"grow": "3%"},
    {"feather": "0.7px"},
    {"feather": 6, "grow": 1},
    {"crop": 0},
    {"crop": "10%"},
    {"canvas": "square"},
    {"canvas": "90x120"},
    {"canvas": "4:5", "fill": 0.8, "align": "bottom"},
    {"max_size": 40},
    {"shadow": True},
    {"shadow": "contact blur=1% opacity=.6"},
    {"shadow": "drop offset=3px,2px spread=1% blur=0 colour=navy", "canvas": "square"},
    {"background": "white"},
    {"background": "picture"},
    {"background": "#336699", "shadow": "drop", "feather": 2},
    {"matte_only": True},
)
STAGES: tuple[dict[str, Any], ...] = ({"masked": False}, {"light": "srgb"}, _DISC)
MARKS: tuple[dict[str, Any], ...] = (
    {"effort": "fast"},
    {"effort": "good"},
    {"effort": "best"},
    {"select": "largest"},
    {"box": (60, 40, 150, 160)},
    {"box": (10, 10, 60, 60)},
    {"points": ((100, 120, True), (20, 20, False))},
)
# A large image is divided among threads.
LARGE_LOOKS: tuple[dict[str, Any], ...] = (
    {},
    {"sigma": 9, **_DISC},
    {"light": "srgb", "sigma": 30},
)
LARGE_FINISHES: tuple[dict[str, Any], ...] = ({}, {"feather": 3, "shadow": True})


def photo(height: int, width: int, channels: int, dtype: str) -> Array:
    """Return a ramp with noise, dark squares and white spots."""
    rng = np.random.default_rng(height * width + channels)
    y, x, c = np.mgrid[:height, :width, :channels]
    samples = (3 * x + 5 * y + 40 * c) % 190 + rng.integers(0, 40, x.shape)
    samples[(x // 16 + y // 16) % 3 == 0] //= 3
    samples[(x % 29 < 2) & (y % 23 < 2)] = 255
    if channels == 4:
        samples[..., 3] = np.clip(x[..., 3] * 6, 0, 255)
    deep = np.minimum(samples * 257 + rng.integers(0, 257, x.shape), 65535)
    values: Array = samples if dtype == "uint8" else deep
    if dtype.startswith("float"):
        values = values / 65535
    shaped = values.astype(dtype)
    return np.asarray(shaped[..., 0] if channels == 1 else shaped)


def matte(height: int, width: int, kind: str) -> Array:
    """Return an ellipse with a soft edge and a hole, of full size or a quarter of it."""
    if kind == "small":
        return matte(height // 4, width // 4, "bytes")
    y, x = np.mgrid[:height, :width]
    inside = (2 * x - width) ** 2 * height**2 + (2 * y - height) ** 2 * width**2
    far = inside * 1000 // (height**2 * width**2)
    levels: Array = np.clip(255 * (450 - far) // 200, 0, 255)
    levels[2 * height // 5 : 2 * height // 5 + 3, width // 2 : width // 2 + 3] = 0
    if kind == "bools":
        return np.asarray(levels > 127)
    if kind == "words":
        return np.asarray(levels * 257, np.uint16)
    return np.asarray(levels / 255, np.float32) if kind == "floats" else levels.astype(np.uint8)


def depth(height: int, width: int, kind: str) -> Array:
    y, x = np.mgrid[:height, :width]
    plane = 1 + (height - y) / height
    return np.asarray(plane if kind == "plane" else 1 + (x * 5 // width)).astype(np.float32)


def cases() -> Iterator[tuple[str, Callable[[], Array]]]:
    """Each result by its name."""
    sets = ((PHOTOS, LOOKS, FINISHES), (LARGE, LARGE_LOOKS, LARGE_FINISHES))
    for photos, looks, finishes in sets:
        for name, (height, width, channels, dtype, kind) in photos.items():
            image, mask = photo(height, width, channels, dtype), matte(height, width, kind)
            for options in looks:
                yield _case("portrait", name, image, mask, options)
            for options in finishes:
                yield _case("cutout", name, image, mask, options)
    yield from _kernel_cases()
    yield from _subject_cases()


def _case(
    function: str, name: str, image: Array, mask: Array, options: dict[str, Any]
) -> tuple[str, Callable[[], Array]]:
    given = dict(options)
    if "depth" in options:
        given["depth"] = depth(image.shape[0], image.shape[1], options["depth"])
    if options.get("background") == "picture":
        given["background"] = photo(40, 50, 3, "uint8")
    call = getattr(defocus, function)
    return f"{function} {name} {options}", lambda: np.asarray(call(image, matte=mask, **given))


def _kernel_cases() -> Iterator[tuple[str, Callable[[], Array]]]:
    image, mask = photo(101, 87, 3, "uint8"), matte(101, 87, "floats")
    small = matte(320, 320, "floats")
    for sigma in (0.3, 1.0, 2.7, 8.0, 40.0):
        for dtype in ("uint8", "float32"):
            pixels = photo(101, 87, 3, dtype)
            yield f"blur {dtype} {sigma}", partial(kernels.gaussian_blur, pixels, sigma)
        for more in STAGES:
            stage = partial(kernels.portrait_stage, image, small, sigma, **more)
            yield f"portrait stage {sigma} {more}", stage
    for transfer in (16, 18):  # PQ and HLG of ITU-T H.273
        for dtype in ("uint8", "uint16"):
            pixels = photo(101, 87, 3, dtype)
            yield f"hdr {transfer} {dtype}", partial(hdr.to_srgb, pixels, (9, transfer))
    yield "cutout stage", partial(kernels.cutout_stage, image, small)
    yield "blend", partial(kernels.blend, image, photo(101, 87, 3, "uint8")[::-1], mask)
    for size in ((87, 101), (33, 500), (641, 5)):
        yield f"resize {size}", partial(kernels.resize_bilinear, small, size)


class Bright(defocus.Segmenter):
    """A network whose mask is the brightness of the photograph, so that none is needed."""

    def mask(self, pixels: Array | View) -> NDArray[np.float32]:
        pixels = pixels.pixels if isinstance(pixels, View) else pixels
        rows, columns = (np.arange(320) * side // 320 for side in pixels.shape[:2])
        light = pixels[rows][:, columns].astype(np.int64).sum(axis=2)
        return np.asarray(light / light.max(), np.float32)


def _subject_cases() -> Iterator[tuple[str, Callable[[], Array]]]:
    for height, width, dtype in ((240, 320, "uint8"), (301, 203, "uint16")):
        image = photo(height, width, 3, dtype) // 2
        inside = matte(height, width, "bools")
        image[inside] += image.dtype.type(np.iinfo(image.dtype).max // 2)
        for marks in MARKS:
            yield (
                f"subject {dtype} {marks}",
                partial(_matte_of_subject, image, segmenter=Bright("u2netp"), **marks),
            )


def _matte_of_subject(image: Array, **options: Any) -> Array:
    return defocus.find_subject(image, **options).matte


def digests() -> dict[str, str]:
    """The SHA-256 of each result: its type, its shape, and its bytes with the low byte first."""
    found = {}
    for name, call in cases():
        try:
            result = call()
        except (ImportError, defocus.MissingLibraryError):
            continue  # Debian's Pillow is older than what defocus needs, and it has no onnxruntime
        except defocus.DefocusError as error:  # an image of one row has no room for some options
            found[name] = type(error).__name__
            continue
        low_first = result.astype(result.dtype.newbyteorder("<"))
        digest = hashlib.sha256(f"{result.dtype.name} {result.shape} ".encode())
        digest.update(low_first.tobytes())
        found[name] = digest.hexdigest()
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(digests(), indent=1), encoding="utf-8")
