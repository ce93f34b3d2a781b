"""The fused stages: the whole pixel work of a portrait and of a cutout."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.kernels.arguments import Map, check_array, image_errors, mask_of, thread_count
from defocus.options import Bokeh, Light, Look
from defocus.options.values import check_kernel, check_masked

__all__ = ["cutout_stage", "portrait_stage"]


def portrait_stage(
    image: NDArray[np.uint8],
    mask: Map,
    sigma: float,
    *,
    masked: bool = True,
    light: Light = "linear",
    bokeh: Bokeh = "gaussian",
    blades: int | None = None,
    highlights: float | None = None,
    out: NDArray[np.uint8] | None = None,
    threads: int | None = None,
) -> NDArray[np.uint8]:
    """Blur the background: the complete pixel work of `defocus.portrait`, in one fused pass.

    The stretched mask and the blurred image are never held in memory as a whole.  Where the
    stretched mask is 1, the result has the bytes of the image.

    Parameters
    ----------
    image : uint8 array, (height, width, 3)
    mask : bool, unsigned integer or float array, (rows, columns) of any size
        The opacity of the subject.  It is stretched over the image as by `resize_bilinear`.
    sigma : float
        The standard deviation of the blur in pixels, finite and above 0.
    masked : bool, default True
        Exclude the subject from the blur: blur((1 - a) I) / blur(1 - a).
        Its colours then do not glow into the background.  False blurs the whole image.
    light : {"linear", "srgb"}, default "linear"
        "linear" blurs and blends linear light, as a lens does; samples are taken for sRGB.
        "srgb" blurs and blends the samples as they are.
    bokeh : {"gaussian", "disc"}, default "gaussian"
        The shape of the blur.  A disc has the radius 2 sigma, and the variance of the Gaussian.
        Borders are mirrored for "gaussian", and held for "disc".
    blades : int, optional
        With discs: a polygon with 5 to 9 corners instead of a circle.  Default: a circle.
    highlights : float, optional
        With discs in linear light: the light that is added to small clipped spots.
        The unit is white; 0 to 100, default 5.
    out : uint8 array, (height, width, 3), optional
        Receives the result.  Default: a new array.
    threads : int, optional
        The largest number of threads, 1 or more.  Default: all that the process may use.

    Returns
    -------
    uint8 array, (height, width, 3)

    Raises
    ------
    ImageTypeError, ImageValueError
        An array has a dtype, shape, layout or value that is not accepted.
    OptionTypeError, OptionError
        An option is not accepted.

    References
    ----------
    H. Knutsson and C.-F. Westin, "Normalized and differential convolution", CVPR 1993.
    IEC 61966-2-1, the sRGB curve.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.full((8, 8, 3), 100, np.uint8)
    >>> image[:, 4:] = 250
    >>> mask = np.repeat(np.array([[0, 255]], np.uint8), 4, axis=1)
    >>> portrait_stage(image, mask, 3.0)[0, ::7, 0].tolist()
    [100, 250]
    """
    sigma, count = check_kernel(sigma), thread_count(threads)
    masked = check_masked(masked)
    look = Look(bokeh=bokeh, blades=blades, highlights=highlights, light=light)
    check_array("image", image)
    mask = mask_of("mask", mask)
    with image_errors():
        return _native.portrait(
            image,
            mask,
            sigma,
            masked=masked,
            light=look.light,
            bokeh=look.bokeh,
            blades=look.blades or 0,
            highlights=look.strength_of_highlights,
            out=out,
            threads=count,
        )


def cutout_stage(
    image: NDArray[np.uint8],
    mask: Map,
    *,
    out: NDArray[np.uint8] | None = None,
    threads: int | None = None,
) -> NDArray[np.uint8]:
    """Make the background transparent: the pixel work of `defocus.cutout`.

    Parameters
    ----------
    image : uint8 array, (height, width, 3)
    mask : bool, unsigned integer or float array, (rows, columns) of any size
        The opacity of the subject.  It is stretched over the image as by `resize_bilinear`.
    out : uint8 array, (height, width, 4), optional
        Receives the result.  Default: a new array.
    threads : int, optional
        The largest number of threads, 1 or more.  Default: all that the process may use.

    Returns
    -------
    uint8 array, (height, width, 4)
        The colours of the image, and the stretched mask as straight (not premultiplied) alpha.

    Raises
    ------
    ImageTypeError, ImageValueError
        An array has a dtype, shape, layout or value that is not accepted.
    OptionTypeError, OptionError
        `threads` is not accepted.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.full((1, 2, 3), 90, np.uint8)
    >>> cutout_stage(image, np.array([[0, 255]], np.uint8)).tolist()
    [[[90, 90, 90, 0], [90, 90, 90, 255]]]
    """
    count = thread_count(threads)
    check_array("image", image)
    mask = mask_of("mask", mask)
    with image_errors():
        return _native.cutout(image, mask, out=out, threads=count)
