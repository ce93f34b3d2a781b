"""Video: the flow for frame after frame, with a matte that keeps steady.

What is done to one frame is `pipeline`'s; here is what connects it to the frames before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from numbers import Integral
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from defocus import checks
from defocus.errors import ImageTypeError, ImageValueError, NoSubjectError, OptionError
from defocus.frames.prefetch import Prefetch
from defocus.frames.smoothing import MaskSmoother, check_smooth
from defocus.io.photo import Photo
from defocus.models.segmenter import network_view
from defocus.options import KEYWORDS, Effort, Finish, Lens, Select, Selection, check_effort
from defocus.pipeline import pipeline, settings
from defocus.pipeline.find import check_segmenter
from defocus.pipeline.pipeline import Segmenter, Subject
from defocus.pixels.arrays import check_uint8
from defocus.render import layers
from defocus.threads import effective_threads

__all__ = ["SMOOTH", "video"]

Frame = NDArray[np.uint8]
Every: TypeAlias = int | Literal["auto"]
Maker = Callable[..., Any]

SMOOTH = 0.8
_LENS = ("aperture", "focal_length", "distance", "sigma")
_LAYERS = ("depth", "ramp")
_AT_LEAST = 4
# Blurs below this many pixels nobody sees; the frame then passes as it is.
_LEAST_SIGMA = 0.2
_REFUSED = {
    "crop": "frames of one video have one size",
    "matte": "it would be that of every frame",
    "subject": "it would be that of every frame",
    "max_pixels": "frames are decoded already",
}


class _Found(NamedTuple):
    """A frame and what to make of it: `presence` is how much of the effect, 0..1."""

    frame: Frame
    subject: Subject | None
    presence: float


def video(
    frames: Iterable[Frame],
    fn: Maker = pipeline.portrait,
    *,
    smooth: float = SMOOTH,
    every: Every = "auto",
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    **options: Any,
) -> Iterator[Frame]:
    """Blur, or take away, the background of every frame of a video, and keep the matte steady.

    `frames` are uint8 arrays H x W x 3 (RGB), one after the other; `fn` is `defocus.portrait`
    (default) or `defocus.cutout`, and `options` are what it takes, except `matte`, `subject`,
    `crop` and `max_pixels`.  Gives an iterator of as many new uint8 arrays, in order: H x W x 3,
    or H x W x 4 for a cutout without `background` (H x W with `matte_only`).

    `smooth` (0 to 0.98, default 0.8) is how much of the matte stays from frame to frame where
    the picture does not change; where it moves the new matte counts, and at a cut alone.  0 is off.
    `every` is which frames the network looks at: "auto" (default) those in which more than 1 % of
    the picture has moved since it last looked, every 4th at least, and the first of each scene; or
    a number K, every K-th and the first of each scene (1: all).  The frames between keep its map,
    with edges that follow their own pixels.

    Where no subject is found, a portrait fades within 8 frames to the untouched frame, and a cutout
    to nothing: what a cutout hides stays hidden.  A `select` that means nothing in a frame counts
    as no subject.

    `depth` is one map for all frames, of their proportions.  A later frame whose subject `depth` or
    `ramp` cannot place, because its feet are above the horizon or its depth is 0, is blurred
    evenly.

    The network looks at one frame while the one before is composited and the next is fetched: at
    most four frames are held, and none of `frames` may be changed before its result has come (a
    frame that passes untouched is copied).  With `Segmenter(threads=1)` nothing runs at once.
    Closing the iterator, or dropping it, ends the threads.

    Raises what `fn` raises for bad options at once; while iterating ImageTypeError or
    ImageValueError for a bad frame, ModelError, and whatever `frames` itself raises, each after the
    frames before it; OptionError or ImageValueError where `depth` or `ramp` cannot place the first
    subject.

    >>> import numpy as np
    >>> clip = [np.full((36, 64, 3), 30 * i, np.uint8) for i in range(3)]
    >>> [frame.shape for frame in video(clip)]
    [(36, 64, 3), (36, 64, 3), (36, 64, 3)]
    """
    check_segmenter(segmenter)
    check_smooth(smooth)
    _check_every(every)
    Selection(select)
    check_effort(effort)
    options = _prepared(fn, options)
    segmenter = segmenter or pipeline.default_segmenter()
    finder = _Finder(MaskSmoother(float(smooth)), every, select, effort, segmenter)
    make = _Maker(fn, effort, segmenter, options)
    check = partial(_checked, depth=options.get("depth"))
    coming = checks.each("frames", frames, "expected an iterable of frames")
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
        small = network_view(frame, segmenter.input_size, segmenter.threads)
        anew = smoother.is_new_scene(small)
        if anew or self._due(small):
            subject = self._find(frame)
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

    def _find(self, frame: Frame) -> Subject | None:
        # A second opinion for some frames and not for others would be seen as flicker.
        effort: Effort = "best" if self._effort == "best" else "fast"
        try:
            return pipeline.find_subject(
                frame, select=self._select, effort=effort, segmenter=self._segmenter
            )
        except NoSubjectError:  # none where it was asked for
            return None


class _Maker:
    """Composites a frame as its subject and presence say."""

    def __init__(
        self, fn: Maker, effort: Effort, segmenter: Segmenter, options: dict[str, Any]
    ) -> None:
        self._fn = fn
        self._common = {"effort": effort, "segmenter": segmenter}
        self._options = options
        self._placed = False  # whether depth or ramp has served for a frame

    def __call__(self, found: _Found) -> Frame:
        if self._fn is pipeline.portrait:
            return self._portrait(found)
        return self._cutout(found)

    def _portrait(self, found: _Found) -> Frame:
        """The blur's strength is what fades, as when focus is pulled."""
        lens = {name: self._options[name] for name in _LENS if name in self._options}
        sigma = Lens(**lens).sigma_pixels(found.frame.shape[1], found.frame.shape[0])
        sigma *= found.presence
        if found.subject is None or sigma < _LEAST_SIGMA:
            untouched: Frame = found.frame.copy()
            return untouched
        rest = {name: value for name, value in self._options.items() if name not in _LENS}
        if "grain" in rest:
            rest["grain"] *= found.presence
        return self._blurred(found.frame, {"subject": found.subject, "sigma": sigma, **rest})

    def _blurred(self, frame: Frame, options: dict[str, Any]) -> Frame:
        """The portrait; where its subject has no distance and earlier ones had, blurred evenly."""
        blurred: Frame
        try:
            blurred = self._fn(frame, **options, **self._common)
            self._placed = True
        except (OptionError, ImageValueError):
            if not self._placed or all(options.get(name) is None for name in _LAYERS):
                raise
            even = {name: value for name, value in options.items() if name not in _LAYERS}
            blurred = self._fn(frame, **even, **self._common)
        return blurred

    def _cutout(self, found: _Found) -> Frame:
        """The matte is what fades."""
        subject = found.subject
        if subject is not None and found.presence == 1.0:
            cover: dict[str, Any] = {"subject": subject}
        elif subject is not None:
            share = np.float32(255 * found.presence)
            cover = {"matte": (subject.matte * share).round().astype(np.uint8)}
            floor = Finish(alpha_floor=self._options.get("alpha_floor")).floor(found=True)
            cover["alpha_floor"] = floor
        else:
            cover = {"matte": np.zeros(found.frame.shape[:2], np.uint8)}
        cut: Frame = self._fn(found.frame, **{**self._options, **cover, **self._common})
        return cut


