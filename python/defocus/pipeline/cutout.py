"""Cutout: from photo to photo with a transparent background, or another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from defocus.io import maps, results
from defocus.io.background import Background, BackgroundSource
from defocus.io.colour import output_colour
from defocus.io.open import ImageSource, Source
from defocus.io.photo import Photo
from defocus.io.pillow import Image
from defocus.models.segmenter import Segmenter
from defocus.options import Box, Effort, Finish, Points, Select, check_alternatives, grouped
from defocus.pipeline.matte_source import MatteSource, mask_of
from defocus.pixels import mattes
from defocus.pixels.arrays import SupportsArray
from defocus.pixels.samples import Pixels
from defocus.render import composite, cutout_post
from defocus.subject.subject import Subject
from defocus.timing import stage

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from defocus.pipeline.keywords import CutoutKeywords

__all__ = ["cutout", "read_background"]

_Sample = TypeVar("_Sample", np.uint8, np.uint16, np.float16, np.float32, np.float64)


@overload
def cutout(image: NDArray[_Sample], **options: Unpack[CutoutKeywords]) -> NDArray[_Sample]: ...
@overload
def cutout(image: SupportsArray, **options: Unpack[CutoutKeywords]) -> NDArray[Any]: ...
@overload
def cutout(image: Source, **options: Unpack[CutoutKeywords]) -> Image.Image: ...
def cutout(
    image: ImageSource,
    *,
    background: BackgroundSource | Background | None = None,
    finish: Finish | None = None,
    crop: float | None = None,
    alpha_floor: float | None = None,
    fill_holes: float | None = None,
    matte_only: bool | None = None,
    matte: maps.MapSource | None = None,
    subject: Subject | None = None,
    box: Box | None = None,
    points: Points = (),
    keep: maps.MapSource | None = None,
    remove: maps.MapSource | None = None,
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    max_pixels: int | None = None,
) -> Image.Image | NDArray[Any]:
    """Make the background transparent, or replace it.

    The result has the colours of the subject with the matte as straight (not premultiplied) alpha.
    Alpha is the `matte` that `find_subject` gives for the same options, rounded; `alpha_floor` and
    `fill_holes` change it.  Pixels some 16 pixels or more from anything visible are 0 in all
    channels.  The input is never modified.

    Parameters
    ----------
    image : path, bytes, binary file, PIL.Image.Image or numpy.ndarray
        The photograph, as for `portrait`.
    background : colour, path, bytes, binary file, PIL.Image.Image or numpy.ndarray, optional
        Put the subject on a colour ("white", "#ff8800", (255, 136, 0)) or an image.  An image is
        scaled until it covers the result.  Light is mixed, and the result is opaque RGB.
    finish : Finish, optional
        The next four options as one value, instead of them.
    crop : float, optional
        Crop to the subject and a margin, a share of its longer side, 0 to 10.
    alpha_floor : float, optional
        Alpha below this becomes 0, 0 to 1, so that invisible pixels do not enlarge a bounding box.
        The default is 4/255, and 0 with a `matte` of your own.
    fill_holes : float, default 0
        Fill holes smaller than this share of the subject, 0 to 1.
    matte_only : bool, default False
        Return the matte: (height, width), in the dtype of the photo, its full scale for subject.
    matte, subject, box, points, keep, remove, select, effort, segmenter, max_pixels
        As for `portrait`.

    Returns
    -------
    numpy.ndarray or PIL.Image.Image
        RGBA; RGB with `background`, grey with `matte_only`.  For an array an array of its dtype:
        (height, width, 4), also of a grey one.  Else a PIL image.

    Raises
    ------
    DefocusError
        As for `portrait`.

    Examples
    --------
    >>> import numpy as np
    >>> photo = np.full((2, 2, 3), 90, np.uint8)
    >>> cutout(photo, matte=np.array([[0, 255], [128, 255]], np.uint8))[..., 3].tolist()
    [[0, 255], [128, 255]]
    """
    source = MatteSource(
        matte=matte,
        subject=subject,
        box=box,
        points=points,
        keep=keep,
        remove=remove,
        select=select,
        effort=effort,
        segmenter=segmenter,
        max_pixels=max_pixels,
    )
    single = {"crop": crop, "alpha_floor": alpha_floor, "fill_holes": fill_holes}
    finish = grouped(Finish, finish, **single, matte_only=matte_only)
    behind = read_background(background, finish, max_pixels)
    photo, found = source.photo_and_matte(image)
    with stage("render"):
        rgba = _cut(photo, found, source, finish, keep=behind is not None)
        if finish.matte_only:
            return results.to_output(np.ascontiguousarray(rgba[..., 3]), photo)
        if behind is not None:
            rgba, photo = _placed(rgba, photo, behind, source.threads)
        return results.to_output(rgba, photo)


def read_background(
    background: BackgroundSource | Background | None, finish: Finish, max_pixels: int | None = None
) -> Background | None:
    """The background, read.  Raises OptionError beside `matte_only`, and what `cutout` raises."""
    check_alternatives({"background": background, "matte_only": finish.matte_only})
    if background is None or isinstance(background, Background):
        return background
    return Background(background, max_pixels=max_pixels)


def _cut(
    photo: Photo, found: mattes.Mask | Subject, source: MatteSource, finish: Finish, *, keep: bool
) -> Pixels:
    """The cutout, H x W x 4; `keep` keeps the colours of what is transparent."""
    mask, guided = mask_of(found)
    rgba = composite.cutout(
        photo.pixels, mask, source.threads, guided=guided, unmixed=source.unmixed
    )
    floor = finish.floor(found=source.matte is None)
    cutout_post.clean(rgba, photo.pixels, finish, floor, photo.alpha)
    if not keep:
        cutout_post.blank(rgba)
    if finish.crop is not None:
        rgba = np.ascontiguousarray(rgba[cutout_post.crop_box(rgba[..., 3], finish.crop)])
    return rgba


def _placed(
    rgba: Pixels, photo: Photo, background: Background, threads: int | None
) -> tuple[Pixels, Photo]:
    """The cutout on a background, and the photo whose metadata the result has."""
    behind = background.fit((rgba.shape[1], rgba.shape[0]), rgba.dtype)
    rgba, photo = output_colour.shared(rgba, photo)
    linear = output_colour.is_light(photo)
    behind = output_colour.as_light(behind) if linear else behind
    return composite.over(rgba, behind, threads, linear=linear), photo
