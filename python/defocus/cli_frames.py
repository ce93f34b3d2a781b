"""`--frames all`: every frame of an animation, every page of a TIFF."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from defocus import cli_output
from defocus.cli_parser import say
from defocus.errors import NoSubjectError, OptionError

if TYPE_CHECKING:
    from defocus.photo import Photo
    from defocus.pipeline import Segmenter, Subject

__all__ = ["run"]

_TIMING = ("duration", "loop")


def run(
    options: argparse.Namespace,
    source: Any,
    target: Any,
    form: str | None,
    segmenter: Segmenter,
    search: dict[str, Any],
    arguments: dict[str, Any],
) -> None:
    """Read, process and write them one after the other.

    `search` is for `find_subject`, `arguments` for the command's function.  A frame in which there
    is no subject stays as it is, or is all background; if there is none in any, it is an error.
    """
    from defocus import animation, decode

    photos = decode.frames(source, max_pixels=options.max_pixels)
    results = _results(options.command, photos, segmenter, search, arguments, options.quiet)
    storage = cli_output.settings(options)
    for name in ("subsampling", "compression"):
        if name in storage:
            raise OptionError(f"--{name} is not for --frames all; drop one of the two")
    animation.save_frames(results, target, format=form, **storage)


def _results(
    command: str,
    photos: Iterator[Photo],
    segmenter: Segmenter,
    search: dict[str, Any],
    arguments: dict[str, Any],
    quiet: bool,
) -> Iterator[Any]:
    from defocus import pipeline

    empty: list[int] = []
    said: set[str] = set()
    number = 0
    for number, photo in enumerate(photos, 1):
        if "matte" in arguments:
            yield _made(command, photo, None, segmenter, arguments)
            continue
        _, subject = pipeline.read_and_find(photo, segmenter=segmenter, **search)
        if not subject.found:
            empty.append(number)
        for warning in subject.warnings if subject.found and not quiet else ():
            kind = warning.partition(":")[0]
            if kind not in said:  # once, not once a frame
                said.add(kind)
                say("warning", f"frame {number}: {warning}")
        yield _made(command, photo, subject, segmenter, arguments)
    if empty and len(empty) == number:
        raise NoSubjectError(f"no subject found in any of {number} frames")
    if empty and not quiet:
        say("warning", f"no subject found in {len(empty)} of {number} frames: {_listed(empty)}")


def _made(
    command: str,
    photo: Photo,
    subject: Subject | None,
    segmenter: Segmenter,
    arguments: dict[str, Any],
) -> Any:
    import numpy as np

    from defocus import encode, pipeline, transparency

    if command == "mask" and subject is not None:
        matte: Any = encode.to_output(np.rint(subject.matte * 255.0).astype(np.uint8), photo)
        matte.info.update({key: photo.info[key] for key in _TIMING if key in photo.info})
        return matte
    given = dict(arguments)
    if subject is not None and subject.found:
        given["subject"] = subject
    elif subject is not None and command == "portrait":
        pixels, alpha = photo.pixels, photo.alpha
        return encode.to_output(
            pixels if alpha is None else transparency.with_alpha(pixels, alpha), photo
        )
    elif subject is not None:
        given["matte"] = np.zeros(photo.pixels.shape[:2], np.uint8)
    make = pipeline.cutout if command == "cutout" else pipeline.portrait
    return make(photo, segmenter=segmenter, **given)


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return shown + (", ..." if len(numbers) > 5 else "")
