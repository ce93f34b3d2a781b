"""Makers' notes: previews are blanked where they are, and offsets stay right."""

from __future__ import annotations

import struct

import pytest

from defocus.io.metadata import exif, exif_block, maker_notes
from defocus.io.metadata.exif_block import EXIF
from hiding_places import JPEG, LENS, MAKERS, PICTURES, directory, note, traces
from hiding_places import exif as built

TAG = 0x927C


def cleaned(data: bytes, *, moved: bool = False) -> tuple[bytes, list[str]]:
    block, lost = exif.keep(data, moved=moved)
    assert block is not None
    return exif_block.write(block), lost


def held(data: bytes) -> tuple[int, bytes]:
    """Where the note lies in a block, and the note."""
    block = exif_block.read(data)
    assert block is not None
    entry = block.main.children[EXIF].entries[TAG]
    return entry.place or 0, entry.data


@pytest.mark.parametrize("pointed", [False, True])
@pytest.mark.parametrize("maker", MAKERS)
def test_the_preview_goes_and_the_lens_stays(maker: str, pointed: bool) -> None:
    made, order = note(maker, JPEG, pointed=pointed)
    data = built(made, order)
    before, after = held(data), held(cleaned(data)[0])
    assert len(after[1]) == len(before[1])
    assert after[0] == before[0]
    assert after[1].index(LENS) == before[1].index(LENS)
    assert traces(before[1], JPEG)
    assert not traces(after[1], JPEG)
    # No entry leads to removed data.
    (count,) = struct.unpack_from(order + "H", after[1], _start(maker))
    assert count == 2


def _start(maker: str) -> int:
    """Where the directory of a note begins."""
    plain, order = note(maker, b"")
    data = plain(0)
    return data.index(struct.pack(order + "HHI", 1, 2, 4)) - 2


@pytest.mark.parametrize("kind", PICTURES)
def test_every_kind_of_picture_goes(kind: str) -> None:
    made, order = note("Canon", PICTURES[kind])
    assert not traces(cleaned(built(made, order))[0], PICTURES[kind])


@pytest.mark.parametrize("size", [160 * 120 * 3, 160 * 120 * 2, 80 * 60 * 3])
def test_bare_samples_of_a_thumbnail_go(size: int) -> None:
    samples = bytes(range(256)) * (size // 256) + bytes(size % 256)
    made, order = note("Minolta", samples)
    data, _ = cleaned(built(made, order))
    assert samples[:32] not in data
    assert LENS in data


def test_a_picture_in_part_of_a_value_leaves_the_rest_of_it() -> None:
    setting = b"settings, of which there are many, before the picture"
    made, order = note("Sony", setting + JPEG + b"and after it, too")
    data, _ = cleaned(built(made, order))
    assert not traces(data, JPEG)
    assert setting in data
    assert b"and after it, too" in data


def test_a_picture_that_does_not_end_takes_no_other_value_along() -> None:
    def made(place: int) -> bytes:
        return directory([(1, 7, JPEG[:-2]), (2, 2, LENS)], 0, base=-place)

    data, _ = cleaned(built(made))
    assert not traces(data, JPEG)
    assert LENS in data


def test_values_outside_the_note_stay_where_they_are() -> None:
    far = b"a value that lies behind the note"
    data = built(lambda place: directory([(1, 2, LENS), (2, 2, b"PLACEHOLDER")], 0, base=-place))
    end = len(data) - 6
    row = struct.pack("<HHI", 2, 2, 11)
    at = data.index(row)
    new = struct.pack("<HHII", 2, 2, len(far), end)
    data = data[:at] + new + data[at + 12 :] + far
    for value, stays in ((far, True), (JPEG, False)):
        stored = data[: -len(far)] + value
        stored = stored.replace(new, struct.pack("<HHII", 2, 2, len(value), end))
        kept, _ = cleaned(stored)
        assert (kept[end : end + len(value)] == value) == stays
        assert traces(kept, JPEG) == 0


@pytest.mark.parametrize("maker", MAKERS)
def test_a_note_that_was_moved_goes_back_to_where_its_offsets_are_right(maker: str) -> None:
    made, order = note(maker, b"a value of the length of a value")
    data = built(made, order)
    place, whole = held(data)
    moved = built(lambda _: whole, order, main=[(0x010E, 2, b"a title, which shifts it\0")])
    assert held(moved)[0] != place
    kept, lost = cleaned(moved, moved=True)
    assert not lost
    again, stays = held(kept)
    assert stays == whole
    relative = made(0) == made(1000)
    assert relative or again == place


def test_a_moved_note_whose_offsets_tell_nothing_goes() -> None:
    def made(place: int) -> bytes:
        return directory([(tag, 2, LENS) for tag in range(1, 5)], 0, base=-70000)

    data = built(made)
    assert cleaned(data, moved=True)[1] == ["the maker note"]
    assert LENS not in cleaned(data, moved=True)[0]
    assert LENS in cleaned(data)[0]


def test_a_note_without_directory_stays() -> None:
    data = built(lambda place: b"only text, of a maker who likes text")
    for moved in (False, True):
        assert b"only text" in cleaned(data, moved=moved)[0]
    assert maker_notes.clean(b"", 8, data, "<") is not None


def test_values_outside_that_overlap_are_not_copied() -> None:
    size = 100_000
    rows = b"".join(struct.pack("<HHII", n + 1, 1, size, 7000 + n) for n in range(500))
    note = struct.pack("<H", 500) + rows + bytes(4)
    source = bytes(7000) + b"a" * (size + 500)
    found = maker_notes.clean(note, 8, source, "<")
    assert found is not None
    assert not found.pins
    one = struct.pack("<HHHIII", 1, 1, 1, size, 7000, 0)
    found = maker_notes.clean(one, 8, source, "<")
    assert found is not None
    assert found.pins == {7000: b"a" * size}