def _checked(frame: Frame, depth: NDArray[np.float32] | None) -> Frame:
    if not isinstance(frame, np.ndarray):
        raise ImageTypeError(
            f"a frame is a {type(frame).__name__}; expected a uint8 array, height x width x 3"
        )
    check_uint8(frame)
    photo = Photo.from_array(frame)
    if depth is not None:
        layers.check_depth(depth, photo.size)
    return photo.pixels


def _check_every(every: object) -> None:
    wanted = "expected 'auto' or an integer of 1 or more: the network looks at every so many frames"
    if isinstance(every, str) and every == "auto":
        return
    if isinstance(every, bool) or not isinstance(every, (Integral, str)):
        raise checks.refused("every", every, wanted)
    if isinstance(every, str) or every < 1:
        raise OptionError(f"every={checks.shown(every)} is out of range; {wanted}")


def _prepared(fn: Maker, options: dict[str, Any]) -> dict[str, Any]:
    """The options with their files read; what `fn` refuses is refused before the first frame."""
    if fn is not pipeline.portrait and fn is not pipeline.cutout:
        raise checks.refused("fn", fn, "expected defocus.portrait or defocus.cutout")
    for name, reason in _REFUSED.items():
        if name in options:
            raise OptionError(f"{name} is not for a video, {reason}; leave it out")
    name = "portrait" if fn is pipeline.portrait else "cutout"
    checks.keywords(options, [known for known in KEYWORDS[name] if known not in _REFUSED], name)
    read = settings.blur(**options) if fn is pipeline.portrait else settings.cut(**options)
    files: dict[str, Any] = {
        name: getattr(read, name) for name in ("depth", "background") if name in options
    }
    return {**options, **files}
