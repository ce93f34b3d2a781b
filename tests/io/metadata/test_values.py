"""Single values of metadata: which tags stay, what numbers mean, where bytes lie."""

from __future__ import annotations

import base64
import struct
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from defocus.io import orient
from defocus.io.metadata import (
    exif,
    exif_block,
    iptc,
    maker_notes,
    metadata,
    privacy,
    xmp,
    xmp_tree,
)
from defocus.io.metadata.exif_block import EXIF, GPS, INTEROP, Block, Directory, Entry

# Tags of TIFF on how one file stores its pixels: TIFF 6.0, its supplements, and DNG.
STORAGE = [
    *(0xFE, 0xFF, 0x102, 0x103, *range(0x106, 0x10B), 0x111, *range(0x115, 0x11A), 0x11C),
    *(*range(0x120, 0x124), 0x13D, *range(0x140, 0x146), 0x14A, 0x14C, 0x14D, 0x152, 0x153),
    *(0x15B, *range(0x200, 0x204), *range(0x205, 0x20A), 0x212, 0x2BC, 0x83BB, 0x8649, 0x8773),
    *(0x935C, 0xEA1C),
]
# Tags of Exif 2.32 and of Windows whose values may be long.
LONG = [0x8828, 0x9286, *range(0x9C9B, 0xA000)[:5], 0xA20C, 0xA302, 0xA40B, 0xC4A5, 0x1B, 0x1C]


def kept(entries: dict[int, Entry]) -> set[int]:
    block, lost = exif.keep(exif_block.write(Block(main=Directory(entries))))
    assert not lost
    return set() if block is None else set(block.main.entries)


def test_tags_on_the_storage_of_pixels_go() -> None:
    around = {tag + step for tag in STORAGE for step in (-1, 0, 1)}
    around -= {EXIF, GPS, 0x8769, 0x8825}
    found = kept({tag: Entry(3, 1, b"\1\0") for tag in around})
    assert found == around - set(STORAGE)


def test_long_values_stay_where_they_are_meant() -> None:
    around = {tag + step for tag in LONG for step in (-1, 0, 1)} - set(STORAGE)
    assert kept({tag: Entry(7, 257, b"x" * 257) for tag in around}) == set(LONG)
    for kind, size, stays in ((2, 300, True), (129, 300, True), (1, 300, False), (7, 256, True)):
        assert kept({0xFD00: Entry(kind, size, b"x" * size)}) == ({0xFD00} if stays else set())
    jpeg = b"\xff\xd8\xff\xe0" + bytes(60)
    assert kept({0xFD00: Entry(7, 64, jpeg), 0x9286: Entry(7, 64, jpeg)}) == set()
    assert kept({0xFD00: Entry(7, 4, b"\xff\xd8\xff\xe0")}) == {0xFD00}
    assert kept({0xFD00: Entry(7, 5, b"\xff\xd8\xff\xe0\0")}) == set()


def block_of(order: str = "<", **places: dict[int, Entry]) -> Block:
    inner = Directory(places.get("inner", {}), {INTEROP: Directory(places.get("interop", {}))})
    return Block(order, Directory(places.get("main", {}), {EXIF: inner, GPS: Directory()}))


@pytest.mark.parametrize("order", "<>")
def test_numbers(order: str) -> None:
    def stated(kind: int, form: str, *values: int, count: int = 1) -> float:
        entry = Entry(kind, count, struct.pack(order + form, *values))
        return exif.number(block_of(order, main={5: entry}), 5)

    for kind, form, value in ((1, "B", 200), (3, "H", 60000), (4, "I", 1 << 31)):
        assert stated(kind, form, value) == value
    for kind, form in ((6, "b"), (8, "h"), (9, "i")):
        assert stated(kind, form, -3) == -3
    assert stated(5, "II", 7, 2) == 3.5
    assert stated(10, "ii", -7, 2) == -3.5
    assert stated(5, "II", 7, 0) == 0
    assert stated(3, "HH", 7, 7, count=2) == 0
    assert stated(7, "B", 7) == stated(2, "B", 7) == 0
    assert exif.number(Block(), 5) == 0


