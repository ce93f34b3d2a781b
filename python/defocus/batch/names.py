"""The names of results: below a folder, or beside their images."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable

from defocus.batch.inputs import Input
from defocus.batch.numbers import NumberedName
from defocus.errors import OptionError, OutputError, UnsupportedFormatError, shown
from defocus.io.formats import ANIMATIONS, FORMATS
from defocus.options import Command, SameName
from defocus.options.values import check_format as check_format_name

__all__ = ["already", "beside", "check_format", "check_frames", "free", "key", "named", "suffixes"]

# Formats that defocus cannot write and whose portraits become JPEG; others become PNG.
_PHOTOGRAPHIC = frozenset((".jpe", ".jfif", ".mpo"))
_SHOWN = 5  # items of a list in a message
_FORMATS = f"expected one of {', '.join(form.lower() for form in FORMATS)}"


def named(
    found: list[Input], *, command: str, format: str | None, same_name: SameName
) -> list[str]:
    """The path of each result below OUT; all differ.  Raises the errors of `plan`."""
    suffix = suffixes(format)
    places = [_place(f, 0, _suffix(f.path, command, suffix)) for f in found]
    if meeting := _meeting(places):
        if same_name == "error":
            raise _met(found, places, meeting)
        places = _apart(found, places, command, suffix)
    return places


def beside(
    source: str, *, command: Command, format: str | None = None, every_frame: bool = False
) -> str:
    """The path of a result beside its image.  Raises UnsupportedFormatError or OptionTypeError.

    The extension is that of a result in a folder.  With `every_frame` it may also be one of an
    animation.

    >>> beside("in/photo.jpg", command="cutout")
    'in/photo.cutout.png'
    """
    stem, suffix = os.path.splitext(source)
    own = suffix if command == "portrait" else ".png"
    wanted = own if format is None else f".{format}"
    if not (every_frame and wanted.lower() in ANIMATIONS):
        wanted = _suffix(source, command, suffixes(format))
    return f"{stem}.{command}{wanted}"


def check_format(name: NumberedName, format: str | None) -> None:
    """Refuse a format that the extension of the names does not belong to: OptionError."""
    allowed = suffixes(format)
    if allowed and os.path.splitext(name.of(1))[1].lower() not in allowed:
        raise OptionError(
            f"--format {format} and the extension of OUT {name} differ; remove --format, or change "
            "the extension"
        )


def check_frames(name: NumberedName, existing: str) -> None:
    """Refuse names that files have already, unless `existing` is "overwrite".

    This is for results whose number is not known before they are made.  Raises OutputError, or
    OptionError for other values of `existing`.
    """
    if existing not in ("error", "overwrite"):
        raise OptionError(
            f"--existing {existing!r} does not apply to the frames of {name}; expected error or "
            "overwrite"
        )
    found = name.found() if existing == "error" else []
    if found:
        raise already(found)


# --- extensions -----------------------------------------------------------------------------------


def suffixes(name: str | None) -> tuple[str, ...]:
    """The extensions of the requested format, the usual one first; empty without a format."""
    if name is None:
        return ()
    check_format_name(name, [form.lower() for form in FORMATS])
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


def _place(found: Input, level: int, suffix: str) -> str:
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


def key(place: str) -> str:
    """A key that is equal for names that some file systems do not distinguish."""
    return unicodedata.normalize("NFC", place).casefold()


def _meeting(places: list[str]) -> list[int]:
    """The indices of all paths that occur more than once."""
    groups: dict[str, list[int]] = {}
    for index, place in enumerate(places):
        groups.setdefault(key(place), []).append(index)
    return sorted(index for group in groups.values() if len(group) > 1 for index in group)


def _apart(
    found: list[Input], places: list[str], command: str, chosen: tuple[str, ...]
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


def _met(found: list[Input], places: list[str], meeting: list[int]) -> OptionError:
    meeting.sort(key=lambda index: (key(places[index]), index))
    pairs = _listed(f"{found[i].path!r} -> {places[i]!r}" for i in meeting)
    return OptionError(
        f"{len(meeting)} pictures would share results: {pairs}; --same-name rename gives each its "
        "own, or give each folder an OUT_FOLDER of its own"
    )


def free(target: str, out_folder: str, taken: set[str]) -> str:
    """The first of target-2, target-3, ... that no file has and no result will have."""
    stem, suffix = os.path.splitext(target)
    number = 2
    while True:
        name = f"{stem}-{number}{suffix}"
        place = key(os.path.relpath(name, out_folder))
        if place not in taken and not os.path.lexists(name):
            taken.add(place)
            return name
        number += 1


def already(paths: Iterable[str]) -> OutputError:
    """The error that results exist."""
    names = list(paths)
    verb = "exists" if len(names) == 1 else "exist"
    return OutputError(
        f"{_listed(map(repr, names))} {verb} already; name another OUT, or replace with --existing "
        "overwrite"
    )


def _listed(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    everything = list(names)
    more = len(everything) - _SHOWN
    return ", ".join(everything[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
