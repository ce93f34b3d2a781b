"""The functions of the extension with arguments of any kind.

The result is that of plain copies of the arrays, or the error is a TypeError or a ValueError.  No
byte outside of the result is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from defocus import _native
from tools.fuzz.inputs import Choices
from tools.fuzz.odd_arrays import Odd, array

INSTRUMENTED = ("tools",)
NATIVE = True

_SIGMAS = (0.3, 2.0, 6.5, 40.0, 1e-300, 1e300, 0.0, -1.0, np.nan, np.inf, "2", None, True, 10**400)
_ISAS: tuple[Any, ...] = (None, *_native.isa_levels(), "none", "", 3, b"baseline")
_WHOLE = (0, 1, 2, 5, 9, 33, 64, -1, -(2**63), 2**63, 2**200, 1.5, None, "3")
_COUNTS = (1, 2, 3, 8, 0, -1, 2**31 - 1, -(2**31), 2**40, 1.5, None, "2")
_FLAGS = (False, True, 0, 1, None, "x")
_SHARES = (0.0, 1.0, 30.0, 100.0, -1.0, 101.0, np.nan, np.inf, None, "1")


class Call:
    """Arguments of one call, as the bytes of an input choose them."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.size = (1 + choices.number(20), 1 + choices.number(24))
        self.odd = choices.number(4) != 0
        self.given: list[Odd] = []
        self.arguments: list[Any] = []
        self.named: dict[str, Any] = {}

    def take(self, shape: tuple[int, ...], kind: str) -> Any:
        """Return an array, and keep it for the checks."""
        self.given.append(array(self.choices, shape, kind, odd=self.odd))
        return self.given[-1].value

    def one_of(self, values: tuple[Any, ...], usual: int) -> Any:
        """Return one of the values; without odd arguments one of the first `usual`."""
        return self.choices.one_of(values if self.odd else values[:usual])

    def image(self, kinds: tuple[str, ...] = ("u1", "u2")) -> Any:
        """Return an image with three channels."""
        return self.take((*self.size, 3), self.choices.one_of(kinds))

    def mask(self, size: tuple[int, int] | None = None) -> Any:
        """Return a mask of any size, or of this one."""
        if size is None:
            size = self.size if self.choices.number(2) else self._small()
        return self.take(size, self.choices.one_of(("u1", "f4")))

    def _small(self) -> tuple[int, int]:
        return 1 + self.choices.number(12), 1 + self.choices.number(12)

    def options(self, shape: tuple[int, ...] | None = None, kind: str = "") -> None:
        """Choose threads and level, and an `out` of this shape, which may lie in an input."""
        if self.choices.number(2):
            self.named["isa"] = self.one_of(_ISAS, 1 + len(_native.isa_levels()))
        if self.choices.number(2):
            count = self.one_of(_COUNTS, 4)
            self.named["threads"] = _native.Threads(2, 1) if count == 8 else count
        where = self.choices.number(8)
        if shape is None or where < 3:
            return
        if where == 3 and self.given and self.odd:
            self.named["out"] = self.given[0].value
        else:
            self.named["out"] = self.take(shape, kind)


def _blur(call: Call) -> Any:
    channels = call.choices.one_of(((), (1,), (3,), (4,)))
    kind = call.choices.one_of(("u1", "f4"))
    call.arguments = [call.take((*call.size, *channels), kind), call.one_of(_SIGMAS, 6)]
    call.options((*call.size, *channels), kind)
    return _native.gaussian_blur


def _resize(call: Call) -> Any:
    width, height = call.one_of(_WHOLE[1:], 6), call.one_of(_WHOLE[1:], 6)
    call.arguments = [call.mask(), width, height]
    whole = isinstance(width, int) and isinstance(height, int)
    call.options((height, width) if whole and 0 < width < 99 and 0 < height < 99 else None, "f4")
    return _native.resize_bilinear


def _guide(call: Call) -> Any:
    call.arguments = [call.image(), call.mask()]
    call.options(call.size, "f4")
    return _native.guided_matte


def _unmix(call: Call) -> Any:
    call.arguments = [call.image(("u1",)), call.mask()]
    call.options()
    return _native.unmix


def _blend(call: Call) -> Any:
    call.arguments = [call.image(("u1",)), call.image(("u1",)), call.mask(call.size)]
    call.options((*call.size, 3), "u1")
    return _native.blend


def _portrait(call: Call) -> Any:
    image = call.image()
    call.arguments = [image, call.mask(), call.one_of(_SIGMAS, 6)]
    values: dict[str, tuple[tuple[Any, ...], int]] = {
        "masked": (_FLAGS, 2),
        "light": (("linear", "srgb", "", None, 3), 2),
        "bokeh": (("gaussian", "disc", "x", b"disc"), 2),
        "blades": ((0, 5, 9, 4, 10, -1, 2**40, 5.5, None), 3),
        "highlights": (_SHARES, 4),
        "guided": (_FLAGS, 2),
        "unmixed": (_FLAGS, 2),
    }
    for name, (several, usual) in values.items():
        if call.choices.number(2):
            call.named[name] = call.one_of(several, usual)
    kind = getattr(image, "dtype", np.dtype("u1")).str
    if call.choices.number(4) == 3:
        call.named["front"] = call.take((*call.size, 3), kind)
        call.named["excluded"] = call.mask()
    call.options((*call.size, 3), kind)
    return _native.portrait