@pytest.mark.parametrize("order", "<>")
def test_the_size_is_stated_in_the_same_type_if_it_fits(order: str) -> None:
    short, long = Entry(3, 1, struct.pack(order + "H", 9)), Entry(4, 1, struct.pack(order + "I", 9))
    places = {"main": (0x100, 0x101), "inner": (0xA002, 0xA003), "interop": (0x1001, 0x1002)}
    for entry, size, form in (
        (short, (65535, 1), "H"),
        (short, (65536, 65537), "I"),
        (long, (5, 6), "I"),
    ):
        block = block_of(
            order, **{name: dict.fromkeys(tags, entry) for name, tags in places.items()}
        )
        exif.set_size(block, size)
        inner = block.main.children[EXIF]
        for directory, tags in zip(
            (block.main, inner, inner.children[INTEROP]), places.values(), strict=True
        ):
            for tag, pixels in zip(tags, size, strict=True):
                found = directory.entries[tag]
                assert (found.kind, found.count) == (3 if form == "H" else 4, 1)
                assert found.data == struct.pack(order + form, pixels)
    empty = block_of(order)
    exif.set_size(empty, (3, 4))
    assert not any(directory.entries for directory in empty.directories())


def test_orientation_areas_and_place_are_forgotten() -> None:
    main = {0x112: Entry(3, 1, b"\6\0"), 0x10E: Entry(2, 2, b"a\0")}
    areas = {
        0x9214: Entry(3, 2, bytes(4)),
        0xA214: Entry(3, 2, bytes(4)),
        0xA215: Entry(3, 1, b"\1\0"),
    }
    block = block_of(main=main, inner=areas)
    assert exif.take_orientation(block) == 6
    assert block.main.entries[0x112] == Entry(3, 1, b"\1\0")
    exif.forget_orientation(block)
    exif.forget_areas(block)
    exif.forget_place(block)
    assert set(block.main.entries) == {0x10E}
    assert set(block.main.children[EXIF].entries) == {0xA215}
    assert set(block.main.children) == {EXIF}
    assert exif.take_orientation(block) == 0
    assert 0x112 not in block.main.entries
    for forget in (exif.forget_orientation, exif.forget_areas, exif.forget_place):
        forget(block)
        forget(Block())


def test_a_fixed_note_is_forgotten_where_it_would_break() -> None:
    for fixed, lost in ((True, ["the maker note"]), (False, [])):
        block = block_of(inner={0x927C: Entry(7, 8, b"12345678", 100, fixed)})
        block.pins = {200: b"more"}
        assert exif.forget_fixed_note(block) == lost
        assert (0x927C in block.main.children[EXIF].entries) == (not fixed)
        assert block.pins == ({} if fixed else {200: b"more"})
    assert exif.forget_fixed_note(Block()) == []


def test_a_block_is_the_cameras_unless_it_was_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(maker_notes, "clean", lambda *_, moved: seen.append(moved))
    data = exif_block.write(block_of(inner={0x927C: Entry(7, 8, b"12345678")}))
    for options in ({}, {"moved": False}, {"moved": True}):
        assert exif.keep(data, **options)[1] == ["the maker note"]
    assert seen == [False, False, True]


def test_the_largest_values_go_until_the_block_fits() -> None:
    values = {tag: Entry(2, size, b"x" * size) for tag, size in ((1, 40), (2, 90), (3, 60))}
    whole = exif_block.PREFIX + exif_block.write(Block(main=Directory(values)))
    for limit, left in ((len(whole), {1, 2, 3}), (len(whole) - 1, {1, 3}), (90, {1}), (60, set())):
        block = Block(main=Directory(dict(values)))
        data, lost = exif.fitted(block, limit)
        assert len(data) <= limit
        assert set(block.main.entries) == left
        assert lost == ([] if len(left) == 3 else ["the longest parts of EXIF"])
    note = block_of(inner={0x927C: Entry(7, 80, b"n" * 80)}, main={1: Entry(2, 200, b"x" * 200)})
    whole = exif_block.PREFIX + exif_block.write(note)
    assert exif.fitted(note, len(whole)) == (whole, [])
    note.pins = {600: b"pinned"}
    data, lost = exif.fitted(note, 120)
    assert lost == ["the maker note", "the longest parts of EXIF"]
    assert not note.pins
    assert len(data) <= 120


