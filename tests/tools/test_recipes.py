"""The ablation's recipes: the whole is what users get, and every switch does something."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus.render.cutout_post import blank

ROOT = Path(__file__).resolve().parents[2]
RADIUS = 10.0
Picture = NDArray[np.uint8]
REMEDIES = 8  # rows of the ablation


@pytest.fixture(scope="module")
def recipes() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        return importlib.import_module("bench.quality.ablations")


@pytest.fixture(scope="module")
def photo() -> Picture:
    """The astronaut at dusk, with a light before the wall."""
    pixels = np.array(Image.open(ROOT / "examples" / "astronaut.jpg").resize((256, 256)))
    pixels //= 3
    pixels[20:22, 180:182] = 255
    return pixels


@pytest.fixture(scope="module")
def subjects(recipes: Any) -> Any:
    return recipes.Subjects()


@pytest.mark.parametrize("given", [False, True])
def test_the_whole_is_what_users_get(
    recipes: Any, photo: Picture, subjects: Any, given: bool
) -> None:
    subject = subjects.of(photo)
    matte = subject.matte if given else None
    cover = {"matte": matte} if given else {"subject": subject}
    want = defocus.portrait(photo, sigma=RADIUS / 2, bokeh="disc", **cover)
    np.testing.assert_array_equal(recipes.portrait(subjects, {})(photo, RADIUS, matte), want)
    public = recipes.public(subjects, bokeh="disc")(photo, RADIUS, matte)
    np.testing.assert_array_equal(public, want)
    cut = defocus.cutout(photo, alpha_floor=0, **cover)
    ours = recipes.cutout(subjects, {})(photo, matte)
    blank(ours)
    np.testing.assert_array_equal(ours, cut)


@pytest.mark.parametrize("row", range(REMEDIES))
def test_what_is_taken_away_shows(recipes: Any, photo: Picture, subjects: Any, row: int) -> None:
    changes = list(recipes.ABLATIONS.values())[row]
    less = recipes.portrait(subjects, changes)(photo, RADIUS, None)
    whole = recipes.portrait(subjects, {})(photo, RADIUS, None)
    assert (less != whole).any()


def test_every_row_is_tested(recipes: Any) -> None:
    assert len(recipes.ABLATIONS) == REMEDIES


def test_certain_pixels_that_change_are_counted(
    recipes: Any, photo: Picture, subjects: Any
) -> None:
    matte = subjects.of(photo).matte
    kept = recipes.portrait(subjects, {})
    assert recipes.changed_where_certain(kept, photo, RADIUS, matte) == 0

    def other(image: Picture, radius: float, matte: object) -> Picture:
        return np.asarray(image ^ np.uint8(1))

    certain = int((matte == 1.0).sum())
    assert recipes.changed_where_certain(other, photo, RADIUS, matte) == certain > 0
