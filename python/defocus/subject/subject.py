"""From the network's map to the subject: a clean mask, its full-size matte, its box."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.once import once
from defocus.pixels.samples import Pixels, full_scale
from defocus.subject.components import Component
from defocus.subject.confidence import of_map
from defocus.subject.editing import Editing
from defocus.timing import stage

__all__ = ["Subject", "matte_8bit", "nothing_left", "refine", "vanishes"]

# The network is as good as sure above .9 and below .1; what lies between is stretched over the
# whole range.  Fixed ends, not the map's own minimum and maximum: those turn the noise of an empty
# scene into a subject.
LOW, HIGH = 0.1, 0.9
_MOST_VANISHING = 1024  # cells; the guided filter evens out a few


class Subject:
    """What `find_subject` found in one photograph.

    Pass it as `subject=` to `portrait` and `cutout`: one inference then serves them all.  It
    fits photographs of its own `size` only.

    Attributes
    ----------
    found : bool
        False if the network is not certain enough of any subject.  The matte is then 0 throughout.
    size : tuple of int
        (width, height) of the photograph in pixels.
    matte : numpy.ndarray
        float32 of shape (height, width), 0 (background) to 1 (subject), read-only.  It is computed
        at the first use.  It is the alpha of `cutout`, before `alpha_floor` and `fill_holes`.
    box : tuple of int or None
        (left, top, right, bottom) in pixels around all matte values of 0.5 or more; right and
        bottom are exclusive, as in Pillow.  It is computed at the first use.
    confidence : float
        How likely the network's own mask has an IoU above .8 with the truth, 0 to 1, as measured.
        0 if there is no subject.  The marks of a user do not change it.
    components : tuple of Component
        Its connected parts, the largest first.
    warnings : tuple of str
        Sentences about doubtful results, each with what to do.  Each begins with its kind and a
        colon, as docs/reference/errors.md lists them.
    guided : bool
        Whether the edges of the matte follow the photograph; not with `effort="fast"`.
    """

    def __init__(
        self,
        map_: NDArray[np.float32],
        size: tuple[int, int],
        *,
        confidence: float,
        guide: Pixels | None,
        warnings: tuple[str, ...] = (),
        components: tuple[Component, ...] = (),
        alpha: Pixels | None = None,
        editing: Editing | None = None,
    ) -> None:
        self.map = map_  # as the network gives it: the guided filter makes its own ends certain
        self.size = size
        self.confidence = confidence
        self.warnings = warnings
        self.components = components
        self.guided = guide is not None
        self.editing = editing  # for further strokes; None where the user has marked nothing
        self._alpha = alpha  # the photograph's own
        self._guide = guide  # the photograph
        map_.setflags(write=False)

    @once
    def mask(self) -> NDArray[np.float32]:
        """The network's map with its ends made certain, as float32, small, read-only."""
        mask = _smoothstep(self.map)
        mask.setflags(write=False)
        return mask

    @property
    def found(self) -> bool:
        """Whether there is a subject at all."""
        return self.confidence > 0.0

    def is_of(self, pixels: Pixels) -> bool:
        """Whether it was found in these pixels; True if it keeps none, as with `effort="fast"`."""
        guide = self._guide
        return guide is None or guide is pixels or bool(np.array_equal(guide, pixels))

    @once
    def matte(self) -> NDArray[np.float32]:
        """How much of each pixel is subject, as float32 H x W, 0..1, read-only.

        Its edges follow the photograph (a guided filter, He & Sun 2015); where it is not `guided`
        it is the mask, stretched over the photograph.  What is transparent in the photograph is
        not subject: its alpha is multiplied in.
        """
        with stage("refine"):
            if self._guide is not None:
                matte = _native.guided_matte(self._guide, self.map)
            else:
                matte = _native.resize_bilinear(self.mask, *self.size)
            if self._alpha is not None:
                matte *= self._alpha * np.float32(1 / full_scale(self._alpha.dtype))
        matte.setflags(write=False)
        return matte

    @once
    def box(self) -> tuple[int, int, int, int] | None:
        """(left, top, right, bottom) around the matte's values >= 0.5, or None."""
        inside = self.matte >= 0.5
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        if rows.size == 0:
            return None
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle holds: without the state of editing, which cannot be stored."""
        return {**self.__dict__, "editing": None}

    def __repr__(self) -> str:
        return (
            f"Subject(found={self.found}, size={self.size}, confidence={self.confidence:.3f}, "
            f"warnings={len(self.warnings)})"
        )


def refine(
    raw: NDArray[np.float32],
    guide: Pixels | None,
    size: tuple[int, int],
    threshold: float,
    *,
    components: tuple[Component, ...] = (),
    warnings: tuple[str, ...] = (),
    alpha: Pixels | None = None,
    editing: Editing | None = None,
    confidence: float | None = None,
) -> Subject:
    """The subject in a raw map (float32 h x w, 0..1) of a photograph of `size` (width, height).

    `guide` is the photograph, H x W x 3, if the matte's edges are to follow it.  If not even the
    map's maximum reaches `threshold`, there is no subject; else it consists of `components`, and
    `warnings` go with it.  `alpha` is the photograph's own, of `size`.  `editing` is what the user
    marked.  `confidence` is that in the network's map, if `raw` is not that map.
    """
    peak = float(raw.max())
    if peak < threshold:
        return Subject(
            np.zeros_like(raw),
            size,
            confidence=0.0,
            guide=None,
            warnings=(
                f"no subject found: the network's best guess is {peak:.2f}, below {threshold:.2f}; "
                "mark the subject with a box or a point, crop closer to it, or give a matte of "
                "your own",
            ),
        )
    return Subject(
        raw,
        size,
        confidence=of_map(raw) if confidence is None else confidence,
        guide=guide,
        warnings=warnings,
        components=components,
        alpha=alpha,
        editing=editing,
    )


def nothing_left(size: tuple[int, int], guide: Pixels, editing: Editing) -> Subject:
    """The Subject of marks that leave nothing; further marks may start from it."""
    return Subject(
        np.zeros(editing.cells.shape, np.float32),
        size,
        confidence=0.0,
        guide=guide,
        warnings=(
            "no subject found: the marks leave nothing of it; enlarge the box, or remove less",
        ),
        editing=editing,
    )


def vanishes(raw: NDArray[np.float32], guide: Pixels) -> bool:
    """Whether a map is of something so small that its matte stays below .5 throughout."""
    if (raw >= 0.5).sum() >= _MOST_VANISHING:
        return False
    return bool(_native.guided_matte(guide, raw).max() < 0.5)


def matte_8bit(subject: Subject) -> NDArray[np.uint8]:
    """The matte as 8-bit values, H x W: what `defocus mask` and the service answer."""
    with stage("render"):
        return np.asarray((subject.matte * 255.0).round(), np.uint8)


def _smoothstep(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """3 t^2 - 2 t^3 with t = (raw - LOW) / (HIGH - LOW), clipped: flat at both ends."""
    t = np.clip((raw - LOW) / np.float32(HIGH - LOW), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)
