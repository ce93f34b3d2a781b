"""HEIC through the extras: read and written, turned once, and never registered with Pillow."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.io import decode
from defocus.io.codecs import heif
from defocus.io.colour.to_srgb import srgb_profile
from defocus.io.photo import Photo

pillow_heif = pytest.importorskip("pillow_heif", exc_type=ImportError)
pi_heif = pytest.importorskip("pi_heif", exc_type=ImportError)

HEIC_START = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.fixture(params=["pillow_heif", "pi_heif"])
def read(request: pytest.FixtureRequest) -> Callable[..., Photo]:
    """`decode.read`, with one of the two libraries alone."""
    (other,) = {"pillow_heif", "pi_heif"} - {request.param}

    def alone(data: bytes, **options: Any) -> Photo:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, other, None)
            photo = decode.read(data, **options)
            image = type(heif.identify(io.BytesIO(data)))
            assert image.__module__.split(".")[0] == request.param
            return photo

    return alone


def picture() -> Image.Image:
    """Four quadrants, no two alike."""
    blocks = np.array([[[200, 40, 40], [40, 180, 60]], [[50, 60, 210], [230, 220, 90]]], np.uint8)
    return Image.fromarray(blocks.repeat(32, 0).repeat(48, 1))


def stored(image: Any, **settings: Any) -> bytes:
    file = io.BytesIO()
    defocus.save(image, file, format="heic", **settings)
    return file.getvalue()


def differ(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b)).mean())


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_there_and_back(mode: str, read: Callable[..., Photo]) -> None:
    image = picture().convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    image.info["icc_profile"] = srgb_profile() if mode != "L" else None
    photo = read(stored(image))
    assert photo.format == "HEIF"
    assert photo.mode == ("L" if mode == "L" else "RGB")
    assert differ(photo.pixels, image.convert("L" if mode == "L" else "RGB").convert("RGB")) < 4
    if mode == "RGBA":
        assert photo.alpha is not None
        assert differ(photo.alpha, image.getchannel("A")) < 2
    if mode != "L":
        assert photo.info["icc_profile"] == srgb_profile()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_once(orientation: int, read: Callable[..., Photo]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    there = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    as_stored = picture() if there is None else picture().transpose(Image.Transpose(there))
    file = io.BytesIO()
    # As in files of phones: both containers state the orientation of a sideways image.
    pillow_heif.from_pillow(as_stored).save(file, exif=exif.tobytes(), quality=90)
    photo = read(file.getvalue())
    assert differ(photo.pixels, picture()) < 4
    result = defocus.portrait(file.getvalue(), matte=np.full((64, 96), 255, np.uint8))
    for form in ("heic", "jpeg"):
        back = io.BytesIO()
        defocus.save(result, back, format=form)
        again = decode.read(back.getvalue())
        assert differ(again.pixels, picture()) < 6, form
        tags = Image.Exif()
        tags.load(again.info["exif"])
        assert tags[0x010F] == "Maker"
        assert tags.get(0x0112, 1) == 1


def test_quality_subsampling_and_strip() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    sizes = [len(stored(noise, quality=quality)) for quality in (20, 60, 95)]
    assert sizes == sorted(set(sizes))
    assert len(stored(noise, subsampling="4:2:0")) < len(stored(noise))
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    noise.info["exif"] = exif.tobytes()
    assert b"Maker" in stored(noise)
    assert b"Maker" not in stored(noise, strip="all")


def test_a_cutout_may_be_a_heic(tmp_path: Path) -> None:
    matte = np.zeros((64, 96), np.uint8)
    matte[:32] = 255
    defocus.save(defocus.cutout(picture(), matte=matte), tmp_path / "a.heic")
    photo = decode.read(tmp_path / "a.heic")
    assert photo.alpha is not None
    assert differ(photo.alpha, matte) < 2


@pytest.mark.parametrize("major", [b"mif1", b"msf1", b"hevc", b"heim", b"MiHB"])
def test_the_major_brand_may_be_another(major: bytes, read: Callable[..., Photo]) -> None:
    data = stored(picture())
    photo = read(data[:8] + major + data[12:])
    assert (photo.format, photo.size) == ("HEIF", (96, 64))
    assert differ(photo.pixels, picture()) < 4


def test_an_unknown_kind_is_an_error_of_one_line() -> None:
    # Found by fuzzing: libheif's message ends with a line break.
    data = stored(picture())
    size = int.from_bytes(data[:4], "big")
    brands = b"avhf\0\0\0\0" + b"miaf" * ((size - 16) // 4)
    with pytest.raises(defocus.DecodeError) as caught:
        decode.read(data[:8] + brands + data[size:])
    assert "\n" not in str(caught.value)


def test_damage_is_an_error_of_ours(read: Callable[..., Photo]) -> None:
    good = stored(picture())
    with pytest.raises(defocus.DecodeError):
        read(good[: len(good) // 2])
    with pytest.raises(defocus.ImageTooLargeError):
        read(good, max_pixels=100)


@pytest.mark.parametrize("hidden", ["pillow_heif", "pi_heif"])
def test_a_start_alone_is_an_error_of_ours(hidden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, hidden, None)
    for data in (HEIC_START + bytes(30), HEIC_START):
        with pytest.raises(defocus.DecodeError):
            decode.read(data)


@pytest.mark.parametrize(
    ("module", "hidden", "name"),
    [(pillow_heif, "pi_heif", "pillow-heif"), (pi_heif, "pillow_heif", "pi-heif")],
)
def test_a_coding_that_is_not_built_in_is_no_damage(
    module: Any, hidden: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = stored(picture())
    monkeypatch.setitem(sys.modules, hidden, None)
    monkeypatch.setattr(module.HeifImageFile, "_init_from_heif_file", lambda *_: None)
    with pytest.raises(defocus.DecodeError, match=f"cannot be decoded: {name} does not"):
        decode.read(data)


def test_without_the_extras(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(defocus.MissingExtraError, match=r'pip install "defocus\[heif\]"'):
        decode.read(HEIC_START + bytes(30))
    with pytest.raises(defocus.MissingExtraError, match=r'pip install "defocus\[heif-write\]"'):
        defocus.save(picture(), tmp_path / "a.heic")
    assert not list(tmp_path.iterdir())
    assert issubclass(defocus.MissingExtraError, ImportError)


def test_pi_heif_alone_reads_and_does_not_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = stored(picture())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    result = defocus.portrait(data, matte=np.full((64, 96), 255, np.uint8))
    with pytest.raises(defocus.MissingExtraError, match=r'pip install "defocus\[heif-write\]"'):
        defocus.save(result, tmp_path / "a.heic")
    assert not list(tmp_path.iterdir())
    defocus.save(result, tmp_path / "a.jpg")


def test_with_both_one_library_is_loaded(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from defocus.io import decode
        decode.read(sys.argv[1])
        assert "pillow_heif" in sys.modules and "pi_heif" not in sys.modules
    """
    (tmp_path / "a.heic").write_bytes(stored(picture()))
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.heic")], check=True)


def test_nothing_is_registered_and_nothing_is_loaded_early(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(stored(picture()))
    code = """if True:
        import sys, defocus
        from PIL import Image
        from defocus.io import decode
        defocus.save(Image.new("RGB", (9, 9)), sys.argv[1] + ".png")
        assert not [name for name in sys.modules if "heif" in name and "defocus" not in name]
        decode.read(sys.argv[1])
        Image.init()
        assert "HEIF" not in Image.OPEN and ".heic" not in Image.registered_extensions()
    """
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.heic")], check=True)


def test_a_plug_in_that_the_caller_has_registered_does_no_harm(tmp_path: Path) -> None:
    code = """if True:
        import io, sys, pillow_heif, defocus
        from PIL import Image
        from defocus.io import decode
        pillow_heif.register_heif_opener()
        assert decode.read(sys.argv[1]).size == (96, 64)
        assert decode.read(Image.open(sys.argv[1])).size == (96, 64)
        defocus.save(Image.open(sys.argv[1]), sys.argv[1])
    """
    (tmp_path / "a.heic").write_bytes(stored(picture()))
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.heic")], check=True)