def test_no_more_values_go_than_have_to() -> None:
    main = {1: Entry(7, 5, b"short"), 2: Entry(7, 9, b"is longer")}
    whole = exif_block.PREFIX + exif_block.write(block_of(main=main))
    data, _ = exif.fitted(block_of(main=main), len(whole) - 12 - 10)
    found = exif_block.read(data)
    assert found is not None
    assert set(found.main.entries) == {1}


def test_values_stay_where_they_were_if_the_block_fits() -> None:
    """At the limit too.  Above it they move together."""

    def apart() -> Block:
        return Block(main=Directory({1: Entry(2, 8, b"x" * 8, 200)}))

    whole = exif_block.PREFIX + exif_block.write(apart())
    assert exif.fitted(apart(), len(whole)) == (whole, [])
    together, lost = exif.fitted(apart(), len(whole) - 1)
    assert not lost
    assert len(together) < len(whole) - 100


# --- the block ------------------------------------------------------------------------------------


def test_where_the_values_of_a_block_lie() -> None:
    values = {1: Entry(2, 4, b"abc\0"), 2: Entry(2, 5, b"abcd\0"), 3: Entry(2, 6, b"fixed\0", 99)}
    values[4] = Entry(2, 5, b"even\0")
    data = exif_block.write(Block(main=Directory(values)))
    head = b"II*\0" + struct.pack("<IH", 8, 4)
    rows = struct.pack("<HHI4s", 1, 2, 4, b"abc\0") + struct.pack("<HHII", 2, 2, 5, 62)
    rows += struct.pack("<HHII", 3, 2, 6, 99) + struct.pack("<HHII", 4, 2, 5, 68)
    assert data[: 8 + 2 + 48 + 4] == head + rows + bytes(4)
    assert data[62:67] == b"abcd\0"
    assert data[68:73] == b"even\0"
    assert data[99:] == b"fixed\0"
    block = exif_block.read(b"Exif\0\0Exif\0\0" + data)
    assert block is not None
    assert block.main.place == 8
    assert block.source == data
    assert {tag: entry.place for tag, entry in block.main.entries.items()} == {
        **{1: None, 2: 62},
        **{3: 99, 4: 68},
    }


def test_pins_lie_where_they_must_unless_that_is_taken() -> None:
    block = Block(main=Directory({1: Entry(2, 6, b"value\0", 50, fixed=True)}))
    block.pins = {70: b"a pin", 52: b"taken"}
    data = exif_block.write(block)
    assert data[70:75] == b"a pin"
    assert data[50:56] == b"value\0"
    assert b"taken" not in data


