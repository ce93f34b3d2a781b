"""What covers the subject of a photograph: the caller's matte or subject, or what is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from defocus.checks import shown
from defocus.errors import ImageValueError, NoSubjectError, OptionError, OptionTypeError
from defocus.io import decode, maps
from defocus.io.photo import Photo, check_limit
from defocus.options import Effort, Select, Selection, check_alternatives, check_effort
from defocus.pipeline.find import read_and_find
from defocus.pixels import mattes
from defocus.subject.subject import Subject

if TYPE_CHECKING:
    from defocus.models.segmenter import Segmenter
    from defocus.pixels.samples import Pixels

__all__ = ["check_cover", "photo_and_cover"]


def check_cover(
    matte: maps.MapSource | None,
    subject: Subject | None,
    select: Select,
    effort: Effort,
    max_pixels: int | None,
) -> None:
    """Refuse what says nothing, or contradicts itself, about the subject.  Reads no picture."""
    chosen = Selection(select)
    check_effort(effort)
    check_limit(max_pixels)
    check_alternatives({"matte": matte, "subject": subject})
    if not (matte is None and subject is None) and not chosen.everything:
        raise OptionError(
            f"select={shown(select)} chooses among what the network finds, and "
            f"{'matte' if subject is None else 'subject'} is given; "
            "leave one out, or give select to find_subject"
        )
    if not isinstance(subject, Subject | None):
        raise OptionTypeError(
            f"subject is a {type(subject).__name__}; expected the result of find_subject"
        )


def photo_and_cover(
    image: decode.Source | Pixels,
    matte: maps.MapSource | None,
    subject: Subject | None,
    select: Select,
    effort: Effort,
    segmenter: Segmenter | None,
    max_pixels: int | None,
) -> tuple[Photo, mattes.Mask | Subject]:
    """The photo, and what covers its subject: the caller's matte or subject, or our own."""
    if matte is not None:
        mask = maps.read_matte(matte, max_pixels=max_pixels)
        photo = decode.read(image, max_pixels=max_pixels)
        mattes.check_size("matte", mask, photo.size)
        return photo, mask
    if subject is None:
        photo, subject = read_and_find(
            image, select=select, effort=effort, segmenter=segmenter, max_pixels=max_pixels
        )
    else:
        photo = decode.read(image, max_pixels=max_pixels)
    if subject.size != photo.size:
        raise ImageValueError(
            f"subject was found in an image of {subject.size}, this one has {photo.size}; "
            "call find_subject on this image"
        )
    if not subject.found:
        raise NoSubjectError(subject.warnings[0])
    return photo, subject
