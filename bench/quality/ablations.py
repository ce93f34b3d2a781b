"""Portraits by our native pass with one step left out: what an ablation compares."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import defocus
from defocus import _native
from defocus.options import Effort, Look

Picture = NDArray[np.uint8]
Matte = NDArray[np.float32]
Recipe = Callable[[Picture, float, Matte | None], Picture]
Cutter = Callable[[Picture, Matte | None], Picture]

STRETCHED = {"guided": False}
MIXED = {"unmixed": False}
# As `defocus.portrait(bokeh="disc")` passes it on.
WHOLE: dict[str, Any] = {
    "masked": True,
    "unmixed": True,
    "light": "linear",
    "bokeh": "disc",
    "highlights": Look(bokeh="disc").strength_of_highlights,
}
# The step that is left out, and the keywords that change with it.  Highlights need linear light
# and a disc.
ABLATIONS: dict[str, dict[str, Any]] = {
    "mask stretched, not guided": STRETCHED,
    "colours not unmixed": MIXED,
    "blur not masked": {"masked": False},
    "blur not masked, colours not unmixed": {"masked": False, "unmixed": False},
    "sRGB values, not light": {"light": "srgb", "highlights": 0.0},
    "Gaussian, not a disc": {"bokeh": "gaussian", "highlights": 0.0},
    "no highlights": {"highlights": 0.0},
    "none of them": {
        "guided": False,
        "masked": False,
        "unmixed": False,
        "light": "srgb",
        "bokeh": "gaussian",
        "highlights": 0.0,
    },
}


class Subjects:
    """Finds each picture's subject once."""

    def __init__(self, effort: Effort = "good") -> None:
        self._effort: Effort = effort
        self._found: dict[bytes, defocus.Subject] = {}

    def of(self, picture: Picture) -> defocus.Subject:
        key = hashlib.sha256(picture.tobytes()).digest()
        if key not in self._found:
            self._found[key] = defocus.find_subject(picture, effort=self._effort)
        return self._found[key]


def portrait(subjects: Subjects, changes: dict[str, Any]) -> Recipe:
    """A recipe that differs from WHOLE by `changes`; radii are those of discs."""
    return functools.partial(_portrait, subjects, changes)


def _portrait(
    subjects: Subjects,
    changes: dict[str, Any],
    picture: Picture,
    radius: float,
    matte: Matte | None,
) -> Picture:
    options = {"guided": matte is None} | WHOLE | changes
    if matte is not None:
        options["guided"] = False  # the caller's matte is taken as it is
        mask = matte
    else:
        subject = subjects.of(picture)
        mask = subject.map if options["guided"] else subject.mask
    return _native.portrait(picture, mask, radius / 2, **options)


def cutout(subjects: Subjects, changes: dict[str, Any]) -> Cutter:
    """Likewise of cutouts; only "guided" and "unmixed" mean anything to them."""

    def cut(picture: Picture, matte: Matte | None) -> Picture:
        options = {"guided": matte is None, "unmixed": True} | changes
        if matte is not None:
            return _native.cutout(picture, matte, **options | {"guided": False})
        subject = subjects.of(picture)
        mask = subject.map if options["guided"] else subject.mask
        return _native.cutout(picture, mask, **options)

    return cut


def public(subjects: Subjects, **options: Any) -> Recipe:
    """`defocus.portrait` itself."""

    def recipe(picture: Picture, radius: float, matte: Matte | None) -> Picture:
        cover: dict[str, Any] = {"matte": matte}
        if matte is None:
            cover = {"subject": subjects.of(picture)}
        return np.asarray(defocus.portrait(picture, sigma=radius / 2, **cover, **options))

    return recipe


def public_cutout(subjects: Subjects) -> Cutter:
    """`defocus.cutout` itself, of our own subjects."""

    def cut(picture: Picture, matte: Matte | None) -> Picture:
        assert matte is None
        return np.asarray(defocus.cutout(picture, subject=subjects.of(picture)))

    return cut


def changed_where_certain(recipe: Recipe, picture: Picture, radius: float, matte: Matte) -> int:
    """How many pixels that `matte` calls wholly subject do not keep their bytes."""
    result = recipe(picture, radius, matte)
    return int((result != picture).any(axis=-1)[matte == 1.0].sum())
