"""The C++ rooms: an include goes to a lower rank or stays in its room, and rooms have no cycles."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path, PurePosixPath

CPP = Path(__file__).resolve().parents[2] / "cpp"
# From bottom to top.  Rooms of one rank do not include each other.
RANKS = (
    {"kernels"},
    {"dispatch"},
    {"core/base"},
    {"core/plan"},
    {"core/cells"},
    {"core/matte", "core/blur", "core/cut"},
    {"core/portrait"},
    {"core/ops"},
    {"binding", "fuzz"},
)
RANK = {room: rank for rank, rooms in enumerate(RANKS) for room in rooms}
INCLUDES = {
    PurePosixPath(path.relative_to(CPP).as_posix()): [
        PurePosixPath(name)
        for name in re.findall(r'^ *# *include [<"]([^>"]+)', path.read_text("utf-8"), re.MULTILINE)
    ]
    for path in CPP.rglob("*.[ch]pp")
}


def room(file: PurePosixPath) -> str:
    return str(file.parent).removesuffix("/vec")


def ours(headers: list[PurePosixPath]) -> list[PurePosixPath]:
    return [header for header in headers if room(header) in RANK]


def test_includes_go_down_or_stay_in_their_room() -> None:
    for file, headers in INCLUDES.items():
        for header in ours(headers):
            up = RANK[room(header)] >= RANK[room(file)]
            assert header in INCLUDES, f"{file} includes {header}, which does not exist"
            assert room(header) == room(file) or not up, f"{file} includes {header}"


def test_no_room_has_a_cycle() -> None:
    # A header and its source are one unit.
    units: dict[PurePosixPath, set[PurePosixPath]] = {}
    for file, headers in INCLUDES.items():
        needed = {header.with_suffix("") for header in ours(headers)} - {file.with_suffix("")}
        units.setdefault(file.with_suffix(""), set()).update(needed)
    TopologicalSorter(units).prepare()


def test_pybind11_and_vectors_stay_in_their_rooms() -> None:
    for file, headers in INCLUDES.items():
        for header in map(str, headers):
            assert not header.startswith("pybind11") or str(file.parent) == "binding", file
            assert not header.startswith("kernels/vec/") or room(file) == "kernels", file
