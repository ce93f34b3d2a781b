"""The oldest releases that pyproject.toml allows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["floors", "oldest_python"]

# The extras whose libraries are a part of what runs; the others are tools.
_EXTRAS = ("heif", "heif-write", "serve")
_FLOOR = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?>=([\w.]+)")


def floors(project: Mapping[str, Any]) -> list[str]:
    """Return one line `name==version` for each library that runs with the package.

    >>> floors({"dependencies": ["numpy>=1.25"], "optional-dependencies": {"heif": ["pi-heif>=1"]}})
    ['numpy==1.25', 'pi-heif==1']
    """
    return [f"{name}=={version}" for name, version in _lowest(project)]


def _lowest(project: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    extras = project["optional-dependencies"]
    for line in [
        *project["dependencies"],
        *(line for name in _EXTRAS for line in extras.get(name, ())),
    ]:
        found = _FLOOR.match(line)
        if found is None:
            raise ValueError(f"{line!r} has no oldest release")
        yield found[1], found[2]


def oldest_python(project: Mapping[str, Any]) -> tuple[int, int]:
    """Return the oldest Python that is supported.

    >>> oldest_python({"requires-python": ">=3.11"})
    (3, 11)
    """
    major, minor = re.findall(r"\d+", project["requires-python"])[:2]
    return int(major), int(minor)
