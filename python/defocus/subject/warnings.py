"""Warnings about a subject that was found: one sentence each, with advice.

Each sentence begins with its kind and a colon.  The limits are measured in
bench/results/warnings.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.subject import measures
from defocus.subject.components import Component

__all__ = ["frames", "warn"]

SMALL_PHOTOGRAPH = 200  # pixels of the long edge
SMALL_SUBJECT = 0.02  # the share of the photograph
DOUBT = 0.4  # a confidence of about .2
SETTLED = 0.18  # four of five clear photographs have a smaller doubt
OVERLAP, OVERLAP_DOUBT = 0.93, 0.2
FOCUS = 0.5
SECOND = 0.2  # the area of the next subject relative to the largest


def warn(
    raw: NDArray[np.float32],
    view: NDArray[np.float32],
    size: tuple[int, int],
    components: tuple[Component, ...],
    first: NDArray[np.float32] | None = None,
) -> tuple[str, ...]:
    """Return the warnings for a map with a subject, the most serious first.

    `raw` is the map of the selected `components`, h x w.  `view` is the network view of the
    photograph, 3 x h x w, 0..1, of the same size.  `size` is that of the photograph.  `first` is
    the map before the flip pass, if that was run.
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
    """Return the warning for a file with `count` frames or pages, of which the first was used."""
    if count < 2:
        return ()
    return (
        f"several frames: the file has {count}, and only the first is used; "
        "for all of them use each_frame() (--frames all)",
    )


def _doubts(measured: measures.Measures, before: measures.Measures) -> str:
    if measured.area < SMALL_SUBJECT:
        return (
            f"perhaps no subject: the subject fills {100 * measured.area:.1f} % of the "
            "photograph; look at the result, and crop closer if it is the right one"
        )
    if measured.ground:
        return (
            "perhaps no subject: it fills the bottom and both sides, as ground does; "
            "crop closer to the subject, or give a matte of your own"
        )
    # After the flip pass the doubt must be small before this warning is dropped.
    if before.doubt > DOUBT and measured.doubt > SETTLED:
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
    """Warn of several subjects of similar size: one may be out of focus, or wrong."""
    large = [part for part in components if part.area >= SECOND * components[0].area]
    if len(large) < 2:
        return ""
    return (
        f"several subjects: {len(large)} are kept sharp, perhaps at different distances; "
        "select one of them with select= (--select or --at)"
    )


def _cut(measured: measures.Measures) -> str:
    if not measured.cut:
        return ""
    return (
        f"cut by the frame: the subject goes on beyond the {' and '.join(measured.cut)} edge; "
        "use a wider framing if it should be complete"
    )


def _focus(measured: measures.Measures) -> str:
    if measured.focus >= FOCUS:
        return ""
    return (
        "subject not sharp: the background holds finer detail than the subject; "
        "check the focus of the photograph; blur cannot restore detail"
    )


def _small(size: tuple[int, int]) -> str:
    """Warn of a photograph that is smaller than the network's input."""
    if max(size) >= SMALL_PHOTOGRAPH:
        return ""
    return (
        f"small photograph: {size[0]} x {size[1]} pixels are fewer than the network uses; "
        "use the original if there is a larger one"
    )
