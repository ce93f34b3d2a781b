"""What the kernels are meant to reach, and whether this run shows it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from bench.peers import libraries as peers
from bench.speed import end_to_end
from bench.support import harness

Row = dict[str, Any]
Found = dict[str, list[Row]]


class MissingError(Exception):
    """The run did not measure what a target needs."""


class Target(NamedTuple):
    """A ratio or figure and its limit; `least` if it should be above."""

    work: str
    wanted: str
    figure: Callable[[Found], float]
    limit: float
    least: bool = False

    def met(self, figure: float) -> bool:
        return figure >= self.limit if self.least else figure <= self.limit


def ms(found: Found, work: str, size: str, *names: str, sigma: float | None = None) -> float:
    """Time of the fastest of those named, by their beginnings."""
    times = [
        row["ms"]
        for row in found["speed"]
        if (row["work"], row["size"]) == (work, size)
        and sigma in {None, row["sigma"]}
        and row["name"] in names
    ]
    return min(_some(times))


def times(
    work: str, size: str, peer: str | tuple[str, ...], limit: float, sigma: float | None = None
) -> Target:
    """At least `limit` times as fast as the (best) peer."""
    names = (peer,) if isinstance(peer, str) else peer

    def figure(found: Found) -> float:
        ours = ms(found, work, size, peers.OURS, sigma=sigma)
        return ms(found, work, size, *names, sigma=sigma) / ours

    title = f"{work}, {size}" + (f", sigma {sigma:g}" if sigma else "")
    name = peer if isinstance(peer, str) else "the best OpenCV way"
    return Target(title, f">= {limit:g} x {name}", figure, limit, least=True)


def at_most(
    work: str, size: str, name: str, other: str, limit: float, sigma: float | None = None
) -> Target:
    """`name` takes at most `limit` times as long as `other`."""

    def figure(found: Found) -> float:
        return ms(found, work, size, name, sigma=sigma) / ms(found, work, size, other, sigma=sigma)

    title = f"{work}, {size}" + (f", sigma {sigma:g}" if sigma else "")
    title += "" if name == peers.OURS else f": {name}"
    return Target(title, f"<= {limit:g} x {other}", figure, limit)


def blend_times(limit: float) -> Target:
    """Against the fastest of those that are exact to a level, at all sizes measured."""

    def figure(found: Found) -> float:
        rows = [row for row in found["speed"] if row["work"] == "blend"]
        ratios = []
        for size in {row["size"] for row in rows}:
            exact = [
                row["ms"]
                for row in rows
                if row["size"] == size
                and row.get("levels", 9) <= 1
                and not row["name"].startswith(peers.OURS)
            ]
            ratios.append(min(_some(exact)) / ms(found, "blend", size, peers.OURS))
        return min(_some(ratios))

    return Target("blend", f">= {limit:g} x the best exact peer", figure, limit, least=True)


def slower_level(limit: float) -> Target:
    """x86-64-v3 against the best level, in the works and sizes where that matters most."""

    def figure(found: Found) -> float:
        pairs = [(work, peers.OURS_V3, peers.OURS) for work in ("blur", "stage", "cutout", "blend")]
        pairs.append(("stage", peers.LINEAR_V3, peers.LINEAR))
        ratios = [
            slow["ms"] / fast["ms"]
            for work, v3, best in pairs
            for slow in found["speed"]
            for fast in found["speed"]
            if (slow["work"], slow["name"]) == (work, v3)
            and (fast["work"], fast["name"]) == (work, best)
            and (slow["size"], slow["sigma"]) == (fast["size"], fast["sigma"])
        ]
        return max(_some(ratios))

    return Target("x86-64-v3 level, worst case", f"<= {limit:g} x the best level", figure, limit)


def worst(kind: str, field: str, work: str, wanted: str, limit: float, **such: Any) -> Target:
    """The greatest value of a field over our rows of a kind."""

    def figure(found: Found) -> float:
        values = [
            row[field]
            for row in found[kind]
            if row.get("name", peers.OURS).startswith(peers.OURS)
            and all(row[key] == value for key, value in such.items())
        ]
        return max(_some(values))

    return Target(work, wanted, figure, limit)


def two_threads(work: str, limit: float) -> Target:
    """The gain by a second thread."""

    def figure(found: Found) -> float:
        rows = [row for row in found["threads"] if (row["work"], row["size"]) == (work, "12 MP")]
        return min(_some([row["speed_up"] for row in rows]))

    return Target(f"2 threads, {work}, 12 MP", f">= {limit:g} x", figure, limit, least=True)


def file_figure(found: Found, field: str, kind: str, work: str, name: str, model: str) -> float:
    """A figure of the work from file to file."""
    for row in found["files"]:
        if (row["kind"], row["work"], row["name"], row["model"]) == (kind, work, name, model):
            return float(row[field])
    raise MissingError


def file_times(
    kind: str, work: str, model: str, peer: str, limit: float, field: str = "ms"
) -> Target:
    """At least `limit` times as fast (or small) as rembg with the network `peer`."""

    def figure(found: Found) -> float:
        ours = file_figure(found, field, kind, work, end_to_end.OURS, model)
        return file_figure(found, field, kind, work, end_to_end.REMBG, peer) / ours

    title = f"{kind} {work}, file to file, {model}" + ("" if field == "ms" else ", peak memory")
    wanted = f">= {limit:g} x {end_to_end.REMBG}({peer})"
    return Target(title, wanted, figure, limit, least=True)


def cold_portrait(limit: float) -> Target:
    """rembg's command line makes no portraits; its cutout is the nearest thing."""

    def figure(found: Found) -> float:
        peer = file_figure(found, "ms", "cold", "cutout", end_to_end.REMBG, end_to_end.SMALL)
        ours = (end_to_end.OURS, end_to_end.FULL)
        return peer / file_figure(found, "ms", "cold", "portrait", *ours)

    wanted = f">= {limit:g} x the cutout of {end_to_end.REMBG}({end_to_end.SMALL})"
    title = f"cold portrait, command line, {end_to_end.FULL}"
    return Target(title, wanted, figure, limit, least=True)


