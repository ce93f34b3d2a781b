"""What can go wrong, as types a caller can catch.

Every error is a `DefocusError` and, where one fits, also the built-in that Python users
already catch (`ValueError`, `TypeError`, `OSError`).  The message names the value, what was
expected, and what to do next, on one line.  Each type has a stable `code` for programs.
"""

from __future__ import annotations

import traceback
from typing import ClassVar, TypeVar

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
    "LicenceError",
    "MissingExtraError",
    "MissingLibraryError",
    "ModelError",
    "ModelMissingError",
    "NoSubjectError",
    "OptionError",
    "OptionTypeError",
    "OutputError",
    "ProviderError",
    "UnknownFormatError",
    "UnknownModelError",
    "UnsupportedFormatError",
    "let_go",
    "shown",
    "type_of",
]

_Error = TypeVar("_Error", bound=BaseException)

_LONGEST = 60  # characters of a value in a message


class DefocusError(Exception):
    """Base of every error that defocus raises on purpose.

    Attributes
    ----------
    code : str
        The kind of error in snake_case, such as "decode".  It does not change between versions.
        It belongs to the class.

    Examples
    --------
    >>> ImageTooLargeError.code
    'image_too_large'
    """

    code: ClassVar[str] = "defocus"


class DefocusWarning(UserWarning):
    """A result is complete but for something that it had to leave out.

    It is issued by `warnings.warn`.  The message begins with its kind and a colon.
    """


class OptionError(DefocusError, ValueError):
    """An option has a value outside its range, or two options contradict each other."""

    code = "option"


class OptionTypeError(DefocusError, TypeError):
    """An option has a value of the wrong type."""

    code = "option_type"


class ImageTypeError(DefocusError, TypeError):
    """The image (or matte) is of a kind or dtype that defocus does not take."""

    code = "image_type"


class ImageValueError(DefocusError, ValueError):
    """The image (or matte) has the right type but an unusable shape or content."""

    code = "image_value"


class InputNotFoundError(DefocusError, FileNotFoundError):
    """The input path does not exist or is not a file."""

    code = "input_not_found"


class DecodeError(DefocusError, OSError):
    """The input is not a readable image: empty, truncated, damaged, or not an image at all."""

    code = "decode"


class UnknownFormatError(DecodeError):
    """The input is of no file format that defocus reads, or no image at all."""

    code = "unknown_format"


class ImageTooLargeError(DecodeError, ValueError):
    """The input has more pixels than `max_pixels` allows (a guard against decompression bombs).

    `limit` and `value` are numbers of pixels, where a limit of defocus was exceeded.
    """

    limit: int | None = None
    value: int | None = None

    code = "image_too_large"


class EncodeError(DefocusError, ValueError):
    """The image cannot be stored in the requested format."""

    code = "encode"


class UnsupportedFormatError(EncodeError):
    """The file extension or format name is unknown, or the format cannot hold the picture."""

    code = "unsupported_format"


class MissingLibraryError(DefocusError, ImportError):
    """A library that defocus needs cannot be imported; the message says how to install it."""

    code = "missing_library"


class MissingExtraError(MissingLibraryError):
    """What an extra of defocus installs is not installed; the message names the extra."""

    code = "missing_extra"


class OutputError(DefocusError, OSError):
    """The output could not be written; nothing was left behind."""

    code = "output"


class ModelError(DefocusError, OSError):
    """A model file is missing, damaged, or is not what the registry says."""

    code = "model"


class ModelMissingError(ModelError, FileNotFoundError):
    """The model's file is not on this machine; the message says how to get it."""

    code = "model_missing"


class LicenceError(ModelError, PermissionError):
    """The licence of a model excludes commercial use, and nobody has accepted it."""

    code = "licence"


class DownloadError(ModelError):
    """A model could not be downloaded; nothing was left behind."""

    code = "download"


class ProviderError(OptionError):
    """A provider is not installed, or cannot run the network."""

    code = "provider"


class UnknownModelError(OptionError):
    """The model name is not in the registry."""

    code = "unknown_model"


class NoSubjectError(DefocusError, ValueError):
    """The photograph holds no subject that the network is sure enough of."""

    code = "no_subject"


def shown(value: object) -> str:
    """A value for a message: on one line, and not for ever.

    >>> shown([[1,
    ... 2]])
    '[[1, 2]]'
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a huge int has none, and what others do is their own affair
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def type_of(value: object) -> str:
    """The type of a value for a message, with its article.

    >>> type_of(3), type_of("3"), type_of(None)
    ('an int', 'a str', 'None')
    """
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def let_go(error: _Error) -> _Error:
    """Let an error that is kept, and those behind it, no longer hold the pictures of their frames.

    Where it happened stays readable.
    """
    cause: BaseException | None = error
    visited: list[BaseException] = []
    while cause is not None and cause not in visited:
        visited.append(cause)
        traceback.clear_frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
    return error
