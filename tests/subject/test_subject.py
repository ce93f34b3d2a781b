"""From the raw map to the Subject."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from defocus import kernels
from defocus.subject.subject import refine


def blob(peak: float = 1.0) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A map with a soft-edged rectangle in columns 8..24 and rows 4..20 of 32."""
    raw = np.zeros((32, 32), np.float32)
    raw[4:20, 8:24] = peak
    return raw


def picture(width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A photograph of one colour, so that the edges of the map stay."""
    return np.full((height, width, 3), 90, np.uint8)


def test_a_subject_is_found_and_boxed() -> None:
    subject = refine(blob(), picture(320, 640), (320, 640), 0.5)
    assert subject.found
    assert subject.matte.shape == (640, 320)
    assert subject.matte.dtype == np.float32
    assert subject.box is not None
    # A mask pixel is 10 x 20 pixels here, a cell of the filter 1 x 1.
    assert np.abs(np.array(subject.box) - (80, 80, 240, 400)).max() <= 10
    left, top, right, bottom = subject.box
    inside = subject.matte >= 0.5
    assert inside[top:bottom, left:right].sum() == inside.sum()
    assert inside[top, left:right].any()
    assert inside[bottom - 1, left:right].any()
    assert inside[top:bottom, left].any()
    assert inside[top:bottom, right - 1].any()
    assert subject.warnings == ()


def test_sure_values_become_certain() -> None:
    raw = np.array([[0.05, 0.1, 0.5, 0.9, 0.97]], np.float32)
    assert np.allclose(refine(raw, picture(5, 1), (5, 1), 0.5).mask, [[0, 0, 0.5, 1, 1]], atol=1e-6)


def test_a_weak_map_is_not_stretched() -> None:
    subject = refine(blob(0.3), picture(64, 64), (64, 64), 0.5)
    assert not subject.found
    assert subject.box is None
    assert subject.confidence == 0.0
    assert (subject.matte == 0).all()
    assert len(subject.warnings) == 1
    assert "0.30" in subject.warnings[0]


def test_edges_follow_the_picture() -> None:
    """The map's edge is soft and two pixels off; the matte's begins where the picture's does."""
    photo = picture(320, 320)
    photo[:, 160:] = 200
    raw = np.empty((320, 320), np.float32)
    raw[:] = np.clip((np.arange(320) - 157) / 10, 0, 1)
    matte = refine(raw, photo, (320, 320), 0.5).matte[160]
    assert matte[166] > 0.95
    assert matte[159] < 0.05
    assert np.flatnonzero(matte >= 0.5)[0] == 160


def test_without_a_guide_the_matte_is_the_mask() -> None:
    subject = refine(blob(), None, (320, 640), 0.5)
    assert not subject.guided
    assert (subject.matte == kernels.resize_bilinear(subject.mask, (320, 640))).all()
    assert subject.box is not None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_photographs_own_alpha_is_multiplied_in(dtype: Any) -> None:
    full = np.iinfo(dtype).max
    alpha = np.full((40, 40), full // 5, dtype)
    plain, hidden = (
        refine(blob(), picture(40, 40), (40, 40), 0.5, alpha=own) for own in (None, alpha)
    )
    assert np.abs(hidden.matte - plain.matte / 5).max() < 1e-4


def test_what_is_handed_out_cannot_be_changed() -> None:
    subject = refine(blob(), picture(40, 40), (40, 40), 0.5)
    for array in (subject.matte, subject.mask):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_repr_is_short() -> None:
    text = repr(refine(blob(), picture(40, 40), (40, 40), 0.5))
    assert text.startswith("Subject(found=True, size=(40, 40), ")
    assert len(text) < 120