def _cutout(call: Call) -> Any:
    image = call.image()
    call.arguments = [image, call.mask()]
    for name in ("guided", "unmixed"):
        call.named[name] = call.one_of(_FLAGS, 2)
    call.options((*call.size, 4), getattr(image, "dtype", np.dtype("u1")).str)
    return _native.cutout


def _shrunk(call: Call) -> Any:
    call.arguments = [call.image(("u1",)), call.one_of(_WHOLE[1:], 6), call.one_of(_WHOLE[1:], 6)]
    call.options()
    return _native.shrink_planes


def _bytes(call: Call) -> Any:
    shape = tuple(call.choices.number(7) for _ in range(call.choices.number(4)))
    call.arguments = [call.take(shape, "u2")]
    call.options()
    return _native.to_bytes


def _filter(call: Call) -> Any:
    channels = call.choices.one_of(((), (1,), (2,), (3,), (4,)))
    call.arguments = [call.take((*call.size, *channels), call.choices.one_of(("u1", "u2")))]
    call.arguments += [call.one_of((0, *_WHOLE), 1), call.one_of(_WHOLE[1:], 1)]
    return _native.filter_png


def _unfilter(call: Call) -> Any:
    rows, length = call.size
    call.arguments = [call.take((rows, length + 1), "u1"), call.take((length,), "u1")]
    call.arguments.append(call.one_of(_WHOLE[1:], 6))
    filtered = call.arguments[0]
    if isinstance(filtered, np.ndarray) and filtered.ndim == 2 and filtered.dtype == np.uint8:
        call.arguments[0] = filtered.copy()
        call.arguments[0][:, :1] %= 5
    return _native.unfilter_png


def _turn(call: Call) -> Any:
    call.arguments = [call.image(), *(call.one_of((False, True), 2) for _ in range(3))]
    call.options()
    call.named.pop("isa", None)  # one loop serves all levels
    return _native.turn


def _cells(call: Call) -> Any:
    call.arguments = [call.image(), call.mask()]
    return _native.matte_cells


def _distances(call: Call) -> Any:
    farthest = call.one_of((30.0, np.inf, 0.0, -1.0, np.nan, "x", None), 3)
    call.arguments = [call.take(call.size, "f4"), call.take(call.size, "u1"), farthest]
    return _native.geodesic_distances


def _cut(call: Call) -> Any:
    call.arguments = [call.take((*call.size, 4), "i4"), call.take(call.size, "i4")]

    def solved(weights: Any, unary: Any) -> tuple[Any, int]:
        cut = _native.GridCut(weights)
        subject = cut.solve(unary)
        assert (cut.solve(unary) == subject).all(), "solved again, another subject"
        return subject, cut.energy

    return solved


_FUNCTIONS: tuple[Callable[[Call], Any], ...] = (
    _blur, _resize, _guide, _unmix, _blend, _portrait, _cutout, _shrunk, _bytes, _filter,
    _unfilter, _turn, _cells, _distances, _cut,
)  # fmt: skip


def seeds() -> Iterable[bytes]:
    """Some calls of each function, with and without odd arguments."""
    for function in range(len(_FUNCTIONS)):
        random = np.random.default_rng(function)
        for _ in range(6):
            yield bytes([function]) + random.bytes(60)


def check(data: bytes) -> None:
    """Call a function as it is chosen, and once more with plain copies."""
    choices = Choices(data)
    prepare = choices.one_of(_FUNCTIONS)
    call = Call(choices)
    function = prepare(call)
    out = call.named.get("out")
    try:
        result = function(*call.arguments, **call.named)
    except (TypeError, ValueError):
        assert all(odd.untouched() for odd in call.given), "written before the error"
        return
    except MemoryError:
        # Only a size that no machine has asks for that much.
        assert any(type(value) is int and value > 2**32 for value in call.arguments)
        return
    assert all(odd.untouched() for odd in call.given if odd.value is not out), "an input is changed"
    plain = [_plain(value) for value in call.arguments]
    named = {name: _plain(value) for name, value in call.named.items() if name != "out"}
    named.pop("threads", None)
    _expect_same(result, function(*plain, **named))
    if out is not None:
        assert result is out, "another array than out"
        _expect_nothing_around(call, out)


def _plain(value: Any) -> Any:
    return np.array(value, order="C", copy=True) if isinstance(value, np.ndarray) else value


def _expect_same(got: Any, want: Any) -> None:
    if isinstance(got, tuple):
        for one, other in zip(got, want, strict=True):
            _expect_same(one, other)
    elif isinstance(got, np.ndarray):
        assert got.shape == want.shape
        assert got.dtype == want.dtype
        assert np.array_equal(got, want, equal_nan=got.dtype.kind == "f"), "strides matter"
    else:
        assert got == want


def _expect_nothing_around(call: Call, out: Any) -> None:
    """Bytes of the memory of `out` that are not its own stay as they were."""
    (odd,) = [odd for odd in call.given if odd.value is out]
    if odd.memory is None:
        return
    written, memory = np.array(out), odd.memory.copy()
    memory[...] = np.frombuffer(odd.before, np.uint8)
    start = out.__array_interface__["data"][0] - odd.memory.__array_interface__["data"][0]
    np.ndarray(out.shape, out.dtype, memory, start, out.strides)[...] = written
    assert (memory == odd.memory).all(), "written outside of out"
