"""The ablation's recipes: the whole is what users get, and every switch does something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import recipes
from numpy.typing import NDArray
from PIL import Image

import defocus

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "astronaut.jpg"
RADIUS = 10.0


@pytest.fixture(scope="module")
def photo() -> NDArray[np.uint8]:
    return np.asarray(Image.open(EXAMPLE).resize((256, 256)))


@pytest.fixture(scope="module")
def subjects() -> recipes.Subjects:
    return recipes.Subjects()


@pytest.fixture(scope="module")
def matte(photo: NDArray[np.uint8], subjects: recipes.Subjects) -> NDArray[np.float32]:
    return subjects.of(photo).matte


@pytest.mark.parametrize("given", [False, True])
def test_the_whole_is_what_users_get(
    photo: NDArray[np.uint8], subjects: recipes.Subjects, matte: NDArray[np.float32], given: bool
) -> None:
    cover = matte if given else None
    whole = recipes.portrait(subjects, {})(photo, RADIUS, cover)
    public = recipes.public(subjects, bokeh="disc")(photo, RADIUS, cover)
    np.testing.assert_array_equal(whole, public)
    np.testing.assert_array_equal(
        recipes.cutout(subjects, {})(photo, cover),
        defocus.cutout(photo, matte=cover, alpha_floor=0)
        if given
        else defocus.cutout(photo, subject=subjects.of(photo), alpha_floor=0),
    )


@pytest.mark.parametrize("changes", recipes.ABLATIONS.values(), ids=recipes.ABLATIONS.keys())
def test_what_is_taken_away_shows(
    photo: NDArray[np.uint8], subjects: recipes.Subjects, changes: dict[str, Any]
) -> None:
    lit = photo.copy()
    lit[:60, 165:] //= 2
    lit[20:23, 180:183] = 255  # a lamp before the wall, which is dim now
    matte = subjects.of(photo).matte
    cover = None if changes == recipes.STRETCHED else matte
    less = recipes.portrait(subjects, changes)(lit, RADIUS, cover)
    whole = recipes.portrait(subjects, {})(lit, RADIUS, cover)
    assert (less != whole).any()


def test_certain_pixels_that_change_are_counted(
    photo: NDArray[np.uint8], subjects: recipes.Subjects, matte: NDArray[np.float32]
) -> None:
    kept = recipes.portrait(subjects, {})
    assert recipes.changed_where_certain(kept, photo, RADIUS, matte) == 0

    def other(image: NDArray[np.uint8], radius: float, matte: object) -> NDArray[np.uint8]:
        return image ^ 1

    certain = int((matte == 1.0).sum())
    assert recipes.changed_where_certain(other, photo, RADIUS, matte) == certain > 0
