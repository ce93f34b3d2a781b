"""The first half of the flow: decode a photograph, and find its subject."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.errors import OptionError, OptionTypeError, shown, type_of
from defocus.io import decode, maps, network_view
from defocus.io.open import ImageSource
from defocus.io.photo import Photo
from defocus.models.segmenter import Segmenter
from defocus.models.view import View
from defocus.options import Box, Effort, Points, Select, Selection, check_effort
from defocus.pipeline.prediction import Prediction, improved, predicted
from defocus.pipeline.prompted import Marks, marks_of
from defocus.pixels.alpha import continued, visible
from defocus.subject import components, confidence, subject
from defocus.subject.subject import Subject
from defocus.subject.warnings import frames, warn
from defocus.threads import both, effective_threads
from defocus.timing import stage

__all__ = ["check_segmenter", "default_segmenter", "find_in_view", "find_subject", "read_and_find"]


class _Wanted(NamedTuple):
    """Which subject is meant, and how much work finding it may take."""

    selection: Selection
    effort: Effort
    marks: Marks | None


def find_subject(
    image: ImageSource,
    *,
    box: Box | None = None,
    points: Points = (),
    keep: maps.MapSource | None = None,
    remove: maps.MapSource | None = None,
    start: Subject | None = None,
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    max_pixels: int | None = None,
) -> Subject:
    """Find what a photograph is of.

    A photograph without a subject is not an error: `found` is then False, the matte is 0
    throughout, and a warning says what to do.  The `matte` is that of `portrait` and `cutout` with
    the same options.  For it the Subject keeps the pixels of the photograph, unless `effort` is
    "fast".

    Parameters
    ----------
    image : path, bytes, binary file, PIL.Image.Image or numpy.ndarray
        The photograph, as for `portrait`.
    box : (left, top, right, bottom), optional
        A box around the subject, in pixels of the upright image.  Nothing outside of it is subject.
        If the network finds something else, what differs in colour from the surroundings is it.
    points : sequence of (x, y, keep), optional
        Points in pixels.  True adds the part of the photograph under the point, False removes it.
        Only what is connected with a point changes, and the order does not matter.
    keep, remove : path, bytes, binary file, PIL.Image.Image or numpy.ndarray, optional
        Strokes as images of the size of the upright image: values of half and more count like
        points.
    start : Subject, optional
        An earlier result for the same image, to which the marks are added.  No network runs.
    select : {"all", "largest"}, (x, y) or (left, top, right, bottom), default "all"
        Which of the subjects that the network finds; not beside marks.
    effort : {"fast", "good", "best"}, default "good"
        How much work finding the subject may take, as for `portrait`.
    segmenter : Segmenter, optional
        The network.  By default the process shares one.
    max_pixels : int, optional
        Files with more pixels are refused before decoding.  By default twice the limit of Pillow.

    Returns
    -------
    Subject
        The mask, matte, box, components, confidence and warnings.

    Raises
    ------
    NoSubjectError
        `select` matches none of the subjects; the message says where they are.
    DefocusError
        As for `portrait`.

    Examples
    --------
    >>> import numpy as np
    >>> subject = find_subject(np.zeros((48, 64, 3), np.uint8))
    >>> subject.found, subject.matte.shape, subject.box
    (False, (48, 64), None)
    """
    check_segmenter(segmenter)
    marks = marks_of(box, points, keep, remove, start, max_pixels=max_pixels)
    wanted = _wanted(select, effort, marks)
    segmenter = segmenter or default_segmenter()
    with decode.opened(image, max_pixels=max_pixels) as picture:
        if start is not None:
            photo = picture.photo()
            with stage("refine"):
                return _marked(start.map, photo, wanted, segmenter, start.confidence)
        return _search(picture, wanted, segmenter)[1]


def read_and_find(
    image: ImageSource,
    *,
    box: Box | None = None,
    points: Points = (),
    keep: maps.MapSource | None = None,
    remove: maps.MapSource | None = None,
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    max_pixels: int | None = None,
) -> tuple[Photo, Subject]:
    """Decode a photograph, and find its subject.

    Takes and raises what `find_subject` does.  The Photo may be given as `image`, and the Subject
    as `subject`, to `portrait` and `cutout`.
    """
    check_segmenter(segmenter)
    marks = marks_of(box, points, keep, remove, max_pixels=max_pixels)
    wanted = _wanted(select, effort, marks)
    segmenter = segmenter or default_segmenter()
    with decode.opened(image, max_pixels=max_pixels) as picture:
        return _search(picture, wanted, segmenter)


def find_in_view(view: View, *, select: Select, effort: Effort, segmenter: Segmenter) -> Subject:
    """Find the subject of an sRGB photograph.  The view is reduced once for all its uses.

    Raises what `find_subject` does.
    """
    return _found(Photo(view.pixels), view, _wanted(select, effort, None), segmenter)


def _wanted(select: Select, effort: Effort, marks: Marks | None) -> _Wanted:
    """Both options checked.  Raises OptionError for a selection beside marks."""
    selection = Selection(select)
    if marks is not None and not selection.everything:
        raise OptionError(
            f"select={shown(select)} chooses among what the network finds, and the subject is "
            "marked; leave select out"
        )
    return _Wanted(selection, check_effort(effort), marks)


def _search(
    picture: decode.Picture, wanted: _Wanted, segmenter: Segmenter
) -> tuple[Photo, Subject]:
    """Decode the photograph, and run the network on it.  The network is built meanwhile."""
    photo, _ = both(picture.photo, segmenter.build, 1 if segmenter.built else segmenter.threads)
    with stage("network"):
        shown = network_view.pixels(photo, segmenter.input_size, segmenter.threads)
        view = View(shown, effective_threads(segmenter.threads))
    return photo, _found(photo, view, wanted, segmenter)


def _found(photo: Photo, view: View, wanted: _Wanted, segmenter: Segmenter) -> Subject:
    """Run the network on the view, and refine what it finds."""
    prediction = predicted(view, wanted.effort, segmenter)
    with stage("refine"):
        return _refined(prediction, photo, wanted, segmenter)


def _refined(
    prediction: Prediction,
    photo: Photo,
    wanted: _Wanted,
    segmenter: Segmenter,
) -> Subject:
    """The subject that is meant."""
    selection, effort, size = wanted.selection, wanted.effort, photo.size
    selection.check_within(size)
    view, first, raw = prediction
    threshold = segmenter.spec.subject_threshold
    alpha = photo.alpha
    if alpha is not None:
        first, raw = (visible(map_, alpha) for map_ in (first, raw))
    if wanted.marks is not None:
        hopeless = raw.max() < threshold
        if hopeless and wanted.marks.prompts.box is None:
            raw = np.zeros_like(raw)  # what is too faint to be a subject, a point does not reveal
        return _marked(raw, photo, wanted, segmenter, 0.0 if hopeless else confidence.of_map(first))
    if raw.max() < threshold:
        return subject.refine(raw, None, size, threshold)
    parts = components.split(raw, size)
    indices = components.choose(parts, selection, size)
    chosen, kept = components.keep(raw, parts, indices), tuple(parts.components[i] for i in indices)
    before = None if prediction.first is prediction.raw else components.keep(first, parts, indices)
    sure = confidence.of_map(chosen if before is None else before)
    small = view.light((raw.shape[1], raw.shape[0]))
    warnings = warn(chosen, small, size, kept, before) + frames(photo.frames)
    # A crop may show again what was not chosen, and a cut may add it.
    if effort == "best" and len(kept) == len(parts.components):
        chosen = improved(chosen, photo, segmenter)
    if alpha is not None:
        chosen = continued(chosen, alpha)
    guide = None if effort == "fast" else photo.pixels
    return subject.refine(
        chosen,
        guide,
        size,
        0.0,
        components=kept,
        warnings=warnings,
        alpha=alpha,
        confidence=sure,
    )


def _marked(
    map_: NDArray[np.float32],
    photo: Photo,
    wanted: _Wanted,
    segmenter: Segmenter,
    before: float,
) -> Subject:
    """The subject as the user marks it.

    `map_` is that of the network, or of `start`, and `before` the confidence in it.
    """
    assert wanted.marks is not None
    editing = wanted.marks.edit(photo, map_, segmenter)
    edited = editing.map()
    if edited.max() < 0.5:
        return subject.nothing_left(photo.size, photo.pixels, editing)
    parts = components.split(edited, photo.size)
    if subject.vanishes(edited, photo.pixels):
        return subject.nothing_left(photo.size, photo.pixels, editing)
    if photo.alpha is not None:
        edited = continued(edited, photo.alpha)
    return subject.refine(
        edited,
        photo.pixels,  # also with effort="fast": cells are for the guided filter
        photo.size,
        0.0,
        components=parts.components,
        warnings=frames(photo.frames),
        alpha=photo.alpha,
        editing=editing,
        confidence=max(before, confidence.LEAST),
    )


def check_segmenter(segmenter: object) -> None:
    """Raise OptionTypeError unless it is a Segmenter or None."""
    if segmenter is not None and not isinstance(segmenter, Segmenter):
        raise OptionTypeError(f"segmenter is {type_of(segmenter)}; expected a defocus.Segmenter")


_default = Segmenter()  # whose network is built by its first use


def default_segmenter() -> Segmenter:
    """The Segmenter that calls without `segmenter=` share."""
    return _default
