"""Metadata that is kept, metadata that is not, and no image of the unedited photograph."""

from __future__ import annotations

import io
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

import defocus
from defocus.cli.command import main
from hiding_places import (
    LENS,
    PICTURES,
    SIZE,
    directory,
    encoded,
    exif,
    jpeg,
    note,
    places,
    png,
    raw_profile,
    resources,
    segment,
    traces,
    xmp,
)

FORMATS = ["jpeg", "png", "webp", "tiff"]
FORMATS += ["avif"] if "AVIF" in Image.registered_extensions().values() else []
FORMATS += ["heic"] if find_spec("pillow_heif") else []
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
MATTE = np.zeros(SIZE[::-1], np.uint8)
MATTE[20:40, 30:60] = 255


def saved(image: Any, form: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    defocus.save(image, file, format=form, **settings)
    return file.getvalue()


# --- nothing shows the photograph as it was -----------------------------------------------------


def test_the_search_finds_what_is_hidden() -> None:
    for name, file in places(PICTURES["JPEG"]):
        assert traces(file, PICTURES["JPEG"]) > 10, name


@pytest.mark.filterwarnings("ignore::defocus.DefocusWarning")
@pytest.mark.parametrize("kind", PICTURES)
def test_no_result_holds_the_old_picture(kind: str) -> None:
    picture = PICTURES[kind]
    first, step = (0, 1) if kind == "JPEG" else (len(kind) % 3, 3)
    for number, (name, file) in enumerate(places(picture)):
        if number % step != first:
            continue
        blurred = defocus.portrait(file, matte=MATTE)
        cut = defocus.cutout(file, matte=MATTE, crop="10%")
        form = FORMATS[number % len(FORMATS)]
        assert not traces(saved(blurred, form), picture), (name, form)
        assert not traces(b"".join(map(bytes, texts(cut.info))), picture), name


@pytest.mark.filterwarnings("ignore::defocus.DefocusWarning")
@pytest.mark.parametrize("form", FORMATS)
def test_no_format_holds_the_old_picture(form: str) -> None:
    picture = PICTURES["JPEG"]
    for name, file in places(picture):
        if name.startswith(("JPEG, a note of", "XMP of")):
            continue  # a JPEG's EXIF and a WebP's XMP are like theirs
        assert not traces(saved(defocus.portrait(file, matte=MATTE), form), picture), name
        if form != "jpeg":
            assert not traces(saved(defocus.cutout(file, matte=MATTE), form), picture), name


def texts(info: dict[Any, Any]) -> list[bytes]:
    return [value for value in info.values() if isinstance(value, bytes)]


# --- sizes and orientation ----------------------------------------------------------------------

STATED = b" exif:PixelXDimension='9' exif:PixelYDimension=\"9\" tiff:Orientation='6'"


def opened(data: bytes) -> Image.Image:
    if data[4:10] == b"ftyphe":
        from pillow_heif import HeifImageFile

        return HeifImageFile(io.BytesIO(data), "")  # type: ignore[no-any-return]
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "array of 16 bits"])
def test_stated_sizes_are_those_of_the_result(source: str, form: str) -> None:
    inner: list[Any] = [(0xA002, 3, b"\x09\0"), (0xA003, 4, b"\x09\0\0\0")]
    inner += [(0x9214, 3, b"\1\0\2\0\3\0\4\0")]
    block = exif(main=[(0x0112, 3, b"\6\0")], inner=inner)
    teal = Image.new("RGB", SIZE, "teal")
    if source == "array of 16 bits":
        file = png_of_16_bits(block, xmp(STATED))
    elif source == "PNG":
        file = png((b"eXIf", block[6:]), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(STATED)))
    else:
        file = encoded(teal, source, exif=block, xmp=xmp(STATED))
    matte = np.ascontiguousarray(MATTE.T)
    results = [defocus.portrait(file, matte=matte)]
    results += [defocus.cutout(file, matte=matte, crop="10%")] if form != "jpeg" else []
    assert results[-1].size in ((64, 96), (24, 34), (26, 36))
    for result in results:
        for info in (result.info, opened(saved(result, form)).info):
            if info is not result.info and form == "tiff":
                found = Image.open(io.BytesIO(saved(result, form))).getexif()
            else:
                found = Image.Exif()
                found.load(info["exif"])
            directory = found.get_ifd(0x8769)
            assert (directory[0xA002], directory[0xA003]) == result.size
            assert 0x9214 not in directory
            assert found.get(0x0112, 1) == 1
            packet = info.get("xmp") or info["XML:com.adobe.xmp"].encode()
            assert b"PixelXDimension='%d' exif:PixelYDimension=\"%d\"" % result.size in packet
            assert b"tiff:Orientation='1'" in packet or form == "heic"


