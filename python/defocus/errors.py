"""What can go wrong, as types a caller can catch.

Every error is a `DefocusError` and, where one fits, also the built-in that Python users
already catch (`ValueError`, `TypeError`, `OSError`).  The message names the value, what was
expected, and what to do next, on one line.
"""

from __future__ import annotations

import traceback
from typing import TypeVar

__all__ = [
    "DecodeError",
    "DefocusError",
    "DefocusWarning",
    "DownloadError",
    "EncodeError",
    "ImageTooLargeError",
    "ImageTypeError",
    "ImageValueError",
    "InputNotFoundError",
    "MissingExtraError",
    "MissingLibraryError",
    "ModelError",
    "ModelMissingError",
    "NoSubjectError",
    "OptionError",
    "OptionTypeError",
    "OutputError",
    "ProviderError",
    "UnknownModelError",
    "UnsupportedFormatError",
    "let_go",
]

_Error = TypeVar("_Error", bound=BaseException)


class DefocusError(Exception):
    """Base of every error that defocus raises on purpose."""


class DefocusWarning(UserWarning):
    """What a person should know of a result that is there all the same: what it had to leave out.

    Given by Python's `warnings.warn`; one sentence, which begins with its kind and a colon.
    """


class OptionError(DefocusError, ValueError):
    """An option has a value outside its range, or two options contradict each other."""


class OptionTypeError(DefocusError, TypeError):
    """An option has a value of the wrong type."""


class ImageTypeError(DefocusError, TypeError):
    """The image (or matte) is of a kind or dtype that defocus does not take."""


class ImageValueError(DefocusError, ValueError):
    """The image (or matte) has the right type but an unusable shape or content."""


class InputNotFoundError(DefocusError, FileNotFoundError):
    """The input path does not exist or is not a file."""


class DecodeError(DefocusError, OSError):
    """The input is not a readable image: empty, truncated, damaged, or not an image at all."""


class ImageTooLargeError(DecodeError, ValueError):
    """The input has more pixels than `max_pixels` allows (a guard against decompression bombs)."""


class EncodeError(DefocusError, ValueError):
    """The picture cannot be stored in the format asked for."""


class UnsupportedFormatError(EncodeError):
    """The file extension or format name is unknown, or the format cannot hold the picture."""


class MissingLibraryError(DefocusError, ImportError):
    """A library that defocus needs cannot be imported; the message says how to install it."""


class MissingExtraError(MissingLibraryError):
    """What an extra of defocus installs is not installed; the message names the extra."""


class OutputError(DefocusError, OSError):
    """The output could not be written; nothing was left behind."""


class ModelError(DefocusError, OSError):
    """A model file is missing, damaged, or is not what the registry says."""


class ModelMissingError(ModelError, FileNotFoundError):
    """The model's file is not on this machine; the message says how to get it."""


class DownloadError(ModelError):
    """A model could not be downloaded; what has arrived is kept, or nothing."""


class ProviderError(OptionError):
    """An execution provider is not in this onnxruntime, or cannot run the network."""


class UnknownModelError(DefocusError, ValueError):
    """The model name is not in the registry."""


class NoSubjectError(DefocusError, ValueError):
    """The photograph holds no subject that the network is sure enough of."""


def let_go(error: _Error) -> _Error:
    """Let an error that is kept, and those behind it, no longer hold the pictures of their frames.

    Where it happened stays readable.
    """
    cause: BaseException | None = error
    seen: list[BaseException] = []
    while cause is not None and cause not in seen:
        seen.append(cause)
        traceback.clear_frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
    return error
