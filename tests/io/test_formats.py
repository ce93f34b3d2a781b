"""How pictures are stored: like the JPEG they came from, small, without their place."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.cli.command import main
from defocus.io import decode
from defocus.io.codecs import jpeg_source
from defocus.io.formats import check_storage
from defocus.io.metadata import privacy
from defocus.options import Storage

Image.init()
FORMATS = ["jpeg", "png", "webp", "tiff"] + ["avif"] * ("AVIF" in Image.SAVE)


def photograph(width: int = 96, height: int = 64, seed: int = 0) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def stored(image: Any, form: str = "jpeg", **settings: Any) -> bytes:
    file = io.BytesIO()
    defocus.save(image, file, format=form, **settings)
    return file.getvalue()


def jpeg(image: Image.Image, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **settings)
    return file.getvalue()


def unchanged(data: bytes) -> Image.Image:
    """A portrait that is all subject."""
    photo = decode.read(data)
    return defocus.portrait(data, matte=np.full(photo.pixels.shape[:2], 255, np.uint8))


def tables(data: bytes) -> tuple[list[int], ...]:
    found = Image.open(io.BytesIO(data)).quantization  # type: ignore[attr-defined]
    return tuple(found[key] for key in sorted(found))


def sampling(data: bytes) -> tuple[int, int]:
    horizontal: tuple[int, int] = Image.open(io.BytesIO(data)).layer[0][1:3]  # type: ignore[attr-defined]
    return horizontal


# --- JPEG ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [76, 90, 97])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_jpeg_of_a_jpeg_is_encoded_like_it(quality: int, subsampling: int) -> None:
    source = jpeg(photograph(), quality=quality, subsampling=subsampling)
    result = stored(unchanged(source))
    assert tables(result) == tables(source)
    assert sampling(result) == sampling(source)
    # What was rounded before is rounded to the same again.
    first, second = (np.asarray(Image.open(io.BytesIO(data))) for data in (source, result))
    assert np.abs(first.astype(int) - second).mean() < (0.3 if subsampling == 0 else 2.5)


def test_tables_too_coarse_for_a_blur_are_not_followed() -> None:
    source = jpeg(photograph(), quality=30)
    result = stored(unchanged(source))
    at_75 = tables(jpeg(photograph(), quality=75))
    assert tables(result) == at_75
    mixed = [[200] * 63 + [1], [1] + [200] * 63]
    result = stored(unchanged(jpeg(photograph(), qtables=mixed)))
    for got, asked, least in zip(tables(result), mixed, at_75, strict=True):
        assert got == [min(pair) for pair in zip(asked, least, strict=True)]


@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
def test_tables_and_subsampling_are_turned_with_the_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = jpeg(photograph(), quality=85, subsampling=1, exif=exif)
    result = stored(unchanged(source))
    on_its_side = orientation > 4
    for before, after in zip(tables(source), tables(result), strict=True):
        table = np.reshape(before, (8, 8))
        assert np.array_equal(np.reshape(after, (8, 8)), table.T if on_its_side else table)
    assert sampling(result) == ((1, 1) if on_its_side else (2, 1))


def test_quality_and_subsampling_are_each_as_asked() -> None:
    result = unchanged(jpeg(photograph(), quality=80, subsampling=2))
    asked = stored(result, quality=60)
    assert tables(asked) == tables(jpeg(photograph(), quality=60))
    assert sampling(asked) == (2, 2)
    asked = stored(result, subsampling="4:4:4")
    assert tables(asked) == tables(jpeg(photograph(), quality=80))
    assert sampling(asked) == (1, 1)


def test_other_sources_have_the_default() -> None:
    file = io.BytesIO()
    photograph().save(file, "PNG")
    for image in (unchanged(file.getvalue()), photograph(), np.asarray(photograph())):
        assert tables(stored(image)) == tables(jpeg(photograph(), quality=95))
        assert sampling(stored(image)) == (1, 1)


def test_grey_jpegs() -> None:
    source = jpeg(photograph().convert("L"), quality=85)
    result = stored(unchanged(source))
    assert Image.open(io.BytesIO(result)).mode == "L"
    assert tables(result) == tables(source)
    on_white = defocus.cutout(source, matte=np.zeros((64, 96), np.uint8), background="white")
    assert Image.open(io.BytesIO(stored(on_white))).mode == "RGB"


def test_of_a_jpeg_that_pillow_cannot_write_alike() -> None:
    source = bytearray(jpeg(photograph(), subsampling=0))
    at = source.index(b"\xff\xc0") + 11
    assert source[at] == 0x11
    image = Image.open(io.BytesIO(bytes(source)))
    image.layer[0] = (1, 4, 1, 0)  # type: ignore[attr-defined]
    assert jpeg_source.encoding(image, 1)["jpeg"]["subsampling"] is None
    del image.quantization[1]  # type: ignore[attr-defined]
    assert jpeg_source.encoding(image, 1) == {}


@pytest.mark.parametrize("junk", [None, "jpeg", {}, {"qtables": ()}, {"subsampling": ["4:1:1"]}])
def test_anything_may_stand_in_info(junk: Any) -> None:
    image = photograph()
    image.info["jpeg"] = junk
    assert stored(image) == stored(photograph())
    image.info["jpeg"] = {"qtables": ((1, 2),)}
    with pytest.raises(defocus.EncodeError):
        stored(image)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_large_jpeg_is_the_one_that_pillow_writes(subsampling: int) -> None:
    image = photograph(1501, 999)
    chosen: Any = ("4:4:4", "4:2:2", "4:2:0")[subsampling]
    data = stored(image, quality=90, subsampling=chosen, threads=2)
    usual = jpeg(image, quality=90, subsampling=subsampling)
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(data))), np.asarray(Image.open(io.BytesIO(usual)))
    )


# --- PNG ----------------------------------------------------------------------------------------


def test_small_pngs_are_smaller() -> None:
    image = photograph(800, 600)
    fast, small = stored(image, "png"), stored(image, "png", compression="small")
    assert fast == stored(image, "png", compression="fast")
    assert len(small) < 0.95 * len(fast)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(small))), np.asarray(image))


# --- options ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "settings", "reason"),
    [
        ("png", {"quality": 90}, "quality=90 has no meaning for PNG, which loses no detail"),
        ("png", {"subsampling": "4:2:0"}, "no meaning for PNG; it is for JPEG, AVIF"),
        ("jpeg", {"compression": "small"}, "no meaning for JPEG; it is for PNG"),
        ("jpeg", {"subsampling": "4:1:1"}, "'4:1:1' is unknown; expected one of 4:4:4, 4:2:2"),
        ("png", {"compression": "9"}, "compression='9' is unknown; expected one of fast, small"),
        ("png", {"strip": "exif"}, "strip='exif' is unknown; expected one of none, gps, all"),
    ],
)
def test_what_cannot_be_meant(form: str, settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(defocus.OptionError, match=reason):
        stored(photograph(), form, **settings)


def test_storage_takes_what_save_takes() -> None:
    check_storage(Storage(quality=5, subsampling="4:2:0", strip="all"), "JPEG")
    wrong: list[dict[str, Any]] = [{"quality": "5"}, {"compression": 9}, {"strip": None}]
    for settings in wrong:
        with pytest.raises(defocus.OptionTypeError):
            Storage(**settings)


# --- where it was taken -------------------------------------------------------------------------

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description '
    b'exif:GPSLatitude="52,31.2N" exif:GPSLongitude=\'13,24.6E\' dc:creator="Me" '
    b'drone-dji:GpsLongtitude="+13.4"><exif:GPSAltitude>341/10</exif:GPSAltitude>'
    b'<exif:GPSDestLatitude rdf:parseType="x"/><dc:title>GPSish</dc:title>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def located() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x8769] = {0x9003: "2024:02:29 12:00:00", 0x927C: b"maker's notes"}
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)}
    return exif.tobytes()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("strip", ["none", "gps", "all"])
def test_strip(form: str, strip: Any) -> None:
    from defocus.io.colour.to_srgb import srgb_profile

    image = photograph()
    image.info.update(exif=located(), xmp=XMP, icc_profile=srgb_profile(), dpi=(300, 300))
    data = stored(image, form, strip=strip)
    info = decode.read(data).info
    assert info["icc_profile"] == srgb_profile()
    tags = Image.Exif()
    tags.load(info.get("exif", b""))
    position = tags.get_ifd(0x8825)
    if strip == "all":
        assert not tags.get_ifd(0x8769)
        assert 0x010F not in tags
        assert b"Maker" not in data
        assert "xmp" not in info
        assert form in ("webp", "avif") or info["dpi"] == pytest.approx((300, 300), abs=0.1)
        return
    assert tags[0x010F] == "Maker"
    assert tags.get_ifd(0x8769)[0x9003] == "2024:02:29 12:00:00"
    assert b'dc:creator="Me"' in info["xmp"]
    assert bool(position) == (strip == "none")
    for trace in (b"52,31.2N", b"13,24.6E", b"+13.4", b"341/10"):
        assert (trace in data) == (strip == "none")
    assert b"<dc:title>GPSish</dc:title>" in info["xmp"]


def test_strip_of_an_image_that_pillow_has_opened() -> None:
    secret = b"here, 52.52 N"
    captions = b"\x1c\x02\x78" + len(secret).to_bytes(2, "big") + secret  # IPTC
    file = io.BytesIO()
    photograph().save(file, "JPEG", comment=secret)
    for form in ("jpeg", "png", "tiff"):
        assert secret not in stored(Image.open(file), form, strip="all")
    tiff = io.BytesIO()
    photograph().save(tiff, "TIFF", tiffinfo={0x83BB: captions})
    assert secret in stored(Image.open(tiff), "tiff")
    assert secret not in stored(Image.open(tiff), "tiff", strip="all")
    keyed = photograph().quantize(8)
    keyed.info["transparency"] = 3
    before = dict(keyed.info)
    kept = Image.open(io.BytesIO(stored(keyed, "png", strip="all")))
    assert kept.info["transparency"] == 3
    assert keyed.info == before


def test_a_packet_whose_positions_cannot_be_removed_is_left_out() -> None:
    assert privacy.xmp_without_gps(XMP.decode().encode("utf-16-le")) == b""
    assert privacy.xmp_without_gps(b"<exif:GPSLatitude>52 and no end") == b""
    plain = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    assert privacy.xmp_without_gps(plain) == plain


def test_the_flags(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    source, matte, out = (str(tmp_path / name) for name in ("in.jpg", "m.png", "out.jpg"))
    photograph().save(source, quality=80, exif=located())
    Image.new("L", (96, 64), 255).save(matte)
    command = ["portrait", source, "-o", out, "--matte", matte]
    assert main(command) == 0
    written = (tmp_path / "out.jpg").read_bytes()
    assert tables(written) == tables(jpeg(photograph(), quality=80))
    assert main([*command, "--strip", "gps", "--quality", "90", "--subsampling", "4:2:2"]) == 0
    written = (tmp_path / "out.jpg").read_bytes()
    assert tables(written) == tables(jpeg(photograph(), quality=90))
    assert sampling(written) == (2, 1)
    assert not Image.open(io.BytesIO(written)).getexif().get_ifd(0x8825)
    assert Image.open(io.BytesIO(written)).getexif()[0x010F] == "Maker"
    assert main([*command, "--compression", "small"]) == 2
    assert main([*command, "--frames", "some"]) == 2
    assert "--frames 'some' is unknown; expected first or all" in capsys.readouterr().err
