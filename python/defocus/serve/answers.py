"""Results -> responses: the format by Accept or `format`, and headers for programs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.responses import Response

from defocus.io import formats, save
from defocus.options import Storage
from defocus.subject.subject import Subject

if TYPE_CHECKING:
    from defocus.io.photo import Photo
    from defocus.serve.parameters import Saving

__all__ = ["MEDIA_TYPES", "Picture", "encode", "facts", "format_for", "respond"]

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}


class Picture(NamedTuple):
    """An encoded result: the file, its format, and what is known of the subject."""

    data: bytes
    format: str
    subject: Subject | None = None


def format_for(
    saving: Saving, accept: str, *, alpha: bool, default: str | None, photo: Photo | None = None
) -> str:
    """Pillow's name of the answer's format.

    It is that of `format`, else the best of `accept`, else the default, else the photograph's own.
    Raises UnsupportedFormatError, MissingExtraError or OptionError as `save` does.
    """
    name = saving.format or _accepted(accept, alpha=alpha) or default
    if name is None:
        own = "JPEG" if photo is None or photo.format == "MPO" else photo.format
        name = own if own in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF") else "PNG"
        if formats.FORMATS[name].alpha < alpha:
            name = "PNG"
    storage = Storage(**settings_of(saving))
    return save.check_target(io.BytesIO(), needs_alpha=alpha, format=name, storage=storage)


def settings_of(saving: Saving) -> dict[str, Any]:
    """The settings of `save` that the options hold."""
    return {name: getattr(saving, name) for name in Storage.__dataclass_fields__}


def encode(picture: Any, name: str, storage: Mapping[str, Any], threads: int) -> bytes:
    """The picture as a file of the format."""
    file = io.BytesIO()
    save.save(picture, file, format=name, threads=threads, **storage)
    return file.getvalue()


def facts(subject: Subject | None) -> dict[str, str]:
    """The headers about the subject."""
    if subject is None:
        return {}
    headers = {"Defocus-Confidence": f"{subject.confidence:.4f}"}
    if subject.box is not None:
        headers["Defocus-Subject-Box"] = ", ".join(map(str, subject.box))
    return headers


def respond(made: Picture, stages: Mapping[str, float]) -> Response:
    """The response with the picture."""
    response = Response(made.data, media_type=MEDIA_TYPES[made.format], headers=facts(made.subject))
    response.headers["Server-Timing"] = timing(stages)
    for warning in () if made.subject is None else made.subject.warnings:
        response.headers.append("Defocus-Warning", warning.encode("ascii", "replace").decode())
    return response


def timing(stages: Mapping[str, float]) -> str:
    """The Server-Timing header."""
    return ", ".join(f"{name};dur={1000 * seconds:.1f}" for name, seconds in stages.items())


def _accepted(accept: str, *, alpha: bool) -> str | None:
    """The format that an Accept header names and prefers; None where it leaves the choice."""
    by_type = {media: name for name, media in MEDIA_TYPES.items()}
    best, best_weight = None, 0.0
    for item in accept.split(",")[:32]:
        media, _, rest = item.partition(";")
        media = media.strip().lower()
        weight = _weight(rest)
        if media in ("*/*", "image/*") and weight >= best_weight:
            best, best_weight = None, weight
        elif (
            media in by_type
            and weight > best_weight
            and (formats.FORMATS[by_type[media]].alpha or not alpha)
        ):
            best, best_weight = by_type[media], weight
    return best


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
