"""The same work as others do it, each in its own terms: arrays for OpenCV, images for Pillow.

Every function gives runners by name; a runner returns what its library returns.  Conversions
between libraries are left out, in the others' favour.  `as_array` makes results comparable.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from bench.support import harness, patterns, truth
from defocus import _native, kernels

cv2 = harness.optional("cv2")
ndimage = harness.optional("scipy.ndimage")
pyvips = harness.optional("pyvips")
if cv2 is not None:
    cv2.setNumThreads(1)
if pyvips is not None:
    pyvips.cache_set_max(0)  # else the second run is a look-up

Bytes = NDArray[np.uint8]
Runners = dict[str, Callable[[], Any]]

OURS, COPY, V3 = "defocus", "ndarray.copy", "x86-64-v3"
MASKED, LINEAR = "defocus, masked", "defocus, masked, linear light"
OURS_V3, LINEAR_V3 = f"{OURS} at {V3}", f"{LINEAR} at {V3}"
OPENCV, SEPARABLE = "OpenCV GaussianBlur", "OpenCV sepFilter2D"
EXPERT, EXPERT_BYTES = "OpenCV shrink-blur-grow", "OpenCV shrink-blur-grow, bytes blend"
OPENCV_LINEAR = "OpenCV float32, masked, linear light"
PILLOW = "Pillow"
PUTALPHA, REMBG = "Pillow putalpha", "rembg's recipe in Pillow"

EXPERTS = (EXPERT, EXPERT_BYTES)
CUTOUTS_OPENCV = ("OpenCV insertChannel", "OpenCV mixChannels", "OpenCV merge")
AT_V3 = (OURS_V3, LINEAR_V3)

PLAIN: dict[str, Any] = {"masked": False, "light": "srgb"}
SLOW = 2.5e6  # pixels; beyond, those that take seconds sit out


class Pictures:
    """One image and mask as every library wants them."""

    def __init__(self, image: Bytes, mask: Bytes) -> None:
        self.image, self.mask = image, mask
        self.height, self.width = image.shape[:2]
        self.size = self.width, self.height
        self.small = self.width * self.height <= SLOW

    @classmethod
    def of(cls, size: str) -> Pictures:
        """The scene at a size class, and the person."""
        return cls(patterns.scene(*patterns.SIZES[size]), patterns.person_mask())

    @cached_property
    def other(self) -> Bytes:
        return np.ascontiguousarray(self.image[::-1])

    @cached_property
    def fractions(self) -> NDArray[np.float32]:
        return np.asarray(self.mask / 255.0, np.float32)

    @cached_property
    def alpha(self) -> Bytes:
        stretched = kernels.resize_bilinear(self.mask, self.size, threads=1)
        return (stretched * 255 + 0.5).astype(np.uint8)

    @cached_property
    def pil(self) -> tuple[Image.Image, Image.Image]:
        return Image.fromarray(self.image), Image.fromarray(self.mask)

    @cached_property
    def vips(self) -> tuple[Any, Any]:
        return pyvips.Image.new_from_array(self.image), pyvips.Image.new_from_array(self.mask)


def as_array(result: Any) -> NDArray[Any]:
    """The pixels of what a runner returned."""
    return np.asarray(result)


def blurs(on: Pictures, sigma: float) -> Runners:
    """Gaussian blur of the whole picture."""
    image, (pil, _) = on.image, on.pil
    runners: Runners = {
        COPY: image.copy,
        OURS: partial(kernels.gaussian_blur, image, sigma, threads=1),
        PILLOW: lambda: pil.filter(ImageFilter.GaussianBlur(sigma)),
    }
    if V3 in _native.isa_levels():
        runners[OURS_V3] = partial(_native.gaussian_blur, image, sigma, isa=V3)
    if cv2 is not None:
        runners[OPENCV] = partial(gaussian, image, sigma)
        taps = cv2.getGaussianKernel(2 * math.ceil(4 * sigma) + 1, sigma, cv2.CV_32F)
        runners[SEPARABLE] = lambda: cv2.sepFilter2D(image, -1, taps, taps)
        runners[EXPERT] = partial(shrink_blur_grow, image, sigma)
        if 1 <= sigma <= 127:
            runners["OpenCV stackBlur"] = partial(stack_blur, image, sigma)
    if pyvips is not None and on.small:
        vips, _ = on.vips
        runners["libvips"] = lambda: vips.gaussblur(sigma).numpy()
    if ndimage is not None and on.small and sigma <= 5:
        runners["scipy.ndimage"] = lambda: ndimage.gaussian_filter(
            image, sigma, mode="mirror", axes=(0, 1)
        )
    return runners


def stages(on: Pictures, sigma: float) -> Runners:
    """Stretch the mask, blur the picture, blend: plainly, unless the name says otherwise."""
    image, mask, (pil, pil_mask) = on.image, on.mask, on.pil
    stage = partial(kernels.portrait_stage, image, mask, sigma, threads=1)
    runners: Runners = {
        COPY: image.copy,
        OURS: partial(stage, **PLAIN),
        MASKED: partial(stage, light="srgb"),
        LINEAR: stage,
        PILLOW: lambda: Image.composite(
            pil,
            pil.filter(ImageFilter.GaussianBlur(sigma)),
            pil_mask.resize(on.size, Image.Resampling.BILINEAR),
        ),
    }
    if V3 in _native.isa_levels():
        runners[OURS_V3] = partial(_native.portrait, image, mask, sigma, **PLAIN, isa=V3)
        runners[LINEAR_V3] = partial(_native.portrait, image, mask, sigma, isa=V3)
    if cv2 is not None:
        runners[OPENCV] = lambda: linear_blend(on, gaussian(image, sigma))
        runners[EXPERT] = lambda: linear_blend(on, shrink_blur_grow(image, sigma))
        runners[EXPERT_BYTES] = lambda: bytes_blend(
            image, shrink_blur_grow(image, sigma), cv2.resize(mask, on.size)
        )
        if on.small:
            runners[OPENCV_LINEAR] = partial(masked_linear, on, sigma)
    if pyvips is not None and on.small:
        vips, vips_mask = on.vips
        scale = on.width / mask.shape[1], on.height / mask.shape[0]
        runners["libvips"] = lambda: (
            vips_mask.resize(scale[0], vscale=scale[1], kernel="linear")
            .ifthenelse(vips, vips.gaussblur(sigma), blend=True)
            .numpy()
        )
    return runners


def cutouts(on: Pictures) -> Runners:
    """The picture with the stretched mask as alpha."""
    image, mask, (pil, pil_mask) = on.image, on.mask, on.pil

    def putalpha() -> Image.Image:
        cut = pil.copy()
        cut.putalpha(pil_mask.resize(on.size, Image.Resampling.BILINEAR))
        return cut

    def composite() -> Image.Image:
        stretched = pil_mask.resize(on.size, Image.Resampling.LANCZOS)
        return Image.composite(pil, Image.new("RGBA", on.size, 0), stretched)

    runners: Runners = {
        COPY: image.copy,
        OURS: partial(kernels.cutout_stage, image, mask, threads=1),
        PUTALPHA: putalpha,
        REMBG: composite,
    }
    if V3 in _native.isa_levels():
        runners[OURS_V3] = partial(_native.cutout, image, mask, isa=V3)
    if cv2 is not None:

        def insert() -> Any:
            cut = cv2.cvtColor(image, cv2.COLOR_RGB2RGBA)
            return cv2.insertChannel(cv2.resize(mask, on.size), cut, 3)

        def mix() -> Any:
            cut = np.empty((on.height, on.width, 4), np.uint8)
            alpha = cv2.resize(mask, on.size)
            return cv2.mixChannels([image, alpha], [cut], [0, 0, 1, 1, 2, 2, 3, 3])[0]

        runners[CUTOUTS_OPENCV[0]] = insert
        runners[CUTOUTS_OPENCV[1]] = mix
        runners[CUTOUTS_OPENCV[2]] = lambda: cv2.merge(
            (*cv2.split(image), cv2.resize(mask, on.size))
        )
    return runners


def blends(on: Pictures) -> Runners:
    """Two pictures and a full-size mask, uint8; OpenCV's float weights are made beforehand."""
    image, other, alpha = on.image, on.other, on.alpha
    front, back, weights = (Image.fromarray(array) for array in (image, other, alpha))
    runners: Runners = {
        COPY: image.copy,
        OURS: partial(kernels.blend, image, other, alpha, threads=1),
        "Pillow composite": lambda: Image.composite(front, back, weights),
    }
    if V3 in _native.isa_levels():
        runners[OURS_V3] = partial(_native.blend, image, other, alpha, isa=V3)
    if cv2 is not None:
        a = alpha.astype(np.float32) / np.float32(255)
        b = np.float32(1) - a
        runners["OpenCV blendLinear"] = lambda: cv2.blendLinear(image, other, a, b)
        runners["OpenCV multiply, add"] = partial(bytes_blend, image, other, alpha)
    return runners


