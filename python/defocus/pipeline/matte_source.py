"""Where the matte of a photograph comes from: the caller, a Subject, or the network."""

from __future__ import annotations

from dataclasses import dataclass

from defocus.errors import ImageValueError, NoSubjectError, OptionError, shown
from defocus.io import decode, maps
from defocus.io.open import ImageSource
from defocus.io.photo import Photo
from defocus.models.segmenter import Segmenter
from defocus.options import (
    Box,
    Effort,
    Points,
    Prompts,
    Select,
    Selection,
    check_alternatives,
    check_effort,
)
from defocus.options.values import check_limit, instance
from defocus.pipeline.find import check_segmenter, read_and_find
from defocus.pixels import mattes
from defocus.subject.subject import Subject

__all__ = ["MatteSource", "mask_of"]


@dataclass(frozen=True, kw_only=True)
class MatteSource:
    """Where the matte comes from: `matte`, else `subject`, else the network.

    It is checked when it is made; no image is read.  Raises OptionError or OptionTypeError.
    """

    matte: maps.MapSource | None = None
    subject: Subject | None = None
    box: Box | None = None
    points: Points = ()
    keep: maps.MapSource | None = None
    remove: maps.MapSource | None = None
    select: Select = "all"
    effort: Effort = "good"
    segmenter: Segmenter | None = None
    max_pixels: int | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        check_segmenter(self.segmenter)
        chosen, prompts = Selection(self.select), Prompts(self.box, self.points)
        check_effort(self.effort)
        check_limit(self.max_pixels)
        check_alternatives({"matte": self.matte, "subject": self.subject})
        choosing = {
            "select": not chosen.everything,
            "box": self.box is not None,
            "points": bool(prompts.points),
            "keep": self.keep is not None,
            "remove": self.remove is not None,
        }
        if not (self.matte is None and self.subject is None) and any(choosing.values()):
            name = next(name for name, given in choosing.items() if given)
            raise OptionError(
                f"{name}={shown(getattr(self, name))} says what the subject is, and "
                f"{'matte' if self.subject is None else 'subject'} is given; "
                f"leave one out, or give {name} to find_subject"
            )
        if self.subject is not None:
            instance("subject", self.subject, Subject, "the result of find_subject")

    @property
    def threads(self) -> int | None:
        """The threads of the pixel work: those of the Segmenter if one is given, else all."""
        return None if self.segmenter is None else self.segmenter.threads

    @property
    def unmixed(self) -> bool:
        """Whether soft pixels are separated into foreground and background."""
        return self.effort != "fast"

    def photo_and_matte(self, image: ImageSource) -> tuple[Photo, mattes.Mask | Subject]:
        """The photo, with the matte of the caller or the Subject."""
        if self.matte is not None:
            mask = maps.read_matte(self.matte, max_pixels=self.max_pixels)
            photo = decode.read(image, max_pixels=self.max_pixels)
            return photo, mattes.fitted(mask, photo.size)
        subject = self.subject
        if subject is None:
            photo, subject = read_and_find(
                image,
                box=self.box,
                points=self.points,
                keep=self.keep,
                remove=self.remove,
                select=self.select,
                effort=self.effort,
                segmenter=self.segmenter,
                max_pixels=self.max_pixels,
            )
        else:
            photo = decode.read(image, max_pixels=self.max_pixels)
        if subject.size != photo.size:
            raise ImageValueError(
                f"subject was found in an image of {subject.size}, this one has {photo.size}; "
                "call find_subject on this image"
            )
        if not subject.found:
            raise NoSubjectError(subject.warnings[0])
        return photo, subject


def mask_of(matte: mattes.Mask | Subject) -> tuple[mattes.Mask, bool]:
    """What to composite with, and whether its edges are still to follow the photograph."""
    if not isinstance(matte, Subject):
        return matte, False
    return (matte.map, True) if matte.guided else (matte.mask, False)
