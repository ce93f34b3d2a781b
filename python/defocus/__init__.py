"""The look of a fast prime lens, for any photograph, in one call.

>>> import defocus
>>> defocus.portrait("wedding.jpg").save("portrait.jpg")    # doctest: +SKIP
>>> defocus.cutout("wedding.jpg").save("cutout.png")        # doctest: +SKIP
"""

from defocus._native import __version__
from defocus.encode import save
from defocus.errors import (
    DecodeError,
    DefocusError,
    EncodeError,
    ImageTooLargeError,
    ImageTypeError,
    ImageValueError,
    InputNotFoundError,
    ModelError,
    NoSubjectError,
    OptionError,
    OptionTypeError,
    OutputError,
    UnknownModelError,
    UnsupportedFormatError,
)
from defocus.pipeline import Segmenter, Subject, cutout, find_subject, portrait

__all__ = [
    "DecodeError",
    "DefocusError",
    "EncodeError",
    "ImageTooLargeError",
    "ImageTypeError",
    "ImageValueError",
    "InputNotFoundError",
    "ModelError",
    "NoSubjectError",
    "OptionError",
    "OptionTypeError",
    "OutputError",
    "Segmenter",
    "Subject",
    "UnknownModelError",
    "UnsupportedFormatError",
    "__version__",
    "cutout",
    "find_subject",
    "portrait",
    "save",
]
