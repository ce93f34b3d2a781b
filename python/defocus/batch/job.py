"""Process one image from file to file, as a `Recipe` says."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from defocus.batch.numbers import NumberedName
from defocus.batch.plan import Job
from defocus.batch.recipe import Recipe
from defocus.errors import DecodeError, NoSubjectError, OutputError, let_go
from defocus.forks import unforked
from defocus.io import decode, formats, output_files, results, save
from defocus.io.open import open_image, typed
from defocus.options import FINDING, Command
from defocus.pipeline.find import read_and_find
from defocus.subject.subject import matte_8bit
from defocus.subject.warnings import frames

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    from defocus.io.open import Source
    from defocus.io.photo import Photo

__all__ = ["Made", "Outcome", "make", "make_all", "make_numbered", "process"]

Status = Literal["done", "copied", "no_subject", "failed"]

_TIMING = ("duration", "loop")


class Made(NamedTuple):
    """A result, its photograph, and the warnings."""

    picture: Image.Image | NDArray[np.uint8]
    photo: Photo
    warnings: tuple[str, ...]


class Outcome(NamedTuple):
    """The result of a job, and how many seconds it took.

    `error` is set for the statuses "failed" and "no_subject".
    """

    job: Job
    status: Status
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    error: Exception | None = None


def make(source: Source, recipe: Recipe) -> Made:
    """Read an image and process it as the recipe says.  Raises the errors of `portrait`."""
    limit, options = recipe.max_pixels, dict(recipe.options)
    warnings: tuple[str, ...] = ()
    if options.get("matte") is not None:
        photo = decode.read(source, max_pixels=limit)
        warnings = frames(photo.frames)
    else:
        finding = {name: options[name] for name in FINDING if name in options} | {**recipe.finding}
        photo, subject = read_and_find(
            source, segmenter=recipe.segmenter, max_pixels=limit, **finding
        )
        if not subject.found:
            raise NoSubjectError(subject.warnings[0])
        warnings = subject.warnings
        if recipe.command == "mask":
            return Made(matte_8bit(subject), photo, warnings)
        options = {"effort": finding.get("effort", "good"), **_unmarked(options)}
        options["subject"] = subject
    made = _function(recipe.command)(photo, segmenter=recipe.segmenter, **options, max_pixels=limit)
    return Made(made, photo, warnings)


def make_all(
    source: Source, target: save.Target, recipe: Recipe, form: str | None = None
) -> tuple[str, ...]:
    """Make and store every frame of an image, one after the other; return the warnings.

    A frame in which there is no subject stays as it is, or is all background; if there is none in
    any, NoSubjectError is raised.  `form` is the `format` of `save_frames`.
    """
    with unforked:
        from defocus.io import animation

    saving = {name: value for name, value in recipe.saving.items() if name in ("quality", "strip")}
    notes: dict[str, str] = {}
    animation.save_frames(_each(source, recipe, notes), target, format=form, **saving)
    return tuple(notes.values())


def make_numbered(
    source: Source, name: NumberedName, recipe: Recipe, form: str | None = None
) -> tuple[list[str], tuple[str, ...]]:
    """Store every frame of an image in a file of its own; return the paths and the warnings.

    Frames without a subject are as in `make_all`.  If there is none in any, no file is left, and
    NoSubjectError is raised.  Files before another error stay.
    """
    written: list[str] = []
    notes: dict[str, str] = {}
    try:
        for number, picture in enumerate(_each(source, recipe, notes), 1):
            save.save(picture, name.of(number), format=form, **recipe.saving)
            written.append(name.of(number))
    except NoSubjectError:
        for path in written:
            Path(path).unlink(missing_ok=True)
        raise
    return written, tuple(notes.values())


def _each(source: Source, recipe: Recipe, notes: dict[str, str]) -> Iterator[Any]:
    """The results, frame by frame; the first warning of each kind goes to `notes`."""
    empty: list[int] = []
    number = 0
    for number, photo in enumerate(decode.frames(source, max_pixels=recipe.max_pixels), 1):
        try:
            made = make(photo, recipe)
        except NoSubjectError:
            empty.append(number)
            yield _without_subject(photo, recipe)
            continue
        for warning in made.warnings:
            notes.setdefault(warning.partition(":")[0], f"frame {number}: {warning}")
        yield _timed(made.picture, photo)
    if empty and len(empty) == number:
        raise NoSubjectError(f"no subject found in any of {number} frames")
    if empty:
        shown = ", ".join(map(str, empty[:5])) + (", ..." if len(empty) > 5 else "")
        notes["none"] = f"no subject found in {len(empty)} of {number} frames: {shown}"


def _without_subject(photo: Photo, recipe: Recipe) -> Any:
    if recipe.command == "portrait":
        return results.unchanged(photo)
    nothing = np.zeros(photo.pixels.shape[:2], np.uint8)
    if recipe.command == "mask":
        return _timed(nothing, photo)
    options = _unmarked(recipe.options) | {"max_pixels": recipe.max_pixels}
    return _function("cutout")(photo, matte=nothing, segmenter=recipe.segmenter, **options)


def _function(command: Command) -> Callable[..., Any]:
    """`portrait` or `cutout`.  The other is not imported, because one photograph would wait."""
    with unforked:
        if command == "cutout":
            from defocus.pipeline.cutout import cutout

            return cutout
        from defocus.pipeline.portrait import portrait

        return portrait


def _unmarked(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options without those that say which subject is meant; it is found already."""
    return {n: value for n, value in options.items() if n not in FINDING or n == "effort"}


