"""Where features meet: a covering array of inputs, functions, options and outputs."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import combinations

import pytest
from PIL import Image

from covering import carry_out, network
from covering.cases import (
    PARAMETERS,
    REFUSED,
    UNFIT,
    Case,
    case_of,
    cases,
    line_of,
    refused_as,
    refused_cases,
)
from covering.kinds import KINDS
from covering.pairs import clashes, pairs_of
from covering.runs import Bench
from defocus import Segmenter

CASES, IMPOSSIBLE = cases()
Image.init()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return network(tmp_path_factory.mktemp("covering"))


def needs(case: Case) -> None:
    """Skip what this machine has no codec for."""
    used = {KINDS[case["kind"]].form, case["format"].upper()}
    if used & {"HEIF", "HEIC"} and find_spec("pillow_heif") is None:
        pytest.skip("needs pillow-heif")
    if "AVIF" in used and "AVIF" not in Image.SAVE:
        pytest.skip("this Pillow was built without AVIF")


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{n}-{case['kind']}-{case['function']}" for n, case in enumerate(CASES)]
)
def test_every_pair(case: Case, bench: Bench) -> None:
    needs(case)
    carry_out(case, bench)


@pytest.mark.parametrize(
    "line",
    [
        "kind=png scene=black size=300x220 select=largest effort=best",
        "kind=jpeg function=portrait given=path turned=6 scene=noise size=300x220 bokeh=disc",
        "kind=png-la function=cutout given=path scene=noise size=300x220 select=point",
        "kind=tiff-16 function=matte-only given=path scene=noise size=300x220 effort=best",
        "kind=array function=video-portrait given=object scene=noise size=300x220 ramp=.2",
    ],
)
def test_with_the_network_that_comes_along(line: str, bench: Bench) -> None:
    carry_out(case_of(line), Bench(bench.folder, Segmenter()))


@pytest.mark.parametrize("case", refused_cases(), ids=line_of)
def test_contradictions_are_refused(case: Case, bench: Bench) -> None:
    needs(case)
    carry_out(case, bench, refused_as(case))


def test_all_pairs_are_covered_but_those_that_contradict_themselves() -> None:
    names = sorted(PARAMETERS, key=lambda name: -len(PARAMETERS[name]))
    covered = set().union(*(pairs_of(case, names) for case in CASES))
    every = sum(len(PARAMETERS[a]) * len(PARAMETERS[b]) for a, b in combinations(names, 2))
    assert len(covered) + len(IMPOSSIBLE) == every
    rules = [*UNFIT, *(refusal.rule for refusal in REFUSED)]
    unexplained = [
        pair for pair in IMPOSSIBLE if not clashes({pair[0]: pair[1], pair[2]: pair[3]}, rules)
    ]
    assert unexplained == []
    print(f"{len(CASES)} cases cover {len(covered)} pairs; {len(IMPOSSIBLE)} contradict themselves")
