"""Portrait: from photo to photo with a blurred background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from defocus.io import maps, results
from defocus.io.colour import output_colour
from defocus.io.open import ImageSource, Source
from defocus.io.photo import Photo
from defocus.io.pillow import Image
from defocus.models.segmenter import Segmenter
from defocus.options import (
    Bokeh,
    Box,
    Effort,
    Ground,
    Lens,
    Light,
    Look,
    Points,
    Select,
    check_alternatives,
    grouped,
)
from defocus.pipeline.matte_source import MatteSource, mask_of
from defocus.pixels import alpha as alpha_module
from defocus.pixels import mattes
from defocus.pixels.arrays import SupportsArray
from defocus.pixels.samples import Pixels
from defocus.render import composite, graded, layers
from defocus.render import grain as film
from defocus.render import ground as standing
from defocus.subject.subject import Subject
from defocus.timing import stage

if TYPE_CHECKING:
    from defocus.pipeline.keywords import PortraitKeywords

__all__ = ["portrait"]

_Sample = TypeVar("_Sample", np.uint8, np.uint16, np.float16, np.float32, np.float64)


@overload
def portrait(image: NDArray[_Sample], **options: Unpack[PortraitKeywords]) -> NDArray[_Sample]: ...
@overload
def portrait(image: SupportsArray, **options: Unpack[PortraitKeywords]) -> NDArray[Any]: ...
@overload
def portrait(image: Source, **options: Unpack[PortraitKeywords]) -> Image.Image: ...
def portrait(
    image: ImageSource,
    *,
    lens: Lens | None = None,
    aperture: float | None = None,
    sigma: float | None = None,
    focal_length: float | None = None,
    distance: float | None = None,
    look: Look | None = None,
    bokeh: Bokeh | None = None,
    blades: int | None = None,
    highlights: float | None = None,
    light: Light | None = None,
    ramp: float | None = None,
    ground: Ground | None = None,
    grain: float | None = None,
    depth: maps.MapSource | None = None,
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
    """Keep the subject sharp and blur the background, as a fast prime lens does.

    Pixels that the matte calls fully subject keep every bit.  The input is never modified.
    The background is one blur, as if all of it were far away, unless `depth` or `ramp` is given.

    Parameters
    ----------
    image : path, bytes, binary file, PIL.Image.Image or numpy.ndarray
        The photograph.  An array is grey (height, width) or (height, width, 1), RGB, or RGBA, of
        uint8, uint16 or floats 0 to 1, with any strides.  What numpy converts is an array too.
    lens : Lens, optional
        The next four options as one value, instead of them.
    aperture : float, default 1.8
        F-number of a lens on a full-frame camera, 0.5 to 64.  A smaller number blurs more.  The
        blur follows the long edge of the image, so a photo looks alike at any resolution.
    sigma : float, optional
        Standard deviation of the blur in pixels, above 0, up to 100000.  It replaces the lens.
    focal_length : float, default 50
        Millimetres, 5 to 2000.
    distance : float, default 1.5
        Metres from the lens to the subject, beyond the focal length, up to 10000.
    look : Look, optional
        The next seven options as one value, instead of them.
    bokeh : {"gaussian", "disc"}, default "gaussian"
        The shape of the blur; "disc" is that of the aperture of a lens.
    blades : int, optional
        5 to 9 sides of a disc.  None is round.
    highlights : float, optional
        Light added to specular highlights, 0 to 100 times white.  The default is 5 for discs in
        linear light, else 0.
    light : {"linear", "srgb"}, default "linear"
        "linear" blurs amounts of light, "srgb" the samples.
    ramp : float, optional
        The row of the horizon, 0 (top) to 1 (bottom), for a subject on level ground.  The blur
        grows from the feet of the subject to the horizon.
    ground : {"auto", "off"}, default "off"
        "auto" keeps the ground at the feet of a standing subject in focus, if it is found.  The
        blur then grows with the distance from the feet.  It excludes `ramp` and `depth`.
    grain : float, default 0
        Film grain added back to the background, 0 to 10.  1 is as much as the photo has.
    depth : path, bytes, binary file, PIL.Image.Image or numpy.ndarray, optional
        Distances in any unit, larger is farther, in the proportions of the upright image: a 2-D
        array or a grey image.  The blur at depth z is \\|1 - z_subject / z\\| of the whole.
    matte : path, bytes, binary file, PIL.Image.Image or numpy.ndarray, optional
        Your own matte, of the size of the upright image, or smaller with its proportions; no
        network runs.  An array is bool, of unsigned integers up to their full scale, or of floats 0
        to 1.  Of an image, also as an array, the alpha counts where it is partly transparent, else
        the lightness.
    subject : Subject, optional
        The result of `find_subject` on the same image; no network runs.
    box : (left, top, right, bottom), optional
        A box around the subject, in pixels of the upright image.
    points : sequence of (x, y, keep), optional
        Points in pixels: True adds the part of the photograph under the point, False removes it.
    keep, remove : path, bytes, binary file, PIL.Image.Image or numpy.ndarray, optional
        The same as painted images of the size of the upright image.
    select : {"all", "largest"}, (x, y) or (left, top, right, bottom), default "all"
        Which of several subjects to keep; points and boxes in pixels of the upright image.
    effort : {"fast", "good", "best"}, default "good"
        "fast" stretches the mask.  "good" has edges follow the photograph, separates soft pixels,
        and predicts an ambiguous mask again on the mirrored image.  "best" also predicts a subject
        of less than 25 % of the frame again on a crop.
    segmenter : Segmenter, optional
        The network; its `threads` limit the pixel work too.  By default the process shares one.
    max_pixels : int, optional
        Files with more pixels are refused before decoding.  By default twice the limit of Pillow.

    Returns
    -------
    numpy.ndarray or PIL.Image.Image
        For an array an array of its dtype and shape.  Else a PIL image with the colour profile,
        EXIF (turned upright) and resolution.  Of a photo with 16-bit samples it carries these for
        `save` (`DeepImage`, or mode I;16 if it is grey).

    Raises
    ------
    DecodeError, ImageTooLargeError, InputNotFoundError, ImageTypeError, ImageValueError
        The image, matte or depth map cannot be used.
    OptionError, OptionTypeError
        An option is out of range, has the wrong type, or contradicts another.
    NoSubjectError
        No subject was found, or `select` matches none.
    ModelError
        The network cannot be run.

    Examples
    --------
    >>> import numpy as np
    >>> photo = np.full((40, 60, 3), 90, np.uint8)
    >>> photo[10:30, 20:40] = 200
    >>> matte = np.zeros((40, 60), np.uint8)
    >>> matte[10:30, 20:40] = 255
    >>> blurred = portrait(photo, matte=matte, sigma=5)
    >>> int(blurred[0, 0, 0]), int(blurred[20, 30, 0])
    (90, 200)
    >>> same = portrait(photo, matte=matte, lens=Lens(sigma=5))
    >>> bool((same == blurred).all())
    True
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
    lens = grouped(
        Lens, lens, aperture=aperture, sigma=sigma, focal_length=focal_length, distance=distance
    )
    shape = {"bokeh": bokeh, "blades": blades, "highlights": highlights}
    look = grouped(Look, look, **shape, light=light, ramp=ramp, ground=ground, grain=grain)
    distances = read_depth(depth, look, max_pixels)
    photo, found = source.photo_and_matte(image)
    with stage("render"):
        pixels = _blurred(photo, found, source, lens, look, distances)
        return results.to_output(pixels, photo, opaque=photo.alpha is None)


