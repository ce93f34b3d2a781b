"""The seeds of all fuzz targets pass their checks, and a search finds a planted fault."""

from __future__ import annotations

import json
import random
from contextlib import nullcontext
from pathlib import Path

import pytest

from defocus.io import decode
from tools.fuzz import __main__ as fuzz
from tools.fuzz import target as targets
from tools.fuzz import worker
from tools.fuzz.campaign import MEGABYTES, campaign


@pytest.mark.parametrize("name", targets.names())
def test_seeds_pass(name: str) -> None:
    target = targets.load(name)
    for data in target.seeds():
        target.check(data)
        if target.mutate:
            assert isinstance(target.mutate(data, random.Random(1), lambda part: part[::-1]), bytes)


def test_the_other_formats_have_seeds() -> None:
    pytest.importorskip("pillow_heif")
    found = {decode.read(data).format for data in targets.load("others").seeds()}
    assert found == {"WEBP", "GIF", "BMP", "DIB", "PPM", "AVIF", "HEIF"}


def test_one_input_is_checked_again(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"DEF")
    with pytest.raises(AssertionError):
        fuzz.replay(["_planted"], bad)


@pytest.mark.parametrize(("more", "found"), [(MEGABYTES - 1, False), (1000, True)])
def test_an_input_that_takes_too_much_memory_is_a_finding(
    more: int, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    peaks = iter([5000, 5000 + more])
    monkeypatch.setattr(worker, "_peak", lambda: next(peaks))
    with pytest.raises(AssertionError) if found else nullcontext():
        worker.measured(lambda data: None)(b"")


@pytest.mark.fuzz
def test_a_search_finds_a_planted_fault(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    outcome = campaign("_planted", tmp_path, 60)
    assert outcome.failed
    assert Path(outcome.finding).read_bytes().startswith(b"DEF")
    assert "the planted fault" in outcome.tail


@pytest.mark.fuzz
def test_a_search_without_a_finding_reports_figures(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    figures = tmp_path / "figures.json"
    arguments = ["metadata", "--seconds", "1", "--corpus", str(tmp_path), "--json", str(figures)]
    assert fuzz.main(arguments) == 0
    (found,) = json.loads(figures.read_text())["targets"]
    assert min(found[key] for key in ("executions", "edges", "features", "inputs")) > 0
    assert len(list((tmp_path / "metadata").iterdir())) >= len(
        list(targets.load("metadata").seeds())
    )
