"""The structure of maker notes: where directories begin, where offsets count from, what is left."""

from __future__ import annotations

import struct

import pytest

from defocus.io.metadata import maker_notes
from defocus.io.metadata.maker_notes import Note
from hiding_places import JPEG, LENS, Value, directory

TEXT = b"a text of 24 characters "
_LONG, _INNER = 4, 13  # types of entries


def cleaned(
    data: bytes,
    place: int | None = None,
    *,
    source: bytes = b"",
    order: str = "<",
    moved: bool = False,
) -> Note:
    note = maker_notes.clean(data, place, source, order, moved=moved)
    assert note is not None
    assert len(note.data) == len(data)
    return note


def entries(data: bytes, at: int, order: str = "<") -> int:
    """The number of entries of the directory at `at`."""
    (count,) = struct.unpack_from(order + "H", data, at)
    return int(count)


def rows(*values: tuple[int, int, int, int], order: str = "<") -> bytes:
    """A directory of tag, type, number and value, without a link after it."""
    head = struct.pack(order + "H", len(values))
    return head + b"".join(struct.pack(order + "HHII", *value) for value in values)


TWO: list[Value] = [(1, 2, LENS), (2, 7, JPEG)]


def note(name: bytes, base: int = 0, values: list[Value] = TWO) -> bytes:
    """A name and a directory, whose offsets count from `base`."""
    return name + directory(values, len(name), base=base)


# --- the directory ------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0, *range(6, 28, 2)])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("of_block", "<>")
def test_directories_behind_names(start: int, order: str, of_block: str) -> None:
    name = bytes(range(0x41, 0x41 + start))
    found = cleaned(name + directory(TWO, start, order), order=of_block)
    assert entries(found.data, start, order) == 1
    assert LENS in found.data
    assert JPEG[:16] not in found.data


@pytest.mark.parametrize("start", [7, 28])
def test_elsewhere_is_no_directory_but_the_picture_goes(start: int) -> None:
    found = cleaned(note(bytes(range(0x41, 0x41 + start))))
    assert entries(found.data, start) == 2
    assert JPEG[:16] not in found.data


@pytest.mark.parametrize("name", [b"FUJIFILM", b"GENERALE"])
def test_names_with_the_offset_of_the_directory(name: bytes) -> None:
    head = name + struct.pack("<I", 41) + bytes(29)
    found = cleaned(note(head), order=">")
    assert entries(found.data, 41) == 1
    assert found.data.endswith(LENS + bytes(1 + len(JPEG)))
    assert cleaned(head[:12]).data == head[:12]
    assert cleaned(name).data == name


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("start", "known"), [(0, True), (28, True), (29, False)])
def test_blocks_behind_names(start: int, known: bool, order: str) -> None:
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 11) + bytes(3)
    data = b"N" * start + head + directory(TWO, start + 11, order, base=start)
    found = cleaned(data, order="<" if order == ">" else ">")
    assert entries(found.data, start + 11, order) == (1 if known else 2)


def test_a_block_that_is_cut_is_none() -> None:
    for cut in (b"II*\0", b"MAKER\0II*\0abc", b"MAKER\0II*\0abcd"):
        assert cleaned(cut).data == cut


def test_a_note_that_is_a_picture_has_no_directory() -> None:
    picture = b"II*\0" + struct.pack("<I", 41) + bytes(33) + rows((0x0111, _LONG, 1, 8))
    found = cleaned(picture, 50)
    assert found.place == 50
    assert not any(found.data)


def test_a_block_without_directory_may_be_a_name() -> None:
    name = b"II*\0" + struct.pack("<I", 5000) + b"\0\0"
    assert entries(cleaned(note(name)).data, len(name)) == 1


def test_of_several_directories_the_longest_counts() -> None:
    name = rows((7, 7, 1, 0))
    assert len(name) == 14
    assert entries(cleaned(note(name)).data, 14) == 1


@pytest.mark.parametrize(("count", "known"), [(512, True), (513, False)])
def test_the_number_of_entries(count: int, known: bool) -> None:
    values: list[Value] = [(tag, 3, b"\1\0") for tag in range(1, count)]
    found = cleaned(note(b"", values=[*values, (count, 7, JPEG)]))
    assert entries(found.data, 0) == count - known


