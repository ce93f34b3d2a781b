"""Smooths the mask from frame to frame, without a delay where something moves.

The network processes each frame alone, and where it is unsure, noise changes its mask.  So the mask
is an exponential average where the image has not changed, and only there.  The gain follows the
motion, pixel by pixel, at the size of the network view.

References
----------
The 1-euro filter also smooths slow changes and follows quick ones: Casiez et al., CHI 2012.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native

__all__ = ["MaskSmoother"]

Map = NDArray[np.float32]

# Differences between two network views (0..1, averaged over _REACH): below STILL is noise, above
# MOVING the previous mask does not count.
STILL, MOVING = 0.008, 0.03
_REACH = 9  # pixels of the network view, odd
# If more than this share of the view is MOVING, an older mask is stale.
_STALE = 0.01
# A mean difference of the whole view above this is a cut to another scene.
_CUT = 0.14
# Number of frames in which the effect fades in or out.
FADE = 8


class MaskSmoother:
    """The mask and the strength of the effect, from frame to frame.

    `smooth` is the share of the previous mask where nothing moves.  For each frame call
    `is_new_scene`, then `update` with the network's mask, or `keep`.

    - `map`: float32 h x w, 0..1, smoothed; the mask of the last subject.
    - `presence`: 0..1.  It moves by 1 / FADE a frame to 1 while there is a subject, else to 0.  So
      a subject that is missed in some frames does not flicker.
    - `confidence`: that of the last subject.
    """

    def __init__(self, smooth: float) -> None:
        self.map: Map | None = None
        self.presence = 0.0
        self.confidence = 0.0
        self._smooth = smooth
        self._view: NDArray[np.float32] | None = None  # the network view of `map`
        self._last: NDArray[np.float32] | None = None  # the view of the previous frame
        self._found = False
        self._first = True  # of a scene

    def is_new_scene(self, view: NDArray[np.float32]) -> bool:
        """Whether `view` (float32 3 x h x w, 0..1) is the first frame of a scene."""
        last, self._last = self._last, view
        known = last is not None and last.shape == view.shape
        if last is None or not known or float(np.abs(view - last).mean()) > _CUT:
            self._first = True
        return self._first

    def is_stale(self, view: NDArray[np.float32]) -> bool:
        """Whether so much has moved that the network should run again."""
        if self._view is None or not self._found:
            return True
        return float((_motion(view, self._view) > MOVING).mean()) > _STALE

    def update(self, view: NDArray[np.float32], fresh: Map | None, confidence: float) -> None:
        """Add the network's mask of this frame, or None for no subject."""
        self._found = fresh is not None
        if fresh is not None:
            old, old_view = self.map, self._view
            # After a time without a subject the previous mask does not count.
            known = not self._first and self.presence > 0.0
            if known and old is not None and old_view is not None:
                old = _resized(old, fresh.shape)
                gain = _resized(_gain(view, old_view, self._smooth), fresh.shape)
                fresh = np.asarray(old + gain * (fresh - old))
            self.map, self.confidence, self._view = fresh, confidence, view
        self._fade()

    def keep(self) -> None:
        """Use the same mask for this frame."""
        self._fade()

    def _fade(self) -> None:
        goal, step = float(self._found), 1.0 if self._first else 1.0 / FADE
        self.presence = min(max(goal, self.presence - step), self.presence + step)
        self._first = False


def _gain(view: NDArray[np.float32], old: NDArray[np.float32], smooth: float) -> Map:
    """The weight of the new mask at each pixel: 1 - `smooth` where nothing moved, up to 1."""
    t = np.clip((_motion(view, old) - np.float32(STILL)) / np.float32(MOVING - STILL), 0.0, 1.0)
    return np.asarray(1.0 - smooth * (1.0 - t), np.float32)


def _resized(values: Map, shape: tuple[int, ...]) -> Map:
    """At another size: a crop pass makes masks of any size."""
    if values.shape == shape:
        return values
    return _native.resize_bilinear(values, shape[1], shape[0])


def _motion(view: NDArray[np.float32], old: NDArray[np.float32]) -> Map:
    """The mean difference of two network views around each pixel, 0..1."""
    return _mean(np.abs(view - old).mean(axis=0))


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over _REACH x _REACH pixels around each; the border is repeated."""
    for _ in range(2):  # along the rows, then along the columns
        padded = np.pad(values, ((0, 0), (_REACH // 2 + 1, _REACH // 2)), mode="edge")
        sums = padded.cumsum(axis=1, dtype=np.float64)
        values = np.asarray((sums[:, _REACH:] - sums[:, :-_REACH]) / _REACH, np.float32).T
    return values
