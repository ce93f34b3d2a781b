"""The bars for the README: milliseconds of the same work, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.peers import libraries as peers
from bench.support import harness, patterns

Row = dict[str, Any]

OURS, OTHERS, INK = "#c2410c", "#94a3b8", "#334155"
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


def draw(speed: list[Row], path: Path) -> None:
    """Write the chart; the file's extension says in which format."""
    matplotlib, figures = harness.optional("matplotlib"), harness.optional("matplotlib.figure")
    if figures is None:
        print("note: no chart")
        return
    matplotlib.rcParams["svg.hashsalt"] = "defocus"  # the same file for the same figures
    heights = [len(set(names.values())) for _, _, names in PANELS]
    figure = figures.Figure(figsize=(8, 0.36 * sum(heights) + 1.8), layout="tight")
    axes = figure.subplots(len(PANELS), 1, height_ratios=heights)
    for axis, (title, work, names) in zip(axes, PANELS, strict=True):
        _panel(axis, title, [row for row in speed if row["work"] == work], names)
    options = {"metadata": {"Date": None}} if path.suffix == ".svg" else {"dpi": 144}
    figure.savefig(path, **options)


def _panel(axis: Any, title: str, rows: list[Row], names: dict[str, str]) -> None:
    """One group of bars: the largest size measured, ours on top."""
    case = max((_case(row) for row in rows), default=None)
    shown: dict[str, Row] = {}
    for row in sorted((row for row in rows if _case(row) == case), key=lambda row: row["ms"]):
        if row["name"] in names:
            shown.setdefault(names[row["name"]], row)
    labels = [label for label in dict.fromkeys(names.values()) if label in shown]
    times = [shown[label]["ms"] for label in labels]
    colours = [OURS if label.startswith("defocus") else OTHERS for label in labels]
    bars = axis.barh(labels, times, color=colours, height=0.72)
    axis.bar_label(bars, [f"{harness.number(ms)} ms" for ms in times], padding=4, color=INK)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.14 * max(times, default=1.0))
    if case is not None:
        size, sigma = list(patterns.SIZES)[case[0]], f", sigma {case[1]:.3g}" if case[1] else ""
        axis.set_title(f"{title}, {size}{sigma}, 1 thread", loc="left", fontsize=10, color=INK)
    axis.tick_params(length=0, colors=INK)
    axis.xaxis.set_visible(False)
    for side in axis.spines.values():
        side.set_visible(False)


def _case(row: Row) -> tuple[int, float]:
    """Cases in order of size, and of sigma among these."""
    return list(patterns.SIZES).index(row["size"]), row["sigma"]