def png_of_16_bits(block: bytes, packet: bytes) -> bytes:
    from deep_files import chunk
    from deep_files import png as deep

    late = chunk(b"eXIf", block[6:]) + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
    return deep(np.zeros((*SIZE[::-1], 3), np.uint16), after=late)


# --- what a JPEG has no room for ----------------------------------------------------------------


@pytest.mark.parametrize("size", [64990, 65001, 65527])
def test_exif_of_any_legal_size_fits(size: int) -> None:
    rest = len(exif(lambda place: b"n" * 100)) - 100 - 6
    block = exif(lambda place: b"n" * (size - rest))
    assert len(block) - 6 == size
    result = defocus.portrait(encoded(Image.new("RGB", SIZE), "JPEG", exif=block), matte=MATTE)
    assert opened(saved(result, "jpeg")).info["exif"] == block


def test_what_does_not_fit_is_named() -> None:
    block = exif(lambda place: b"n" * 66000)
    packet = xmp(elements=b"</rdf:Description><rdf:Description q:a='" + b"long, " * 11000 + b"'>")
    result = defocus.portrait(
        encoded(Image.new("RGB", SIZE), "WEBP", exif=block, xmp=packet), matte=MATTE
    )
    with pytest.warns(defocus.DefocusWarning, match="maker note.*XMP") as caught:
        info = opened(saved(result, "jpeg")).info
    assert len(caught) == 1
    found = Image.Exif()
    found.load(info["exif"])
    assert found[0x010F] == "Me!"
    assert 0x927C not in found.get_ifd(0x8769)
    assert b'dc:creator="Me"' in info["xmp"]
    assert opened(saved(result, "png")).info["exif"][-66000:] == b"n" * 66000


# --- announcements ------------------------------------------------------------------------------


def extended(packet: bytes, guid: bytes = b"A" * 32) -> list[bytes]:
    """Extended XMP, in two segments of a JPEG."""
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">I", len(packet))
    parts = (packet[:100], packet[100:])
    return [
        segment(0xE1, head + struct.pack(">I", at) + part)
        for at, part in zip((0, 100), parts, strict=True)
    ]


HAS_MORE = b" xmpNote:HasExtendedXMP='" + b"A" * 32 + b"'"


@pytest.mark.parametrize("form", FORMATS)
def test_extended_xmp_is_joined(form: str) -> None:
    more = xmp(attributes=b" q:more='" + b"is here " * 20 + b"'")
    main = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(HAS_MORE))
    result = defocus.portrait(jpeg(main, *extended(more)[::-1]), matte=MATTE)
    info = opened(saved(result, form)).info
    packet = info.get("xmp") or info["XML:com.adobe.xmp"].encode()
    assert b"is here" in packet
    assert b"HasExtendedXMP" not in packet
    for broken in ([], extended(more)[:1], extended(more, b"B" * 32)):
        with pytest.warns(defocus.DefocusWarning, match="a part of XMP"):
            result = defocus.portrait(jpeg(main, *broken), matte=MATTE)
        assert b"HasExtendedXMP" not in result.info["xmp"]


