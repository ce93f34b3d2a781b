"""Blocks of EXIF: read, changed, and written with everything in its place."""

from __future__ import annotations

import struct
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image

from defocus.io.metadata import exif, exif_block
from defocus.io.metadata.exif_block import EXIF, GPS, Block, Directory, Entry
from hiding_places import directory
from hiding_places import exif as built

ORDERS = pytest.mark.parametrize("order", "<>")


def tags(block: bytes) -> Image.Exif:
    found = Image.Exif()
    found.load(block)
    return found


def kept(data: bytes, **more: Any) -> Block:
    block, _ = exif.keep(data, **more)
    assert block is not None
    return block


# --- the block ----------------------------------------------------------------------------------


@ORDERS
def test_an_unchanged_block_stays_as_it_was_byte_for_byte(order: str) -> None:
    data = built(lambda place: b"a note, " * 4, order, main=[(0x010E, 2, b"a long title\0")])
    block = exif_block.read(data)
    assert block is not None
    assert exif_block.PREFIX + exif_block.write(block) == data
    assert exif_block.write(block) == exif_block.write(exif_block.read(data[6:]) or Block())


def test_what_no_directory_leads_to_is_not_written() -> None:
    data = built(second=[(0x0201, 7, b"a thumbnail, say")], after=b"and more")
    block = exif_block.write(exif_block.read(data) or Block())
    assert b"thumbnail" not in block
    assert b"and more" not in block
    assert tags(block)[0x010F] == "Me!"


def test_a_compact_block_has_no_holes_but_its_fixed_values_stay() -> None:
    note = b"counts from the start of the block"
    data = built(lambda place: note, main=[(0x010E, 2, b"a title of some length" * 9 + b"\0")])
    block = exif_block.read(data)
    assert block is not None
    block.main.children[EXIF].entries[0x927C].fixed = True
    del block.main.entries[0x010E]
    assert len(exif_block.write(block)) == len(data) - 6
    block.compact()
    whole = exif_block.write(block)
    assert whole.index(note) == data.index(note) - 6
    block.main.children[EXIF].entries[0x927C].fixed = False
    block.compact()
    shorter = exif_block.write(block)
    assert len(shorter) < len(whole) - 150
    assert tags(shorter).get_ifd(EXIF)[0x927C] == note


def test_values_that_lie_where_others_are_move() -> None:
    block = Block()
    block.main.entries = {tag: Entry(7, 8, bytes([tag]) * 8, 100) for tag in (1, 2, 3)}
    block.main.entries[4] = Entry(7, 8, b"\1" * 8, 100)  # shares its place with the first
    again = exif_block.read(exif_block.write(block))
    assert again is not None
    assert {t: e.data for t, e in again.main.entries.items()} == {
        t: e.data for t, e in block.main.entries.items()
    }
    assert again.main.entries[1].place == again.main.entries[4].place == 100


def test_a_value_larger_than_its_block_is_left_out() -> None:
    data = b"II*\0\x08\0\0\0" + directory([(1, 7, b"12345678"), (2, 2, b"abc\0")], 8)
    broken = data.replace(struct.pack("<HHI", 1, 7, 8), struct.pack("<HHI", 1, 7, 1 << 30))
    block = exif_block.read(broken)
    assert block is not None
    assert set(block.main.entries) == {2}


def test_a_block_does_not_become_larger_than_it_was() -> None:
    many = [struct.pack("<HHII", tag, 7, 4000, 8) for tag in range(1000)]
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", 1000) + b"".join(many) + bytes(4)
    assert exif_block.read(data) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"Exif\0\0", b"junk", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", b"MM\0*" * 9],
)
def test_what_is_no_block_is_none(data: bytes) -> None:
    assert exif_block.read(data) is None


def test_directories_that_lead_to_themselves() -> None:
    for inner in (8, 8 + 2 + 24 + 4):
        rows = struct.pack("<HHII", EXIF, 4, 1, inner) + struct.pack("<HHII", GPS, 4, 1, 8)
        data = b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + rows + struct.pack("<I", 8)
        block = exif_block.read(data)
        assert block is None or exif_block.write(block)


