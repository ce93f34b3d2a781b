"""Video: the flow from `pipeline`, for one frame after another, with a steady matte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageTypeError, ImageValueError, NoSubjectError, OptionError, type_of
from defocus.frames.prefetch import Prefetch
from defocus.frames.smoothing import MaskSmoother
from defocus.models.segmenter import Segmenter
from defocus.models.view import View
from defocus.options import (
    GEOMETRY,
    KEYWORDS,
    Effort,
    Lens,
    Look,
    Select,
    Selection,
    check_effort,
    check_keywords,
    groups_of,
)
from defocus.options.values import Every, check_every, check_function, check_smooth, elements
from defocus.pipeline.cutout import cutout
from defocus.pipeline.find import check_segmenter, default_segmenter, find_in_view
from defocus.pipeline.portrait import portrait, read_depth
from defocus.pipeline.shaping import read_background
from defocus.pixels.arrays import as_rgb, check_uint8
from defocus.render import layers
from defocus.subject.subject import Subject
from defocus.threads import effective_threads

__all__ = ["SMOOTH", "video"]

Frame = NDArray[np.uint8]
Maker = Callable[..., Any]

SMOOTH = 0.8
_AT_LEAST = 4
# A blur below this many pixels is invisible; the frame then passes unchanged.
_LEAST_SIGMA = 0.2
_REFUSED = {
    **dict.fromkeys(GEOMETRY, "frames of one video have one size"),
    "matte": "it would be that of every frame",
    "subject": "it would be that of every frame",
    "max_pixels": "frames are decoded already",
    **dict.fromkeys(("box", "points", "keep", "remove"), "subjects move; use select"),
}


class _Found(NamedTuple):
    """A frame and its subject; `presence` is the strength of the effect, 0..1."""

    frame: Frame
    subject: Subject | None
    presence: float


def video(
    frames: Iterable[Frame],
    fn: Maker = portrait,
    *,
    smooth: float = SMOOTH,
    every: Every = "auto",
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    **options: Any,
) -> Iterator[Frame]:
    """Blur or remove the background of every frame of a video, with a steady matte.

    The network looks at one frame while the one before is composited and the next is fetched.  At
    most four frames are held, and none of `frames` may be changed before its result has come (a
    frame that passes untouched is copied).  With `Segmenter(threads=1)` nothing runs at once.
    Closing the iterator, or dropping it, ends the threads.

    Where no subject is found, a portrait fades within 8 frames to the untouched frame, and a cutout
    to nothing.  A `select` that matches nothing in a frame counts as no subject.

    Parameters
    ----------
    frames : iterable of numpy.ndarray
        Frames of shape (height, width, 3), RGB, uint8, one after the other.
    fn : function, default portrait
        `defocus.portrait` or `defocus.cutout`.
    smooth : float, default 0.8
        How much of the matte stays from frame to frame where the image does not change, 0 to 0.98.
        Where it moves, and at a cut, the new matte counts.  0 is off.
    every : "auto" or int, default "auto"
        Which frames the network looks at.  "auto": those in which more than 1 % has moved since it
        last looked, at least every 4th, and the first of each scene.  A number K: every K-th and
        the first of each scene.  The frames between keep its mask, with edges of their own.
    select, effort, segmenter
        As for `portrait`.
    **options
        Keywords of `fn`, except `matte`, `subject`, `max_pixels`, `ground="auto"`, and `crop` to
        `max_size`, which change the size.
        `depth` is one map for all frames.  A later frame whose subject has no distance in `depth`
        or `ramp` is blurred evenly.

    Returns
    -------
    iterator of numpy.ndarray
        As many new uint8 arrays, in order: (height, width, 3); for a cutout (height, width, 4), or
        (height, width) with `matte_only`.

    Raises
    ------
    OptionError, OptionTypeError
        A bad option, at once.
    ImageTypeError, ImageValueError, ModelError
        A bad frame, or a failure of the network, after the results of the frames before it.  What
        `frames` raises comes in the same way.

    Examples
    --------
    >>> import numpy as np
    >>> clip = [np.full((36, 64, 3), 30 * i, np.uint8) for i in range(3)]
    >>> [frame.shape for frame in video(clip)]
    [(36, 64, 3), (36, 64, 3), (36, 64, 3)]
    """
    check_segmenter(segmenter)
    check_smooth(smooth)
    check_every(every)
    Selection(select)
    check_effort(effort)
    options = _prepared(fn, options)
    segmenter = segmenter or default_segmenter()
    finder = _Finder(MaskSmoother(float(smooth)), every, select, effort, segmenter)
    make = _Maker(fn, effort, segmenter, options)
    check = partial(_checked, depth=options.get("depth"))
    coming = elements("frames", frames)
    return _stream(coming, check, finder, make, effective_threads(segmenter.threads) > 1)


def _stream(
    frames: Iterator[Frame],
    check: Callable[[Frame], Frame],
    finder: _Finder,
    make: _Maker,
    threaded: bool,
) -> Iterator[Frame]:
    fetched = Prefetch(frames, check, threaded=threaded)
    found = Prefetch(fetched, finder, threaded=threaded)
    try:
        for item in found:
            yield make(item)
    finally:
        found.close()


class _Finder:
    """Finds the subject of one frame after another."""

    def __init__(
        self,
        smoother: MaskSmoother,
        every: Every,
        select: Select,
        effort: Effort,
        segmenter: Segmenter,
    ) -> None:
        self._smoother = smoother
        self._every = every
        self._select = select
        self._effort = effort
        self._segmenter = segmenter
        self._since = 0

    def __call__(self, frame: Frame) -> _Found:
        smoother, segmenter = self._smoother, self._segmenter
        view = View(frame, effective_threads(segmenter.threads))
        small = view.light(segmenter.input_size)
        anew = smoother.is_new_scene(small)
        if anew or self._due(small):
            subject = self._find(view)
            found = subject is not None and subject.found
            smoother.update(
                small,
                subject.map if subject is not None and found else None,
                subject.confidence if subject is not None else 0.0,
            )
            self._since = 0
        else:
            smoother.keep()
            self._since += 1
        if smoother.map is None or smoother.presence <= 0.0:
            return _Found(frame, None, 0.0)
        size = (frame.shape[1], frame.shape[0])
        guide = None if self._effort == "fast" else frame
        steady = Subject(smoother.map, size, confidence=smoother.confidence, guide=guide)
        return _Found(frame, steady, smoother.presence)

    def _due(self, small: NDArray[np.float32]) -> bool:
        if self._every == "auto":
            return self._since >= _AT_LEAST - 1 or self._smoother.is_stale(small)
        return self._since >= self._every - 1

    def _find(self, view: View) -> Subject | None:
        # A flip pass in some frames only would be visible as flicker.
        effort: Effort = "best" if self._effort == "best" else "fast"
        try:
            return find_in_view(view, select=self._select, effort=effort, segmenter=self._segmenter)
        except NoSubjectError:  # `select` matches none
            return None


class _Maker:
    """Composites a frame with its subject and presence."""

    def __init__(
        self, fn: Maker, effort: Effort, segmenter: Segmenter, options: dict[str, Any]
    ) -> None:
        self._fn = fn
        self._common = {"effort": effort, "segmenter": segmenter}
        self._options = options
        self._placed = False  # whether depth or ramp has worked for a frame

    def __call__(self, found: _Found) -> Frame:
        if self._fn is portrait:
            return self._portrait(found)
        return self._cutout(found)

    def _portrait(self, found: _Found) -> Frame:
        """Fade the strength of the blur."""
        lens, look = self._options["lens"], self._options["look"]
        sigma = lens.sigma_pixels(found.frame.shape[1], found.frame.shape[0]) * found.presence
        if found.subject is None or sigma < _LEAST_SIGMA:
            untouched: Frame = found.frame.copy()
            return untouched
        look = replace(look, grain=look.grain * found.presence)
        return self._blurred(found.frame, look, subject=found.subject, lens=Lens(sigma=sigma))

    def _blurred(self, frame: Frame, look: Look, **options: Any) -> Frame:
        """The portrait; blurred evenly if the subject has no distance but earlier ones had."""
        depth = self._options["depth"]
        blurred: Frame
        try:
            blurred = self._fn(frame, look=look, depth=depth, **options, **self._common)
            self._placed = True
        except (OptionError, ImageValueError):
            if not self._placed or (depth is None and look.ramp is None):
                raise
            blurred = self._fn(frame, look=replace(look, ramp=None), **options, **self._common)
        return blurred

    def _cutout(self, found: _Found) -> Frame:
        """Fade the matte."""
        subject, finish = found.subject, self._options["finish"]
        given: dict[str, Any]
        if subject is not None and found.presence == 1.0:
            given = {"subject": subject}
        elif subject is not None:
            share = np.float32(255 * found.presence)
            given = {"matte": (subject.matte * share).round().astype(np.uint8)}
            finish = replace(finish, alpha_floor=finish.floor(found=True))
        else:
            given = {"matte": np.zeros(found.frame.shape[:2], np.uint8)}
        given |= {"finish": finish, "background": self._options["background"]}
        cut: Frame = self._fn(found.frame, **given, **self._common)
        return cut


def _checked(frame: Frame, depth: NDArray[np.float32] | None) -> Frame:
    if not isinstance(frame, np.ndarray):
        raise ImageTypeError(
            f"a frame is {type_of(frame)}; expected a uint8 array, height x width x 3"
        )
    check_uint8(frame)
    pixels = np.asarray(as_rgb(frame), np.uint8)
    if depth is not None:
        layers.check_depth(depth, (pixels.shape[1], pixels.shape[0]))
    return pixels


def _prepared(fn: Maker, options: dict[str, Any]) -> dict[str, Any]:
    """The options in groups, checked, with their files read."""
    check_function(fn, "expected defocus.portrait or defocus.cutout", (portrait, cutout))
    for name, reason in _REFUSED.items():
        if name in options:
            raise OptionError(f"{name} is not for a video, {reason}; leave it out")
    name = "portrait" if fn is portrait else "cutout"
    check_keywords(options, [known for known in KEYWORDS[name] if known not in _REFUSED], name)
    groups = groups_of(name, options)
    if fn is portrait:
        if groups["look"].ground == "auto":
            raise OptionError("ground='auto' is not for a video; leave it out, or give ramp")
        return {**groups, "depth": read_depth(options.get("depth"), groups["look"])}
    if option := groups["finish"].geometry:
        raise OptionError(f"{option} is not for a video, {_REFUSED[option]}; leave it out")
    behind = read_background(options.get("background"), groups["finish"])
    return {**groups, "background": behind}
