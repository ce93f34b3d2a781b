"""Colours of results whose own colour space cannot stay: HDR, and grey with its own curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from defocus.io.colour import colour_tags, hdr, to_srgb
from defocus.io.photo import Photo
from defocus.pixels.samples import Pixels, full_scale
from defocus.pixels.srgb import light_of_samples

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["as_light", "as_srgb", "fitting", "is_light", "shared"]

_HDR = ("PNG", "HEIF")  # formats in which we write the numbers of PQ and HLG
# Formats that store grey as colour, which a grey profile does not fit.
_COLOURED = ("WEBP", "AVIF")


def as_srgb(pixels: Pixels, info: Mapping[Any, Any]) -> Pixels:
    """Convert H x W x 3 in PQ, HLG or a grey profile to sRGB; others are returned as they are.

    `info` states the colour.
    """
    numbers, profile = colour_tags.hdr_numbers(info), info.get("icc_profile") or b""
    if numbers is not None:
        return hdr.to_srgb(pixels, numbers)
    if _is_grey(profile) and not to_srgb.like_srgb(profile):
        return to_srgb.grey_as_srgb(pixels, profile)
    return pixels


def shared(rgba: Pixels, photo: Photo) -> tuple[Pixels, Photo]:
    """Return a cutout for a background in sRGB or a similar space, and the matching photo."""
    front = rgba[..., :3]
    colours = as_srgb(front, photo.info)
    if colours is not front:
        rgba = np.concatenate([colours, rgba[..., 3:]], axis=2)
    kept = {key: value for key, value in photo.info.items() if key != "cicp"}
    return rgba, replace(photo, info=kept).in_colour()


def fitting(picture: Image.Image, form: str, *, several: bool = False) -> Image.Image:
    """Return the image in colours that the format can hold: unchanged, or in sRGB.

    `form` is Pillow's name.  With `several` frames, one colour is stated for all, which is never
    HDR.
    """
    numbers, profile = colour_tags.hdr_numbers(picture.info), picture.info.get("icc_profile")
    grey = form in _COLOURED and isinstance(profile, bytes) and _is_grey(profile)
    if not grey and (numbers is None or (form in _HDR and not several)):
        return picture
    return _converted(picture)


def _converted(picture: Image.Image) -> Image.Image:
    from PIL import Image

    from defocus.io.codecs.deep_image import DeepImage, samples_of

    samples: Any = samples_of(picture)
    if samples is None:
        if picture.mode not in ("L", "LA", "RGB", "RGBA"):
            picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        samples = np.asarray(picture)
    samples = samples[..., np.newaxis] if samples.ndim == 2 else samples
    count = 1 if samples.shape[2] < 3 else 3
    colours = samples[..., :count] if count == 3 else samples[..., :1].repeat(3, axis=2)
    colours = as_srgb(colours, picture.info)[..., :count]
    whole = np.concatenate([colours, samples[..., count:]], axis=2)
    if whole.shape[2] == 1:
        whole = whole[..., 0]
    deep = whole.dtype == np.uint16 and whole.ndim == 3
    made = DeepImage.of(whole) if deep else Image.fromarray(np.ascontiguousarray(whole))
    left = {"cicp", "icc_profile"} if _is_grey(picture.info.get("icc_profile") or b"") else {"cicp"}
    made.info.update({key: value for key, value in picture.info.items() if key not in left})
    return made


def _is_grey(profile: bytes) -> bool:
    return profile[16:20] == b"GRAY"


def is_light(photo: Photo) -> bool:
    """Return whether the photo's profile states that its samples are linear light."""
    profile = photo.info.get("icc_profile")
    return bool(profile) and to_srgb.is_linear(profile)


def as_light(background: Pixels) -> Pixels:
    """Give an sRGB background as linear light, for a photo whose samples are linear light."""
    full = full_scale(background.dtype)
    table = np.rint(light_of_samples(full) * full).astype(background.dtype)
    result: Pixels = table[background]
    return result
