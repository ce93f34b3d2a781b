"""The embedded networks against those they were made from, whose masks are stored."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from defocus import Segmenter
from masks import PICTURES, coarse, stored_file


@pytest.fixture(scope="module", params=["u2net", "u2netp"])
def segmenter(request: pytest.FixtureRequest) -> Segmenter:
    return Segmenter(request.param)


@pytest.mark.parametrize("picture", PICTURES)
def test_mask_is_that_of_the_float_network(segmenter: Segmenter, picture: str) -> None:
    with Image.open(stored_file(segmenter.spec.name, picture)) as file:
        stored = np.asarray(file) / 255.0
    mask = coarse(segmenter, PICTURES[picture]())
    assert mask.shape == stored.shape
    assert np.abs(mask - stored).mean() < 0.008
    assert ((mask >= 0.5) != (stored >= 0.5)).mean() < 0.008
