"""Kernels that know no subject: Gaussian blur, bilinear resize, blend."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.kernels.arguments import Map, check_array, image_errors, mask_of, thread_count
from defocus.options.values import check_kernel, check_size

__all__ = ["blend", "gaussian_blur", "resize_bilinear"]


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
    sigma, count = check_kernel(sigma), thread_count(threads)
    check_array("image", image)
    with image_errors():
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
    (width, height), count = check_size(size), thread_count(threads)
    mask = mask_of("mask", mask)
    with image_errors():
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
    count = thread_count(threads)
    check_array("foreground", foreground)
    check_array("background", background)
    alpha = mask_of("alpha", alpha)
    with image_errors():
        return _native.blend(foreground, background, alpha, out=out, threads=count)
