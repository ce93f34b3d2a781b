"""The first half of the flow: decode a photograph, and find its subject."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.errors import OptionTypeError
from defocus.io import decode, network_view
from defocus.io.open import Source
from defocus.io.photo import Photo
from defocus.models import segmenter as segmenter_module
from defocus.models.segmenter import Segmenter
from defocus.options import Effort, Select, Selection, check_effort
from defocus.pixels.alpha import continued, visible
from defocus.pixels.samples import Pixels
from defocus.subject import components, crop_pass, flip_pass, subject
from defocus.subject.subject import Subject
from defocus.subject.warnings import frames, warn
from defocus.threads import both
from defocus.timing import stage

__all__ = ["check_segmenter", "default_segmenter", "find_subject", "read_and_find"]


class _Prediction(NamedTuple):
    """What the network saw, uint8 H x W x 3, its first map of it, and the one that holds."""

    pixels: NDArray[np.uint8]
    first: NDArray[np.float32]
    raw: NDArray[np.float32]


def find_subject(
    image: Source | Pixels,
    *,
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
    select : {"all", "largest"}, (x, y) or (left, top, right, bottom), default "all"
        Which of several subjects; points and boxes in pixels of the upright image.
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
    selection, effort = Selection(select), check_effort(effort)
    segmenter = segmenter or default_segmenter()
    with decode.opened(image, max_pixels=max_pixels) as picture:
        preview = picture.preview(segmenter.input_size)
        if preview is not None and effort == "fast":  # the photograph itself is not needed
            prediction = _predicted(_decoded(preview), effort, segmenter)
            photo = Photo(prediction.pixels)
            with stage("refine"):
                return _refined(prediction, photo, preview.size, selection, effort, segmenter)
        return _search(picture, preview, selection, effort, segmenter)[1]


def read_and_find(
    image: Source | Pixels,
    *,
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    max_pixels: int | None = None,
) -> tuple[Photo, Subject]:
    """Decode a photograph, and find its subject while it is being decoded, if it has a preview.

    Takes and raises what `find_subject` does.  The Photo may be given as `image`, and the Subject
    as `subject`, to `portrait` and `cutout`.
    """
    check_segmenter(segmenter)
    selection, effort = Selection(select), check_effort(effort)
    segmenter = segmenter or default_segmenter()
    with decode.opened(image, max_pixels=max_pixels) as picture:
        preview = picture.preview(segmenter.input_size)
        return _search(picture, preview, selection, effort, segmenter)


def _search(
    picture: decode.Picture,
    preview: decode.Preview | None,
    selection: Selection,
    effort: Effort,
    segmenter: Segmenter,
) -> tuple[Photo, Subject]:
    """Run the network on the preview while the photo is being decoded.

    Without a preview the network runs after the decoding.  It is built meanwhile.
    """
    if preview is not None:
        photo, prediction = both(
            picture.photo,
            lambda: _predicted(_decoded(preview), effort, segmenter),
            segmenter.threads,
        )
    else:
        photo, _ = both(picture.photo, segmenter.build, 1 if segmenter.built else segmenter.threads)
        with stage("network"):
            shown = network_view.pixels(photo.in_bytes(segmenter.threads))
        prediction = _predicted(shown, effort, segmenter)
    with stage("refine"):
        return photo, _refined(prediction, photo, photo.size, selection, effort, segmenter)


def _decoded(preview: decode.Preview) -> NDArray[np.uint8]:
    with stage("decode"):
        return preview.pixels()


def _predicted(pixels: NDArray[np.uint8], effort: Effort, segmenter: Segmenter) -> _Prediction:
    """Run the network, and once more where it finds a subject but not all of its extent."""
    first = segmenter.mask(pixels)
    hopeless = first.max() < segmenter.spec.subject_threshold
    if effort == "fast" or hopeless or not flip_pass.unsure(first):
        return _Prediction(pixels, first, first)
    mirrored = segmenter.mask(pixels[:, ::-1])[:, ::-1]
    return _Prediction(pixels, first, flip_pass.merge(first, mirrored))


def _refined(
    prediction: _Prediction,
    photo: Photo,
    size: tuple[int, int],
    selection: Selection,
    effort: Effort,
    segmenter: Segmenter,
) -> Subject:
    """The subject that is meant, of a photograph of `size`.

    With `effort` "fast" `photo` may be its preview.
    """
    selection.check_within(size)
    pixels, first, raw = prediction
    threshold = segmenter.spec.subject_threshold
    alpha = photo.alpha
    if alpha is not None:
        first, raw = (visible(map_, alpha) for map_ in (first, raw))
    if raw.max() < threshold:
        return subject.refine(raw, None, size, threshold)
    parts = components.split(raw, size)
    indices = components.choose(parts, selection, size)
    chosen, kept = components.keep(raw, parts, indices), tuple(parts.components[i] for i in indices)
    before = None if prediction.first is prediction.raw else components.keep(first, parts, indices)
    small = segmenter_module.network_view(pixels, raw.shape[::-1], segmenter.threads)
    warnings = warn(chosen, small, size, kept, before) + frames(photo.frames)
    # A crop may show again what was not chosen.
    if effort == "best" and len(kept) == len(parts.components):
        chosen = _with_crop_pass(chosen, photo, segmenter)
    if alpha is not None:
        chosen = continued(chosen, alpha)
    guide = None if effort == "fast" else photo.pixels
    return subject.refine(chosen, guide, size, 0.0, components=kept, warnings=warnings, alpha=alpha)


def _with_crop_pass(
    first: NDArray[np.float32], photo: Photo, segmenter: Segmenter
) -> NDArray[np.float32]:
    """The mask, improved by a crop pass if the subject is small.

    Of a large JPEG the first mask is that of the preview, so the crop comes from the photograph.
    """
    box = crop_pass.region(first, photo.size)
    if box is None:
        return first
    with stage("network"):
        shown = network_view.pixels(photo.part(box).in_bytes(segmenter.threads))
    return crop_pass.merge(first, segmenter.mask(shown), box, photo.size)


def check_segmenter(segmenter: object) -> None:
    """Raise OptionTypeError unless it is a Segmenter or None."""
    if segmenter is not None and not isinstance(segmenter, Segmenter):
        raise OptionTypeError(
            f"segmenter is a {type(segmenter).__name__}; expected a defocus.Segmenter"
        )


_default = Segmenter()  # whose network is built by its first use


def default_segmenter() -> Segmenter:
    """The Segmenter that calls without `segmenter=` share."""
    return _default
