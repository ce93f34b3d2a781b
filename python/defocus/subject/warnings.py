"""What a person should know about a found subject: one sentence each, with advice.

Every sentence begins with its kind and a colon.  bench/results/warnings.md has
the measurements behind the limits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.subject import measures
from defocus.subject.components import Component

__all__ = ["frames", "warn"]

SMALL_PHOTOGRAPH = 200  # pixels of the long edge
SMALL_SUBJECT = 0.02  # of the photograph
DOUBT, STEEPNESS = 0.3, 0.22
SETTLED = 0.18  # the doubt that four of five clear photographs stay below
OVERLAP, OVERLAP_DOUBT = 0.93, 0.2
FOCUS = 0.5
SECOND = 0.2  # how large the next subject is, relative to the largest


def warn(
    raw: NDArray[np.float32],
    view: NDArray[np.float32],
    size: tuple[int, int],
    components: tuple[Component, ...],
    first: NDArray[np.float32] | None = None,
) -> tuple[str, ...]:
    """Give the warnings for a map that holds a subject.

    `raw` is the map of the chosen `components`, h x w; `view` the photograph as small as that,
    3 x h x w, 0..1; `size` the photograph's own; `first` the map before a second opinion was
    heard, if one was.  What puts the whole result in question comes first.
    """
    measured = measures.measure(raw, view)
    before = measured if first is None else measures.measure(first, view)
    found = [
        _doubts(measured, before),
        _several(components),
        _cut(measured),
        _focus(measured),
        _small(size),
    ]
    return tuple(sentence for sentence in found if sentence)


def frames(count: int) -> tuple[str, ...]:
    """Give the warning for a file of so many frames or pages, of which the first was taken."""
    if count < 2:
        return ()
    return (
        f"several frames: the file has {count}, and this is the first; "
        "for all of them use each_frame() (--frames all)",
    )


def _doubts(measured: measures.Measures, before: measures.Measures) -> str:
    if measured.area < SMALL_SUBJECT:
        return (
            f"perhaps no subject: what was found fills {100 * measured.area:.1f} % of the "
            "photograph; look at the result, and crop closer if it is meant"
        )
    if measured.ground:
        return (
            "perhaps no subject: what was found fills the bottom and both sides, as ground does; "
            "crop closer to the subject, or give a matte of your own"
        )
    # What a second opinion makes surer is not sure yet, unless it leaves nothing to ask.
    if before.doubt > DOUBT and before.steepness < STEEPNESS and measured.doubt > SETTLED:
        return (
            "unsure edges: the network cannot tell where the subject ends, or there is none; "
            "look at the result, choose another photograph, or give a matte of your own"
        )
    if measured.histogram_overlap > OVERLAP and measured.doubt > OVERLAP_DOUBT:
        return (
            "camouflage: subject and surroundings have the same colours; "
            "look at the edges, and correct the matte where they are wrong"
        )
    return ""


def _several(components: tuple[Component, ...]) -> str:
    """Several subjects of comparable size: one aperture does not hold them all, or one is wrong."""
    large = [part for part in components if part.area >= SECOND * components[0].area]
    if len(large) < 2:
        return ""
    return (
        f"several subjects: {len(large)} are kept sharp, perhaps at different distances; "
        "if one is meant, choose it with select= (--select or --at)"
    )


def _cut(measured: measures.Measures) -> str:
    if not measured.cut:
        return ""
    return (
        f"cut by the frame: the subject goes on beyond the {' and '.join(measured.cut)} edge; "
        "use a wider framing if it shall be whole"
    )


def _focus(measured: measures.Measures) -> str:
    if measured.focus >= FOCUS:
        return ""
    return (
        "subject not sharp: the background holds finer detail than the subject; "
        "check where the camera focused, blur cannot bring detail back"
    )


def _small(size: tuple[int, int]) -> str:
    """The photograph is smaller than what the network looks at."""
    if max(size) >= SMALL_PHOTOGRAPH:
        return ""
    return (
        f"small photograph: {size[0]} x {size[1]} pixels are fewer than the network looks at; "
        "use the original if there is a larger one"
    )
