"""Steadies the network's map from frame to frame, without trailing behind what moves.

The network sees every frame as if it were the first, and where it is not sure, its map changes
with every grain of noise.  So the past counts where the picture has not changed, and only there:
an exponential average whose gain follows the motion, pixel by pixel, on the network's small map.
The idea, smooth when slow and quick when fast, is that of the 1-euro filter (Casiez et al. 2012).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native, checks

__all__ = ["Follower", "check_smooth"]

Map = NDArray[np.float32]

# Of differences between two small pictures (0..1, averaged over _REACH): below STILL it is noise,
# above MOVING the past says nothing any more.
STILL, MOVING = 0.008, 0.03
_REACH = 9  # pixels of the small picture, odd
# Where more than this share of the picture is MOVING, an older map no longer fits.
_STALE = 0.01
# A mean difference of the whole picture above this is another scene.
_CUT = 0.14
# So many frames with, or without, a subject take the effect from nothing to whole, or back.
FADE = 8


def check_smooth(smooth: float) -> float:
    """`smooth` as a float.  Raises OptionTypeError or OptionError unless it is 0 to .98."""
    return checks.number("smooth", smooth, 0.0, 0.98, "the share of the past where nothing moves")


class Follower:
    """The state between two frames: the map that is shown, and how much of the effect.

    `smooth` is the share of the past where nothing moves.  For each frame call `starts_anew`, then
    either `take` what the network made of it, or `hold` what there is.

    - `map`: float32 h x w, 0..1, steadied; of the last subject, also while there is none.
    - `presence`: 0..1, which moves by 1 / FADE a frame towards 1 while there is a subject and
      towards 0 while there is none, so that frames in which it is not seen do not flicker.
    - `confidence`: that of the last subject.
    """

    def __init__(self, smooth: float) -> None:
        self.map: Map | None = None
        self.presence = 0.0
        self.confidence = 0.0
        self._smooth = smooth
        self._seen: NDArray[np.float32] | None = None  # the small picture that `map` belongs to
        self._last: NDArray[np.float32] | None = None  # that of the frame before
        self._found = False
        self._first = True  # of a scene

    def starts_anew(self, small: NDArray[np.float32]) -> bool:
        """Whether `small` (float32 3 x h x w, 0..1) is the first frame of a scene."""
        last, self._last = self._last, small
        known = last is not None and last.shape == small.shape
        if last is None or not known or float(np.abs(small - last).mean()) > _CUT:
            self._first = True
        return self._first

    def stale(self, small: NDArray[np.float32]) -> bool:
        """Whether so much has moved since the map was made that it should be made anew."""
        if self._seen is None or not self._found:
            return True
        return float((_moved(small, self._seen) > MOVING).mean()) > _STALE

    def take(self, small: NDArray[np.float32], fresh: Map | None, confidence: float) -> None:
        """Go on with the network's map of this frame, or with None for no subject."""
        self._found = fresh is not None
        if fresh is not None:
            old, seen = self.map, self._seen
            # What comes back from nothing has no past worth keeping.
            known = not self._first and self.presence > 0.0
            if known and old is not None and seen is not None:
                old = _resized(old, fresh.shape)
                gain = _resized(_gain(small, seen, self._smooth), fresh.shape)
                fresh = np.asarray(old + gain * (fresh - old))
            self.map, self.confidence, self._seen = fresh, confidence, small
        self._fade()

    def hold(self) -> None:
        """Go on with the map there is."""
        self._fade()

    def _fade(self) -> None:
        goal, step = float(self._found), 1.0 if self._first else 1.0 / FADE
        self.presence = min(max(goal, self.presence - step), self.presence + step)
        self._first = False


def _gain(small: NDArray[np.float32], seen: NDArray[np.float32], smooth: float) -> Map:
    """How much the new map counts, pixel by pixel: 1 - `smooth` where nothing moved, up to 1."""
    t = np.clip((_moved(small, seen) - np.float32(STILL)) / np.float32(MOVING - STILL), 0.0, 1.0)
    return np.asarray(1.0 - smooth * (1.0 - t), np.float32)


def _resized(values: Map, shape: tuple[int, ...]) -> Map:
    """At another size: a closer look makes maps of any."""
    if values.shape == shape:
        return values
    return _native.resize_bilinear(values, shape[1], shape[0])


def _moved(small: NDArray[np.float32], seen: NDArray[np.float32]) -> Map:
    """The difference of two small pictures around each pixel, 0..1."""
    return _mean(np.abs(small - seen).mean(axis=0))


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over _REACH x _REACH pixels around each; the border is repeated."""
    for _ in range(2):  # along the rows, then along the columns
        padded = np.pad(values, ((0, 0), (_REACH // 2 + 1, _REACH // 2)), mode="edge")
        sums = padded.cumsum(axis=1, dtype=np.float64)
        values = np.asarray((sums[:, _REACH:] - sums[:, :-_REACH]) / _REACH, np.float32).T
    return values