def gaussian(image: Bytes, sigma: float) -> Any:
    """OpenCV's own, with the size it chooses for the sigma."""
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)


def stack_blur(image: Bytes, sigma: float) -> Any:
    """Triangular weights of the Gaussian's variance: r (r + 2) / 6 for radius r."""
    radius = round(math.sqrt(1 + 6 * sigma**2)) - 1
    return cv2.stackBlur(image, (2 * radius + 1, 2 * radius + 1))


def shrink_blur_grow(image: Bytes, sigma: float) -> Any:
    """What an expert does: shrink by a power of two to a sigma of 2 to 4, blur, grow.

    The variances of shrinking (a box) and growing (a triangle) are taken off the blur's.
    """
    factor = 1
    while sigma / (2 * factor) >= 2:
        factor *= 2
    if factor == 1:
        return gaussian(image, sigma)
    height, width = image.shape[:2]
    below, right = -height % factor, -width % factor
    if below or right:
        image = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REFLECT_101)
    whole = image.shape[1], image.shape[0]
    small = (whole[0] // factor, whole[1] // factor)
    shrunk = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    spent = (factor**2 - 1) / 12 + factor**2 / 6
    rest = math.sqrt(sigma**2 - spent) / factor
    blurred = cv2.GaussianBlur(shrunk, (0, 0), rest, borderType=cv2.BORDER_REFLECT)
    return cv2.resize(blurred, whole, interpolation=cv2.INTER_LINEAR)[:height, :width]


def linear_blend(on: Pictures, background: Any) -> Any:
    """OpenCV's own blend, of the stretched mask."""
    alpha = cv2.resize(on.fractions, on.size, interpolation=cv2.INTER_LINEAR)
    return cv2.blendLinear(on.image, background, alpha, 1 - alpha)


def bytes_blend(front: Bytes, back: Any, alpha: Any) -> Any:
    """The fastest way found in OpenCV: everything in bytes, each product rounded."""
    three = cv2.merge((alpha, alpha, alpha))
    above = cv2.multiply(front, three, scale=1 / 255)
    return cv2.add(above, cv2.multiply(back, cv2.bitwise_not(three), scale=1 / 255))


def masked_linear(on: Pictures, sigma: float) -> Any:
    """What portrait uses, written with OpenCV in float32."""
    codes = np.arange(256, dtype=np.float64)
    light = cv2.LUT(on.image, truth.to_linear(codes).astype(np.float32))
    alpha = cv2.resize(on.fractions, on.size, interpolation=cv2.INTER_LINEAR)
    share = 1 - alpha
    colour = cv2.GaussianBlur(light * share[..., np.newaxis], (0, 0), sigma)
    weight = np.maximum(cv2.GaussianBlur(share, (0, 0), sigma), 1e-6)
    mixed = cv2.blendLinear(light, colour / weight[..., np.newaxis], alpha, share)
    bright = 1.055 * cv2.pow(mixed, 1 / 2.4) - 0.055
    coded = np.where(mixed <= 0.0031308, mixed * 12.92, bright)
    return (coded * 255 + 0.5).astype(np.uint8)
