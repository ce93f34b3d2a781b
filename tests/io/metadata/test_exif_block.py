"""The structure of EXIF blocks: types, pointers, limits, and the places of what is written."""

from __future__ import annotations

import struct

import pytest

from defocus.io.metadata import exif, exif_block
from defocus.io.metadata.exif_block import EXIF, INTEROP, Block, Directory, Entry

# TIFF 6.0, section 2, "Types", and UTF-8 of Exif 3.0.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 129: 1}

_Row = tuple[int, int, int, int]  # tag, type, number of values, value


def stored(*directories: list[_Row], after: bytes = b"") -> bytes:
    """A block of directories, one behind the other, and what follows them."""
    block = b"II*\0" + struct.pack("<I", 8)
    for rows in directories:
        block += struct.pack("<H", len(rows))
        block += b"".join(struct.pack("<HHII", *row) for row in rows) + bytes(4)
    return block + after


def table(count: int) -> int:
    """The size of a directory."""
    return 2 + 12 * count + 4


def found(data: bytes) -> Block:
    block = exif_block.read(data)
    assert block is not None
    return block


# --- read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", _SIZES)
def test_values_of_every_type_have_their_size(kind: int) -> None:
    data = bytes(range(1, 1 + 9 * _SIZES[kind]))
    entry = found(stored([(1, kind, 9, 8 + table(1))], after=data + b"more")).main.entries[1]
    assert (entry.kind, entry.count, entry.data) == (kind, 9, data)


@pytest.mark.parametrize("kind", [0, 13, 14, 128, 130])
def test_values_of_other_types_are_left_out(kind: int) -> None:
    assert set(found(stored([(1, kind, 1, 7), (2, 3, 1, 7)])).main.entries) == {2}


def test_of_two_entries_with_one_tag_the_first_counts() -> None:
    assert found(stored([(1, 3, 1, 7), (1, 3, 1, 8)])).main.entries[1].data == b"\7\0"


def test_of_two_pointers_with_one_tag_the_first_counts() -> None:
    second = 8 + table(2)
    third = second + table(1)
    block = found(
        stored([(EXIF, 4, 1, second), (EXIF, 4, 1, third)], [(1, 3, 1, 7)], [(2, 3, 1, 7)])
    )
    assert set(block.main.children[EXIF].entries) == {1}


def test_a_pointer_has_one_value() -> None:
    main = [(3, 3, 1, 7), (EXIF, 4, 2, 8 + table(2))]
    assert not found(stored(main, [(1, 3, 1, 7)])).main.children


@pytest.mark.parametrize(("more", "known"), [(0, True), (1, False)])
def test_values_take_at_most_twice_the_bytes_of_the_block(more: int, known: bool) -> None:
    length = 200
    rows = [(tag, 7, length // 2 + more * (tag == 1), 8) for tag in range(1, 5)]
    data = stored(rows).ljust(length, b"x")
    assert len(data) == length
    assert (exif_block.read(data) is not None) == known


@pytest.mark.parametrize(("count", "known"), [(4096, True), (4097, False)])
def test_directories_have_at_most_4096_entries_together(count: int, known: bool) -> None:
    inner = [(tag, 3, 1, 7) for tag in range(1, 11)]
    main = [(0xFFFF, 3, 1, tag) for tag in range(count - 11)]
    data = stored([*main, (EXIF, 4, 1, 8 + table(count - 10))], inner)
    assert (exif_block.read(data) is not None) == known


# --- write --------------------------------------------------------------------------------------


def test_values_without_a_place_come_before_those_whose_place_is_taken() -> None:
    entries = {1: Entry(7, 8, b"anywhere", None), 2: Entry(7, 8, b"a header", 0)}
    data = exif_block.write(Block(main=Directory(entries)))
    assert data.index(b"anywhere") < data.index(b"a header")


def test_a_value_may_end_where_a_fixed_one_begins() -> None:
    entries = {1: Entry(7, 8, b"is fixed", 100, fixed=True), 2: Entry(7, 9, b"is before", 91)}
    data = exif_block.write(Block(main=Directory(entries)))
    assert data[91:108] == b"is beforeis fixed"


def test_a_value_may_fill_a_gap() -> None:
    end = 8 + table(2)
    entries = {1: Entry(7, 8, b"is fixed", end + 8, fixed=True), 2: Entry(7, 8, b"anywhere")}
    data = exif_block.write(Block(main=Directory(entries)))
    assert data[end:] == b"anywhereis fixed"


def test_pins_replace_bytes_and_shift_nothing() -> None:
    block = Block(main=Directory({1: Entry(7, 8, b"is fixed", 100, fixed=True)}))
    block.pins = {60: b"stays here"}
    data = exif_block.write(block)
    assert data[60:70] == b"stays here"
    assert data[100:] == b"is fixed"


def test_a_pin_whose_place_is_taken_is_left_out() -> None:
    block = Block(main=Directory({1: Entry(7, 8, b"is fixed", 100, fixed=True)}))
    block.pins = {104: b"would overwrite"}
    assert exif_block.write(block)[100:] == b"is fixed"


# --- kept ---------------------------------------------------------------------------------------


def test_a_directory_is_dropped_if_its_own_directory_has_lost_all_entries() -> None:
    preview = 0x0201  # a tag of one file
    second = 8 + table(2)
    data = stored(
        [(0x0128, 3, 1, 2), (EXIF, 4, 1, second)],
        [(INTEROP, 4, 1, second + table(1))],
        [(preview, 4, 1, 99)],
    )
    assert found(data).main.children[EXIF].children[INTEROP].entries
    block, _ = exif.keep(data)
    assert block is not None
    assert not block.main.children
