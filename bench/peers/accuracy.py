"""Everyone's error against the float64 truth: on the scene, and on what breaks blurs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from bench.peers import libraries as peers
from bench.support import patterns, truth

Row = dict[str, Any]
Truth = Callable[[str, truth.Window], truth.Floats]  # with a border rule, on a window

EXACT_SIGMAS = (0.3, 0.5, 1.0, 2.0, 3.7, 5.0, 10.0, 21.0, 40.0, 100.0)
PEER_SIGMAS = (5.0, 10.0, 21.0, 40.0)
STAGES: dict[str, dict[str, Any]] = {
    "plain": peers.PLAIN,
    "masked": {"masked": True, "light": "srgb"},
    "linear": {"masked": True, "light": "linear"},
}
KINDS = {peers.MASKED: "masked", peers.LINEAR: "linear", peers.OPENCV_LINEAR: "linear"}


class Judge:
    """Knows the truth about one picture and sigma."""

    def __init__(self, on: peers.Pictures, sigma: float, places: list[truth.Window]) -> None:
        self._on, self._sigma, self._places = on, sigma, places
        self._known: dict[str, Truth] = {}

    def error(self, work: str, name: str, result: Any) -> truth.Error:
        """The error; others may choose among the border rules, we promise reflect-101."""
        kind = KINDS.get(name, "plain") if work == "stage" else work
        if kind not in self._known:
            self._known[kind] = functools.cache(self._truth(kind))
        known, picture = self._known[kind], peers.as_array(result)
        if work == "cutout":  # its colours are the image's, but for rembg's, which darken
            picture = picture[..., 3]
        free = work in {"blur", "stage"} and not is_ours(name)
        borders = truth.BORDERS if free else truth.BORDERS[:1]
        errors = [
            truth.compare(picture, self._places, functools.partial(known, border))
            for border in borders
        ]
        return max(errors, key=lambda error: error.psnr)

    def _truth(self, kind: str) -> Truth:
        on, sigma = self._on, self._sigma
        image = on.image
        if kind == "blur":
            return lambda border, place: truth.blur(image, sigma, place, border)
        if kind == "blend":
            return lambda _, place: truth.mix(
                place.of(on.alpha) / 255.0, place.of(image), place.of(on.other)
            )
        if kind == "cutout":
            return lambda _, place: 255.0 * truth.resize(on.mask, on.width, on.height, place)
        return lambda border, place: truth.portrait(
            image, on.mask, sigma, place, border=border, **STAGES[kind]
        )


def is_ours(name: str) -> bool:
    return name.startswith(peers.OURS)


def on_patterns(sigmas: tuple[float, ...] = EXACT_SIGMAS) -> Iterator[Row]:
    """The worst over all patterns and the scene, by work, competitor and sigma."""
    drawn = {**patterns.adversarial(), "scene": patterns.scene(512, 384)}
    mask, whole = patterns.person_mask(), [truth.Window(0, 384, 0, 512)]
    pictures = {pattern: peers.Pictures(image, mask) for pattern, image in drawn.items()}
    for sigma in sigmas:
        found: dict[tuple[str, str], dict[str, truth.Error]] = {}
        for pattern, on in pictures.items():
            judge = Judge(on, sigma, whole)
            for work, runners in (("blur", peers.blurs), ("stage", peers.stages)):
                for name, run in runners(on, sigma).items():
                    if _wanted(work, name, sigma):
                        errors = found.setdefault((work, name), {})
                        errors[pattern] = judge.error(work, name, run())
        for (work, name), errors in found.items():
            yield {"work": work, "name": name, "sigma": sigma, **_worst(errors)}


def _worst(errors: dict[str, truth.Error]) -> Row:
    """The greatest error in levels, and the most lost against perfect rounding in dB."""
    by_levels = max(errors, key=lambda pattern: errors[pattern].levels)
    by_loss = max(errors, key=lambda pattern: errors[pattern].loss)
    return {
        "levels": errors[by_levels].levels,
        "levels_on": by_levels,
        "loss": errors[by_loss].loss,
        "loss_on": by_loss,
        "psnr": min(error.psnr for error in errors.values()),
    }


def _wanted(work: str, name: str, sigma: float) -> bool:
    """Ours at every sigma and in every stage; the others' blurs at the usual ones."""
    if name == peers.COPY or name.endswith(peers.V3):
        return False
    return is_ours(name) or (work == "blur" and sigma in PEER_SIGMAS)
