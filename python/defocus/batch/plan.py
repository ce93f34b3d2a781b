"""Which image becomes which file, decided before any work starts.

Nothing is written here.  Every way to lose an image is checked: two results with one name, and a
result that would replace an original or an older file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from defocus.batch import inputs as inputs_module
from defocus.batch.names import already, check_format, free, key, named, suffixes
from defocus.batch.numbers import NumberedName
from defocus.errors import OptionError
from defocus.options import Command, Existing, SameName, check_existing
from defocus.options.values import check_paths

__all__ = ["Command", "Existing", "Job", "Plan", "SameName", "plan", "plan_numbered", "plan_one"]


class Job(NamedTuple):
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
    suffixes(format)
    made = Plan(inputs=inputs_module.collect(inputs, out_folder))
    found = made.inputs.found
    places = named(found, command=command, format=format, same_name=same_name)
    jobs = [Job(f.path, os.path.join(out_folder, p)) for f, p in zip(found, places, strict=True)]
    taken = {key(place) for place in places}
    return _settled(made, jobs, existing, lambda target: free(target, out_folder, taken))


def plan_numbered(
    inputs: Sequence[str],
    name: NumberedName,
    *,
    format: str | None = None,
    existing: Existing = "error",
) -> Plan:
    """Plan the results of `inputs` under the names of `name`, in the order of the inputs.

    Raises OptionError for `existing="rename"` and for a `format` of other extensions.  Raises as
    `plan` does.
    """
    check_paths(inputs, name.folder)
    check_existing(command="portrait", existing=existing, same_name="error")
    check_format(name, format)
    if existing == "rename":
        raise OptionError(f"--existing rename does not apply to {name}, which numbers the results")
    made = Plan(inputs=inputs_module.collect(inputs, name.folder))
    jobs = [Job(found.path, name.of(n)) for n, found in enumerate(made.inputs.found, 1)]
    return _settled(made, jobs, existing)


def plan_one(source: str, target: str, *, existing: Existing = "error") -> Plan:
    """Plan the result of one image.  Raises as `plan` does."""
    check_existing(command="portrait", existing=existing, same_name="error")
    folder = os.path.dirname(target)
    return _settled(Plan(), [Job(source, target)], existing, lambda path: free(path, folder, set()))


def _settled(
    made: Plan,
    jobs: list[Job],
    existing: Existing,
    renamed: Callable[[str], str] = lambda target: target,
) -> Plan:
    """The plan with its jobs, each to be done or done already; `renamed` gives a free name."""
    there = {job: status for job in jobs if (status := _result(job.target)) is not None}
    if existing != "rename":
        _check_originals(jobs, there)
    if there and existing == "error":
        raise already(job.target for job in there)
    for job in jobs:
        if job not in there or existing == "overwrite":
            made.jobs.append(job)
        elif existing == "rename":
            made.jobs.append(Job(job.source, renamed(job.target)))
        else:
            stale = _is_stale(job, there[job])
            (made.jobs if stale and existing == "update" else made.done).append(job)
            made.stale += stale and existing == "skip"
    return made


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
                "name another OUT"
            )


def _is_stale(job: Job, result: os.stat_result) -> bool:
    try:
        return os.stat(job.source).st_mtime_ns > result.st_mtime_ns
    except (OSError, ValueError):
        return False