def resident(limit: float) -> Target:
    """Memory after warm-up, before the first photograph."""

    def figure(found: Found) -> float:
        ours = (end_to_end.OURS, end_to_end.FULL)
        return file_figure(found, "ready", "warm", "portrait", *ours)

    title = f"resident after warm-up, {end_to_end.FULL}"
    return Target(title, f"<= {limit:g} MB", figure, limit)


def _some(values: list[float]) -> list[float]:
    if not values or any(math.isnan(value) for value in values):
        raise MissingError
    return values


THREADED = ("blur", "stage", "stage, masked, linear", "cutout", "blend")
TARGETS = (
    worst("patterns", "levels", "accuracy, every pattern and sigma", "<= 1 level", 1.0),
    worst("patterns", "loss", "accuracy, every pattern and sigma", "<= .1 dB below perfect", 0.1),
    at_most("blur", "12 MP", peers.OURS, peers.COPY, 2.5, 20.0),
    times("blur", "12 MP", peers.OPENCV, 45, 20.0),
    times("blur", "2 MP", peers.OPENCV, 1.6, 2.0),
    times("blur", "2 MP", peers.SEPARABLE, 3.5, 5.0),
    times("blur", "2 MP", peers.EXPERT, 1.0, 2.0),
    times("blur", "2 MP", peers.EXPERT, 1.0, 5.0),
    times("stage", "2 MP", peers.OPENCV, 25),
    times("stage", "2 MP", peers.PILLOW, 35),
    times("stage", "2 MP", peers.EXPERT, 4),
    times("stage", "2 MP", peers.EXPERT_BYTES, 4),
    at_most("stage", "12 MP", peers.OURS, peers.COPY, 3),
    times("stage", "12 MP", peers.OPENCV, 60),
    times("stage", "12 MP", peers.PILLOW, 40),
    times("stage", "12 MP", peers.EXPERT, 6),
    times("stage", "12 MP", peers.EXPERT_BYTES, 6),
    *(
        at_most("stage", size, name, peers.OURS, limit)
        for size in ("2 MP", "12 MP")
        for name, limit in ((peers.MASKED, 1.5), (peers.LINEAR, 2.0))
    ),
    times("cutout", "2 MP", peers.PUTALPHA, 7),
    times("cutout", "2 MP", peers.REMBG, 18),
    times("cutout", "2 MP", peers.CUTOUTS_OPENCV, 1.6),
    times("cutout", "0.3 MP", peers.CUTOUTS_OPENCV, 1),
    blend_times(6),
    slower_level(1.15),
    *(two_threads(work, 1.6) for work in THREADED),
    worst("memory", "mb", "temporaries, 2 MP", "<= 1 MB", 1.0, size="2 MP"),
    worst("memory", "mb", "temporaries, 24 MP", "<= 4 MB", 4.0, size="24 MP"),
    file_times("warm", "portrait", end_to_end.FULL, end_to_end.PEER_FULL, 5),
    file_times("warm", "portrait", end_to_end.FULL, end_to_end.PEER_FULL, 3, "peak"),
    file_times("warm", "portrait", end_to_end.SMALL, end_to_end.SMALL, 5),
    cold_portrait(4),
    file_times("cold", "cutout", end_to_end.FULL, end_to_end.SMALL, 4),
    resident(300),
)


def judged(found: Found) -> list[Row]:
    """Every target with its figure and verdict; None where it was not measured."""
    rows: list[Row] = []
    for target in TARGETS:
        figure: float | None
        try:
            figure = target.figure(found)
        except MissingError:
            figure = None
        met = None if figure is None else target.met(figure)
        rows.append({"work": target.work, "wanted": target.wanted, "figure": figure, "met": met})
    return rows


def table(found: Found) -> str:
    """The targets as Markdown."""
    verdicts = {True: "met", False: "MISSED", None: "not measured"}
    lines = [
        [
            row["work"],
            row["wanted"],
            "" if row["figure"] is None else harness.number(max(row["figure"], 0.0)),
            verdicts[row["met"]],
        ]
        for row in judged(found)
    ]
    return harness.markdown(["work", "target", "figure", ""], lines)
