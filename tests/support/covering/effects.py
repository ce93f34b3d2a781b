"""An option that is given does what it says, whatever else is given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from covering.cases import NOT, Case
from covering.pictures import Input
from covering.runs import Bench, called, hole, source, stored
from defocus.io import save

# Each of these, given so, changes a background that has anything in it.
_VISIBLE = {
    "depth": ("array", "file", "palette"),
    "ramp": (".2",),
    "grain": ("1",),
    "light": ("srgb",),
    "blades": ("7",),
    "bokeh": ("disc",),
}
# And without it these make no sense.
_WITH = {"bokeh": ("bokeh", "blades", "highlights")}


def check_effects(
    case: Case, picture: Input, bench: Bench, kept: dict[str, Any], samples: NDArray[Any]
) -> None:
    """Look at one option of a portrait, and at all of a cutout; `samples` are not cropped."""
    if "portrait" in case["function"]:
        _check_look(case, picture, bench, kept, samples)
    elif case["background"] == NOT:
        _check_finish(case, picture, samples[..., -1])


def _check_look(
    case: Case, picture: Input, bench: Bench, kept: dict[str, Any], samples: NDArray[Any]
) -> None:
    given = [name for name, values in _VISIBLE.items() if case[name] in values]
    if case["scene"] != "noise" and "grain" in given:  # there is none to give back
        given.remove("grain")
    if case["scene"] == "black" or not given:
        return
    name = given[picture.size[0] % len(given)]
    rest = {n: value for n, value in kept.items() if n not in _WITH.get(name, (name,))}
    other = called(case, source(case, picture, bench), rest)
    other = np.asarray(getattr(other, "samples", other)).reshape(samples.shape)
    assert not np.array_equal(samples, other), f"{name} does nothing"


def _check_finish(case: Case, picture: Input, alpha: NDArray[Any]) -> None:
    full = int(np.iinfo(alpha.dtype).max)
    if case["threshold"] != NOT and case["feather"] == NOT:
        assert {*np.unique(alpha)} <= {0, full}, "alpha has values between"
    if case["alpha_floor"] != NOT and case["feather"] == NOT:
        faint = (alpha > 0) & (alpha < round(0.2 * full))
        assert not faint.any(), "there is alpha below the floor"
    edged = any(case[name] != NOT for name in ("threshold", "grow", "feather"))
    if case["matte"] not in ("network", "subject") and not edged:
        own = picture.shown.alpha
        there = full if own is None else own[hole(picture.size)]
        expected = there if case["fill_holes"] != NOT else 0
        found = alpha[hole(picture.size)]
        assert found == expected, f"alpha of the matte's hole is {found}, expected {expected}"


def check_storage(case: Case, result: Any, picture: Input, bench: Bench, data: bytes) -> None:
    """A low quality makes a smaller file than the default, unless there is nothing to leave out."""
    if case["quality"] != NOT:
        finer = stored({**case, "quality": NOT}, result, picture, bench)
        plain = np.ptp(np.asarray(save.as_picture(result).convert("RGB"))) == 0
        assert len(data) < len(finer) + plain, "a lower quality makes no smaller file"


def check_geometry(case: Case, samples: NDArray[Any], whole: NDArray[Any]) -> None:
    """The size is what canvas and max_size say; a crop alone moves pixels only."""
    height, width = samples.shape[:2]
    if case["max_size"] != NOT:
        assert max(height, width) == min(40, max(whole.shape[:2])) or case["crop"] != NOT
        assert max(height, width) <= 40
    if case["canvas"] != NOT:
        sizes = {"square": (height, height), "90x120": (120, 90)}
        assert (height, width) == sizes[case["canvas"]], "the canvas has another size"
    elif case["crop"] != NOT and case["max_size"] == case["shadow"] == NOT:
        _check_crop(case, samples, whole, {"0": 0.0, "10%": 0.1}[case["crop"]])


def _check_crop(case: Case, samples: NDArray[Any], whole: NDArray[Any], margin: float) -> None:
    """The box around all alpha above 0, and so much of its longer side about it."""
    alpha = whole[..., -1]
    if case["background"] != NOT:
        assert samples.shape[0] <= whole.shape[0]
        assert samples.shape[1] <= whole.shape[1]
        return
    visible = alpha > np.iinfo(alpha.dtype).max // 510  # at least half a level of 8 bits
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    more = round(margin * max(np.ptp(rows) + 1, np.ptp(columns) + 1))
    top, left = max(rows[0] - more, 0), max(columns[0] - more, 0)
    box = whole[top : rows[-1] + 1 + more, left : columns[-1] + 1 + more]
    assert np.array_equal(samples, box), "the crop is not that of the subject's box"


def check_shadow(case: Case, samples: NDArray[Any], whole: NDArray[Any]) -> None:
    """A black shadow adds no light, and the subject stays."""
    if case["shadow"] == NOT or samples.shape != whole.shape:
        return
    if case["background"] != NOT:
        slack = 1 if samples.dtype == np.uint8 else 257
        assert (samples.astype(int) <= whole.astype(int) + slack).all(), "the shadow adds light"
        return
    full = np.iinfo(samples.dtype).max
    opaque = whole[..., -1] == full
    assert (samples[opaque] == whole[opaque]).all(), "the shadow changes the subject"
    assert (samples[..., -1] >= whole[..., -1]).all(), "the shadow makes something transparent"
