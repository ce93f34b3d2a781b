"""The bars for the README: milliseconds of the same work, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.peers import libraries as peers
from bench.support import bars, patterns

Row = dict[str, Any]

# Title, work, and who is shown under which name, the fastest where several share one.  Of each
# work the largest case measured is drawn.
PANELS = (
    (
        "Blur the background (mask up, blur, blend)",
        "stage",
        {
            peers.OURS: "defocus",
            peers.LINEAR: "defocus, masked, linear light",
            **dict.fromkeys(peers.EXPERTS, "OpenCV, expert's recipe"),
            peers.PILLOW: "Pillow",
            peers.OPENCV: "OpenCV",
        },
    ),
    (
        "Gaussian blur",
        "blur",
        {
            peers.OURS: "defocus",
            peers.EXPERT: "OpenCV, expert's recipe",
            "OpenCV stackBlur": "OpenCV stackBlur",
            peers.PILLOW: "Pillow",
            peers.OPENCV: "OpenCV",
        },
    ),
    (
        "Cut out (mask up, alpha)",
        "cutout",
        {
            peers.OURS: "defocus",
            **dict.fromkeys(peers.CUTOUTS_OPENCV, "OpenCV"),
            peers.PUTALPHA: "Pillow",
            peers.REMBG: "rembg's recipe",
        },
    ),
)
WHOLE = "From a JPEG of 12 MP to a cutout as PNG, network included, 2 threads"
MODELS = ("u2net", "u2netp")


def draw(speed: list[Row], files: list[Row], path: Path) -> None:
    """Write the chart; the file's extension says in which format."""
    panels = [(_title(rows, title), _shown(rows, names)) for title, rows, names in _groups(speed)]
    panels.append((WHOLE, _from_file_to_file(files)))
    made = bars.figure([*(len(set(names.values())) for _, _, names in PANELS), len(MODELS) * 2])
    if made is not None:
        for axis, (title, times) in zip(made[1], panels, strict=True):
            bars.panel(axis, title, times, "ms")
        bars.save(made[0], path)


def _groups(speed: list[Row]) -> Iterator[tuple[str, list[Row], dict[str, str]]]:
    """Of each panel the title, the rows of the largest size measured, and who is shown."""
    for title, work, names in PANELS:
        rows = [row for row in speed if row["work"] == work]
        case = max((_case(row) for row in rows), default=None)
        yield title, [row for row in rows if _case(row) == case], names


def _shown(rows: list[Row], names: dict[str, str]) -> dict[str, float]:
    """The milliseconds of each bar."""
    shown: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: row["ms"]):
        if row["name"] in names:
            shown.setdefault(names[row["name"]], row["ms"])
    return {label: shown[label] for label in dict.fromkeys(names.values()) if label in shown}


def _from_file_to_file(files: list[Row]) -> dict[str, float]:
    """The milliseconds of a cutout from file to file, after the first."""
    warm = [row for row in files if (row["work"], row["kind"]) == ("cutout", "warm")]
    times = {(row["name"], row["model"]): row["ms"] for row in warm}
    order = [(name, model) for model in MODELS for name in (peers.OURS, "rembg")]
    return {", ".join(pair): times[pair] for pair in order if pair in times}


def _title(rows: list[Row], title: str) -> str:
    if not rows:
        return title
    size, sigma = rows[0]["size"], rows[0]["sigma"]
    return f"{title}, {size}{f', sigma {sigma:.3g}' if sigma else ''}, 1 thread"


def _case(row: Row) -> tuple[int, float]:
    """Cases in order of size, and of sigma among these."""
    return list(patterns.SIZES).index(row["size"]), row["sigma"]