@pytest.mark.parametrize("cut", [1, 4, 12, 24])
def test_a_directory_that_is_cut_is_none(cut: int) -> None:
    data = rows(*((tag, _LONG, 1, 100) for tag in (1, 2, 3)))
    assert entries(cleaned(data, 0, source=bytes(100) + JPEG).data, 0) == 0
    found = cleaned(data[:-cut], 0, source=bytes(100) + JPEG)
    assert found.data == data[:-cut]


@pytest.mark.parametrize("kind", [0, 14])
def test_unknown_types_are_of_no_directory(kind: int) -> None:
    data = bytearray(note(b"MAKER\0"))
    struct.pack_into("<H", data, 6 + 2 + 2, kind)
    assert entries(cleaned(bytes(data)).data, 6) == 2


# --- the origin of offsets ----------------------------------------------------------------------


@pytest.mark.parametrize("base", range(6, 16))
def test_offsets_count_from_behind_the_name(base: int) -> None:
    found = cleaned(note(b"N" * 16, base))
    assert entries(found.data, 16) == 1
    assert LENS in found.data
    assert found.place is None


def test_offsets_count_from_the_start_of_the_block() -> None:
    found = cleaned(note(b"MAKER\0", -50), 50)
    assert entries(found.data, 6) == 1
    assert found.place == 50


@pytest.mark.parametrize(("right", "known"), [(2, False), (3, True)])
def test_an_origin_needs_most_of_the_values(right: int, known: bool) -> None:
    data = bytearray(note(b"", values=[(tag, 2, TEXT) for tag in range(1, 5)]))
    for row in range(right, 4):
        struct.pack_into("<I", data, 2 + 12 * row + 8, 1 << 20)
    found = maker_notes.clean(bytes(data), 50, b"", "<", moved=True)
    assert (found is not None) == known


@pytest.mark.parametrize(
    ("former", "known"), [(7, False), (8, True), (1 << 16, True), (1 + (1 << 16), False)]
)
@pytest.mark.parametrize("linked", [True, False])
def test_the_former_place_of_a_note_that_was_moved(former: int, known: bool, linked: bool) -> None:
    start = former + 2 + 2 * 12 + 4 * linked
    table = rows((1, 2, len(TEXT), start), (2, 2, len(TEXT), start + len(TEXT)))
    data = table + bytes(4 * linked) + TEXT + TEXT
    found = maker_notes.clean(data, 3000, b"", "<", moved=True)
    assert (found.place if found else None) == (former if known else None)


@pytest.mark.parametrize(("right", "known"), [(2, False), (3, True)])
def test_a_former_place_needs_most_of_the_values(right: int, known: bool) -> None:
    start = 100 + 2 + 4 * 12 + 4
    places = [start + number * len(TEXT) + (number >= right) * 10_000 for number in range(4)]
    table = rows(*((tag, 2, len(TEXT), place) for tag, place in enumerate(places)))
    found = maker_notes.clean(table + bytes(4) + TEXT * 4, 3000, b"", "<", moved=True)
    assert (found is not None) == known


def test_types_of_directories_have_no_offset_that_counts() -> None:
    inner = (3, _INNER, 2, 1 << 20)
    table = rows((1, 2, len(TEXT), 42), inner, (4, _INNER, 2, 1 << 20))
    data = table + bytes(4) + TEXT
    assert len(table) + 4 == 42
    assert maker_notes.clean(data, 3000, b"", "<", moved=True) is not None


def test_the_place_of_a_note_without_directory() -> None:
    assert cleaned(TEXT, 50).place == 50
    assert cleaned(TEXT, 50, moved=True).place is None


def test_the_place_of_a_note_without_far_values() -> None:
    assert cleaned(rows((1, 3, 1, 7)), 50).place is None


# --- values -------------------------------------------------------------------------------------


# Sizes of thumbnails of cameras, and bytes for two pixels.
_SIZES = (
    *((320, 240), (320, 214), (320, 213), (320, 212), (320, 180), (192, 128), (160, 120)),
    *((160, 107), (160, 106), (160, 90), (128, 96), (120, 90), (120, 80), (100, 75), (96, 72)),
    *((80, 60), (72, 54)),
)


