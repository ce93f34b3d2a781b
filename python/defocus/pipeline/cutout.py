"""Cutout: from photo to photo with a transparent background, or another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from defocus.io import maps, results
from defocus.io.canvas.background import Background, BackgroundSource
from defocus.io.open import ImageSource, Source
from defocus.io.pillow import Image
from defocus.models.segmenter import Segmenter
from defocus.options import (
    Align,
    Box,
    CanvasSource,
    Effort,
    Finish,
    Length,
    Points,
    Select,
    ShadowSource,
    Sides,
    grouped,
)
from defocus.options.canvas import MOST_PIXELS
from defocus.pipeline.matte_source import MatteSource, mask_of
from defocus.pipeline.shaping import Shaping, read_background
from defocus.pixels.arrays import SupportsArray
from defocus.render import composite
from defocus.subject.subject import Subject
from defocus.timing import stage

if TYPE_CHECKING:
    from defocus.pipeline.keywords import CutoutKeywords

__all__ = ["cutout"]

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
    fill_holes: float | None = None,
    alpha_floor: float | None = None,
    threshold: float | None = None,
    grow: Length | None = None,
    feather: Length | None = None,
    crop: Sides | None = None,
    canvas: CanvasSource | None = None,
    fill: float | None = None,
    align: Align | None = None,
    max_size: int | None = None,
    shadow: ShadowSource | None = None,
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
    Alpha is the `matte` that `find_subject` gives for the same options, rounded, unless an option
    below changes it.  Pixels some 16 pixels or more from anything visible are 0 in all channels.
    The input is never modified.

    The options from `fill_holes` to `background` apply in the order in which they stand here.  A
    length is pixels (12 or "12px"), or a share (.05 or "5%") of the longer side of the subject's
    box.  A number between 0 and 1 is a share.

    Parameters
    ----------
    image : path, bytes, binary file, PIL.Image.Image or numpy.ndarray
        The photograph, as for `portrait`.
    finish : Finish, optional
        The options from `fill_holes` to `matte_only` as one value, instead of them.
    fill_holes : float, default 0
        Fill holes smaller than this share of the subject, 0 to 1.
    alpha_floor : float, optional
        Alpha below this becomes 0, 0 to 1, so that invisible pixels do not enlarge a bounding box.
        The default is 4/255, and 0 with a `matte` of your own.
    threshold : float, optional
        Hard edge: alpha from this on becomes 1, and the rest 0; above 0, up to 1.
    grow : length, default 0
        The outline grows by this much, or shrinks if it is negative; -1000 to 1000 pixels.  Pixels
        that become visible show the photograph.
    feather : length, default 0
        Standard deviation of a blur of alpha, 0 to 1000 pixels.  Pixels that become visible get the
        colours of the subject nearby.
    crop : length or tuple of four lengths, optional
        Crop to the subject and a margin, 0 to 100000 pixels: one for all sides, or left, top, right
        and bottom.  Without a canvas the margin ends at the frame.
    canvas : "square", str or tuple of two int, optional
        The outline of the result, which may reach beyond the frame.  For a ratio of width to
        height, such as "4:5", it is the smallest one that holds the subject.  For (width, height)
        in pixels the subject is resized.
    fill : float, optional
        Share of the width or height of the canvas that the subject takes, .05 to 1.  The default is
        1, less the margin of `crop`.
    align : str, default "center"
        Where the subject stands on the canvas: "center", "top", "bottom", "left", "right", or a
        corner such as "bottom-left".
    max_size : int, optional
        Shrink the result until its longer side has at most so many pixels; 1 to 1000000.
    shadow : bool, str or Shadow, default False
        Draw a shadow behind the subject.  True is `Shadow()`.  Text is a kind and its options:
        "contact blur=1% opacity=.6".  On a transparent background the shadow is a part of alpha.
        It ends where the result ends.
    background : colour, path, bytes, binary file, PIL.Image.Image or numpy.ndarray, optional
        Put the subject on a colour ("white", "#ff8800", (255, 136, 0)) or an image.  An image is
        scaled until it covers the result.  Light is mixed, and the result is opaque RGB.
    matte_only : bool, default False
        Return the matte: (height, width), in the dtype of the photo, its full scale for subject.
    matte, subject, box, points, keep, remove, select, effort, segmenter, max_pixels
        As for `portrait`.  A canvas with more than `max_pixels` is refused too.

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
    finish = grouped(
        Finish,
        finish,
        fill_holes=fill_holes,
        alpha_floor=alpha_floor,
        threshold=threshold,
        grow=grow,
        feather=feather,
        crop=crop,
        canvas=canvas,
        fill=fill,
        align=align,
        max_size=max_size,
        shadow=shadow,
        matte_only=matte_only,
    )
    behind = read_background(background, finish, max_pixels)
    floor = finish.floor(found=matte is None)
    shaping = Shaping(finish, behind, floor, source.threads, max_pixels or MOST_PIXELS)
    photo, found = source.photo_and_matte(image)
    with stage("render"):
        mask, guided = mask_of(found)
        rgba = composite.cutout(
            photo.pixels, mask, source.threads, guided=guided, unmixed=source.unmixed
        )
        return results.to_output(*shaping.apply(rgba, photo))
