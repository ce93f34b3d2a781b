"""Arrays as a binding may get them: of any shape, type and place in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.fuzz.inputs import Choices

_TYPES = ("u1", "u2", "f4", "i4", "?", "i1", "f2", "f8", ">u2", ">f4", ">i4", "c8", "O", "U2")
_ODD = (np.nan, np.inf, -np.inf, -1.0, 2.0, 3e38, -3e38, 1e-45)
_LAYOUTS = 9
_GAP = 0x5A


@dataclass(frozen=True)
class Odd:
    """What is passed, and the memory that it lies in, as it was."""

    value: Any
    memory: NDArray[np.uint8] | None
    before: bytes

    def untouched(self) -> bool:
        """Return whether each byte is as before, also outside of the array."""
        return self.memory is None or self.memory.tobytes() == self.before


def array(choices: Choices, shape: tuple[int, ...], kind: str, *, odd: bool = True) -> Odd:
    """Return an array of this shape and type; in one case of eight it is something else."""
    unlike = choices.number(256) if odd else 255
    if unlike < 8:
        return Odd(
            (None, [[1, 2]], b"abc", 3, "x", object(), np.uint8(3), memoryview(b"12"))[unlike],
            None,
            b"",
        )
    if unlike < 20:
        kind = choices.one_of(_TYPES)
    elif unlike < 32:
        shape = tuple(choices.number(9) for _ in range(choices.number(6)))
    view, memory = _placed(choices, shape, np.dtype(kind))
    if view.dtype.kind != "O":
        _fill(choices, view, odd=odd)
    if choices.number(16) == 15:
        view.setflags(write=False)
    if kind == "u1" and choices.number(32) == 31:
        view = view.view(np.recarray if choices.number(2) else np.ma.MaskedArray)
    return Odd(view, memory, b"" if memory is None else memory.tobytes())


def _placed(
    choices: Choices, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> tuple[NDArray[Any], NDArray[np.uint8] | None]:
    """Return an array with strides of many kinds, and its memory."""
    if dtype.kind == "O":
        return np.zeros(shape, dtype), None
    item, layout = dtype.itemsize, choices.number(_LAYOUTS)
    wide = tuple(n + (layout == 4) for n in shape)  # gaps behind each axis
    axes = range(len(shape)) if layout == 3 else reversed(range(len(shape)))
    strides, step = [0] * len(shape), item * (2 if layout == 5 else 1)
    for axis in axes:
        strides[axis] = step
        step *= max(wide[axis], 1)
    start = 16
    for axis in range(len(shape)):
        if layout in (1, 2) and (layout == 1 or axis == 1) and shape[axis] > 1:
            strides[axis] = -strides[axis]
            start -= strides[axis] * (shape[axis] - 1)
    if layout == 6 and shape:
        strides[0] = 0
    if layout == 7:
        start += 1  # not aligned
    memory = np.full(step + start + 32, _GAP, np.uint8)
    return np.ndarray(shape, dtype, memory, start, tuple(strides)), memory


def _fill(choices: Choices, view: NDArray[Any], *, odd: bool) -> None:
    """Write random values; floats are 0 to 1, and seldom something else."""
    random = np.random.default_rng(choices.number(65536))
    kind, most = choices.number(4), 1.0
    if view.dtype.kind in "iu":
        most = float(np.iinfo(view.dtype).max)
        if view.dtype.kind == "i":
            most = (1.0, 60.0, 2.0**24, 2.0**30)[choices.number(4)]
    values = random.random(view.shape)
    if kind == 1:
        values = np.round(values)
    elif kind == 2:
        values = np.clip(3 * values - 1, 0, 1)
    values = most * values
    with np.errstate(all="ignore"):
        view[...] = values.astype(view.dtype)
        if odd and view.dtype.kind == "f" and choices.number(16) == 15:
            view[random.random(view.shape) < 0.2] = choices.one_of(_ODD)
        elif odd and view.dtype.kind == "i" and choices.number(8) == 7:
            view[random.random(view.shape) < 0.1] *= -1
