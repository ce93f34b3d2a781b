"""The charts of the README: what they take from the committed results."""

from __future__ import annotations

import json

import pytest

from bench.peers import chart as speed
from bench.peers import libraries as peers
from bench.quality import chart as quality
from bench.support import bars


def test_the_figures_of_quality() -> None:
    table = quality.scores((quality.RESULTS / "scores.md").read_text(encoding="utf-8"))
    for score, _, _ in quality.SCORES:
        assert {*table[score]} == {*quality.COLUMNS.values()}
    near = table["PSNR near the edge"]
    assert near["common"] < near["own mask"] < near["true matte"]


def test_a_table_of_scores() -> None:
    text = "# Scores\n\n| score | common | target | own mask | best | true matte |\n"
    text += "| --- | ---: | --- | ---: | ---: | ---: |\n| a | 1 | ≥ 2 | **3** | 4 | 5 |\n\nMore.\n"
    assert quality.scores(text) == {
        "a": {"common": 1.0, "own mask": 3.0, "best": 4.0, "true matte": 5.0}
    }


def test_the_worst_error_is_that_of_any_sigma() -> None:
    rows = [
        {"work": work, "name": name, "sigma": sigma, "levels": sigma}
        for work in ("blur", "stage")
        for name in quality.BLURS
        for sigma in (*quality.SIGMAS, 100.0)
    ]
    assert quality.worst_errors(rows) == dict.fromkeys(quality.BLURS, 40.0)


def test_the_charts_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads((quality.RESULTS / "peers.json").read_text(encoding="utf-8"))
    shown: dict[str, dict[str, float]] = {}
    monkeypatch.setattr(bars, "figure", lambda heights: (None, heights))
    monkeypatch.setattr(bars, "save", lambda *_arguments: None)
    monkeypatch.setattr(
        bars, "panel", lambda _axis, title, values, _unit: shown.update({title: values})
    )
    speed.draw(found["speed"], found["files"], quality.RESULTS)
    quality.main(quality.RESULTS)
    assert len(shown) == len(speed.PANELS) + 1 + len(quality.SCORES) + 1
    assert shown[speed.WHOLE]["defocus, u2net"] < shown[speed.WHOLE]["rembg, u2net"]
    assert all(any(label.startswith(peers.OURS) for label in values) for values in shown.values())
