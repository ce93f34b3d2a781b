"""One image of a batch: the limits of the recipe hold for the result too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.batch import job
from defocus.batch.job import make
from defocus.batch.plan import Job


@pytest.mark.parametrize("canvas", ["200x200", "20:1"])
def test_a_canvas_has_no_more_than_max_pixels(canvas: str) -> None:
    image = Image.new("RGB", (100, 100))
    matte = np.full((100, 100), 255, np.uint8)
    options = {"matte": matte, "canvas": canvas}
    recipe = defocus.Recipe(command="cutout", options=options, max_pixels=20_000)
    with pytest.raises(defocus.OptionError, match="canvas"):
        make(image, recipe)
    assert make(image, defocus.Recipe(command="cutout", options=options)).picture is not None


def test_a_photograph_that_vanishes_before_its_copy_is_an_error_of_the_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(source: str, *_: Any) -> None:
        Path(source).unlink()
        raise defocus.NoSubjectError("no subject found")

    monkeypatch.setattr(job, "make", vanish)
    Image.new("RGB", (9, 8)).save(tmp_path / "a.png")
    recipe = defocus.Recipe(no_subject="copy")
    outcome = job.process(Job(str(tmp_path / "a.png"), str(tmp_path / "out.png")), recipe)
    assert (outcome.status, type(outcome.error)) == ("failed", defocus.DecodeError)
    assert not list(tmp_path.iterdir())
