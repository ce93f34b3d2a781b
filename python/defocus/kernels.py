"""The pixel kernels by themselves: Gaussian blur, bilinear resize, blend, and the fused stages.

For all of them:

- Inputs are numpy arrays with any strides (cropped, flipped, transposed), read in place and never
  modified.  No side may be 0.
- A mask or alpha is bool, of unsigned integers from 0 to their full scale, or of floats from 0 to
  1; uint8 and float32 are read in place, all others are converted.
- `out`: an array of the result's shape and dtype, to be filled and returned; a new one by default.
  The pixels of a row must be contiguous, and it may not share memory with an input.
- `threads`: at most so many, 1 or more, and never more than the process may use; None, the default,
  for all of these.  The result does not depend on it, nor on the machine's instruction set.
- The GIL is released while they work.
- ImageTypeError and ImageValueError tell of bad arrays, OptionTypeError and OptionError of bad
  options; all are DefocusError.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from defocus import _native, checks
from defocus.errors import ImageTypeError, ImageValueError, OptionError, OptionTypeError
from defocus.options import Bokeh, Light, Look
from defocus.pixels.mattes import Mask, as_mask
from defocus.threads import check_threads, effective_threads

__all__ = ["blend", "cutout_stage", "gaussian_blur", "portrait_stage", "resize_bilinear"]

Map = NDArray[Any]  # of any dtype that `mattes.as_mask` takes

LARGEST_SIDE = 2**28 - 1  # offsets within a row of pixels are 32-bit


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
    """Blur by a Gaussian of standard deviation `sigma`; a large one costs no more than a small one.

    `image` is uint8 or float32 of shape (height, width) or (height, width, 1, 3 or 4); channels
    are blurred independently (premultiply RGBA).  Floats may be of any scale; a NaN or infinity
    spoils what lies within 6 sigma of it.  `sigma` is in pixels, finite and above 0, as large as
    you like.  Borders are mirrored without repeating the edge (reflect-101: dcb|abcd|cba).

    Gives an array like `image`: uint8 within one level of the exactly blurred and rounded picture,
    float32 as close in proportion.  docs/decisions/prefilter.md says how.

    >>> import numpy as np
    >>> step = np.repeat(np.array([[0, 200]], np.uint8), 8, axis=1)
    >>> gaussian_blur(step, 2.0)[0, 4:12].tolist()
    [8, 21, 45, 80, 120, 155, 179, 192]
    """
    sigma, count = _check_sigma(sigma), _count(threads)
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
    """Stretch a mask to `size` by linear interpolation, as float32 0..1.

    `mask` is (height, width); `size` is (width, height) in pixels.
    Pixel centres lie at half-integers, as in Pillow, OpenCV and PyTorch without aligned corners;
    beyond the outermost centres the outermost value holds.  Made for enlarging: when shrinking,
    only the two nearest samples count on each axis.

    >>> import numpy as np
    >>> resize_bilinear(np.array([[0, 255]], np.uint8), (4, 1)).tolist()
    [[0.0, 0.25, 0.75, 1.0]]
    """
    (width, height), count = _check_size(size), _count(threads)
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
    """Lay one picture over another: alpha * foreground + (1 - alpha) * background, rounded.

    Both pictures are uint8 (height, width, 3), `alpha` is (height, width).
    Gives a picture like them, within one level of the rounded truth.  Where alpha is 1 (255)
    or 0 it has the very bytes of the foreground or background.

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
    """Blur what the mask calls background: the whole pixel work of `defocus.portrait`, fused.

    `image` is uint8 (height, width, 3); `mask` is (height, width) of any size, the most for the
    subject, and is stretched over the image as `resize_bilinear` does.  `sigma` is the blur's, as
    in `gaussian_blur`.  Neither the stretched mask nor the blurred picture ever exists as a whole.

    - `masked`: leave the subject out of the blur, blur((1 - a) I) / blur(1 - a), so that its
      colours do not glow into the background (normalised convolution: Knutsson & Westin 1993).
      False blurs the whole picture.
    - `light`: "linear" blurs and blends amounts of light, as a lens does, taking the bytes for
      sRGB (IEC 61966-2-1); "srgb" blurs and blends the bytes as they are.
    - `bokeh`: "gaussian", or "disc" for a disc of radius 2 sigma, which spreads light as far;
      with 5 to 9 `blades` a polygon that does.  The borders are then held instead of mirrored.
    - `highlights`: with discs of light, how much light small lone spots of white are given back,
      in multiples of white (0 to 100, by default 5).

    Gives a picture like `image`.  Where the stretched mask is 1 it has the image's very bytes.

    >>> import numpy as np
    >>> image = np.full((8, 8, 3), 100, np.uint8)
    >>> image[:, 4:] = 250
    >>> mask = np.repeat(np.array([[0, 255]], np.uint8), 4, axis=1)
    >>> portrait_stage(image, mask, 3.0)[0, ::7, 0].tolist()
    [100, 250]
    """
    sigma, count = _check_sigma(sigma), _count(threads)
    masked = checks.flag("masked", masked)
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
    """Make what the mask calls background transparent: the pixel work of `defocus.cutout`.

    Takes `image` and `mask` as `portrait_stage` does.  Gives uint8 (height, width, 4): the image's
    own colours, with the stretched mask as straight (not premultiplied) alpha.

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


def _check_sigma(sigma: object) -> float:
    return checks.number("sigma", sigma, 0.0, unit="pixels", above=True)


def _check_size(size: object) -> tuple[int, int]:
    wanted = f"expected (width, height) in pixels, both integers from 1 to {LARGEST_SIDE}"
    text = checks.shown(size)
    try:
        sides = tuple(map(operator.index, size))  # type: ignore[call-overload]
    except TypeError:
        raise OptionTypeError(f"size={text} is no pair of integers; {wanted}") from None
    if len(sides) != 2 or not all(1 <= side <= LARGEST_SIDE for side in sides):
        raise OptionError(f"size={text} is out of range; {wanted}")
    return sides[0], sides[1]


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
    """What the native code refuses, as this package's errors: by then only arrays can be wrong."""
    try:
        yield
    except TypeError as error:
        raise ImageTypeError(str(error)) from None
    except ValueError as error:
        raise ImageValueError(str(error)) from None
