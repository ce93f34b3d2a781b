"""Read an input of bytes as choices, and what a check has in common with others."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from defocus.errors import DefocusError, DefocusWarning

_Item = TypeVar("_Item")
_DECODERS = ("PIL", "pillow_heif", "pi_heif")


class Choices:
    """Decisions that the bytes of an input make, one after the other; at the end all are 0."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __bool__(self) -> bool:
        """Return whether bytes are left."""
        return self._at < len(self._data)

    def number(self, below: int) -> int:
        """Return a number from 0 to `below` - 1."""
        size = ((below - 1).bit_length() + 7) // 8
        return int.from_bytes(self.take(size), "little") % below

    def one_of(self, items: Sequence[_Item]) -> _Item:
        """Return an item of a sequence."""
        return items[self.number(len(items))]

    def take(self, count: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        part = self._data[self._at : self._at + count]
        self._at += count
        return part

    def rest(self) -> bytes:
        """Return the bytes that are left."""
        return self.take(len(self._data))


@contextmanager
def only_deliberate() -> Iterator[None]:
    """Let pass the errors and warnings that defocus raises on purpose; others are findings.

    The libraries that decode may warn of damage too.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except DefocusError as error:
            text = str(error)
            assert text, "an error without a message"
            assert "\n" not in text, "an error of several lines"
    for warning in caught:
        by_decoder = any(f"/{name}/" in warning.filename for name in _DECODERS)
        assert by_decoder or issubclass(warning.category, DefocusWarning), str(warning)
