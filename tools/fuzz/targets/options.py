"""Options of any type and value: the answer is a result, or an error of an option or an image."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import defocus
from defocus.pipeline.keywords import CutoutKeywords, PortraitKeywords
from tools.fuzz.inputs import Choices, only_deliberate
from tools.fuzz.networks import folder, inside, segmenter
from tools.fuzz.values import value

_MOST_PIXELS = 1 << 16
_RNG = np.random.default_rng(3)
_PHOTO = _RNG.integers(0, 256, (12, 16, 3), np.uint8)
_MATTE = np.zeros((12, 16), np.uint8)
_MATTE[3:9, 4:12] = 255
_SAVING = ("format", "quality", "subsampling", "compression", "strip", "threads")
_LENS = ("aperture", "sigma", "focal_length", "distance")
_LOOK = ("bokeh", "blades", "highlights", "light", "ramp", "ground", "grain")
_FINISH = (
    *("fill_holes", "alpha_floor", "threshold", "grow", "feather", "crop", "canvas", "fill"),
    *("align", "max_size", "shadow", "matte_only"),
)
_SHADOW = ("kind", "offset", "blur", "spread", "opacity", "colour")
_RECIPE = ("command", "saving", "segmenter", "max_pixels", "no_subject", "every_frame")
_FINDING = ("matte", "box", "points", "keep", "remove", "select", "effort")
_MOST_JOBS = 64
_VIDEO = ("smooth", "every", "select", "effort")
_FRAMES = ("format", "duration", "loop", "quality", "strip")


def seeds() -> Iterable[bytes]:
    """For each function some options, with numbers and with text."""
    for function in range(len(_CALLS)):
        for option in range(0, 24, 3):
            yield bytes((function, 2, option, 0, option, option + 1, 3, option))
            yield bytes((function, 1, option, 7, 0x40, 0x41))


def check(data: bytes) -> None:
    """Call a function with a few options."""
    choices = Choices(data)
    names, call = choices.one_of(_CALLS)
    options = {choices.one_of(names): value(choices) for _ in range(1 + choices.number(4))}
    with inside(folder()), only_deliberate():
        call(options)
    assert _PHOTO[0, 0, 0] == _FIRST, "the photograph was modified"


def _portrait(options: dict[str, Any]) -> None:
    made = defocus.portrait(_PHOTO, **_with_matte(options))
    assert made.shape == _PHOTO.shape
    assert made.dtype == _PHOTO.dtype


def _cutout(options: dict[str, Any]) -> None:
    made = defocus.cutout(_PHOTO, **_with_matte(options))
    assert made.dtype == _PHOTO.dtype
    assert 0 < made.size <= 4 * _MOST_PIXELS


def _with_matte(options: dict[str, Any]) -> dict[str, Any]:
    """Add a matte where the options do not say where the subject comes from."""
    found = {"subject", "box", "points", "keep", "remove", "select", "effort", "matte"} & {*options}
    return _limited(options if found else {"matte": _MATTE, **options})


def _limited(options: dict[str, Any]) -> dict[str, Any]:
    """Add a small network and a limit of pixels."""
    more: dict[str, Any] = {"max_pixels": _MOST_PIXELS, "segmenter": segmenter()}
    limit = options.get("max_pixels")
    if isinstance(limit, (int, float)) and limit > _MOST_PIXELS:
        options = {**options, "max_pixels": _MOST_PIXELS}
    return more | options


def _find(options: dict[str, Any]) -> None:
    found = defocus.find_subject(_PHOTO, **_limited(options))
    assert found.matte.shape == _PHOTO.shape[:2]


def _store(options: dict[str, Any]) -> None:
    assert defocus.to_bytes(_PHOTO, **options)


def _frames(options: dict[str, Any]) -> None:
    defocus.save_frames([_PHOTO, _PHOTO[::-1]], io.BytesIO(), **{"format": "png"} | options)


def _save(options: dict[str, Any]) -> None:
    target = options.pop("target", None)
    if isinstance(target, str):
        target = target.replace(os.sep, "_")
    if not isinstance(target, (int, bool)):  # a number would be a descriptor
        defocus.save(_PHOTO, target, **options)


def _video(options: dict[str, Any]) -> None:
    for frame in defocus.video([_PHOTO, _PHOTO], segmenter=segmenter(), **options):
        assert frame.shape == _PHOTO.shape


def _mapped(options: dict[str, Any]) -> None:
    jobs = options.get("jobs")
    if not isinstance(jobs, (int, float)) or jobs < _MOST_JOBS:
        for result in defocus.map([_PHOTO, _PHOTO], segmenter=segmenter(), **options):
            if not result.ok:
                result.unwrap()


def _grouped(options: dict[str, Any]) -> None:
    """A recipe, whose groups hold the options of functions."""
    groups: dict[str, Any] = {name: {} for name in ("options", "finding", "saving")}
    for name, given in options.items():
        group = "saving" if name in _SAVING else "options" if name in _LOOK else "finding"
        groups[group][name] = given
    assert repr(defocus.Recipe(**groups))


def _image(options: dict[str, Any]) -> None:
    image: Any = options["image"]
    defocus.cutout(image, segmenter=segmenter(), max_pixels=_MOST_PIXELS)


def _made_by(function: Callable[..., Any]) -> Callable[[dict[str, Any]], None]:
    def call(options: dict[str, Any]) -> None:
        assert repr(function(**options))

    return call


_CALLS: tuple[tuple[tuple[str, ...], Callable[[dict[str, Any]], None]], ...] = (
    (tuple(PortraitKeywords.__annotations__), _portrait),
    (tuple(CutoutKeywords.__annotations__), _cutout),
    (("box", "points", "keep", "remove", "select", "effort", "max_pixels"), _find),
    (_SAVING, _store),
    (_FRAMES, _frames),
    (("target", *_SAVING), _save),
    (("image",), _image),
    ((*_VIDEO, *_LOOK, *_LENS), _video),
    (("jobs", "no_subject", *_LENS), _mapped),
    (_RECIPE, _made_by(defocus.Recipe)),
    ((*_SAVING, *_LOOK, *_FINDING), _grouped),
    (("model", "threads", "providers"), _made_by(defocus.Segmenter)),
    (_LENS, _made_by(defocus.Lens)),
    (_LOOK, _made_by(defocus.Look)),
    (_FINISH, _made_by(defocus.Finish)),
    (_SHADOW, _made_by(defocus.Shadow)),
)
_FIRST = int(_PHOTO[0, 0, 0])