def test_bare_samples_go() -> None:
    for length in {width * height * each // 2 for width, height in _SIZES for each in (2, 3, 4, 6)}:
        data = note(b"", values=[(1, 2, LENS), (2, 7, bytes(length))])
        assert entries(cleaned(data).data, 0) == 1, length


@pytest.mark.parametrize("more", [-1, 1])
def test_other_long_values_stay(more: int) -> None:
    data = note(b"", values=[(1, 2, LENS), (2, 7, bytes(160 * 120 + more))])
    assert entries(cleaned(data).data, 0) == 2


@pytest.mark.parametrize(("before", "stays"), [(32, False), (33, True)])
def test_a_picture_behind_a_name_takes_its_value_along(before: int, stays: bool) -> None:
    found = cleaned(note(b"", values=[(1, 2, LENS), (2, 7, b"N" * before + JPEG)]))
    assert (b"N" * before in found.data) == stays
    assert entries(found.data, 0) == 1 + stays
    assert JPEG[:16] not in found.data


def test_a_value_that_follows_its_directory_at_once() -> None:
    value = b"PREVIEW " + JPEG
    data = rows((1, 7, len(value), 26), (2, 2, len(LENS), 26 + len(value))) + value + LENS
    found = cleaned(data)
    assert entries(found.data, 0) == 1
    assert found.data.endswith(bytes(len(value)) + LENS)


def test_a_value_that_leads_beyond_the_note_does_not_lengthen_it() -> None:
    values = [(tag, 2, len(TEXT), 42) for tag in (1, 2)]
    data = rows(*values, (3, 7, len(JPEG) + 1, 42 + len(TEXT))) + bytes(4) + TEXT + JPEG
    assert len(rows(*values, values[0])) + 4 == 42
    found = cleaned(data)
    assert JPEG[:16] not in found.data
    assert TEXT in found.data


def test_four_bytes_lie_in_their_entry() -> None:
    data = rows((1, 7, 4, 30), (2, 2, len(LENS), 30 + len(JPEG))) + bytes(4) + JPEG + LENS
    found = cleaned(data)
    assert entries(found.data, 0) == 2
    assert JPEG[:16] not in found.data


def test_five_bytes_lie_elsewhere() -> None:
    scan = b"\xff\xda\0\x08\1"
    found = cleaned(note(b"N" * 8, 8, [(1, 7, scan), (2, 7, b"12345")]))
    assert entries(found.data, 8) == 1
    assert found.data.endswith(bytes(6) + b"12345")


def test_a_picture_that_does_not_end_ends_with_its_value() -> None:
    cut, rest = JPEG[:-2], b"and what lies between two values"
    start = 2 + 2 * 12 + 4
    last = start + len(cut) + len(rest)
    table = rows((1, 7, len(cut), start), (2, 2, len(LENS), last)) + bytes(4)
    assert cleaned(table + cut + rest + LENS).data.endswith(bytes(len(cut)) + rest + LENS)


@pytest.mark.parametrize(("more", "gone"), [(0, True), (1, False)])
def test_values_that_overlap_count_for_nothing(more: int, gone: bool) -> None:
    length, start = 4000, 354
    size = 8 + len(JPEG)  # eight bytes of a name, and a picture
    share, rest = divmod(2 * length - size, 4)
    sizes = (share + rest + more, share, share, share)
    spans = [(5 + number, 7, each, 70 + number) for number, each in enumerate(sizes)]
    table = rows(*spans, (9, 7, size, start - 8))
    data = (table.ljust(start, b"x") + JPEG).ljust(length, b"x")
    assert entries(cleaned(data).data, 0) == (4 if gone else 5)


def test_a_picture_between_values_ends_where_the_next_begins() -> None:
    start = 2 + 12 * 2 + 4
    cut = JPEG[:-2]
    data = rows((1, _LONG, 1, start), (2, 2, len(LENS), start + len(cut))) + bytes(4) + cut + LENS
    found = cleaned(data)
    assert found.data.endswith(LENS)
    assert JPEG[-40:-2] not in found.data
    assert entries(found.data, 0) == 1


# --- values outside of the note -----------------------------------------------------------------


def test_values_outside_are_pinned_from_their_first_byte_outside() -> None:
    place, head = 40, 2 + 12 * 8 + 4
    end = place + head + 3 * len(TEXT)
    inside = [(tag, 2, len(TEXT), place + head + (tag - 1) * len(TEXT)) for tag in (1, 2, 3)]
    outside = [(5, 2, 8, place - 1), (6, 2, 8, end - 7), (7, 2, 8, end + 40)]
    table = rows(*inside, (4, 2, 8, end - 8), *outside, (8, 2, 8, place)) + bytes(4)
    source = bytes(range(40)) + table + TEXT * 3 + b"and all that follows it in the block"
    found = cleaned(source[place:end], place, source=source)
    assert found.pins == {at: source[at : at + 8] for at in (place - 1, end - 7)}


def test_no_value_is_pinned_that_counts_from_the_note_or_was_moved() -> None:
    values = [(tag, 2, len(TEXT), 54 + (tag - 1) * len(TEXT)) for tag in (1, 2, 3)]
    data = rows(*values, (4, 2, 8, 300)) + bytes(4) + TEXT * 3
    assert len(rows(*values, values[0])) + 4 == 54
    assert not cleaned(data, 40, source=bytes(400)).pins
    assert not cleaned(data, 0, source=bytes(400), moved=True).pins


@pytest.mark.parametrize("more", [0, 1])
def test_values_outside_that_overlap_are_not_pinned(more: int) -> None:
    place, head = 300, 2 + 12 * 7 + 4
    inside = [(tag, 2, len(TEXT), place + head + tag * len(TEXT)) for tag in range(4)]
    outside = [(5, 7, 997, 0), (6, 7, 997, 1), (7, 7, 6 + more, 2)]
    note = rows(*inside, *outside) + bytes(4) + TEXT * 4
    source = (bytes(place) + note).ljust(1000, b"x")
    found = cleaned(note, place, source=source)
    assert sorted(found.pins) == ([] if more else [0, 1, 2])


# --- entries that lead to what is gone ----------------------------------------------------------


@pytest.mark.parametrize("kind", [_LONG, _INNER])
@pytest.mark.parametrize("base", [0, 8])
def test_directories_in_a_note(kind: int, base: int) -> None:
    values: list[Value] = [(1, 2, LENS), (2, kind, bytes(4)), (3, kind, bytes(4))]
    start = 8 + len(directory(values, 8))
    values[1:] = [(tag, kind, struct.pack("<I", start - base)) for tag in (2, 3)]
    inner = directory([(3, 7, JPEG), (4, 2, TEXT)], start, base=base)
    found = cleaned(b"N" * 8 + directory(values, 8, base=base) + inner)
    assert entries(found.data, 8) == 3
    assert entries(found.data, start) == 1
    assert entries(found.data, start + 2) == 4, "the tag of the text"
    assert TEXT in found.data


def test_a_directory_may_follow_another_at_once() -> None:
    inner = rows((3, _LONG, 1, 100), (4, 3, 1, 7)) + bytes(4)
    found = cleaned(rows((1, _INNER, 1, 26), (2, 3, 1, 7)) + inner, source=bytes(100) + JPEG)
    assert entries(found.data, 26) == 1


def test_only_a_single_value_leads_to_a_directory() -> None:
    start = 2 + 12 * 3 + 4
    inner = directory([(3, 2, TEXT), (4, 7, JPEG)], start)
    table = rows((1, 3, 1, start), (2, 3, 2, start), (3, 7, 4, start)) + bytes(4)
    assert entries(cleaned(table + inner).data, start) == 2


def test_a_directory_that_leads_into_itself_is_read_once() -> None:
    table = rows((1, _LONG, 1, 0), (2, _LONG, 1, 14), (3, 7, len(JPEG), 42)) + bytes(4)
    assert entries(cleaned(table + JPEG).data, 0) == 2


def test_entries_that_state_the_start_or_the_length_of_a_picture() -> None:
    base, place = 16, 300
    start = base + 2 + 12 * 6 + 4 + len(TEXT)
    lead = [
        (2, _LONG, 1, start + place),
        (3, _LONG, 1, start),
        (4, _LONG, 1, len(JPEG)),
    ]
    stay = [(5, _LONG, 1, start + 1), (6, 9, 1, len(JPEG))]
    text = (1, 2, len(TEXT), start - len(TEXT) + place)
    data = b"N" * base + rows(text, *lead, *stay) + struct.pack("<I", 0x11223344) + TEXT + JPEG
    found = cleaned(data, place)
    left = rows(text, *stay) + struct.pack("<I", 0x11223344) + bytes(36)
    assert found.data == b"N" * base + left + TEXT + bytes(len(JPEG))


def test_entries_that_lead_to_a_picture_elsewhere_in_the_block() -> None:
    lead, stay = (1, _LONG, 1, 100), (2, _LONG, 1, 101)
    for shape in (rows(stay, lead), rows(lead)):
        found = cleaned(shape, 0, source=bytes(100) + JPEG)
        assert entries(found.data, 0) == len(shape) // 12 - 1
    other = rows((1, _LONG, 1, len(JPEG) + 100))
    assert cleaned(other, 0, source=bytes(100) + JPEG).data == other
