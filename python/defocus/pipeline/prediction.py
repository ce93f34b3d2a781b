"""Runs of the network on the photograph, its mirror image and a crop, and the clean-up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.io import network_view
from defocus.io.photo import Photo
from defocus.models.segmenter import Segmenter, mask_of
from defocus.models.view import View
from defocus.options import Effort
from defocus.subject import cleanup, crop_pass, flip_pass
from defocus.timing import stage

__all__ = ["Prediction", "improved", "predicted", "with_crop_pass"]


class Prediction(NamedTuple):
    """What the network saw, its first map of it, and the one that holds."""

    view: View
    first: NDArray[np.float32]
    raw: NDArray[np.float32]


def predicted(view: View, effort: Effort, segmenter: Segmenter) -> Prediction:
    """Run the network, and once more where it finds a subject but not all of its extent."""
    first = mask_of(segmenter, view)
    hopeless = first.max() < segmenter.spec.subject_threshold
    if effort == "fast" or hopeless or not flip_pass.unsure(first):
        return Prediction(view, first, first)
    mirrored = mask_of(segmenter, view.mirrored())[:, ::-1]
    return Prediction(view, first, flip_pass.merge(first, mirrored))


def improved(map_: NDArray[np.float32], photo: Photo, segmenter: Segmenter) -> NDArray[np.float32]:
    """What `effort="best"` makes of a map: the crop pass, then the clean-up of grey regions."""
    return cleanup.cleaned(with_crop_pass(map_, photo, segmenter), photo.pixels)


def with_crop_pass(
    first: NDArray[np.float32], photo: Photo, segmenter: Segmenter
) -> NDArray[np.float32]:
    """The map, merged with that of a crop, or of a wider one where the first was too narrow."""
    box = crop_pass.region(first, photo.size)
    if box is None:
        return first
    found = _of_crop(photo, box, segmenter)
    if not crop_pass.confirms(first, (0, 0, *photo.size), found, box):
        return first
    wider = crop_pass.widened(box, found, photo.size)
    if wider is not None:
        more = _of_crop(photo, wider, segmenter)
        if crop_pass.confirms(found, box, more, wider):
            box, found = wider, more
    return crop_pass.merge(first, found, box, photo.size)


def _of_crop(photo: Photo, box: crop_pass.Box, segmenter: Segmenter) -> NDArray[np.float32]:
    """The network's map of a crop, which is cut from the decoded photograph."""
    with stage("network"):
        shown = network_view.pixels(photo.part(box), segmenter.input_size, segmenter.threads)
    return segmenter.mask(shown)