def read_depth(
    depth: maps.MapSource | None, look: Look, max_pixels: int | None = None
) -> NDArray[np.float32] | None:
    """The depth map, read.

    Raises OptionError beside `ramp` or `ground`, and what `portrait` raises.
    """
    check_alternatives({"depth": depth, "ramp": look.ramp, "ground": look.ground == "auto"})
    return None if depth is None else maps.read_depth(depth, max_pixels=max_pixels)


def _blurred(
    photo: Photo,
    found: mattes.Mask | Subject,
    source: MatteSource,
    lens: Lens,
    look: Look,
    depth: NDArray[np.float32] | None,
) -> Pixels:
    """The portrait's pixels, H x W x 3.

    They are H x W x 4 if the photograph is transparent, or if the result is a PIL image that can
    use their memory.
    """
    sigma, layered = lens.sigma_pixels(*photo.size), depth is not None or look.ramp is not None
    if output_colour.is_light(photo):
        look = look.for_light()
    mask, guided = mask_of(found)
    pixels, alpha, threads = photo.pixels, photo.alpha, source.threads
    if alpha is not None:
        pixels = alpha_module.weighted(pixels, alpha)
    weighted = pixels is not photo.pixels
    share = standing.share(pixels, mask) if look.ground == "auto" else None
    if layered or share is not None or look.grain or weighted:
        whole = composite.matte(photo.pixels, mask, threads, guided=guided)
    if layered:
        coarse = isinstance(found, Subject)
        blurred = layers.portrait(pixels, whole, depth, sigma, look, threads, coarse=coarse)
    elif share is not None:
        blurred = graded.portrait(
            pixels, whole, share, sigma, look, threads, unmixed=source.unmixed
        )
    else:
        if weighted:
            mask, guided = whole, False
        blurred = composite.portrait(
            pixels,
            mask,
            sigma,
            look,
            threads,
            guided=guided,
            unmixed=source.unmixed,
            rgbx=_in_four_bytes(photo, look),
        )
    if look.grain:
        film.add(blurred, photo.pixels, whole, float(look.grain))
    if alpha is not None:
        if weighted:
            alpha_module.restore(blurred, photo.pixels, pixels, alpha, whole)
            del pixels, mask, whole  # room for the next
        blurred = alpha_module.with_alpha(blurred, alpha)
    return blurred


def _in_four_bytes(photo: Photo, look: Look) -> bool:
    """Whether the blended pixels become the memory of a PIL image, and nothing is added to them."""
    return photo.alpha is None and not look.grain and results.can_lend(photo)
