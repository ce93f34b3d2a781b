"""Small ICC profiles, made here (ICC.1:2010): of wide gamuts, and of inks."""

from __future__ import annotations

import struct
from itertools import product

import numpy as np

D50 = (0.96422, 1.0, 0.82521)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
# Chromaticities of red, green, blue and white, and gamma.
WIDE = {
    "Display P3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290), 2.2),
    "Adobe RGB": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290), 2.2),
    "ProPhoto": (
        *((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105)),
        *((0.345704, 0.358540), 1.8),
    ),
}
# What the corners of the ink cube look like, in Lab: paper, and what each ink makes of it.
_INKS = ((45.0, -30.0, -40.0), (40.0, 60.0, 5.0), (10.0, -5.0, 80.0))


def wide(name: str) -> bytes:
    """An RGB profile: three primaries and a gamma."""
    *primaries, white, gamma = WIDE[name]
    to_xyz = np.array([_xyz(*point) for point in primaries]).T
    source = _xyz(*white)
    to_xyz = to_xyz * np.linalg.solve(to_xyz, source)
    cones = np.diag((_BRADFORD @ D50) / (_BRADFORD @ source))
    to_xyz = np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD @ to_xyz
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(float(gamma) * 256))
    tags = {b"wtpt": _points(D50)}
    for channel, letter in enumerate("rgb"):
        tags[f"{letter}XYZ".encode()] = _points(to_xyz[:, channel])
        tags[f"{letter}TRC".encode()] = curve
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags, name)


def grey(gamma: float = 2.2) -> bytes:
    """A grey profile: a gamma."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = {b"wtpt": _points(D50), b"kTRC": curve}
    return _profile(b"mntr", b"GRAY", b"XYZ ", tags, "grey")


def inks(black: float = 0.0) -> bytes:
    """A CMYK profile: a table of two points along each ink.

    `black` is the lightness of black ink.  All is grey if the intent is not relative colorimetric.
    """
    right, wrong = bytearray(), bytearray()
    for *colours, key in product((0, 1), repeat=4):
        right += bytes(_lab_codes(ink_colour(colours, key, black)))
        wrong += bytes((128, 128, 128))
    ramp = bytes(range(256))
    identity = b"".join(_fixed(value) for value in np.eye(3).ravel())
    head = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4
    tags = {b"A2B0": head + wrong + ramp * 3, b"A2B1": head + right + ramp * 3}
    return _profile(b"scnr", b"CMYK", b"Lab ", {b"wtpt": _points((0.9, 0.93, 0.7)), **tags}, "inks")


def ink_colour(colours: list[int], key: int, black: float = 0.0) -> tuple[float, ...]:
    """The Lab colour of a corner of the ink cube, as the profile's 8 bits hold it."""
    lab = np.array([100.0, 0.0, 0.0])
    for ink, there in zip(_INKS, colours, strict=True):
        if there:
            lab = np.array([lab[0] - ink[0], lab[1] + ink[1], lab[2] + ink[2]])
    lab = np.clip(lab, (0, -128, -128), (100, 127, 127))
    if key:
        lab = np.array([black, 0.0, 0.0])
    lightness, a, b = _lab_codes(tuple(lab))
    return lightness / 2.55, a - 128.0, b - 128.0


def _lab_codes(lab: tuple[float, ...]) -> tuple[int, int, int]:
    return round(lab[0] * 2.55), round(lab[1]) + 128, round(lab[2]) + 128


def srgb_of_lab(lab: tuple[float, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Codes 0..255 of a D50 Lab colour (CIE 15; IEC 61966-2-1), clipped."""
    middle = (lab[0] + 16) / 116
    f = np.array([middle + lab[1] / 500, middle, middle - lab[2] / 200])
    xyz = D50 * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    from_xyz = np.linalg.inv(
        [
            [0.4360747, 0.3850649, 0.1430804],
            [0.2225045, 0.7168786, 0.0606169],
            [0.0139322, 0.0971045, 0.7141733],
        ]
    )
    light = np.clip(from_xyz @ xyz, 0, 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(255 * coded)


def _xyz(x: float, y: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(float(value) * 65536))


def _points(values: object) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in np.asarray(values).ravel())


def _profile(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes], name: str) -> bytes:
    text = name.encode() + b"\0"
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags[b"cprt"] = b"text\0\0\0\0CC0\0"
    table, body, place = b"", b"", 132 + 12 * len(tags)
    for tag, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += tag + struct.pack(">II", place + len(body), len(data))
        body += padded
    head = struct.pack(">I4xI", place + len(body), 0x02400000) + kind + space + pcs
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += b"".join(_fixed(value) for value in D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
