"""One photograph from upload to answer, in stages; what the threads of the service run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from defocus.errors import NoSubjectError
from defocus.io import decode
from defocus.io.photo import Photo
from defocus.models.segmenter import Segmenter
from defocus.options import FINDING, KEYWORDS
from defocus.pipeline.cutout import cutout
from defocus.pipeline.find import read_and_find
from defocus.pipeline.portrait import portrait
from defocus.serve import answers
from defocus.serve.admission import Job
from defocus.serve.answers import Picture
from defocus.serve.parameters import Saving
from defocus.subject.subject import Subject, matte_8bit

__all__ = ["Request", "find", "make", "ready", "render"]


@dataclass(frozen=True)
class Request:
    """What is to be made: `command` is portrait, cutout or mask; `files` are the other pictures."""

    command: str
    image: bytes
    options: Saving
    files: Mapping[str, bytes] = field(default_factory=dict)
    accept: str = ""

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of the library's function."""
        known = KEYWORDS[self.command]
        given = {name: value for name, value in dict(self.options).items() if name in known}
        return {**given, **self.files}

    @property
    def opaque(self) -> bool:
        """Whether the result has no alpha for sure."""
        keywords = self.keywords
        return self.command != "cutout" or bool(
            keywords.get("background") is not None or keywords.get("matte_only")
        )


def find(
    image: bytes, finding: Mapping[str, Any], segmenter: Segmenter, max_pixels: int, job: Job
) -> tuple[Photo, Subject]:
    """The photograph and its subject.  Raises what `find_subject` does."""
    photo, subject = read_and_find(image, segmenter=segmenter, max_pixels=max_pixels, **finding)
    job.pixels += photo.size[0] * photo.size[1]
    return photo, subject


def ready(subject: Subject) -> None:
    """Compute what the answer says of the subject here, not in the thread of the event loop."""
    subject.box  # noqa: B018


def make(request: Request, segmenter: Segmenter, max_pixels: int, job: Job) -> Picture:
    """The answer to a request.  Raises DefocusError."""
    photo, subject = _photo_and_subject(request, segmenter, max_pixels, job)
    default = {"portrait": None, "cutout": "png", "mask": "png"}[request.command]
    alpha = photo.alpha is not None if request.command == "portrait" else not request.opaque
    name = answers.format_for(
        request.options, request.accept, alpha=alpha, default=default, photo=photo
    )
    picture = render(request, photo, subject, segmenter, max_pixels)
    storage = answers.settings_of(request.options)
    threads = segmenter.threads or 1
    return Picture(answers.encode(picture, name, storage, threads), name, subject)


def _photo_and_subject(
    request: Request, segmenter: Segmenter, max_pixels: int, job: Job
) -> tuple[Photo, Subject | None]:
    if "matte" in request.files:
        photo = decode.read(request.image, max_pixels=max_pixels)
        job.pixels += photo.size[0] * photo.size[1]
        return photo, None
    finding = {name: value for name, value in request.keywords.items() if name in FINDING}
    photo, subject = find(request.image, finding, segmenter, max_pixels, job)
    if not subject.found:
        raise NoSubjectError(subject.warnings[0])
    ready(subject)
    return photo, subject


def render(
    request: Request,
    photo: Photo,
    subject: Subject | None,
    segmenter: Segmenter,
    max_pixels: int,
) -> Any:
    """The result as the library gives it."""
    if request.command == "mask" and subject is not None:
        return matte_8bit(subject)
    keywords = {**request.keywords, "segmenter": segmenter, "max_pixels": max_pixels}
    if subject is not None:
        keywords = {n: v for n, v in keywords.items() if n not in FINDING or n == "effort"}
        keywords["subject"] = subject
    if request.command == "cutout":
        return cutout(photo, **keywords)
    return portrait(photo, **keywords)
