"""The scores that the accuracy table is made of."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TRUTH = np.zeros((40, 60))
TRUTH[10:30, 20:50] = 1.0


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2]))
    return importlib.import_module("bench.quality.mask_scores").Judge()


def test_the_truth_itself_is_perfect(judge: Any) -> None:
    judge.add(TRUTH, TRUTH)
    assert judge.scores() == pytest.approx((1.0, 1.0, 0.0))


def test_the_opposite_scores_nothing(judge: Any) -> None:
    judge.add(1 - TRUTH, TRUTH)
    s, max_f, mae = judge.scores()
    assert s == 0.0
    assert max_f == pytest.approx(1.3 * 0.25 / (0.3 * 0.25 + 1))  # at the threshold 0, by share
    assert mae == 1.0


def test_half_of_the_subject(judge: Any) -> None:
    judge.add(np.where(np.arange(60) < 35, TRUTH, 0.0), TRUTH)
    s, max_f, mae = judge.scores()
    assert 0.5 < s < 0.9
    assert max_f == pytest.approx(1.3 * 0.5 / (0.3 + 0.5))  # precision 1, recall 1/2
    assert mae == pytest.approx(300 / 2400)


def test_means_are_over_photographs(judge: Any) -> None:
    judge.add(TRUTH, TRUTH)
    judge.add(np.full_like(TRUTH, 0.5), TRUTH)
    assert judge.scores().mae == pytest.approx(0.25)
