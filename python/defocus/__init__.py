"""The look of a fast prime lens, for any photograph, in one call.

>>> import defocus
>>> defocus.save(defocus.portrait("wedding.jpg"), "portrait.jpg")    # doctest: +SKIP
>>> defocus.save(defocus.cutout("wedding.jpg"), "cutout.png")        # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from defocus.forks import unforked as _unforked

if TYPE_CHECKING:
    from defocus._native import __version__
    from defocus.batch.map import Result
    from defocus.batch.map import map as map
    from defocus.batch.recipe import Recipe
    from defocus.errors import (
        DecodeError,
        DefocusError,
        DefocusWarning,
        DownloadError,
        EncodeError,
        ImageTooLargeError,
        ImageTypeError,
        ImageValueError,
        InputNotFoundError,
        LicenceError,
        MissingExtraError,
        MissingLibraryError,
        ModelError,
        ModelMissingError,
        NoSubjectError,
        OptionError,
        OptionTypeError,
        OutputError,
        ProviderError,
        UnknownFormatError,
        UnknownModelError,
        UnsupportedFormatError,
    )
    from defocus.frames.video import video
    from defocus.io.animation import each_frame, save_frames
    from defocus.io.codecs.deep_image import DeepImage
    from defocus.io.open import Source
    from defocus.io.save import save, to_bytes
    from defocus.models import ModelSpec
    from defocus.models.segmenter import Segmenter
    from defocus.options import Finish, Lens, Look, Shadow
    from defocus.pipeline.cutout import cutout
    from defocus.pipeline.find import find_subject
    from defocus.pipeline.portrait import portrait
    from defocus.subject.components import Component
    from defocus.subject.subject import Subject
    from defocus.timing import stages

# Without `map`: `from defocus import *` leaves the built-in as it is.
__all__ = [
    "Component",
    "DecodeError",
    "DeepImage",
    "DefocusError",
    "DefocusWarning",
    "DownloadError",
    "EncodeError",
    "Finish",
    "ImageTooLargeError",
    "ImageTypeError",
    "ImageValueError",
    "InputNotFoundError",
    "Lens",
    "LicenceError",
    "Look",
    "MissingExtraError",
    "MissingLibraryError",
    "ModelError",
    "ModelMissingError",
    "ModelSpec",
    "NoSubjectError",
    "OptionError",
    "OptionTypeError",
    "OutputError",
    "ProviderError",
    "Recipe",
    "Result",
    "Segmenter",
    "Shadow",
    "Source",
    "Subject",
    "UnknownFormatError",
    "UnknownModelError",
    "UnsupportedFormatError",
    "__version__",
    "cutout",
    "each_frame",
    "find_subject",
    "portrait",
    "save",
    "save_frames",
    "stages",
    "to_bytes",
    "video",
]

# Names load at their first use (PEP 562).  So `defocus --help` needs no numpy, and a bad
# DEFOCUS_ISA is an error of one line.
_HOME = {
    "__version__": "_native",
    "DeepImage": "io.codecs.deep_image",
    "each_frame": "io.animation",
    "map": "batch.map",
    "Result": "batch.map",
    "save": "io.save",
    "save_frames": "io.animation",
    "to_bytes": "io.save",
    "ModelSpec": "models",
    "video": "frames.video",
    **dict.fromkeys(("Finish", "Lens", "Look", "Shadow"), "options"),
    "Source": "io.open",
    "Recipe": "batch.recipe",
    # By way of the pipeline, so that `Segmenter.warmup` also warms up what decodes images.
    "Segmenter": "pipeline.find",
    "Component": "subject.components",
    "Subject": "subject.subject",
    "cutout": "pipeline.cutout",
    "find_subject": "pipeline.find",
    "portrait": "pipeline.portrait",
    "stages": "timing",
}

_MODULES = ("aio", "kernels")


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in."""
    if name not in (*__all__, *_MODULES, "map"):
        raise AttributeError(f"module 'defocus' has no attribute {name!r}")
    with _unforked:
        from importlib import import_module

        if name in _MODULES:
            return import_module(f"defocus.{name}")
        value = getattr(import_module(f"defocus.{_HOME.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__, "map"})
