"""The flow from photo to photo: decode, segment, refine, composite, encode.

This file and `finding`, its first half, are the only ones that name the order of the stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from defocus.io import decode, maps, save
from defocus.io.background import Background, BackgroundSource
from defocus.io.colour import output_colour
from defocus.io.photo import Photo
from defocus.models.segmenter import Segmenter
from defocus.options import Bokeh, Effort, Light, Select
from defocus.pipeline import settings
from defocus.pipeline.find import check_segmenter, default_segmenter, find_subject, read_and_find
from defocus.pipeline.matte_source import check_cover, photo_and_cover
from defocus.pixels import alpha as alpha_module
from defocus.pixels import mattes
from defocus.pixels.samples import Pixels
from defocus.render import composite, cutout_post, layers
from defocus.render import grain as film
from defocus.subject.components import Component
from defocus.subject.subject import Subject

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "Component",
    "Segmenter",
    "Subject",
    "cutout",
    "default_segmenter",
    "find_subject",
    "portrait",
    "read_and_find",
]

_Sample = TypeVar("_Sample", np.uint8, np.uint16)


@overload
def portrait(
    image: NDArray[_Sample],
    *,
    aperture: float = ...,
    sigma: float | None = ...,
    focal_length: float = ...,
    distance: float = ...,
    bokeh: Bokeh = ...,
    blades: int | None = ...,
    highlights: float | None = ...,
    light: Light = ...,
    depth: maps.MapSource | None = ...,
    ramp: float | None = ...,
    grain: float = ...,
    matte: maps.MapSource | None = ...,
    subject: Subject | None = ...,
    select: Select = ...,
    effort: Effort = ...,
    segmenter: Segmenter | None = ...,
    max_pixels: int | None = ...,
) -> NDArray[_Sample]: ...
@overload
def portrait(
    image: decode.Source,
    *,
    aperture: float = ...,
    sigma: float | None = ...,
    focal_length: float = ...,
    distance: float = ...,
    bokeh: Bokeh = ...,
    blades: int | None = ...,
    highlights: float | None = ...,
    light: Light = ...,
    depth: maps.MapSource | None = ...,
    ramp: float | None = ...,
    grain: float = ...,
    matte: maps.MapSource | None = ...,
    subject: Subject | None = ...,
    select: Select = ...,
    effort: Effort = ...,
    segmenter: Segmenter | None = ...,
    max_pixels: int | None = ...,
) -> Image.Image: ...
def portrait(
    image: decode.Source | Pixels,
    *,
    aperture: float = 1.8,
    sigma: float | None = None,
    focal_length: float = 50.0,
    distance: float = 1.5,
    bokeh: Bokeh = "gaussian",
    blades: int | None = None,
    highlights: float | None = None,
    light: Light = "linear",
    depth: maps.MapSource | None = None,
    ramp: float | None = None,
    grain: float = 0.0,
    matte: maps.MapSource | None = None,
    subject: Subject | None = None,
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    max_pixels: int | None = None,
) -> Image.Image | Pixels:
    """Keep the subject sharp and blur the background, as a fast prime lens does.

    `image` is a path, bytes, a binary file object, a PIL image, or an array H x W x 3 (RGB; uint8
    or uint16; strided views welcome).  An array gives an array of its dtype; all else gives a PIL
    image that keeps the colour profile, EXIF (turned upright) and resolution.  A photo of 16 bits
    a sample is worked on in 16 bits, and its PIL image carries them for `save` (`DeepImage`, or
    mode I;16 where it is grey).  The input is never modified.

    The strength is that of a thin lens on a full-frame camera: `aperture` as an f-number
    (0.5 to 64), `focal_length` in millimetres (5 to 2000), `distance` to the subject in metres
    (up to 10000).  It follows the image's long edge, so a photo looks alike at any resolution.
    Or give `sigma`, the standard deviation of the blur in pixels (above 0, up to 100000); the
    lens then does not count.

    The look: `bokeh` is "gaussian", or "disc" for the shape of the lens's aperture, round or with
    5 to 9 `blades`; with discs, lamps that the photo holds as mere white shine by `highlights`
    (0 to 100 times white, default 5) again.  `light` "linear" blurs amounts of light, "srgb" the
    bytes as they are.  `grain` (0 to 10, default 0) gives the background so much of the photo's
    noise back.

    The background is one blur, as if all of it were far away, unless one of these tells more:
    `depth`, distances in any unit, larger is farther (a 2-D array of the upright image's
    proportions, or whatever holds a grey picture): at depth z the blur is
    |1 - z_subject / z| of the whole; or `ramp`, the row of the horizon from 0 (top) to 1 (bottom),
    for a subject that stands on level ground: the blur grows from the feet to the horizon.

    The subject comes from one of: `matte`, your own, of the upright image's size (an array of bool,
    of unsigned integers up to their full scale, or of floats 0..1; or whatever holds a picture,
    whose alpha counts where it is partly transparent, else its lightness; no network runs);
    `subject`, from `find_subject`, whose matte is taken whatever `effort` is; else the network, in
    `segmenter` (whose `threads` bound the pixel work too) or in one session that this process
    shares.  Of several subjects that this finds, `select` keeps "all" (default), the "largest", the
    one at a point (x, y) or those in a box (left, top, right, bottom), in pixels of the upright
    image.  `effort` "good" (default) has edges follow the photograph and takes the colours of soft
    pixels apart, and asks the network again, mirrored, where it leaves a region undecided; "fast"
    does none of these; "best" also has it look closer, at a crop of the photograph, at a subject of
    less than 25 % of the frame.  Pixels that the matte calls fully subject keep every bit.
    `max_pixels` bounds what is decoded (default: Pillow's guard).

    Raises DecodeError, ImageTooLargeError, InputNotFoundError, ImageTypeError or ImageValueError
    for a bad image or matte, OptionError or OptionTypeError for a bad option, NoSubjectError if
    nothing was found, ModelError if the network fails; all are DefocusError.

    >>> import numpy as np
    >>> photo = np.full((40, 60, 3), 90, np.uint8)
    >>> photo[10:30, 20:40] = 200
    >>> matte = np.zeros((40, 60), np.uint8)
    >>> matte[10:30, 20:40] = 255
    >>> blurred = portrait(photo, matte=matte, sigma=5)
    >>> int(blurred[0, 0, 0]), int(blurred[20, 30, 0])
    (90, 200)
    """
    check_segmenter(segmenter)
    check_cover(matte, subject, select, effort, max_pixels)
    asked = settings.blur(
        aperture=aperture,
        sigma=sigma,
        focal_length=focal_length,
        distance=distance,
        bokeh=bokeh,
        blades=blades,
        highlights=highlights,
        light=light,
        depth=depth,
        ramp=ramp,
        grain=grain,
        max_pixels=max_pixels,
    )
    photo, cover = photo_and_cover(image, matte, subject, select, effort, segmenter, max_pixels)
    blurred = _blurred(photo, cover, asked, effort, _threads(segmenter))
    return save.to_output(blurred, photo)


def _blurred(
    photo: Photo,
    cover: mattes.Mask | Subject,
    asked: settings.Blur,
    effort: Effort,
    threads: int | None,
) -> Pixels:
    """The portrait's pixels, H x W x 3, or x 4 where the photograph is transparent."""
    sigma, look = asked.lens.sigma_pixels(*photo.size), asked.look
    if output_colour.is_light(photo):
        look = look.for_light()
    mask, guided = _mask(cover)
    pixels, alpha = photo.pixels, photo.alpha
    if alpha is not None:
        pixels = alpha_module.weighted(pixels, alpha)
    weighted = pixels is not photo.pixels
    if asked.layered or look.grain or weighted:
        whole = composite.matte(photo.pixels, mask, threads, guided=guided)
    if asked.layered:
        coarse = isinstance(cover, Subject)
        blurred = layers.portrait(pixels, whole, asked.depth, sigma, look, threads, coarse=coarse)
    else:
        if weighted:
            mask, guided = whole, False
        fine = effort != "fast"
        blurred = composite.portrait(
            pixels, mask, sigma, look, threads, guided=guided, unmixed=fine
        )
    if look.grain:
        film.add(blurred, photo.pixels, whole, float(look.grain))
    if alpha is not None:
        if weighted:
            alpha_module.restore(blurred, photo.pixels, pixels, alpha, whole)
            del pixels, mask, whole  # room for the next
        blurred = alpha_module.with_alpha(blurred, alpha)
    return blurred


@overload
def cutout(
    image: NDArray[_Sample],
    *,
    background: BackgroundSource | Background | None = ...,
    crop: float | None = ...,
    alpha_floor: float | None = ...,
    fill_holes: float = ...,
    matte_only: bool = ...,
    matte: maps.MapSource | None = ...,
    subject: Subject | None = ...,
    select: Select = ...,
    effort: Effort = ...,
    segmenter: Segmenter | None = ...,
    max_pixels: int | None = ...,
) -> NDArray[_Sample]: ...
@overload
def cutout(
    image: decode.Source,
    *,
    background: BackgroundSource | Background | None = ...,
    crop: float | None = ...,
    alpha_floor: float | None = ...,
    fill_holes: float = ...,
    matte_only: bool = ...,
    matte: maps.MapSource | None = ...,
    subject: Subject | None = ...,
    select: Select = ...,
    effort: Effort = ...,
    segmenter: Segmenter | None = ...,
    max_pixels: int | None = ...,
) -> Image.Image: ...
def cutout(
    image: decode.Source | Pixels,
    *,
    background: BackgroundSource | Background | None = None,
    crop: float | None = None,
    alpha_floor: float | None = None,
    fill_holes: float = 0.0,
    matte_only: bool = False,
    matte: maps.MapSource | None = None,
    subject: Subject | None = None,
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    max_pixels: int | None = None,
) -> Image.Image | Pixels:
    """Make the background transparent, or another.

    Takes `image`, `matte`, `subject`, `select`, `effort`, `segmenter` and `max_pixels` as
    `portrait` does, and raises what it raises.  Gives an RGBA image, or for an array one of its
    dtype, H x W x 4: the subject's own colours with the matte as straight (not premultiplied)
    alpha.  What lies some 16 pixels or more from anything visible is 0, colours too.  Alpha is the
    `matte` that `find_subject` gives for the same options, rounded, but for what `alpha_floor` and
    `fill_holes` change.

    `background` puts the subject on a colour ("white", "#ff8800", (255, 136, 0)) or a picture (a
    path or whatever else `image` may be), which is enlarged or shrunk until it covers the result;
    light is mixed, and the result is opaque, RGB.  `matte_only` gives the matte alone, H x W of the
    photo's depth, 255 (or 65535) for subject.  `crop` cuts the result to the subject and a margin,
    a share of its longer side (0 to 10).  `alpha_floor` (0 to 1) makes alpha below it 0, so that
    what nobody sees spoils no bounding box: 4/255 by default, 0 for your own `matte`.
    `fill_holes` (0 to 1) fills holes smaller than that share of the subject.

    >>> import numpy as np
    >>> photo = np.full((2, 2, 3), 90, np.uint8)
    >>> cutout(photo, matte=np.array([[0, 255], [128, 255]], np.uint8))[..., 3].tolist()
    [[0, 255], [128, 255]]
    """
    check_segmenter(segmenter)
    check_cover(matte, subject, select, effort, max_pixels)
    ending, backdrop = settings.cut(
        background=background,
        crop=crop,
        alpha_floor=alpha_floor,
        fill_holes=fill_holes,
        matte_only=matte_only,
        max_pixels=max_pixels,
    )
    photo, cover = photo_and_cover(image, matte, subject, select, effort, segmenter, max_pixels)
    mask, guided = _mask(cover)
    threads, fine = _threads(segmenter), effort != "fast"
    rgba = composite.cutout(photo.pixels, mask, threads, guided=guided, unmixed=fine)
    cutout_post.clean(rgba, photo.pixels, ending, ending.floor(found=matte is None), photo.alpha)
    if backdrop is None:
        cutout_post.blank(rgba)
    if ending.crop is not None:
        rgba = np.ascontiguousarray(rgba[cutout_post.crop_box(rgba[..., 3], ending.crop)])
    if matte_only:
        return save.to_output(np.ascontiguousarray(rgba[..., 3]), photo)
    if backdrop is not None:
        behind = backdrop.fit((rgba.shape[1], rgba.shape[0]), rgba.dtype)
        rgba, photo = output_colour.shared(rgba, photo)
        linear = output_colour.is_light(photo)
        behind = output_colour.as_light(behind) if linear else behind
        rgba = composite.over(rgba, behind, threads, linear=linear)
    return save.to_output(rgba, photo)


def _mask(cover: mattes.Mask | Subject) -> tuple[mattes.Mask, bool]:
    """What to composite with, and whether its edges are still to follow the photograph."""
    if not isinstance(cover, Subject):
        return cover, False
    return (cover.map, True) if cover.guided else (cover.mask, False)


def _threads(segmenter: Segmenter | None) -> int | None:
    """The pixels' threads: as many as the caller's Segmenter may have, else all there are."""
    return None if segmenter is None else segmenter.threads
