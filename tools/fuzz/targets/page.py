"""Requests of the page, in JSON, for a photograph that is there: the answer is never a fault."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from tools.fuzz.inputs import Choices
from tools.fuzz.pictures import encoded
from tools.fuzz.service import asked, content, scope_of

_DEEPEST = 4
_PATHS = ("photos/{}/render", "photos/{}/download", "zip")
_KEYS = (
    *("kind", "options", "components", "marks", "format", "quality", "items", "id", "name", "mode"),
    *("box", "at", "points", "radius", "photo", "sigma", "aperture", "bokeh", "blades", "ramp"),
    *("light", "ground", "grain", "grow", "feather", "crop", "canvas", "fill", "align", "shadow"),
    *("background", "matte_only", "max_size", "threshold", "alpha_floor", "fill_holes", "other"),
)
_TEXTS = (
    *("portrait", "cutout", "mask", "jpeg", "png", "webp", "box", "point", "stroke", "keep"),
    *("remove", "disc", "linear", "auto", "10%", "3px", "square", "4:5", "20x10", "white", "top"),
    *("drop blur=3%", "contact", "", "\ud800", "a/../b", "\0", "x" * 300),
)
_NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2, 5, 12, 1000, 10**7, 2**63, 10**400, 0.5, -0.5, 1e308, True, False, None),
    *(math.nan, math.inf, -math.inf),
)


def seeds() -> Iterable[bytes]:
    """For every kind of result some options, marks and components."""
    for path in range(3):
        for kind in range(3):
            yield bytes((path, kind, 1, 2, 4, 2, 0, 0, 0, 1))  # components
            for mark in range(3):
                yield bytes((path, kind, 1, 3, 6, mark, 9, 9, 30, 40))
            for member in range(6):
                yield bytes((path, kind, 1, member, 0, member, member + 3, 7, member * 3))
            for option in range(15, len(_KEYS)):
                yield bytes((path, kind, 1, 1, 5, 1, option, 2, (option * 5) % len(_TEXTS)))
                yield bytes((path, kind, 1, 1, 5, 1, option, 0, (option * 5) % len(_NUMBERS)))


def check(data: bytes) -> None:
    """Send one request for the photograph."""
    choices = Choices(data)
    path, kind = choices.one_of(_PATHS).format(_photo()), choices.one_of(_TEXTS[:3])
    wanted: dict[str, Any] = {"kind": kind}
    for _ in range(choices.number(4)):
        key = choices.one_of(_KEYS)
        wanted[key] = _value(choices)
    if path == "zip":
        wanted = {"items": [{"id": _photo(), **wanted}]}
    body = json.dumps(wanted).encode()
    if choices.number(16) == 15:
        body = choices.rest()
    headers = ((b"content-type", b"application/json"),)
    asked(scope_of("POST", f"/page/{path}", headers=headers), body)


def _value(choices: Choices, depth: int = 0) -> Any:
    kind = choices.number(8)
    if kind < 2:
        return choices.one_of(_NUMBERS)
    if kind == 2:
        return choices.one_of((*_TEXTS, _photo()))
    if kind == 3:
        return choices.take(choices.number(12)).decode("utf-8", "surrogateescape")
    if kind == 4 and depth < _DEEPEST:
        return [_value(choices, depth + 1) for _ in range(choices.number(6))]
    if kind == 5 and depth < _DEEPEST:
        keys = [choices.one_of(_KEYS) for _ in range(choices.number(5))]
        return {key: _value(choices, depth + 1) for key in keys}
    if kind == 6:
        mark = choices.one_of(("box", "point", "stroke"))
        place = [choices.number(64), choices.number(64)]
        more: dict[str, Any] = {"mode": "keep", "at": place}
        if mark == "box":
            more = {"box": [*place, choices.number(99), choices.number(99)]}
        elif mark == "stroke":
            more = {"mode": "remove", "radius": choices.number(9), "points": [place, place]}
        return [{"kind": mark, **more}]
    return choices.number(1 << 16) / 128 - 128


@cache
def _photo() -> str:
    """Upload a photograph with a bright subject; return its key."""
    pixels = np.full((48, 64, 3), 20, np.uint8)
    pixels[12:36, 16:48] = 240
    headers = ((b"content-type", b"image/png"),)
    sent = asked(scope_of("POST", "/page/photos", headers=headers), encoded(pixels, "PNG"))
    key: str = json.loads(content(sent))["id"]
    return key