def test_pages_are_chained() -> None:
    block = Block(main=Directory({1: Entry(3, 1, b"\1\0")}))
    data = exif_block.write(block, [Directory({1: Entry(3, 1, bytes((n, 0)))}) for n in (2, 3)])
    found, place = [], 4
    while at := struct.unpack_from("<I", data, place)[0]:
        found.append(data[at + 10])
        place = at + 2 + 12
    assert found == [1, 2, 3]


# --- what is kept -------------------------------------------------------------------------------


def test_tags_that_describe_stay_and_those_of_one_file_go() -> None:
    main = [
        (0x010E, 2, b"title\0"),
        (0x0103, 3, b"\6\0"),
        (0x0111, 4, b"abcd"),
        (0x4746, 3, b"\5\0"),
    ]
    inner = [(0x9286, 7, b"ASCII\0\0\0" + b"comment " * 90), (0xA420, 2, b"id" * 300 + b"\0")]
    private = [(0xFD00, 7, b"x" * 256), (0xFD01, 7, b"y" * 257), (0xFD02, 7, b"12")]
    block = kept(built(main=[*main, *private], inner=inner))
    assert set(block.main.entries) == {0x010E, 0x010F, 0x4746, 0xFD00, 0xFD02}
    assert set(block.main.children[EXIF].entries) == {0x9003, 0x9286, 0xA420}


@ORDERS
def test_sizes_orientation_and_areas(order: str) -> None:
    short, long = order + "H", order + "I"
    main = [(0x0112, 3, struct.pack(short, 6)), (0x0100, 3, struct.pack(short, 9))]
    inner = [(0xA002, 4, struct.pack(long, 9)), (0xA003, 3, struct.pack(short, 9))]
    inner += [(0x9214, 3, struct.pack(order + "4H", 1, 2, 3, 4)), (0xA214, 3, bytes(4))]
    block = kept(built(order=order, main=main, inner=inner))
    assert exif.take_orientation(block) == 6
    exif.set_size(block, (70000, 300))
    exif.forget_areas(block)
    found = tags(exif_block.write(block))
    assert (found[0x0112], found[0x0100]) == (1, 70000)
    assert 0x0101 not in found  # which was not stated before
    assert found.get_ifd(EXIF) == {0x9003: "2024:02:29 12:00:00", 0xA002: 70000, 0xA003: 300}


@ORDERS
@pytest.mark.parametrize(
    ("kind", "form"), [(1, "B"), (3, "H"), (4, "I"), (6, "b"), (8, "h"), (9, "i")]
)
def test_an_orientation_counts_whatever_integer_it_is(order: str, kind: int, form: str) -> None:
    block = kept(built(order=order, main=[(0x0112, kind, struct.pack(order + form, 6))]))
    assert exif.take_orientation(block) == 6
    assert tags(exif_block.write(block))[0x0112] == 1


@ORDERS
@pytest.mark.parametrize(("kind", "form"), [(5, "II"), (10, "ii")])
def test_an_orientation_may_be_a_fraction(order: str, kind: int, form: str) -> None:
    block = kept(built(order=order, main=[(0x0112, kind, struct.pack(order + form, 6, 1))]))
    assert exif.take_orientation(block) == 6


def test_the_size_in_the_third_directory_follows_too() -> None:
    related = directory([(0x1001, 3, b"\x09\0"), (0x1002, 3, b"\x09\0")], 0)
    data = built(inner=[(0xA005, 4, b"HERE")], after=related)
    data = data.replace(b"HERE", struct.pack("<I", len(data) - 6 - len(related)))
    block = kept(data)
    exif.set_size(block, (30, 20))
    found = block.main.children[EXIF].children[0xA005].entries
    assert [found[tag].data for tag in (0x1001, 0x1002)] == [b"\x1e\0", b"\x14\0"]


