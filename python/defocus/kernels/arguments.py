"""What all public kernels do with their arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageTypeError, ImageValueError, type_of
from defocus.options.values import check_threads
from defocus.pixels.mattes import Mask, as_mask
from defocus.threads import effective_threads

__all__ = ["Map", "check_array", "image_errors", "mask_of", "thread_count"]

Map: TypeAlias = NDArray[Any]  # of any dtype that `mattes.as_mask` takes


def thread_count(threads: int | None) -> int:
    """The number of threads to start.  Raises OptionTypeError or OptionError."""
    return effective_threads(check_threads(threads))


def check_array(name: str, array: object) -> None:
    """Refuse what is not a numpy array: ImageTypeError."""
    if not isinstance(array, np.ndarray):
        raise ImageTypeError(
            f"{name} is {type_of(array)}; expected a numpy array; convert it with numpy.asarray"
        )


def mask_of(name: str, values: Map) -> Mask:
    """A mask as the native code takes it.  Raises ImageTypeError or ImageValueError."""
    check_array(name, values)
    return as_mask(name, values)


@contextmanager
def image_errors() -> Iterator[None]:
    """Turn refusals of the native code into errors of this package.

    Options are checked before, so that only arrays can be refused here.
    """
    try:
        yield
    except TypeError as error:
        raise ImageTypeError(str(error)) from None
    except ValueError as error:
        raise ImageValueError(str(error)) from None
