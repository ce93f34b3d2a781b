"""The replacement of rembg takes what rembg takes, and returns what it returns."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

import defocus
from bench.support import rembg_inputs
from defocus.compat.rembg import Session, new_session, remove
from defocus.compat.results import two_values
from tiny_network import bright_network

ANSWERS = json.loads(Path(__file__).with_name("rembg_answers.json").read_text(encoding="utf-8"))
del ANSWERS["rembg"]  # its version
KINDS = rembg_inputs.kinds()
IGNORED = pytest.mark.filterwarnings("ignore:ignored. alpha_matting:defocus.DefocusWarning")
PHOTO = KINDS["PIL RGB"]
WIDTH, HEIGHT = PHOTO.size


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A network that finds what is bright."""
    path = tmp_path_factory.mktemp("network") / "bright.onnx"
    path.write_bytes(bright_network((1, 3, 320, 320)))
    return new_session("u2net_custom", model_path=path)


def array(made: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(made)) if isinstance(made, bytes) else made)


def light(values: Any) -> Any:
    """Linear light of sRGB."""
    fractions = np.asarray(values) / 255
    return np.where(fractions <= 0.04045, fractions / 12.92, ((fractions + 0.055) / 1.055) ** 2.4)


def where_rembg_fails(kind: str, options: dict[str, Any]) -> str:
    """What we give: the kind of the input, RGBA or grey, always of 8 bits."""
    width, height = (HEIGHT, WIDTH) if "turned" in kind else (WIDTH, HEIGHT)
    mode = "L" if options.get("only_mask") else "RGBA"
    if options.get("force_return_bytes") or kind.startswith(("byte", "memory")):
        return f"bytes PNG {mode} {width} x {height}"
    if kind.startswith("PIL"):
        return f"PIL {mode} {width} x {height}"
    return f"array uint8 {height} x {width}" + " x 4" * (mode == "RGBA")


@IGNORED
@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_those_of_rembg(kind: str, session: Session) -> None:
    found, expected = {}, {}
    for answer, names in ANSWERS[kind].items():
        for name in names:
            options = dict(rembg_inputs.OPTIONS[name])
            found[name] = rembg_inputs.answer(remove, KINDS[kind], session, options)
            fails = answer.startswith("raises") or name == "putalpha"  # rembg's modes vary there
            expected[name] = where_rembg_fails(kind, options) if fails else answer
    assert found == expected
    assert {*found} == {*rembg_inputs.OPTIONS}


@pytest.mark.parametrize("options", [{}, {"only_mask": True}, {"bgcolor": (9, 8, 7, 255)}])
def test_all_kinds_of_one_photograph_agree(session: Session, options: Any) -> None:
    expected = array(remove(PHOTO, session=session, **options))
    for kind in ("bytes PNG", "bytearray", "array RGB", "array uint16 RGB", "array float32 RGB"):
        made = array(remove(KINDS[kind], session=session, **options))
        assert np.abs(made.astype(int) - expected).max() <= 1, kind
    forced = remove(PHOTO, session=session, force_return_bytes=True, **options)
    assert np.array_equal(array(forced), expected)


def test_results_are_those_of_cutout(session: Session) -> None:
    cut = defocus.cutout(PHOTO, segmenter=session.segmenter)
    assert np.array_equal(array(remove(PHOTO, session=session)), array(cut))
    assert np.array_equal(array(remove(PHOTO, session=session.segmenter)), array(cut))
    white = defocus.cutout(PHOTO, background="white", segmenter=session.segmenter)
    made = array(remove(PHOTO, session=session, bgcolor=(255, 255, 255, 255)))
    assert np.array_equal(made[..., :3], array(white))
    assert made[..., 3].min() == 255


