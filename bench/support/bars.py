"""Charts of horizontal bars, for the README and docs/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.support import harness

OURS, OTHERS, INK = "#c2410c", "#94a3b8", "#334155"


def figure(heights: list[int]) -> tuple[Any, Any] | None:
    """A figure with an axis for each panel; None without matplotlib.

    Parameters
    ----------
    heights : list of int
        The number of bars of each panel.
    """
    matplotlib, figures = harness.optional("matplotlib"), harness.optional("matplotlib.figure")
    if figures is None:
        print("note: no chart")
        return None
    matplotlib.rcParams["svg.hashsalt"] = "defocus"  # the same file for the same figures
    drawn = figures.Figure(figsize=(8, 0.36 * sum(heights) + 0.6 * len(heights)), layout="tight")
    return drawn, drawn.subplots(len(heights), 1, height_ratios=heights)


def panel(axis: Any, title: str, bars: dict[str, float], unit: str) -> None:
    """One group of bars, the first on top.  Ours begin with "defocus".

    Without a unit the figures are whole numbers.
    """
    colours = [OURS if label.startswith("defocus") else OTHERS for label in bars]
    drawn = axis.barh(list(bars), list(bars.values()), color=colours, height=0.72)
    texts = [f"{harness.number(v)} {unit}" if unit else f"{v:.0f}" for v in bars.values()]
    axis.bar_label(drawn, texts, padding=4, color=INK)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.14 * max(bars.values(), default=1.0))
    axis.set_title(title, loc="left", fontsize=10, color=INK)
    axis.tick_params(length=0, colors=INK)
    axis.xaxis.set_visible(False)
    for side in axis.spines.values():
        side.set_visible(False)


def save(drawn: Any, path: Path) -> None:
    """Write the chart; the file's extension says in which format."""
    options = {"metadata": {"Date": None}} if path.suffix == ".svg" else {"dpi": 144}
    drawn.savefig(path, **options)
