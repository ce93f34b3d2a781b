"""OUT with a field for a number, such as out-%03d.png: the names of several results."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from defocus.errors import OptionError

__all__ = ["EXAMPLE", "NumberedName", "has_field", "parse"]

EXAMPLE = "out-%03d.png"
_FIELD = re.compile(r"%(?:0([1-9]))?d")
# What printf knows, or what was meant as a field.  "%20s" may be a part of an escaped address.
_PARTS = re.compile(r"%%|%(?:0[1-9])?d|%0?[0-9]?[diosux]")


class NumberedName(NamedTuple):
    """The names of several results, which differ by a number.

    >>> NumberedName("out-", ".png", 3).of(7)
    'out-007.png'
    """

    before: str
    after: str
    digits: int

    def __str__(self) -> str:
        field = f"%0{self.digits}d" if self.digits > 1 else "%d"
        return repr(f"{self.before}{field}{self.after}")

    @property
    def folder(self) -> str:
        """The folder of the results."""
        return os.path.dirname(self.before) or os.curdir

    def of(self, number: int) -> str:
        """The name of a result; the first number is 1."""
        return f"{self.before}{number:0{self.digits}d}{self.after}"

    def found(self) -> list[str]:
        """The files that have such a name already."""
        start = re.escape(os.path.basename(self.before))
        pattern = re.compile(rf"{start}[0-9]{{{self.digits},}}{re.escape(self.after)}")
        try:
            names = os.listdir(self.folder)
        except OSError:  # writing the first result raises the error
            return []
        folder = os.path.dirname(self.before)
        return sorted(os.path.join(folder, name) for name in names if pattern.fullmatch(name))


def has_field(out: str) -> bool:
    """Whether the name of a file has a field for a number.

    >>> has_field("out-%03d.png"), has_field("100%.png")
    (True, False)
    """
    name = os.path.basename(out).replace("%%", "")
    return _FIELD.search(name) is not None


def parse(out: str) -> NumberedName | str:
    """OUT of the flag -o: the names of several results, or the name of one, in which %% is %.

    The field is %d, or %03d for at least three digits.  Raises OptionError for other fields of
    printf, for a second field, and for a name with a field that has no extension.

    >>> parse("out-%03d.png").of(12), parse("100%%.png")
    ('out-012.png', '100%.png')
    """
    folder, name = os.path.split(out)
    for part in _PARTS.findall(name):
        if part != "%%" and not _FIELD.fullmatch(part):
            raise OptionError(
                f"OUT {out!r} has the field {part!r}; expected %d or a field such as %03d for the "
                "number of a result (%% is a percent sign)"
            )
    fields = [match for match in _PARTS.finditer(name) if match[0] != "%%"]
    if not fields:
        return os.path.join(folder, name.replace("%%", "%"))
    if len(fields) > 1:
        raise OptionError(
            f"OUT {out!r} has {len(fields)} fields; expected one, for the number of a result (%% "
            "is a percent sign)"
        )
    before, after = name[: fields[0].start()], name[fields[0].end() :]
    if not os.path.splitext(f"_{after}")[1]:
        raise OptionError(f"OUT {out!r} has no extension; expected a name such as {EXAMPLE!r}")
    digits = _FIELD.fullmatch(fields[0][0])
    width = int(digits[1] or 1) if digits else 1
    before = os.path.join(folder, before.replace("%%", "%"))
    return NumberedName(before, after.replace("%%", "%"), width)