@ORDERS
def test_only_the_position_leaves_a_block(order: str) -> None:
    fractions = struct.pack(order + "6I", 52, 1, 31, 1, 12, 1)
    place = [(1, 2, b"N\0"), (2, 5, fractions)]
    note = b"the maker's own notes, which count from the start"
    data = built(lambda at: note, order, main=[(GPS, 4, b"HERE")])
    gps = directory(place, len(data) - 6, order)
    data = data.replace(b"HERE", struct.pack(order + "I", len(data) - 6)) + gps
    assert tags(data).get_ifd(GPS)[1] == "N"
    block = kept(data)
    assert GPS in block.main.children
    exif.forget_place(block)
    bare = exif_block.write(block)
    assert fractions not in bare
    assert bare.index(note) == data.index(note) - 6
    assert not tags(bare).get_ifd(GPS)
    assert tags(bare)[0x010F] == "Me!"


def test_what_does_not_fit_loses_the_maker_note_first() -> None:
    note, comment = b"n" * 30000, b"ASCII\0\0\0" + b"c" * 30000
    data = built(lambda place: note, inner=[(0x9286, 7, comment)])
    whole, lost = exif.fitted(kept(data), len(data))
    assert (whole, lost) == (data, [])
    shorter, lost = exif.fitted(kept(data), len(data) - 1)
    assert lost == ["the maker note"]
    assert tags(shorter).get_ifd(EXIF)[0x9286] == comment
    assert len(shorter) < 31000
    least, lost = exif.fitted(kept(data), 1000)
    assert len(lost) == 2
    assert tags(least)[0x010F] == "Me!"
    assert tags(least).get_ifd(EXIF) == {0x9003: "2024:02:29 12:00:00"}


def test_thousands_of_values_are_removed_in_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {tag: 6 + tag % 50 for tag in range(0x9C9B, 0x9C9B + 4000)}
    main = Directory({tag: Entry(7, size, bytes(size)) for tag, size in sizes.items()})
    written = Mock(wraps=exif_block.write)
    monkeypatch.setattr(exif, "write", written)
    data, lost = exif.fitted(Block(main=main), 65533)
    assert lost == ["the longest parts of EXIF"]
    assert 65400 < len(data) <= 65533  # one more value would not fit
    assert written.call_count < 9
    left = {len(entry.data) for entry in main.entries.values()}
    assert left == set(range(6, max(left) + 1))


def test_a_block_with_a_hole_is_made_compact_before_anything_is_lost() -> None:
    data = built(inner=[(0x9286, 7, b"c" * 300)], main=[(0x014A, 7, b"gone" * 9000)])
    short, lost = exif.fitted(kept(data), 1000)
    assert not lost
    assert tags(short).get_ifd(EXIF)[0x9286] == b"c" * 300


def test_damaged_blocks_raise_nothing() -> None:
    rng = np.random.default_rng(3)
    whole = np.frombuffer(
        built(lambda p: directory([(1, 2, b"x" * 20)], p), inner=[(0xA005, 4, b"\x08\0\0\0")]),
        np.uint8,
    )
    for _ in range(1000):
        noisy = whole.copy()
        noisy[rng.integers(6, noisy.size, 4)] = rng.integers(0, 256, 4)
        block, _ = exif.keep(noisy.tobytes()[: rng.integers(0, 2 * noisy.size)])
        if block is not None:
            exif.take_orientation(block)
            exif.set_size(block, (7, 5))
            data, _ = exif.fitted(block, 500)
            assert exif_block.read(data) is not None or not block.main.entries


def test_a_directory_without_entries_is_not_written() -> None:
    inner = Directory({0x935C: Entry(7, 8, bytes(8))})
    main = Directory({0x010E: Entry(2, 8, b"a photo\0")}, {EXIF: inner})
    found = exif_block.write(kept(exif_block.write(Block(main=main))))
    block = exif_block.read(found)
    assert block is not None
    assert not block.main.children
    alone, _ = exif.keep(exif_block.write(Block(main=Directory({}, {EXIF: inner}))))
    assert alone is not None
    assert exif_block.is_empty(exif_block.write(alone))
