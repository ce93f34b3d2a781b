"""Which image becomes which file, where IN or OUT is an address."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any

from defocus.batch.inputs import Input
from defocus.batch.names import named
from defocus.batch.plan import Job, Plan
from defocus.errors import OptionError
from defocus.io.extensions import is_picture
from defocus.options import Existing, SameName
from defocus.ray.files import listed, located

__all__ = ["is_address", "plan_remote"]


def is_address(word: str) -> bool:
    """Whether it is the address of another file system.

    >>> is_address("s3://bucket/photos"), is_address("photos")
    (True, False)
    """
    return "://" in word


def plan_remote(
    inputs: Sequence[str],
    out: str,
    *,
    command: str,
    format: str | None,
    existing: Existing,
    same_name: SameName,
) -> Plan:
    """Plan as `plan` does, for addresses: one listing of IN, one of OUT."""
    if len(inputs) != 1:
        raise OptionError(f"{len(inputs)} IN are given; expected one address or folders of files")
    if existing not in ("skip", "overwrite"):
        raise OptionError(f"--existing {existing} is for folders; expected skip or overwrite")
    source, base = located(inputs[0])
    target, root = located(out)
    same = source.equals(target)
    made = Plan()
    _collect(made, source, base, root if same else None)
    if same and root == base:
        raise OptionError(f"OUT {out!r} is IN itself; name another, or originals would be replaced")
    places = named(made.inputs.found, command=command, format=format, same_name=same_name)
    there = set(listed(target, root)) if existing == "skip" else set()
    for found, place in zip(made.inputs.found, places, strict=True):
        job = Job(found.path, place)
        (made.done if f"{root}/{place}" in there else made.jobs).append(job)
    return made


def _collect(made: Plan, source: Any, base: str, left_out: str | None) -> None:
    """Add the images below `base`; the folder `left_out` holds results."""
    for path in listed(source, base):
        place = posixpath.relpath(path, base) if path != base else posixpath.basename(path)
        if left_out is not None and f"{path}/".startswith(f"{left_out}/"):
            continue
        if is_picture(path) and not any(part.startswith(".") for part in place.split("/")):
            made.inputs.found.append(Input(path, place))
        else:
            made.inputs.others[posixpath.splitext(path)[1].lower() or "no extension"] += 1