def test_a_warning_names_what_is_gone() -> None:
    packet = xmp(b" GCamera:MotionPhoto='1' hdrgm:Version='1.0' GDepth:Format='x'")
    source = encoded(Image.new("RGB", SIZE), "JPEG", xmp=packet)
    names = "left out: the motion video, the gain map, the depth map;"
    for make in (defocus.portrait, defocus.cutout):
        with pytest.warns(defocus.DefocusWarning, match=names) as caught:
            result: Any = make(source, matte=MATTE)
        assert len(caught) == 1
        assert caught[0].filename == __file__
        saved(result, "png")  # without another warning
    gain_map = segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4))
    with pytest.warns(defocus.DefocusWarning, match="gain map"):
        defocus.portrait(jpeg(gain_map), matte=MATTE)
    defocus.cutout(source, matte=MATTE, matte_only=True)  # a matte has no metadata


def test_the_command_line_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, matte = tmp_path / "in.jpg", tmp_path / "matte.png"
    packet = xmp(b" GCamera:MotionPhoto='1'")
    source.write_bytes(encoded(Image.new("RGB", SIZE), "JPEG", xmp=packet, exif=exif()))
    Image.fromarray(MATTE).save(matte)
    command = ["portrait", str(source), str(tmp_path / "out.jpg"), "--matte", str(matte)]
    assert main(command) == 0
    assert "warning: left out: the motion video" in capsys.readouterr().err
    assert main([*command[:2], str(tmp_path / "other.jpg"), *command[3:], "--quiet"]) == 0
    assert not capsys.readouterr().err


def test_a_worker_of_many_says_so() -> None:
    from defocus.ray.pictures import Pictures, Recipe

    packet = xmp(b" GCamera:MotionPhoto='1'")
    source = encoded(Image.new("RGB", SIZE), "JPEG", xmp=packet)
    worker = Pictures(Recipe(options={"matte": MATTE}))
    result = worker.row(source, "in.jpg", None)
    assert result.status == "done"
    assert [warning.partition(";")[0] for warning in result.warnings] == [
        "left out: the motion video"
    ]


# --- IPTC, resolution, profiles -----------------------------------------------------------------

CAPTIONS = b"\x1c\x02\x05\0\x07a title\x1c\x02\x5a\0\x07Seville"


def captioned() -> dict[str, bytes]:
    teal = Image.new("RGB", SIZE, "teal")
    series = resources((1005, bytes(16)), (0x0404, CAPTIONS))
    return {
        "JPEG": jpeg(segment(0xED, b"Photoshop 3.0\0" + series)),
        "JPEG in two": jpeg(
            *(segment(0xED, b"Photoshop 3.0\0" + s) for s in (series[:31], series[31:]))
        ),
        "PNG": png(raw_profile(b"iptc", resources((0x0404, CAPTIONS)))),
        "PNG, bare": png(raw_profile(b"iptc", CAPTIONS)),
        "PNG, other name": png(raw_profile(b"8bim", series)),
        "TIFF": encoded(teal, "TIFF", tiffinfo={0x83BB: CAPTIONS}),
        "TIFF, numbers": tiff_with_numbers(False),
        "TIFF, swapped": tiff_with_numbers(True),
        "TIFF, Photoshop's": encoded(teal, "TIFF", tiffinfo={0x8649: series}),
    }


def tiff_with_numbers(swapped: bool) -> bytes:
    """A TIFF whose captions are numbers of 32 bits."""
    data = CAPTIONS
    if swapped:
        data = struct.pack(">6I", *struct.unpack("<6I", CAPTIONS))
    plain = encoded(Image.new("RGB", SIZE, "teal"), "TIFF", tiffinfo={0x83BB: data})
    row = struct.pack("<HHI", 0x83BB, 7, 24)
    assert row in plain
    return plain.replace(row, struct.pack("<HHI", 0x83BB, 4, 6))