def _timed(picture: Any, photo: Photo) -> Any:
    """The image with the duration of its frame."""
    image = save.as_picture(picture)
    image.info.update({key: photo.info[key] for key in _TIMING if key in photo.info})
    return image


def process(
    job: Job,
    recipe: Recipe,
    holding: Callable[[int], AbstractContextManager[None]] | None = None,
) -> Outcome:
    """Process one job; the folders of its target are created.

    `holding`, given the number of pixels, waits until there is memory for so many.  What goes wrong
    is in the Outcome; nothing is raised for it, and no file is left behind.
    """
    start = time.perf_counter()
    status: Status = "done"
    warnings: tuple[str, ...] = ()
    failure: Exception | None = None
    try:
        with ExitStack() as stack:
            size = _size(job.source, recipe.max_pixels)
            if holding is not None:
                stack.enter_context(holding(size[0] * size[1]))
            try:
                warnings = _make_and_save(job, recipe)
            except NoSubjectError as error:
                status, failure = "no_subject", error
                if recipe.no_subject == "copy":
                    _copy(job, recipe)
                    status, failure = "copied", None
    except Exception as error:
        status, failure = "failed", error
    if failure is not None:
        let_go(failure)
    return Outcome(job, status, time.perf_counter() - start, warnings, failure)


def _make_and_save(job: Job, recipe: Recipe) -> tuple[str, ...]:
    if recipe.every_frame and decode.count_frames(job.source, max_pixels=recipe.max_pixels) > 1:
        _make_folder(job.target)
        saving = formats.fitting(recipe.saving, formats.format_of(job.target))
        return make_all(job.source, job.target, replace(recipe, saving=saving))
    made = make(job.source, recipe)
    _save(made.picture, job.target, recipe.saving)
    return made.warnings


def _size(source: str, limit: int | None) -> tuple[int, int]:
    """Width and height of the image; only the header is read."""
    try:
        mode = Path(source).stat().st_mode
    except (OSError, ValueError):
        mode = stat.S_IFREG  # opening it raises the error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # reading it might never end
        raise DecodeError(f"{source!r} is a pipe or a device; expected a file with a picture")
    with ExitStack() as stack:
        return open_image(source, limit, stack).image.size


def _save(picture: Image.Image | NDArray[np.uint8], target: str, saving: Mapping[str, Any]) -> None:
    _make_folder(target)
    # Some images of a folder are JPEG, others PNG.
    settings = formats.fitting(saving, formats.format_of(target))
    save.save(picture, target, **settings)


def _copy(job: Job, recipe: Recipe) -> None:
    """Store the photograph as it is: byte for byte, unless `saving` asks for something else."""
    if recipe.reencodes or Path(job.source).suffix.lower() != Path(job.target).suffix.lower():
        photo = decode.read(job.source, max_pixels=recipe.max_pixels)
        _save(results.unchanged(photo), job.target, recipe.saving)
        return
    _make_folder(job.target)
    with typed(repr(job.source)):
        data = Path(job.source).read_bytes()
    output_files.write_path(job.target, data)


def _make_folder(target: str) -> None:
    folder = Path(target).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"the folder {str(folder)!r} cannot be made: {reason}") from error