def test_the_alpha_of_an_image_counts(session: Session) -> None:
    matte = array(remove(KINDS["PIL RGBA"], session=session, only_mask=True))
    assert matte[:, : WIDTH // 3].max() == 0
    assert matte.max() == 255


def test_a_transparent_colour(session: Session) -> None:
    cut = array(remove(PHOTO, session=session)).astype(float)
    made = array(remove(PHOTO, session=session, bgcolor=(10, 200, 30, 128))).astype(float)
    alpha, behind = cut[..., 3] / 255, 128 / 255
    assert np.abs(made[..., 3] / 255 - (alpha + behind * (1 - alpha))).max() <= 1 / 255
    assert np.array_equal(made[alpha == 1], cut[alpha == 1])
    assert (made[alpha == 0] == (10, 200, 30, 128)).all()
    soft = (alpha > 0.3) & (alpha < 0.7)
    assert soft.any()
    share = (alpha / (alpha + behind * (1 - alpha)))[..., None]
    mixed = share * light(cut[..., :3]) + (1 - share) * light(np.array([10, 200, 30]))
    assert np.abs(light(made[..., :3]) - mixed)[soft].max() < 0.02
    clear = remove(PHOTO, session=session, bgcolor=(10, 200, 30, 0))
    assert np.array_equal(array(clear), array(remove(PHOTO, session=session)))


def test_putalpha_keeps_the_colours_of_the_photograph(session: Session) -> None:
    made = array(remove(PHOTO, session=session, putalpha=True))
    assert np.array_equal(made[..., :3], array(PHOTO))
    assert np.array_equal(made[..., 3], array(remove(PHOTO, session=session, only_mask=True)))


def test_a_mask_of_two_values(session: Session) -> None:
    mask = array(remove(PHOTO, session=session, only_mask=True, post_process_mask=True))
    assert np.unique(mask).tolist() == [0, 255]
    cut = array(remove(PHOTO, session=session, post_process_mask=True))
    assert np.array_equal(cut[..., 3], mask)


def test_specks_vanish_and_outlines_are_smooth() -> None:
    matte = np.zeros((60, 80), np.float32)
    matte[10, 10], matte[20:23, 10] = 1, 1  # a pixel, and a line
    matte[20:50, 30:70] = 1
    matte[35, 29] = 1  # a tooth
    mask = two_values(matte)
    assert mask[:, :20].max() == 0
    assert mask[25:45, 35:65].min() == 255
    assert mask[35, 29] == 0
    assert mask[20, 30] == 0  # corners are round
    assert abs((mask > 0).sum() - 30 * 40) < 40


def test_thin_stripes_vanish_before_they_are_blurred() -> None:
    stripes = np.ones((60, 81), np.float32)
    stripes[:, ::3] = 0  # two thirds are subject, and nothing is three pixels wide
    assert two_values(stripes)[:, 3:-3].max() == 0


def test_only_the_colour_profile_is_kept(session: Session) -> None:
    exif = Image.Exif()
    exif[0x0110] = "camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = rembg_inputs.encoded(PHOTO, "JPEG", exif=exif, icc_profile=profile)
    with Image.open(io.BytesIO(remove(data, session=session))) as made:
        assert not made.getexif()
        assert made.info["icc_profile"] == profile


def test_an_image_stays_as_it_is(session: Session) -> None:
    before = KINDS["PIL RGBA"].copy()
    remove(KINDS["PIL RGBA"], session=session, putalpha=True, bgcolor=(1, 2, 3, 4))
    assert np.array_equal(array(KINDS["PIL RGBA"]), array(before))


def test_arrays_can_be_changed(session: Session) -> None:
    made = remove(KINDS["array RGB"], session=session)
    made[0, 0] = 7
    assert made[0, 0].tolist() == [7] * 4


@pytest.mark.parametrize("options", [{}, {"post_process_mask": True}, {"only_mask": True}])
def test_without_a_subject_all_is_transparent(options: Any) -> None:
    with pytest.warns(defocus.DefocusWarning, match="no subject found"):
        made = remove(np.zeros((48, 64, 3), np.uint8), session=new_session("u2netp"), **options)
    assert not (made if options.get("only_mask") else made[..., 3]).any()
