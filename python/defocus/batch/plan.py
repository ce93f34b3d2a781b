"""Which image becomes which file, decided before any work starts.

Nothing is written here.  Every way to lose an image is checked: two results with one name, and a
result that would replace an original or an older file.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from defocus.batch import inputs as inputs_module
from defocus.errors import OptionError, OutputError, UnsupportedFormatError, shown
from defocus.io.formats import FORMATS
from defocus.options import Command, Existing, SameName, check_existing
from defocus.options.values import check_format, check_paths

__all__ = ["Command", "Existing", "Job", "Plan", "SameName", "named", "plan"]

# Formats that defocus cannot write and whose portraits become JPEG; others become PNG.
_PHOTOGRAPHIC = frozenset((".jpe", ".jfif", ".mpo"))
_SHOWN = 5  # items of a list in a message
_FORMATS = f"expected one of {', '.join(form.lower() for form in FORMATS)}"


@dataclass(frozen=True, slots=True)
class Job:
    """One image to process: from `source` to `target`, both paths.

    Names that are not UTF-8 have surrogate escapes, as everywhere in Python.
    """

    source: str
    target: str


@dataclass
class Plan:
    """The images to process, in this order, and the images that are left out.

    `jobs` are to be done, and `done` have their results already.  `stale` counts the results that
    are older than their images.  `inputs` holds what was found and what was left out.
    """

    jobs: list[Job] = field(default_factory=list)
    done: list[Job] = field(default_factory=list)
    stale: int = 0
    inputs: inputs_module.Inputs = field(default_factory=inputs_module.Inputs)


def plan(
    inputs: Sequence[str],
    out_folder: str,
    *,
    command: Command = "portrait",
    format: str | None = None,
    existing: Existing = "skip",
    same_name: SameName = "error",
) -> Plan:
    """Plan the results of `inputs` (files, folders, patterns) below `out_folder`.

    A portrait keeps the extension of its image if defocus can write that format.  Else it becomes
    JPEG (as from MPO) or PNG (as from GIF).  A "cutout" and a "mask" become PNG.  `format` replaces
    all of these.

    `existing` decides about a result that exists.  "skip" keeps it, "update" replaces it if it is
    older than its image, and "overwrite" always.  "rename" writes under another name.  "error"
    raises OutputError.  An empty file does not count as a result.

    `same_name` decides about two results of one name, also if only upper and lower case differ.
    "rename" gives both longer names, which depend on the paths of their images only.  "error"
    raises OptionError.

    Raises OptionError if results would share a path or replace an input.  Raises
    UnsupportedFormatError for an unknown `format`.
    """
    check_paths(inputs, out_folder)
    check_existing(command=command, existing=existing, same_name=same_name)
    _format_suffix(format)
    made = Plan(inputs=inputs_module.collect(inputs, out_folder))
    found = made.inputs.found
    places = named(found, command=command, format=format, same_name=same_name)
    jobs = [Job(f.path, os.path.join(out_folder, p)) for f, p in zip(found, places, strict=True)]
    there = {job: status for job in jobs if (status := _result(job.target)) is not None}
    if existing != "rename":
        _check_originals(jobs, there)
    if there and existing == "error":
        names = _listed(repr(job.target) for job in there)
        raise OutputError(f"{len(there)} of the results exist already: {names}; see --existing")
    taken = {_key(place) for place in places}
    for job in jobs:
        if job not in there or existing == "overwrite":
            made.jobs.append(job)
        elif existing == "rename":
            made.jobs.append(Job(job.source, _free(job.target, out_folder, taken)))
        else:
            stale = _is_stale(job, there[job])
            (made.jobs if stale and existing == "update" else made.done).append(job)
            made.stale += stale and existing == "skip"
    return made


def named(
    found: list[inputs_module.Input], *, command: str, format: str | None, same_name: SameName
) -> list[str]:
    """The path of each result below OUT; all differ.  Raises the errors of `plan`."""
    suffix = _format_suffix(format)
    places = [_place(f, 0, _suffix(f.path, command, suffix)) for f in found]
    if meeting := _meeting(places):
        if same_name == "error":
            raise _met(found, places, meeting)
        places = _apart(found, places, command, suffix)
    return places


# --- extensions -----------------------------------------------------------------------------------


def _format_suffix(name: str | None) -> tuple[str, ...]:
    """The extensions of the requested format, the usual one first; empty without a format."""
    if name is None:
        return ()
    check_format(name, [form.lower() for form in FORMATS])
    for form in FORMATS.values():
        if f".{name.lower()}" in form.extensions:
            return form.extensions
    raise UnsupportedFormatError(f"format={shown(name)} is unknown; {_FORMATS}")


def _suffix(path: str, command: str, chosen: tuple[str, ...]) -> str:
    own = os.path.splitext(path)[1]
    if chosen:
        return own if own.lower() in chosen else chosen[0]
    if command != "portrait":
        return own if own.lower() == ".png" else ".png"
    if any(own.lower() in form.extensions for form in FORMATS.values()):
        return own
    return ".jpg" if own.lower() in _PHOTOGRAPHIC else ".png"


# --- names ----------------------------------------------------------------------------------------


def _place(found: inputs_module.Input, level: int, suffix: str) -> str:
    """The path of a result below OUT; its name is longer at each level.

    The picture's own name; with its extension; with the names of the folders that it lies in.  The
    longer ones are nobody's short one: what another picture became before is not taken for it.
    """
    folder, name = os.path.split(found.place)
    stem, own = os.path.splitext(name)
    if level == 1 or (level > 1 and own.lower() != suffix.lower()):
        stem = name
    if level > 1:
        above = os.path.dirname(os.path.abspath(found.path)).split(os.sep)
        stem = "-".join([*[part for part in above if part][1 - level :], stem])
    return os.path.join(folder, stem + suffix)


def _key(place: str) -> str:
    """A key that is equal for names that some file systems do not distinguish."""
    return unicodedata.normalize("NFC", place).casefold()


def _meeting(places: list[str]) -> list[int]:
    """The indices of all paths that occur more than once."""
    groups: dict[str, list[int]] = {}
    for index, place in enumerate(places):
        groups.setdefault(_key(place), []).append(index)
    return sorted(index for group in groups.values() if len(group) > 1 for index in group)


def _apart(
    found: list[inputs_module.Input], places: list[str], command: str, chosen: tuple[str, ...]
) -> list[str]:
    """Paths that all differ."""
    places, levels = list(places), [0] * len(places)
    deepest = 2 + max(os.path.abspath(f.path).count(os.sep) for f in found)
    while meeting := _meeting(places):
        for index in meeting:
            levels[index] += 1
            suffix = _suffix(found[index].path, command, chosen)
            places[index] = _place(found[index], min(levels[index], deepest), suffix)
            if levels[index] > deepest:  # they differ in upper and lower case only
                stem, suffix = os.path.splitext(places[index])
                places[index] = f"{stem}-{index}{suffix}"
    return places


def _met(found: list[inputs_module.Input], places: list[str], meeting: list[int]) -> OptionError:
    meeting.sort(key=lambda index: (_key(places[index]), index))
    pairs = _listed(f"{found[i].path!r} -> {places[i]!r}" for i in meeting)
    return OptionError(
        f"{len(meeting)} pictures would share results: {pairs}; --same-name rename gives each its "
        "own, or give each folder an OUT_FOLDER of its own"
    )


def _free(target: str, out_folder: str, taken: set[str]) -> str:
    """The first of target-2, target-3, ... that no file has and no result will have."""
    stem, suffix = os.path.splitext(target)
    number = 2
    while True:
        name = f"{stem}-{number}{suffix}"
        key = _key(os.path.relpath(name, out_folder))
        if key not in taken and not os.path.lexists(name):
            taken.add(key)
            return name
        number += 1


def _listed(names: Iterable[str]) -> str:
    everything = list(names)
    more = len(everything) - _SHOWN
    return ", ".join(everything[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


# --- what is there already ------------------------------------------------------------------------


def _result(target: str) -> os.stat_result | None:
    """The file status of a result; None if it is missing or empty, as after a crash."""
    try:
        status = os.stat(target)
    except (OSError, ValueError):
        return None
    return status if stat.S_ISREG(status.st_mode) and status.st_size else None


def _check_originals(jobs: list[Job], there: dict[Job, os.stat_result]) -> None:
    """Raise OptionError if a result would replace one of the inputs."""
    if not there:
        return
    results = {(status.st_dev, status.st_ino): job for job, status in there.items()}
    for job in jobs:
        try:
            status = os.stat(job.source)
        except (OSError, ValueError):
            continue
        if result := results.get((status.st_dev, status.st_ino)):
            raise OptionError(
                f"the result {result.target!r} would lie in place of the picture {job.source!r}; "
                "name another OUT_FOLDER"
            )


def _is_stale(job: Job, result: os.stat_result) -> bool:
    try:
        return os.stat(job.source).st_mtime_ns > result.st_mtime_ns
    except (OSError, ValueError):
        return False
