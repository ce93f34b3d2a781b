"""ICC profiles made from primaries and a curve (ICC.1:2010, version 4.3)."""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from defocus.io.colour.cicp import PRIMARIES, SRGB, Colour, Curve, Primaries

__all__ = ["adapted", "for_pictures", "is_usable", "to_xyz"]

_D50 = (0.9642, 1.0, 0.8249)  # the white of profiles: ICC.1:2010, 7.2.16
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_VERSION = 0x04300000
_NAMES = {1: "BT.709", 9: "BT.2020", 11: "DCI P3", 12: "Display P3"}
# The date of profiles, fixed so that their bytes do not change: 1 January 2000.
_DATE = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


@lru_cache(maxsize=16)
def for_pictures(colour: Colour, *, grey: bool) -> bytes:
    """Return the profile of RGB or grey images of that colour; its bytes are always the same."""
    curve = _parametric(colour.curve)
    adaptation = _adaptation(_xyz(*colour.primaries[6:]))
    tags = {b"wtpt": _points(_D50), b"chad": _matrix(adaptation)}
    if grey:
        tags[b"kTRC"] = curve
    else:
        columns = adapted(colour.primaries)
        for channel, letter in enumerate("rgb"):
            tags[f"{letter}XYZ".encode()] = _points(columns[:, channel])
            tags[f"{letter}TRC".encode()] = curve
    return _profile(b"GRAY" if grey else b"RGB ", tags, _name(colour, grey))


def is_usable(primaries: Primaries) -> bool:
    """Return whether the white lies well inside the triangle of the primaries."""
    if primaries[7] <= 0 or not all(0 <= value <= 1 for value in primaries):
        return False
    columns = _columns(primaries)
    if abs(np.linalg.det(columns)) < 1e-4:
        return False
    return bool((np.linalg.solve(columns, _xyz(*primaries[6:])) > 1e-3).all())


def to_xyz(primaries: Primaries) -> NDArray[np.float64]:
    """Return the matrix from linear RGB to XYZ, without adaptation to another white."""
    columns = _columns(primaries)
    return np.asarray(columns * np.linalg.solve(columns, _xyz(*primaries[6:])))


def adapted(primaries: Primaries) -> NDArray[np.float64]:
    """Return the matrix from linear RGB to XYZ, adapted to the white of profiles."""
    return np.asarray(_adaptation(_xyz(*primaries[6:])) @ to_xyz(primaries))


def _columns(primaries: Primaries) -> NDArray[np.float64]:
    points = (primaries[0:2], primaries[2:4], primaries[4:6])
    return np.asarray(np.array([(x, y, 1 - x - y) for x, y in points]).T)


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y], np.float64)


def _adaptation(white: NDArray[np.float64]) -> NDArray[np.float64]:
    cones = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    return np.asarray(np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD)


def _name(colour: Colour, grey: bool) -> str:
    """Return the name that users see in a list of profiles."""
    g, a, *_ = colour.curve
    curve = f"gamma {g:.3g}" if a == 1.0 else "curve of sRGB" if colour.curve == SRGB else "video"
    if grey:
        return f"Grey, {curve}"
    for number, name in _NAMES.items():
        if colour.primaries == PRIMARIES[number]:
            return f"{name}, {curve}"
    points = (colour.primaries[i : i + 2] for i in (0, 2, 4))
    return f"RGB {' '.join(f'{x:.3f},{y:.3f}' for x, y in points)}, {curve}"


def _parametric(curve: Curve) -> bytes:
    """Encode a curve (10.18): type 0 for a power alone, else type 3."""
    if curve[1:] == (1.0, 0.0, 0.0, 0.0):
        return b"para\0\0\0\0\0\0\0\0" + _fixed(curve[0])
    return b"para\0\0\0\0\0\3\0\0" + b"".join(map(_fixed, curve))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(float(value) * 65536))


def _points(values: object) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in np.asarray(values).ravel())


def _matrix(values: NDArray[np.float64]) -> bytes:
    return b"sf32\0\0\0\0" + b"".join(_fixed(value) for value in values.ravel())


def _text(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(data), 28) + data


def _profile(space: bytes, tags: dict[bytes, bytes], name: str) -> bytes:
    tags = {b"desc": _text(name), b"cprt": _text("CC0"), **tags}
    table, body, start = b"", b"", 132 + 12 * len(tags)
    placed: dict[bytes, int] = {}  # equal contents are stored once
    for tag, data in tags.items():
        if data not in placed:
            placed[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += tag + struct.pack(">II", placed[data], len(data))
    head = struct.pack(">I4xI", start + len(body), _VERSION) + b"mntr" + space + b"XYZ "
    head += _DATE + b"acsp" + bytes(28) + b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
