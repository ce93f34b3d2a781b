"""The pixel kernels on their own: Gaussian blur, bilinear resize, blend and the fused stages.

These rules hold for all of them:

- Inputs are numpy arrays with any strides.  They are read in place and never modified.
  No side may be 0.
- A mask or an alpha is bool, an unsigned integer from 0 to its full scale, or a float from 0 to 1.
  uint8 and float32 are read in place.  Other types are converted first.
- `out` receives the result and is returned.  By default a new array is made.
  The pixels of a row must be contiguous.  `out` must not share memory with an input.
- `threads` is the largest number of threads, 1 or more.  It is limited to what the process may use,
  which is also the default.  The result depends neither on it nor on the CPU.
- The GIL is released while a kernel works.
- Bad arrays raise ImageTypeError or ImageValueError.
  Bad options raise OptionTypeError or OptionError.  All of these are DefocusError.
"""

# Over 300 lines, because half of them document arguments.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.errors import ImageTypeError, ImageValueError
from defocus.options import Bokeh, Light, Look
from defocus.options.values import check_kernel, check_masked, check_size, check_threads
from defocus.pixels.mattes import Mask, as_mask
from defocus.threads import effective_threads

__all__ = ["blend", "cutout_stage", "gaussian_blur", "portrait_stage", "resize_bilinear"]

Map = NDArray[Any]  # any dtype that `mattes.as_mask` accepts


@overload
def gaussian_blur(
    image: NDArray[np.uint8],
    sigma: float,
    *,
    out: NDArray[np.uint8] | None = ...,
    threads: int | None = ...,
) -> NDArray[np.uint8]: ...
@overload
def gaussian_blur(
    image: NDArray[np.float32],
    sigma: float,
    *,
    out: NDArray[np.float32] | None = ...,
    threads: int | None = ...,
) -> NDArray[np.float32]: ...
def gaussian_blur(
    image: NDArray[Any],
    sigma: float,
    *,
    out: NDArray[Any] | None = None,
    threads: int | None = None,
) -> NDArray[Any]:
    """Blur an image with a Gaussian.  The time does not grow with `sigma`.

    The uint8 result is within one level of the exact blur, rounded.  The float32 result is as close
    in proportion.  Borders are mirrored without repeating the edge (reflect-101: dcb|abcd|cba).

    Parameters
    ----------
    image : uint8 or float32 array, (height, width) or (height, width, 1, 3 or 4)
        Each channel is blurred independently; premultiply RGBA first.  Floats may have any scale.
        A NaN or an infinity spoils the values within 6 sigma of it.
    sigma : float
        The standard deviation in pixels, finite and above 0, of any size.
    out : array like `image`, optional
        Receives the result.  Default: a new array.
    threads : int, optional
        The largest number of threads, 1 or more.  Default: all that the process may use.

    Returns
    -------
    array of the shape and dtype of `image`

    Raises
    ------
    ImageTypeError, ImageValueError
        `image` or `out` has a dtype, shape or layout that is not accepted.
    OptionTypeError, OptionError
        `sigma` or `threads` is not accepted.

    References
    ----------
    The method is described in docs/decisions/prefilter.md.

    Examples
    --------
    >>> import numpy as np
    >>> step = np.repeat(np.array([[0, 200]], np.uint8), 8, axis=1)
    >>> gaussian_blur(step, 2.0)[0, 4:12].tolist()
    [8, 21, 45, 80, 120, 155, 179, 192]
    """
    sigma, count = check_kernel(sigma), _count(threads)
    _check_array("image", image)
    with _image_errors():
        return _native.gaussian_blur(image, sigma, out=out, threads=count)


def resize_bilinear(
    mask: Map,
    size: tuple[int, int],
    *,
    out: NDArray[np.float32] | None = None,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Resize a mask by linear interpolation.

    The kernel is made for enlarging.  When it shrinks, only the two nearest samples count on each
    axis.  Pixel centres lie at half-integers, as in Pillow, OpenCV and PyTorch without aligned
    corners.  Beyond the outermost centres the outermost value holds.

    Parameters
    ----------
    mask : bool, unsigned integer or float array, (height, width)
        Integers range from 0 to their full scale, floats from 0 to 1.
    size : tuple of two ints
        Width and height of the result in pixels, each from 1 to 268435455.
    out : float32 array, (height, width) of `size`, optional
        Receives the result.  Default: a new array.
    threads : int, optional
        The largest number of threads, 1 or more.  Default: all that the process may use.

    Returns
    -------
    float32 array, (height, width) of `size`, 0 to 1

    Raises
    ------
    ImageTypeError, ImageValueError
        `mask` or `out` has a dtype, shape, layout or value that is not accepted.
    OptionTypeError, OptionError
        `size` or `threads` is not accepted.

    Examples
    --------
    >>> import numpy as np
    >>> resize_bilinear(np.array([[0, 255]], np.uint8), (4, 1)).tolist()
    [[0.0, 0.25, 0.75, 1.0]]
    """
    (width, height), count = check_size(size), _count(threads)
    mask = _mask("mask", mask)
    with _image_errors():
        return _native.resize_bilinear(mask, width, height, out=out, threads=count)


def blend(
    foreground: NDArray[np.uint8],
    background: NDArray[np.uint8],
    alpha: Map,
    *,
    out: NDArray[np.uint8] | None = None,
    threads: int | None = None,
) -> NDArray[np.uint8]:
    """Blend two images: alpha * foreground + (1 - alpha) * background.

    The result is within one level of the exact value, rounded.  Where alpha is 1 (255), the result
    has the bytes of the foreground.  Where alpha is 0, it has those of the background.

    Parameters
    ----------
    foreground, background : uint8 array, (height, width, 3)
    alpha : bool, unsigned integer or float array, (height, width)
        The opacity of the foreground.  Integers range from 0 to their full scale, floats from 0 to
        1.
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
        `threads` is not accepted.

    Examples
    --------
    >>> import numpy as np
    >>> white, black = np.full((1, 3, 3), 255, np.uint8), np.zeros((1, 3, 3), np.uint8)
    >>> blend(white, black, np.array([[0, 0.2, 1]], np.float32))[..., 0].tolist()
    [[0, 51, 255]]
    """
    count = _count(threads)
    _check_array("foreground", foreground)
    _check_array("background", background)
    alpha = _mask("alpha", alpha)
    with _image_errors():
        return _native.blend(foreground, background, alpha, out=out, threads=count)


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
    sigma, count = check_kernel(sigma), _count(threads)
    masked = check_masked(masked)
    look = Look(bokeh=bokeh, blades=blades, highlights=highlights, light=light)
    _check_array("image", image)
    mask = _mask("mask", mask)
    with _image_errors():
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
    count = _count(threads)
    _check_array("image", image)
    mask = _mask("mask", mask)
    with _image_errors():
        return _native.cutout(image, mask, out=out, threads=count)


def _count(threads: int | None) -> int:
    return effective_threads(check_threads(threads))


def _check_array(name: str, array: object) -> None:
    if not isinstance(array, np.ndarray):
        raise ImageTypeError(
            f"{name} is a {type(array).__name__}; expected a numpy array; "
            "convert it with numpy.asarray"
        )


def _mask(name: str, values: Map) -> Mask:
    _check_array(name, values)
    return as_mask(name, values)


@contextmanager
def _image_errors() -> Iterator[None]:
    """Turn refusals of the native code into errors of this package.

    Options are checked before, so that only arrays can be refused here.
    """
    try:
        yield
    except TypeError as error:
        raise ImageTypeError(str(error)) from None
    except ValueError as error:
        raise ImageValueError(str(error)) from None
