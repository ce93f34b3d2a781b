"""Finds the images in files, folders and patterns, and the place of each result below OUT.

Folders and patterns are searched in the order of names, so every run finds the same images in the
same order.  Names that begin with a dot are ignored.  Linked folders are not searched, because they
may contain themselves.  OUT is not searched, because its files are results.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from defocus.errors import OptionError
from defocus.io.extensions import is_picture

__all__ = ["Input", "Inputs", "collect", "is_several"]

_MAGIC = re.compile(r"[*?[]")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class Input(NamedTuple):
    """An image, and the place of its result below OUT, apart from the extension."""

    path: str
    place: str


class Inputs:
    """The images that were found, and what was left out.

    `others` counts the files in folders and patterns that are no images, by extension.  `links`
    counts linked folders.  `unmatched` are the patterns without a file.  `unreadable` are the
    folders that could not be listed, each with the reason.
    """

    def __init__(self) -> None:
        self.found: list[Input] = []
        self.others: Counter[str] = Counter()
        self.links = 0
        self.unmatched: list[str] = []
        self.unreadable: list[tuple[str, str]] = []


def is_several(word: str) -> bool:
    """Whether IN is a folder or a pattern instead of one file."""
    return os.path.isdir(word) or _is_pattern(word)


def collect(inputs: Sequence[str], out: str) -> Inputs:
    """The images of `inputs`: files, folders with their subfolders, and patterns.

    A pattern is matched as in a shell: `*`, `?`, `[abc]`, and `**` for any folders.  A file named
    by itself is taken whatever its extension, even if it is missing; reading it fails later.  No
    image is found twice.  The result of a named file lies directly in OUT.  Other results keep
    their path below the folder, or below the fixed part of the pattern.

    Raises OptionError if a folder is `out` itself.
    """
    found = Inputs()
    search = _Search(found, out)
    for word in inputs:
        if os.path.isdir(word):
            if search.is_out(word):
                raise OptionError(
                    f"OUT_FOLDER {out!r} is the folder IN itself; choose another folder, so that "
                    "results do not mix with originals"
                )
            search.walk(word, "")
        elif _is_pattern(word):
            before = len(search.visited)
            search.match(word)
            if len(search.visited) == before:
                found.unmatched.append(word)
        else:
            search.add(word, os.path.basename(word))
    return found


def _is_pattern(word: str) -> bool:
    # A file may have the name a[1].jpg, and a URL may have a question mark.
    return bool(_MAGIC.search(word)) and not os.path.lexists(word) and not _ADDRESS.match(word)


class _Search:
    """Adds to `inputs`; `visited` are the absolute paths of all files so far."""

    def __init__(self, inputs: Inputs, out: str) -> None:
        self.inputs = inputs
        self.visited: set[str] = set()
        self._out = _identity(out)

    def is_out(self, folder: str) -> bool:
        return self._out is not None and _identity(folder) == self._out

    def add(self, path: str, place: str) -> None:
        absolute = os.path.abspath(path)
        if absolute not in self.visited:
            self.visited.add(absolute)
            self.inputs.found.append(Input(path, place))

    def walk(self, folder: str, place: str) -> None:
        """Add the images in `folder` and below; the folder's own place is `place`."""
        waiting = [(folder, place)]
        while waiting:
            folder, place = waiting.pop()
            below = []
            for entry in self._entries(folder):
                there = os.path.join(place, entry.name)
                if entry.name.startswith("."):
                    continue
                if not _is_folder(entry):
                    self._offer(entry.path, there)
                elif entry.is_symlink():
                    self.inputs.links += 1
                elif not self.is_out(entry.path):
                    below.append((entry.path, there))
            waiting += reversed(below)

    def match(self, pattern: str) -> None:
        """Add the images that match, and those in folders that match."""
        parts = pattern.split(os.sep)
        fixed = next(i for i, part in enumerate(parts) if _MAGIC.search(part))
        base = os.sep.join(parts[:fixed]) or (os.sep if pattern.startswith(os.sep) else "")
        rest = [part for part in parts[fixed:] if part] or ["*"]
        for path in self._expand(base, rest):
            place = os.path.relpath(path, base or ".")
            if place.startswith(os.pardir):  # a pattern with .. in it
                place = os.path.basename(path)
            if os.path.isdir(path):
                self.walk(path, place)
            else:
                self._offer(path, place)

    def _expand(self, folder: str, parts: list[str]) -> Iterator[str]:
        head, rest = parts[0], parts[1:]
        if head == "**":
            yield from self._expand_subfolders(folder, parts)
            return
        names = [head] if not _MAGIC.search(head) else self._matching(folder, head)
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                if not self.is_out(path):
                    yield from self._expand(path, rest) if rest else (path,)
            elif not rest and os.path.lexists(path):
                yield path

    def _expand_subfolders(self, folder: str, parts: list[str]) -> Iterator[str]:
        """The paths of a pattern that begins with `**`."""
        yield from self._expand(folder, parts[1:] or ["*"])
        for entry in self._entries(folder or "."):
            real = _is_folder(entry) and not entry.is_symlink()
            if real and not entry.name.startswith(".") and not self.is_out(entry.path):
                yield from self._expand(os.path.join(folder, entry.name), parts)

    def _matching(self, folder: str, pattern: str) -> list[str]:
        names = [entry.name for entry in self._entries(folder or ".")]
        hidden = pattern.startswith(".")
        return [n for n in names if fnmatchcase(n, pattern) and (hidden or n[0] != ".")]

    def _offer(self, path: str, place: str) -> None:
        """Add a file of a folder or pattern if it has the extension of an image."""
        if is_picture(path):
            self.add(path, place)
            return
        self.visited.add(os.path.abspath(path))
        suffix = os.path.splitext(path)[1].lower()
        self.inputs.others[suffix or "no extension"] += 1

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:  # the fixed part of a pattern
            return []
        except OSError as error:
            self.inputs.unreadable.append((folder, error.strerror or str(error)))
            return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # such as a link to itself
        return False


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