@pytest.mark.parametrize(
    ("data", "empty"),
    [
        (b"II*\0\x08\0\0\0", True),
        (b"MM\0*\0\0\0\x08\0\0", True),
        (b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0", True),
        (b"II*\0\x08\0\0\0\1", False),
        (b"II\0*\x08\0\0\0", False),
        (b"", False),
    ],
)
def test_a_block_without_entries(data: bytes, empty: bool) -> None:
    assert exif_block.is_empty(data) == empty


def test_rows_end_where_the_data_ends() -> None:
    row = struct.pack("<HHII", 1, 3, 1, 5)
    data = struct.pack("<H", 3) + row * 2
    assert [found.at for found in exif_block.rows(data, 0, "<")] == [2, 14]
    assert [found.at for found in exif_block.rows(data[:-1], 0, "<")] == [2]
    assert [
        found.at for found in exif_block.rows(b"x" + struct.pack("<H", 1) + row * 2, 1, "<")
    ] == [3]
    for nothing in (b"", b"\1", b"\1\0"):
        assert list(exif_block.rows(nothing, 0, "<")) == []
    assert list(exif_block.rows(data, len(data), "<")) == []
    sizes = [exif_block.Row(0, 1, kind, 3, 0).size for kind in (1, 2, 3, 4, 5, 7, 10, 12, 129, 99)]
    assert sizes == [3, 3, 6, 12, 24, 3, 24, 24, 3, 3]


def test_the_sizes_of_types() -> None:
    one, two, four, eight = (1, 2, 6, 7, 129), (3, 8), (4, 9, 11), (5, 10, 12)
    for size, kinds in ((1, one), (2, two), (4, four), (8, eight)):
        assert [exif_block.SIZES[kind] for kind in kinds] == [size] * len(kinds)
    assert len(exif_block.SIZES) == 13


# --- orientation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_orientations(number: int, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)
    want = {
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.transpose(1, 0, 2),
        6: np.rot90(pixels, -1),
        7: pixels[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(pixels),
    }.get(number, pixels)
    image = Image.fromarray(pixels)
    assert orient.turned((5, 7), number) == want.shape[1::-1]
    assert np.array_equal(np.asarray(orient.turn(image, number)), want)
    for band in (1, 5, 10, 15, 1000):  # pixels
        monkeypatch.setattr(orient, "_BAND", band)
        assert np.array_equal(orient.pixels_of(image, number), want)
    grey = orient.pixels_of(image.convert("L"), number)
    assert grey.shape == want.shape
    assert (grey[..., 0] == grey[..., 2]).all()


def test_modes() -> None:
    premultiplied = Image.new("RGBA", (1, 1), (100, 50, 20, 128)).convert("RGBa")
    assert orient.convert(premultiplied, "RGBA").getpixel((0, 0)) == (99, 49, 19, 128)
    plain = Image.new("RGB", (1, 1))
    assert orient.convert(plain, "RGB") is plain
    assert orient.convert(plain, "L").mode == "L"
    palette = Image.new("P", (2, 1))
    palette.info["transparency"] = b"\0\x80"
    assert orient.convert(palette, "RGB").mode == "RGB"
    assert palette.info["transparency"] == b"\0\x80"
    assert orient.convert(palette, "RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


# --- IPTC -----------------------------------------------------------------------------------------


def dataset(record: int, number: int, data: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(data)) + data


def resource(kind: int, data: bytes, name: bytes = b"\0\0") -> bytes:
    return (
        b"8BIM"
        + struct.pack(">H", kind)
        + name
        + struct.pack(">I", len(data))
        + data
        + bytes(len(data) % 2)
    )


def test_datasets_with_images_go() -> None:
    stays = [(1, 90), (2, 5), (2, 199), (2, 203), (3, 200), (6, 1)]
    goes = [(2, 200), (2, 201), (2, 202), (7, 1), (8, 10), (0, 1)]
    data = b"".join(dataset(*which, b"text") for which in sorted([*stays, *goes]))
    assert iptc.keep(data) == b"".join(dataset(*which, b"text") for which in sorted(stays))
    jpeg = dataset(2, 5, b"\xff\xd8\xff\xe0" + bytes(60))
    assert iptc.keep(jpeg + dataset(2, 5, b"after")) == dataset(2, 5, b"after")
    empty = dataset(2, 5, b"")
    assert iptc.keep(empty + empty) == empty + empty


def test_datasets_end_at_what_cannot_be_read() -> None:
    first = dataset(2, 5, b"text")
    for rest in (b"\x1d" + dataset(2, 5, b"x")[1:], dataset(2, 5, b"text")[:-1], b"\x1c\2\5\0"):
        assert iptc.keep(first + rest) == first
    for count in (2, 4, 8):
        size = (5).to_bytes(count, "big")
        long = b"\x1c\2\5" + struct.pack(">H", 0x8000 + count) + size + b"12345"
        assert iptc.keep(long + first) == long + first
        assert iptc.keep(long[:-1]) == b""
    huge = b"\x1c\2\5" + struct.pack(">H", 0x8000 + 300) + bytes(300)
    assert iptc.keep(first + huge) == first


def test_resources_of_photoshop() -> None:
    own = resource(0x0404, b"captions")
    others = [
        resource(0x040C, b"odd"),
        resource(0x03ED, b"even", b"\3abc"),
        resource(1, b"", b"\4abcd\0"),
    ]
    assert iptc.of_resources(b"".join(others) + own) == b"captions"
    assert iptc.of_resources(own) == b"captions"
    for broken in (b"", b"8BIM", others[0], b"x" + own, own[:11], b"".join(others)[:-1]):
        assert iptc.of_resources(broken) == b""
    start = b"Photoshop 3.0\0"
    assert iptc.of_jpeg([b"other", start + own[:9], start + own[9:]]) == b"captions"


@pytest.mark.parametrize("size", [0, 5, 6, 65506, 65507, 65508, 140_000])
def test_iptc_in_segments_and_text(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    found, rest = [], iptc.segments(data)
    while rest:
        assert rest[:2] == b"\xff\xed"
        length = int.from_bytes(rest[2:4], "big")
        assert length <= 65535
        found.append(rest[4 : 2 + length])
        rest = rest[2 + length :]
    assert all(len(part) == 65533 for part in found[:-1])
    assert iptc.of_jpeg(found) == data
    text = iptc.png_text(data)
    name, length_, *digits = text.split()
    assert text.startswith(f"\niptc\n{int(length_):8}\n")
    assert name == "iptc"
    assert all(len(line) == 72 for line in digits[:-1])
    whole = bytes.fromhex("".join(digits))
    assert len(whole) == int(length_)
    assert iptc.of_resources(whole) == data


# --- what an image states -------------------------------------------------------------------------


def stated(**values: Any) -> Any:
    return SimpleNamespace(format=None, **{"info": {}, **values})


def test_resolutions() -> None:
    for dpi, want in (
        ((300, 200), (300.0, 200.0)),
        ((65535, 1), (65535.0, 1.0)),
        ((0.5, 2), (0.5, 2.0)),
    ):
        assert metadata.resolution_of(stated(info={"dpi": dpi}), None) == want
    for wrong in ((0, 72), (72, 0), (65536, 72), (72, 65536), (-1, 72), 72, None, (1, 2, 3), "ab"):
        assert metadata.resolution_of(stated(info={"dpi": wrong}), None) is None
    tiff = stated(info={"dpi": (72, 72)}, tag_v2={0x11A: 72})
    assert metadata.resolution_of(tiff, None) == (72.0, 72.0)
    assert metadata.resolution_of(stated(info={"dpi": (1, 1)}, tag_v2={}), None) is None


@pytest.mark.parametrize("form", ["JPEG", "MPO"])
def test_the_resolution_of_a_jpeg_without_a_unit_is_that_of_exif(form: str) -> None:
    def fraction(value: int) -> Entry:
        return Entry(5, 1, struct.pack("<II", value, 1))

    for unit, want in ((1, (72.0, 72.0)), (2, (72.0, 72.0)), (0, None), (3, None)):
        image = stated(info={"dpi": (72, 72), "jfif_unit": unit})
        image.format = form
        assert metadata.resolution_of(image, None) == want
    image.info.pop("jfif_unit")
    for exif_unit, factor in ((None, 1.0), (2, 1.0), (3, 2.54), (1, None)):
        main = {0x11A: fraction(300), 0x11B: fraction(200)}
        if exif_unit is not None:
            main[0x128] = Entry(3, 1, struct.pack("<H", exif_unit))
        found = metadata.resolution_of(image, block_of(main=main))
        assert found == (None if factor is None else pytest.approx((300 * factor, 200 * factor)))
    for missing in (0x11A, 0x11B):
        main = {tag: fraction(300) for tag in (0x11A, 0x11B) if tag != missing}
        assert metadata.resolution_of(image, block_of(main=main)) is None


def test_profiles_are_for_modes() -> None:
    rgb, grey, cmyk = (bytes(16) + space + bytes(99) for space in (b"RGB ", b"GRAY", b"CMYK"))
    assert metadata.is_for(rgb, "RGB")
    assert metadata.is_for(rgb, "L")
    assert metadata.is_for(grey, "L")
    assert not metadata.is_for(grey, "RGB")
    for none in (cmyk, None, "RGB ", b"", bytes(15) + b"RGB "):
        assert not metadata.is_for(none, "RGB")
        assert not metadata.is_for(none, "L")


def test_text_of_imagemagick() -> None:
    def raw(kind: str, text: str) -> Any:
        return stated(info={f"Raw profile type {kind}": text})

    captions = dataset(2, 5, b"text")
    digits = captions.hex()
    for kind in ("iptc", "8bim"):
        assert metadata.iptc_of(raw(kind, f"\niptc\n      9\n{digits}\n")) == captions
        framed = resource(0x0404, captions).hex()
        assert metadata.iptc_of(raw(kind, f"\n8bim\n     21\n{framed}\n")) == captions
    for broken in (f"\niptc\n{digits}", "\niptc\n 9\nzz", ""):
        assert metadata.iptc_of(raw("iptc", broken)) == b""


def test_where_iptc_is_found() -> None:
    captions, other = dataset(2, 5, b"text"), dataset(2, 5, b"other")
    assert (
        metadata.iptc_of(stated(info={"iptc": captions, "photoshop": {0x404: other}})) == captions
    )
    segments = [("APP1", b"no"), ("APP13", b"Photoshop 3.0\0" + resource(0x404, captions))]
    assert metadata.iptc_of(stated(applist=segments)) == captions
    assert metadata.iptc_of(stated(info={"photoshop": {0x404: captions, 0x405: other}})) == captions
    assert metadata.iptc_of(stated()) == b""


class Tags(dict[int, Any]):
    """Tags of a TIFF as Pillow has them: numbers, and the bytes as they are stored."""

    def __init__(self, tag: int, data: bytes) -> None:
        super().__init__({tag: 1})
        self._tagdata = {tag: data}
        self.tagtype = {tag: 4}


def test_captions_stored_as_numbers_of_32_bits() -> None:
    captions = dataset(2, 5, b"seven..")
    assert len(captions) == 12
    swapped = struct.pack(">3I", *struct.unpack("<3I", captions))
    for rest in (b"", b"x", b"xyz"):
        assert metadata.iptc_of(stated(tag_v2=Tags(0x83BB, swapped + rest))) == captions


def test_text_that_is_not_hexadecimal_holds_nothing() -> None:
    image = stated(info={f"Raw profile type {name}": f"{name} 2 zz" for name in ("exif", "iptc")})
    assert metadata.exif_of(image, None) == (None, [])
    assert metadata.iptc_of(image) == b""


def test_names_of_other_pictures() -> None:
    block = b""
    for values, lost in (
        ({"info": {"depth_images": [1]}}, ("the depth map",)),
        ({"info": {"depth_images": []}}, ()),
        ({"info": {"aux": {"urn:com:apple:photo:2020:aux:hdrgainmap": 1}}}, ("the gain map",)),
        ({"info": {"aux": {"urn:other": 1}}}, ()),
        ({"applist": [("APP2", b"urn:iso:std:iso:ts:21496:-1\0x")]}, ("the gain map",)),
        ({"applist": [("APP1", b"urn:iso:std:iso:ts:21496:-1\0x")]}, ()),
    ):
        assert metadata.surviving(stated(**values), block, "RGB").lost == lost


@pytest.mark.parametrize(("number", "turned"), [(1, 1), (2, 2), (6, 6), (8, 8), (9, 9), (0, 1)])
def test_the_orientation_that_survives(number: int, turned: int) -> None:
    main = {0x112: Entry(3, 1, struct.pack("<H", number)), 0x10E: Entry(2, 2, b"a\0")}
    areas = {0x9214: Entry(3, 2, bytes(4)), 0xA215: Entry(3, 1, b"\1\0")}
    data = exif_block.write(block_of(main=main, inner=areas))
    found = metadata.surviving(stated(), data, "RGB")
    assert found.orientation == turned == metadata.orientation_of(stated(), data)
    assert not found.lost
    again = exif_block.read(found.info["exif"])
    assert again is not None
    assert again.main.entries[0x112].data == b"\1\0"
    assert (0x9214 in again.main.children[EXIF].entries) == (number not in range(2, 9))


MARKED = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
    b' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/">'
    b'<D tiff:Orientation="%d"><mwg-rs:Regions/></D></x:xmpmeta>'
)


@pytest.mark.parametrize("number", [1, 6])
def test_an_orientation_in_xmp_counts_without_exif(number: int) -> None:
    image = stated(info={"xmp": MARKED % number})
    found = metadata.surviving(image, b"", "RGB")
    assert found.orientation == number == metadata.orientation_of(image, b"")
    assert found.lost == (("the marked regions",) if number > 1 else ())
    assert (b"Regions/>" in found.info["xmp"]) == (number == 1)


@pytest.mark.parametrize("cropped", [False, True])
def test_marked_regions_go_where_an_image_is_cropped(cropped: bool) -> None:
    found = metadata.resized({"xmp": MARKED % 1}, (30, 20), cropped=cropped)
    assert (b"Regions/>" in found["xmp"]) == (not cropped)


def test_a_maker_note_is_the_cameras_by_default() -> None:
    rows = b"".join(struct.pack("<HHII", tag, 2, 24, 1 << 20) for tag in (1, 2, 3))
    note = struct.pack("<H", 3) + rows + bytes(4)
    data = exif_block.write(block_of(inner={0x927C: Entry(7, len(note), note)}))
    assert metadata.surviving(stated(), data, "RGB").lost == ()
    assert metadata.exif_of(stated(), data)[1] == []
    assert metadata.exif_of(stated(), data, moved=True)[1] == ["the maker note"]


def test_metadata_of_a_resized_image() -> None:
    main = {0x100: Entry(3, 1, b"\x09\0"), 0x10E: Entry(2, 2, b"a\0")}
    data = exif_block.write(block_of(main=main, inner={0x9214: Entry(3, 2, bytes(4))}))
    before = {"exif": exif_block.PREFIX + data, "dpi": (72, 72)}
    for cropped in (False, True):
        kept_ = metadata.resized(before, (30, 20), cropped=cropped)
        block = exif_block.read(kept_["exif"])
        assert block is not None
        assert block.main.entries[0x100].data == b"\x1e\0"
        inner = block.main.children.get(EXIF)
        assert (inner is not None and 0x9214 in inner.entries) == (not cropped)
        assert kept_["dpi"] == (72, 72)
    assert before["exif"] == exif_block.PREFIX + data
    assert metadata.resized({"dpi": (1, 1)}, (3, 4), cropped=True) == {"dpi": (1, 1)}


def test_exif_that_is_damaged_is_named() -> None:
    for data, lost in ((b"junk", ["EXIF, which is damaged"]), (b"", []), (b"Exif\0\0", [])):
        assert metadata.exif_of(stated(), data) == (None, lost)
    assert metadata.exif_of(stated(), b"II*\0\x08\0\0\0") == (None, [])


def test_places_in_xmp() -> None:
    def packet(attributes: str, elements: str = "") -> bytes:
        spaces = 'xmlns:e="http://ns.adobe.com/exif/1.0/" xmlns:d="urn:drone" xmlns:GPS="urn:g"'
        return f"<r {spaces}{attributes}>{elements}</r>".encode()

    for place in (' e:GPSLatitude="1"', ' d:GpsLongitude="2"', ' e:GPSAltitude="3"'):
        found = privacy.xmp_without_gps(packet(place + ' e:Model="m"'))
        assert found == packet(' e:Model="m"')
    element = "<e:GPSLatitude>1,2N</e:GPSLatitude>"
    assert privacy.xmp_without_gps(packet("", element + "<e:Model>m</e:Model>")) == packet(
        "", "<e:Model>m</e:Model>"
    )
    assert privacy.xmp_without_gps(packet("")) == packet("")
    assert privacy.xmp_without_gps(b"<broken GPSLatitude='1'") == b""
    wide = packet(' e:GPSLatitude="1"').decode().encode("utf-16-le")
    assert privacy.xmp_without_gps(wide) == b""


# --- sizes of IPTC, and parts of XMP --------------------------------------------------------------


def long_dataset(digits: int, content: bytes) -> bytes:
    size = len(content).to_bytes(digits, "big")
    return b"\x1c\x02\x78" + struct.pack(">H", 0x8000 | digits) + size + content


def test_datasets_with_long_sizes() -> None:
    for digits in (2, 4, 10):
        twice = 2 * long_dataset(digits, b"x" * 300)
        assert iptc.keep(twice) == twice
    assert iptc.keep(long_dataset(11, b"x" * 300)) == b""
    first, picture = long_dataset(2, b"x" * 300), long_dataset(2, b"\xff\xd8\xff\xe0" + bytes(60))
    assert iptc.keep(first + picture) == first


def test_a_resource_has_no_name_and_an_even_size() -> None:
    for content, end in ((b"abc", b"abc\0"), (b"abcd", b"abcd")):
        whole = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(content)) + end
        assert iptc.png_text(content).split()[2] == whole.hex()


def test_xmp_that_is_not_well_formed() -> None:
    assert xmp_tree.parse(b"<a></a>") is not None
    assert xmp_tree.parse(b"<a></b>") is None
    assert xmp_tree.parse(b"</a>") is None
    assert xmp_tree.parse(b"<a>" * 99 + b"</a>" * 99) is not None
    assert xmp_tree.parse(b"<a>" * 100 + b"</a>" * 100) is None


def test_the_orientation_in_xmp() -> None:
    assert xmp.upright(b'<x tiff:Orientation="6"/>') == (6, b'<x tiff:Orientation="1"/>')
    assert xmp.upright(b"<x/>") == (0, b"<x/>")


def test_the_last_parts_of_xmp_go_until_it_fits() -> None:
    last = b"<rdf:D>last</rdf:D>"
    packet = b"<rdf:RDF><rdf:D>first</rdf:D>" + last + b"</rdf:RDF>"
    rest = packet.replace(last, b"")
    assert xmp.fitted(packet, len(packet)) == (packet, [])
    for limit in (len(packet) - 1, len(rest)):
        assert xmp.fitted(packet, limit) == (rest, ["a part of XMP"])
    assert xmp.fitted(packet, len(rest) - 1)[0] == b"<rdf:RDF></rdf:RDF>"


PICTURE = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(44))  # 64 letters


@pytest.mark.parametrize(
    ("value", "cut"), [(b"words " * 20, None), (PICTURE, False), (PICTURE + b"!", True)]
)
def test_properties_that_hold_pictures(value: bytes, cut: bool | None) -> None:
    """Of more than 64 bytes they go alone; of a short one the whole packet goes."""
    packet = b'<a:b xmlns:a="u"><a:c>' + value + b"</a:c></a:b>"
    want = {
        None: (packet, []),
        False: (b"", ["XMP"]),
        True: (b'<a:b xmlns:a="u"></a:b>', []),
    }
    assert xmp.keep(packet) == want[cut]


def test_names_without_a_prefix_are_no_properties() -> None:
    packet = b'<b note="' + PICTURE + b'!"/>'
    assert xmp.keep(packet) == (b"", ["XMP"])


def test_only_a_directory_of_a_container_announces() -> None:
    packet = b'<a:b xmlns:a="u"><a:Directory>x</a:Directory></a:b>'
    assert xmp.keep(packet) == (packet, [])
    container = b'<a:b xmlns:a="http://ns.google.com/photos/1.0/container/" a:Version="1"/>'
    assert xmp.keep(container) == (container, [])


HDR = b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'


def test_namespaces_go_with_their_last_property() -> None:
    regions = b' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"'
    inner = b"><mwg-rs:Regions>x</mwg-rs:Regions></r:D>"
    packet = b'<r:D xmlns:r="u"' + HDR + regions + b' hdrgm:Version="1"' + inner
    assert xmp.keep(packet) == (b'<r:D xmlns:r="u"' + regions + inner, ["the gain map"])
    whole = b"<hdrgm:Version" + HDR + b">1</hdrgm:Version>"
    assert xmp.keep(whole) == (b"", ["the gain map"])


def test_a_joined_extension_takes_its_namespaces_along() -> None:
    packet = b'<r:RDF xmlns:r="R"><r:D a="1"/></r:RDF>'
    outer = b'<r:RDF xmlns:r="R" xmlns:a="A" xmlns:q=\'"\'>'
    extension = outer + (
        b'<r:D xmlns:b="B" a:x="1"/>'
        b'<r:D rdf:about="" xmlns:b="B"/>'
        b'<r:D rdf:about=""><b:y>1</b:y></r:D></r:RDF>'
    )
    joined, lost = xmp.keep(packet, extension)
    assert not lost
    assert joined == (
        b'<r:RDF xmlns:r="R"><r:D a="1"/>'
        b'<r:D xmlns:r="R" xmlns:a="A" xmlns:b="B" a:x="1"/>\n'
        b'<r:D xmlns:r="R" xmlns:a="A" rdf:about=""><b:y>1</b:y></r:D>\n'
        b"</r:RDF>"
    )
