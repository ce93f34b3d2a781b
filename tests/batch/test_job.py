"""One image of a batch: the limits of the recipe hold for the result too."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.batch.job import make


@pytest.mark.parametrize("canvas", ["200x200", "20:1"])
def test_a_canvas_has_no_more_than_max_pixels(canvas: str) -> None:
    image = Image.new("RGB", (100, 100))
    matte = np.full((100, 100), 255, np.uint8)
    options = {"matte": matte, "canvas": canvas}
    recipe = defocus.Recipe(command="cutout", options=options, max_pixels=20_000)
    with pytest.raises(defocus.OptionError, match="canvas"):
        make(image, recipe)
    assert make(image, defocus.Recipe(command="cutout", options=options)).picture is not None
