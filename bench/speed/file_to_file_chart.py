"""The chart of where the CPU time of a photograph goes: stacked bars by size and build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.support import bars

Row = dict[str, Any]

COLOURS = {
    "network": "#94a3b8",
    "decode": "#0f766e",
    "refine": "#a16207",
    "render": "#c2410c",
    "encode": "#7c3aed",
    "rest": "#334155",
}


def draw(rows: list[Row], path: Path) -> None:
    """Write the chart; the file's extension says in which format."""
    shown = [row for row in rows if row["work"] == "portrait"]
    made = bars.figure([len(shown)])
    if made is None:
        return
    drawn, axis = made
    labels = [f"{row['megapixels']:g} MP, {row['build']}" for row in shown]
    left = [0.0] * len(shown)
    for stage, colour in COLOURS.items():
        widths = [_of(row, stage) for row in shown]
        axis.barh(labels, widths, left=left, color=colour, height=0.72, label=stage)
        left = [before + width for before, width in zip(left, widths, strict=True)]
    for place, total in enumerate(left):
        axis.text(total + 4, place, f"{total:.0f} ms", va="center", color=bars.INK)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.14 * max(left))
    title = "CPU time of a portrait, from a JPEG to a JPEG, one thread"
    axis.set_title(title, loc="left", fontsize=10, color=bars.INK)
    axis.legend(ncols=len(COLOURS), loc="upper center", bbox_to_anchor=(0.5, -0.02), frameon=False)
    axis.tick_params(length=0, colors=bars.INK)
    axis.xaxis.set_visible(False)
    for side in axis.spines.values():
        side.set_visible(False)
    bars.save(drawn, path)


def _of(row: Row, stage: str) -> float:
    stages: dict[str, float] = row["stages"]
    if stage == "rest":
        return max(0.0, float(row["cpu"]) - sum(stages.values()))
    return float(stages[stage])
