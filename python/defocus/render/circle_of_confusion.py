"""How far each pixel is out of focus, as a share of the blur at infinity.

A thin lens that is focused at s images a point at depth z as a disc.  Its radius is r(z) =
r(infinity) |1 - s / z|.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageValueError, OptionError
from defocus.pixels.percentiles import median

__all__ = ["layers", "share_by_depth", "share_by_ground"]

Map = NDArray[np.float32]

# Radii of the layers, as shares.  A pixel between two of them is a mixture of both.
_STEPS = tuple(2.0 ** (-k / 2) for k in range(9))
# A smaller blur, in pixels, is invisible.
_LEAST_SIGMA = 0.35


def share_by_depth(depth: Map, matte: Map) -> Map:
    """Return the share 0..1 of each pixel from depth (0 or more, infinity allowed) and matte, H x
    W.

    The subject's depth is the median where the matte is at least one half.  Pixels nearer than half
    of that depth would be blurred more than infinity.  Their share is 1.
    """
    subject = depth[matte >= 0.5]
    if subject.size == 0:
        raise OptionError(
            "depth needs a subject to focus on, and the matte has none; pass another matte"
        )
    focus = float(median(subject.astype(np.float64)))
    if not 0.0 < focus < np.inf:
        raise ImageValueError(
            f"depth is {focus:g} at the subject; expected a distance above 0 and below infinity"
        )
    with np.errstate(divide="ignore", over="ignore"):  # a depth of 0 has an infinite blur
        share = np.abs(1.0 - focus / depth)
    return np.asarray(np.minimum(share, 1.0), np.float32)


def share_by_ground(horizon: float, matte: Map) -> Map:
    """Return the share 0..1 of each pixel of a scene on level ground; `matte` is H x W.

    `horizon` is the row of the horizon, 0 (top) to 1 (bottom) of the height.  The depth of ground
    at the distance u below the horizon is proportional to 1 / u.  Therefore r / r(infinity) = |1 -
    u / u(feet)|.  The blur grows evenly from the subject's feet, the lowest row of the matte, up to
    the horizon.
    """
    height = matte.shape[0]
    rows = np.flatnonzero((matte >= 0.5).any(axis=1))
    feet = (rows[-1] + 1) / height if rows.size else 0.0
    if feet <= horizon:
        raise OptionError(
            f"ramp={horizon!r} is not above the subject's feet, which are at {feet:.2f} of the "
            "height from the top; pass the row of the horizon, 0 for the top to 1 for the bottom"
        )
    below = np.maximum((np.arange(height) + 0.5) / height - horizon, 0.0)
    share = np.minimum(np.abs(1.0 - below / (feet - horizon)), 1.0)
    return np.repeat(share[:, np.newaxis], matte.shape[1], axis=1).astype(np.float32)


def layers(share: Map, sigma: float, *, spacing: int = 1) -> list[tuple[float, Map]]:
    """Split each pixel into layers of equal blur, the blurriest first: (share, weights H x W).

    The weights of all layers sum to 1.  A mixture of two neighbouring layers has the second moment
    of the wanted blur.  The last layer is sharp, with share 0.  Of the radii between the whole blur
    and none, only every `spacing`-th is used.
    """
    steps = [step for step in _STEPS[::spacing] if step * sigma >= _LEAST_SIGMA] or [1.0]
    steps.append(0.0)
    squares = np.square(steps)
    out = []
    for k, step in enumerate(steps):
        weight = np.ones_like(share)
        if k > 0:
            weight = (squares[k - 1] - share**2) / (squares[k - 1] - squares[k])
        if k + 1 < len(steps):
            lower = (share**2 - squares[k + 1]) / (squares[k] - squares[k + 1])
            weight = np.minimum(weight, lower)
        out.append((step, np.clip(weight, 0.0, 1.0).astype(np.float32)))
    return out
