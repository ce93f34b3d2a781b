"""Options that belong together: the keywords of each command, groups, and what excludes what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar, get_args

from defocus.errors import OptionError
from defocus.options import checks
from defocus.options.finish import Finish
from defocus.options.lens import Lens
from defocus.options.look import Look
from defocus.options.prompts import Prompts
from defocus.options.selection import Selection, check_effort
from defocus.options.storage import Storage
from defocus.options.values import check_threads

__all__ = [
    "FINDING",
    "KEYWORDS",
    "Command",
    "Existing",
    "NoSubject",
    "SameName",
    "check_alternatives",
    "check_existing",
    "check_keywords",
    "check_no_subject",
    "check_options",
    "check_recipe",
    "grouped",
    "groups_of",
]

Command = Literal["portrait", "cutout", "mask"]
Existing = Literal["skip", "update", "overwrite", "rename", "error"]
NoSubject = Literal["raise", "copy", "skip"]
SameName = Literal["error", "rename"]

_Group = TypeVar("_Group", Lens, Look, Finish)


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass."""
    return tuple(kind.__dataclass_fields__)  # type: ignore[attr-defined]


# Each group of options, by the keyword that takes it whole, and the command that takes it.
_GROUPS: dict[str, tuple[str, Any]] = {
    "lens": ("portrait", Lens),
    "look": ("portrait", Look),
    "finish": ("cutout", Finish),
}
FINDING = ("box", "points", "keep", "remove", "select", "effort")
# What each command takes beside an image, a subject of its own and where the work is done.
KEYWORDS = {
    "portrait": ("lens", *_names(Lens), "look", *_names(Look), "depth", "matte", *FINDING),
    "cutout": ("finish", *_names(Finish), "background", "matte", *FINDING),
    "mask": FINDING,
}
_ALTERNATIVES = {
    ("depth", "ramp"): "give the one to be used",
    ("depth", "ground"): "give the one to be used",
    ("matte_only", "background"): "a matte has no background",
    ("matte", "subject"): "give the one to be used",
}


def grouped(kind: type[_Group], group: _Group | None, **options: Any) -> _Group:
    """The group of options: as it was given, or made of those single `options` that are not None.

    Raises OptionTypeError for a group of another type.  Raises OptionError if a group and one of
    its options are both given.  The group itself raises errors for their values.

    >>> grouped(Lens, None, aperture=2.0, sigma=None).aperture
    2.0
    """
    given = {name: value for name, value in options.items() if value is not None}
    if group is None:
        return kind(**given)
    name = kind.__name__
    if not isinstance(group, kind):
        raise checks.refused(name.lower(), group, f"expected a defocus.{name}")
    if given:
        raise OptionError(
            f"{name.lower()} and {next(iter(given))} are both given; put all into the {name}"
        )
    return group


def groups_of(command: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The groups of a command, by the keyword of each.  Raises as `grouped` does.

    >>> groups_of("cutout", {"crop": 40})["finish"].crop
    40
    """
    return {
        name: grouped(kind, options.get(name), **{f: options.get(f) for f in _names(kind)})
        for name, (owner, kind) in _GROUPS.items()
        if owner == command
    }


def check_alternatives(options: Mapping[str, Any]) -> None:
    """Refuse two options that exclude each other: OptionError."""
    given = {name for name, value in options.items() if value is not None and value is not False}
    for (one, other), why in _ALTERNATIVES.items():
        if {one, other} <= given:
            raise OptionError(f"{one} and {other} are both given; {why}")


def check_options(command: str, options: Mapping[str, Any]) -> None:
    """Check the options of a command, one of KEYWORDS, except images.

    Raises OptionTypeError for options that the command does not take, and what the groups and
    `Prompts` and `Selection` raise for values.
    """
    checks.keywords(options, KEYWORDS[command], command)
    flat = dict(options)
    for group in groups_of(command, options).values():
        flat |= vars(group)
    Prompts(options.get("box"), options.get("points", ()))
    Selection(options.get("select", "all"))
    check_effort(options.get("effort", "good"))
    check_alternatives({**flat, "ground": flat.get("ground") == "auto"})


def check_keywords(given: Iterable[object], known: Iterable[str], of: str) -> None:
    """Refuse names that `of` does not take: OptionTypeError, which names the one that is meant."""
    checks.keywords(given, known, of)


def check_no_subject(no_subject: object) -> None:
    """Refuse an unknown value of `no_subject`: OptionError or OptionTypeError."""
    checks.choice("no_subject", no_subject, get_args(NoSubject))


def check_recipe(
    *,
    command: object,
    no_subject: object,
    every_frame: object,
    options: Mapping[str, Any],
    finding: Mapping[str, Any],
    saving: Mapping[str, Any],
) -> None:
    """Check what a Recipe says, except images: OptionError or OptionTypeError."""
    command = checks.choice("command", command, get_args(Command))
    check_no_subject(no_subject)
    checks.flag("every_frame", every_frame)
    checks.options("options", options, KEYWORDS[command])
    checks.options("finding", finding, FINDING)
    checks.options("saving", saving, (*_names(Storage), "threads"))
    check_threads(saving.get("threads"))
    Storage(**{name: value for name, value in saving.items() if name != "threads"})
    check_options(command, {**options, **finding})


def check_existing(*, command: object, existing: object, same_name: object) -> None:
    """Check how a plan deals with names: OptionError or OptionTypeError."""
    checks.choice("command", command, get_args(Command))
    checks.choice("existing", existing, get_args(Existing))
    checks.choice("same_name", same_name, get_args(SameName))