@pytest.mark.parametrize("source", captioned())
def test_iptc_is_kept_where_a_format_has_a_place_for_it(source: str) -> None:
    result = defocus.portrait(captioned()[source], matte=MATTE)
    assert result.info["iptc"] == CAPTIONS
    for form in FORMATS:
        if form in ("webp", "avif", "heic"):
            with pytest.warns(defocus.DefocusWarning, match="IPTC"):
                assert b"a title" not in saved(result, form)
        else:
            data = saved(result, form)
            assert defocus.portrait(data, matte=MATTE).info["iptc"] == CAPTIONS, form
        assert b"a title" not in saved(result, form, strip="all")
    frames = io.BytesIO()
    defocus.save_frames([result, result], frames, format="tiff")
    assert next(defocus.each_frame(frames.getvalue())).info["iptc"] == CAPTIONS


def test_xmp_in_the_text_of_a_png() -> None:
    for name, data in ((b"xmp", b""), (b"APP1", b"http://ns.adobe.com/xap/1.0/\0")):
        file = png(raw_profile(name, data + xmp()))
        assert defocus.portrait(file, matte=MATTE).info["xmp"] == xmp()
    block = exif(main=[(0x0112, 3, b"\3\0")])
    turned = defocus.portrait(png(raw_profile(b"APP1", block)), matte=MATTE)
    assert turned.info["exif"] == block.replace(b"\x12\1\3\0\1\0\0\0\3", b"\x12\1\3\0\1\0\0\0\1")


UNITS = struct.pack("<6I", 300, 1, 240, 1, 0, 0)


@pytest.mark.parametrize(
    ("unit", "density", "block", "expected"),
    [
        (0, (1, 1), b"", None),
        (0, (1, 1), exif(), None),
        (None, (0, 0), exif(), None),
        (1, (300, 200), exif(), (300, 200)),
        (2, (100, 50), b"", (254, 127)),
        (0, (1, 1), exif(main=[(0x011A, 5, UNITS[:8]), (0x011B, 5, UNITS[8:16])]), (300, 240)),
        (0, (1, 1), exif(main=[(0x011A, 5, UNITS[:8]), (0x011B, 5, UNITS[16:])]), None),
        (0, (1, 1), exif(main=[(0x011A, 5, UNITS[:8]), (0x011B, 5, UNITS[8:16]),
                               (0x0128, 3, b"\3\0")]), (762, 609.6)),
    ],
)  # fmt: skip
def test_no_resolution_is_invented(
    unit: int | None, density: tuple[int, int], block: bytes, expected: tuple[float, float] | None
) -> None:
    plain = encoded(Image.new("RGB", SIZE), "JPEG", exif=block)
    assert plain[2:4] == b"\xff\xe0"
    head = b"" if unit is None else b"JFIF\0\1\1" + struct.pack(">BHHBB", unit, *density, 0, 0)
    source = plain[:2] + (segment(0xE0, head) if head else b"") + plain[20:]
    result = defocus.portrait(source, matte=MATTE)
    assert result.info.get("dpi") == (expected and pytest.approx(expected))
    for form in ("jpeg", "png", "tiff"):
        data = saved(result, form)
        again = defocus.portrait(data, matte=MATTE)
        near = expected and pytest.approx(expected, abs=0.6)
        assert again.info.get("dpi") == near, form
    assert saved(result, "jpeg")[13:14] == (b"\1" if expected else b"\0")


def profile_of(size: int) -> bytes:
    """A profile of so many bytes, which no compression makes smaller."""
    rest = np.random.default_rng(4).bytes(size - len(SRGB))
    return size.to_bytes(4, "big") + SRGB[4:] + rest


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 3_000_000, 17_000_000])
def test_a_profile_is_read_again_or_refused(form: str, size: int) -> None:
    image = Image.new("RGB", SIZE, "teal")
    image.info["icc_profile"] = profile = profile_of(size)
    if (form, size > 1 << 20) == ("png", True) or (form == "jpeg" and size > 255 * 65519):
        with pytest.raises(defocus.EncodeError, match="profile"):
            saved(image, form)
        return
    again = defocus.portrait(saved(image, form), matte=MATTE)
    assert again.info["icc_profile"] == profile


