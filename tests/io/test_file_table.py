"""The table of what goes in and what comes out, line by line, through Pillow's eyes."""

from __future__ import annotations

import io
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

import defocus
from file_table import ROWS, SIZE, Row, expected, problems, stored

Image.init()
SAVED = set(Image.SAVE)  # what this build of Pillow can write
ALL = np.full(SIZE[::-1], 255, np.uint8)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_comes_out(row: Row) -> None:
    if row.form == "HEIF" and find_spec("pillow_heif") is None:
        pytest.skip("needs pillow-heif")
    if row.form == "AVIF" and "AVIF" not in SAVED:
        pytest.skip("this Pillow was built without AVIF")
    for name, (profile, profile_out) in row.profiles().items():
        want = expected(row, profile)
        for orientation in row.orientations():
            result = defocus.portrait(stored(row, orientation, profile), matte=ALL)
            file = io.BytesIO()
            defocus.save(result, file, format=row.out_form.replace("HEIF", "heic").lower())
            found = list(problems(row, file.getvalue(), profile_out, want))
            assert not found, f"{row}, orientation {orientation}, profile {name}: {found}"


@pytest.mark.parametrize("row", [row for row in ROWS if row.out_form != "HEIF"], ids=str)
def test_cutouts_have_alpha_in_every_format_that_can(row: Row) -> None:
    if row.form == "AVIF" and "AVIF" not in SAVED:
        pytest.skip("this Pillow was built without AVIF")
    source = stored(row, row.orientations()[-1], None)
    matte = ALL.copy()
    matte[:, : SIZE[0] // 2] = 0
    result = defocus.cutout(source, matte=matte)
    assert result.mode == ("LA" if row.out_mode[0] == "L" else "RGBA")
    for form in ("png", "webp", "tiff"):
        file = io.BytesIO()
        defocus.save(result, file, format=form)
        alpha = np.asarray(Image.open(file).convert("RGBA").getchannel("A"))
        assert alpha[:, : SIZE[0] // 2].max() == 0, form
        assert alpha[:, SIZE[0] // 2 :].max() > 200, form
    for form in ("jpeg", "jpg"):
        with pytest.raises(defocus.UnsupportedFormatError, match="PNG, WEBP, TIFF, AVIF, HEIF"):
            defocus.save(result, io.BytesIO(), format=form)
