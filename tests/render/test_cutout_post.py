"""What may follow a cutout, in the library and on the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus.cli.command import main
from defocus.options import Finish
from defocus.render.cutout_post import blank, clean
from scenes import person, textured
from tests.native.reference.light import to_linear, to_srgb

IMAGE, MATTE = person()


def ring() -> NDArray[np.uint8]:
    """A disc with a hole of 5 %, both with soft edges."""
    rows, columns = np.mgrid[:100, :120]
    away = np.hypot(columns - 60, rows - 50)
    alpha = np.clip((40 - away) / 3 + 0.5, 0, 1) * np.clip((away - 9) / 3 + 0.5, 0, 1)
    return np.asarray(np.round(alpha * 255), np.uint8)


def test_a_colour_behind() -> None:
    soft = np.asarray(Image.fromarray(MATTE).resize((80, 60)).resize((320, 240)))
    for background in ("#ff8800", (255, 136, 0), [255, 136, 0], np.full((9, 9, 3), (255, 136, 0))):
        if isinstance(background, np.ndarray):
            background = background.astype(np.uint8)
        result = defocus.cutout(IMAGE, matte=soft, background=background)
        assert result.shape == IMAGE.shape
        assert (result[soft == 255] == IMAGE[soft == 255]).all()
        assert (result[soft == 0] == (255, 136, 0)).all()
        cut = defocus.cutout(IMAGE, matte=soft)
        a = soft[..., np.newaxis] / 255.0
        light = a * to_linear(cut[..., :3]) + (1 - a) * to_linear(np.array((255.0, 136, 0)))
        assert np.abs(result - to_srgb(light)).max() <= 0.51
    assert (defocus.cutout(IMAGE, matte=soft, background="white")[0, 0] == 255).all()


@pytest.mark.parametrize("shape", [(30, 200), (200, 30), (240, 320), (1, 1)])
def test_a_picture_behind_covers_all(shape: tuple[int, int], tmp_path: Path) -> None:
    height, width = shape
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 250, width)
    picture[..., 1] = np.linspace(0, 250, height)[:, np.newaxis]
    nothing = np.zeros((240, 320), np.uint8)
    result = defocus.cutout(IMAGE, matte=nothing, background=picture)
    if shape == (240, 320):
        assert np.array_equal(result, picture)
    middle = picture[(height - 1) // 2 : height // 2 + 1, (width - 1) // 2 : width // 2 + 1]
    assert result[119:121, 159:161].mean((0, 1)) == pytest.approx(middle.mean((0, 1)), abs=3)
    ranges = np.ptp(result.astype(int), axis=(0, 1))
    if width > height:  # the sides are cut off
        assert ranges[0] <= 250 * min(1.0, 4 / 3 * height / width) + 4
    Image.fromarray(picture).save(tmp_path / "behind.png")
    for source in (tmp_path / "behind.png", str(tmp_path / "behind.png"), Image.fromarray(picture)):
        same = defocus.cutout(IMAGE, matte=nothing, background=source)
        assert np.array_equal(same, result)


@pytest.mark.parametrize(
    ("background", "message"),
    [
        ("nowhere.jpg", "neither a colour nor a file"),
        ("#12", "not a colour"),
        ("#11223344", "not opaque"),
        ((1, 2), "not a colour"),
        ((1, 2, 300), "not a colour"),
        ((0.1, 0.2, 0.3), "not a colour"),
        (7, "not an image"),
        (b"", "empty"),
        (np.zeros((4, 4), int), "dtype"),
        (np.full((4, 4), 2.0), "0 to 1"),
    ],
)
def test_a_wrong_background_is_refused(background: Any, message: str) -> None:
    with pytest.raises(defocus.DefocusError, match=message):
        defocus.cutout(IMAGE, matte=MATTE, background=background)


def test_a_grey_photograph_before_a_colour() -> None:
    grey = Image.fromarray(IMAGE).convert("L")
    result = defocus.cutout(grey, matte=MATTE, background="red")
    assert result.mode == "RGB"
    assert result.getpixel((0, 0)) == (255, 0, 0)


def test_crop() -> None:
    rows, columns = np.flatnonzero(MATTE.any(1)), np.flatnonzero(MATTE.any(0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    tight = defocus.cutout(IMAGE, matte=MATTE, crop=0)
    whole = defocus.cutout(IMAGE, matte=MATTE)
    assert np.array_equal(tight, whole[top:bottom, left:right])
    more = round(0.1 * max(bottom - top, right - left))
    wide = defocus.cutout(IMAGE, matte=MATTE, crop="10%")
    assert np.array_equal(wide, whole[top - more : bottom + more, left - more : right + more])
    assert np.array_equal(defocus.cutout(IMAGE, matte=MATTE, crop="1000%"), whole)
    nothing = np.zeros_like(MATTE)
    assert defocus.cutout(IMAGE, matte=nothing, crop=0).shape == whole.shape
    small = defocus.cutout(IMAGE, matte=MATTE, crop=0, background=textured(50, 90))
    assert small.shape == (*tight.shape[:2], 3)


def test_alpha_floor() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    image = textured(4, 256)
    assert np.array_equal(defocus.cutout(image, matte=ramp)[..., 3], ramp), "one's own is kept"
    floored = defocus.cutout(image, matte=ramp, alpha_floor=10 / 255)[..., 3]
    assert np.array_equal(floored, np.where(ramp < 10, 0, ramp))
    assert (defocus.cutout(image, matte=ramp, alpha_floor=1)[..., 3] == ramp * (ramp == 255)).all()
    subject = defocus.find_subject(IMAGE)
    kept = defocus.cutout(IMAGE, subject=subject, alpha_floor=0)[..., 3]
    assert ((kept > 0) & (kept < 4)).any()
    found = defocus.cutout(IMAGE, subject=subject)[..., 3]
    assert np.array_equal(found, np.where(kept < 4, 0, kept))


def test_fill_holes() -> None:
    matte, image = ring(), textured(100, 120)
    filled = defocus.cutout(image, matte=matte, fill_holes=0.1)
    hole = np.hypot(*(np.mgrid[:100, :120] - np.array([50, 60])[:, None, None])) < 20
    assert (matte[hole] == 0).any()
    assert (filled[hole, 3] >= 230).all()
    assert np.array_equal(filled[~hole, 3], matte[~hole])
    assert (filled[..., :3] == image)[filled[..., 3] == 255].all()


def test_holes_are_filled_by_size() -> None:
    matte, image = np.full((40, 60), 255, np.uint8), textured(40, 60)
    matte[:2] = matte[-2:] = matte[:, :2] = matte[:, -2:] = 0
    matte[2:20, 50:54] = 0  # open at the top
    sizes = {0.003: np.s_[20:22, 54:56], 0.01: np.s_[10:14, 10:14], 0.06: np.s_[20:30, 30:40]}
    for hole in sizes.values():  # 4, 16 and 100 of some 1800; the first meets the notch at a corner
        matte[hole] = 0
    assert np.array_equal(defocus.cutout(image, matte=matte)[..., 3], matte)
    expected = matte.copy()
    for share, hole in sizes.items():
        expected[hole] = 255
        alpha = defocus.cutout(image, matte=matte, fill_holes=share)[..., 3]
        assert np.array_equal(alpha, expected)


@pytest.mark.parametrize("turns", range(4))
def test_what_is_open_at_the_frame_is_no_hole(turns: int) -> None:
    matte = np.full((40, 40), 255, np.uint8)
    matte[:6, 10:14] = 0
    matte = np.ascontiguousarray(np.rot90(matte, turns))
    alpha = defocus.cutout(textured(40, 40), matte=matte, fill_holes=1)[..., 3]
    assert np.array_equal(alpha, matte)


def test_a_filled_hole_gets_the_photographs_colours() -> None:
    pixels, rgba = textured(20, 20), np.zeros((20, 20, 4), np.uint8)
    rgba[..., 3] = 255
    rgba[8:12, 8:12, 3] = 0
    clean(rgba, pixels, Finish(fill_holes=0.5), 0.0)
    assert (rgba[..., 3] == 255).all()
    assert np.array_equal(rgba[8:12, 8:12, :3], pixels[8:12, 8:12])
    assert not rgba[:8, :, :3].any()


def test_matte_only() -> None:
    matte = defocus.cutout(IMAGE, matte=MATTE, matte_only=True)
    assert np.array_equal(matte, MATTE)
    picture = defocus.cutout(Image.fromarray(IMAGE), matte=MATTE, matte_only=True, crop=0)
    assert picture.mode == "L"
    assert picture.size == defocus.cutout(Image.fromarray(IMAGE), matte=MATTE, crop=0).size
    with pytest.raises(defocus.OptionError, match="matte_only"):
        defocus.cutout(IMAGE, matte=MATTE, matte_only=True, background="white")


@pytest.mark.parametrize(
    "option",
    [
        {"crop": "-10%"},
        {"crop": "1100%"},
        {"alpha_floor": 2},
        {"alpha_floor": -1},
        {"fill_holes": 1.5},
    ],
)
def test_options_have_ranges(option: dict[str, Any]) -> None:
    (name, value), *_ = option.items()
    with pytest.raises(defocus.OptionError, match=re.escape(f"{name}={value!r}")):
        defocus.cutout(IMAGE, matte=MATTE, **option)
    wrong: dict[str, Any] = {name: [None]}
    with pytest.raises(defocus.DefocusError, match=name):
        defocus.cutout(IMAGE, matte=MATTE, **wrong)


# --- the command line ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(IMAGE).save("photo.png")
    Image.fromarray(MATTE).save("matte.png")
    Image.fromarray(textured(30, 40)).save("behind.png")
    return tmp_path


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        (["--background", "white"], {"background": "white"}),
        (
            ["--background", "behind.png", "--crop", "10%"],
            {"background": "behind.png", "crop": "10%"},
        ),
        (["--fill-holes", ".2", "--alpha-floor", ".3"], {"fill_holes": 0.2, "alpha_floor": 0.3}),
    ],
)
def test_the_flags_do_what_the_library_does(
    folder: Path, flags: list[str], options: dict[str, Any]
) -> None:
    assert main(["cutout", "photo.png", "out.png", "--matte", "matte.png", *flags]) == 0
    expected = np.asarray(defocus.cutout("photo.png", matte=MATTE, **options))
    with Image.open("out.png") as image:
        assert np.array_equal(np.asarray(image), expected)


def test_before_a_background_jpeg_will_do(folder: Path) -> None:
    arguments = ["cutout", "photo.png", "out.jpg", "--matte", "matte.png"]
    assert main([*arguments, "--background", "white"]) == 0
    assert main(arguments) == 2


def test_the_flags_that_choose(folder: Path) -> None:
    at = [
        main([command, "photo.png", "-o", "a.png", "--at", "160,90"])
        for command in ("mask", "cutout")
    ]
    assert at == [0, 0]
    assert main(["portrait", "photo.png", "b.png", "--select", "largest"]) == 0
    assert main(["mask", "photo.png", "c.png", "--select", "100,50,220,240"]) == 0


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (["--at", "5"], 2, "--at '5'"),
        (["--at", "a,b"], 2, "X,Y"),
        (["--at", "1,2", "--select", "all"], 2, "remove one"),
        (["--select", "biggest"], 2, "--select 'biggest'"),
        (["--select", "9,9,1,1"], 2, "empty box"),
        (["--at", "900,2"], 2, "320 x 240"),
        (["--at", "2,2"], 3, "subjects are in"),
        (["--at", "2,2", "--matte", "matte.png"], 2, "remove --matte or --at"),
        (["--background", "none.png"], 2, "neither a colour nor a file"),
        (["--crop", "-1"], 2, "crop='-1'"),
    ],
)
def test_wrong_flags(
    folder: Path, capsys: pytest.CaptureFixture[str], flags: list[str], code: int, message: str
) -> None:
    assert main(["cutout", "photo.png", "out.png", *flags]) == code
    output = capsys.readouterr()
    assert message in output.err
    assert output.err.count("\n") == 1
    assert not Path("out.png").exists()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(1, 1), (40, 100), (64, 64), (61, 83), (17, 200)])
def test_nothing_hidden_stays_away_from_the_subject(size: tuple[int, int], dtype: Any) -> None:
    generator = np.random.default_rng(7)
    rgba = generator.integers(1, 255, (*size, 4)).astype(dtype)
    alpha = np.zeros(size, dtype)
    spots = generator.integers(0, min(size), (3, 2))
    alpha[spots[:, 0], spots[:, 1]] = (1, 200, 255)
    rgba[..., 3] = alpha
    before = rgba.copy()
    blank(rgba)
    y, x = np.mgrid[: size[0], : size[1]]
    block = np.zeros(size, np.bool_)
    for row, column in spots:
        near = (abs(y // 16 - row // 16) <= 1) & (abs(x // 16 - column // 16) <= 1)
        block |= near
    assert (rgba[block] == before[block]).all()
    assert (rgba[~block] == 0).all()


def test_a_cutout_holds_no_background(folder: Path) -> None:
    photo = np.full((200, 300, 3), 90, np.uint8)
    matte = np.zeros((200, 300), np.uint8)
    matte[80:120, 130:170] = 255
    cut = defocus.cutout(photo, matte=matte)
    assert (cut[matte == 255][:, :3] == 90).all()
    assert (cut[:48] == 0).all()
    assert (cut[:, :96] == 0).all()
    assert (cut[64:136, 112:184, :3] == 90).all()
    assert not defocus.cutout(photo, matte=np.zeros_like(matte)).any()
    on_white = defocus.cutout(photo, matte=matte, background="white")
    assert (on_white[:48] == 255).all()


def test_the_alpha_floor_does_not_depend_on_the_order_of_bytes() -> None:
    rgba = np.random.default_rng(1).integers(0, 65536, (7, 9, 4), dtype=np.uint16)
    rgba[0, :2, 3] = 13106, 13107
    cleaned = []
    for dtype in ("<u2", ">u2"):
        mine = rgba.astype(dtype)
        clean(mine, mine[..., :3], Finish(), 0.2)
        cleaned.append(mine.tolist())
    assert cleaned[0] == cleaned[1]
    assert (np.array(cleaned[0])[..., 3] == np.where(rgba[..., 3] < 13107, 0, rgba[..., 3])).all()