# --- maker notes in every format ----------------------------------------------------------------


@pytest.mark.parametrize("order", ["Canon", "Casio"])
@pytest.mark.parametrize("form", FORMATS)
def test_maker_notes_stay_where_their_offsets_are_right(form: str, order: str) -> None:
    made, order = note(order, b"a value that is as long as this")
    block = exif(made, order, main=[(0x0112, 3, struct.pack(order + "H", 8))])
    result = defocus.portrait(
        encoded(Image.new("RGB", SIZE[::-1]), "JPEG", exif=block), matte=MATTE
    )
    data = saved(result, form)
    start = data.index(b"MM\0*" if order == ">" else b"II*\0")
    place = block.index(LENS) - 6
    assert data[start + place : start + place + len(LENS)] == LENS
    again = defocus.portrait(data, matte=MATTE).info["exif"]
    assert again.index(LENS) == place + 6


def test_numbers_of_32_bits_in_the_order_of_the_block() -> None:
    values = np.arange(12, dtype=np.int32).reshape(3, 4) * 123457
    for order in "<>":
        image = Image.fromarray(values)
        assert image.mode == "I"
        image.info["exif"] = exif(order=order)
        data = saved(image, "tiff")
        assert data[:2] == (b"II" if order == "<" else b"MM")
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), values)


@pytest.mark.parametrize("form", [form for form in ("TIFF", "AVIF") if form.lower() in FORMATS])
def test_a_note_that_pillow_has_moved_goes_back_or_is_named(form: str) -> None:
    turned: list[Any] = [(0x0112, 3, b"\6\0"), (0x010E, 2, b"a title\0")]
    made, _ = note("Canon", b"a value that is as long as this")
    block = exif(made, main=turned)
    teal = Image.new("RGB", SIZE, "teal")
    matte = np.ascontiguousarray(MATTE.T)
    result = defocus.portrait(encoded(teal, form, exif=block), matte=matte)
    assert result.info["exif"].index(LENS) == block.index(LENS)
    tells_nothing = directory([(tag, 2, LENS) for tag in range(1, 5)], 0, base=-90000)
    lost = encoded(teal, form, exif=exif(lambda place: tells_nothing, main=turned))
    with pytest.warns(defocus.DefocusWarning, match="the maker note"):
        result = defocus.portrait(lost, matte=matte)
    assert LENS not in result.info["exif"]


def test_an_image_of_the_callers_own_loses_its_thumbnail_too() -> None:
    secret = PICTURES["JPEG"]
    image = Image.open(io.BytesIO(jpeg(segment(0xFE, secret))))
    sizes: list[Any] = [(0x0112, 3, b"\6\0"), (0x0100, 3, b"\x09\0")]
    image.info["exif"] = exif(main=sizes, second=[(0x0111, 7, secret)])
    for form in FORMATS:
        data = saved(image, form)
        assert not traces(data, secret)
        assert opened(data).getexif()[0x0100] == SIZE[0]
        if form not in ("tiff", "avif", "heic"):  # which are turned as they are read
            assert opened(data).getexif()[0x0112] == 6, form
    assert traces(image.info["exif"], secret)  # the caller's own stays as it was


@pytest.mark.parametrize("length", [100_000, 700_000])
def test_long_captions_are_read_again(length: int) -> None:
    long = b"".join(
        b"\x1c\x02\x78" + struct.pack(">H", 30000) + b"c" * 30000 for _ in range(length // 30000)
    )
    image = Image.new("RGB", SIZE, "teal")
    image.info["iptc"] = CAPTIONS + long
    for form in ("jpeg", "png", "tiff"):
        again = defocus.portrait(saved(image, form), matte=MATTE)
        assert again.info["iptc"] == CAPTIONS + long, form
