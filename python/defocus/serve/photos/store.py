"""Photographs that the page has uploaded: bounded, expiring, under ids that cannot be guessed."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from defocus.serve.problems import Problem

__all__ = ["Store", "Stored"]


class Stored(Protocol):
    """What can be stored: it knows its bytes."""

    @property
    def nbytes(self) -> int:
        """The bytes it holds."""


class Store:
    """Keeps the entries used last, within bounds of bytes, count and seconds.

    Used from one thread, that of the event loop.
    """

    def __init__(
        self,
        most_bytes: int,
        most: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most_bytes, self.most, self.seconds = most_bytes, most, seconds
        self.nbytes = 0
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, int, Stored]] = OrderedDict()

    def __len__(self) -> int:
        """The number of entries."""
        return len(self._entries)

    def add(self, entry: Stored) -> str:
        """Store an entry and give its id; the oldest ones make room.

        Raises Problem (413) for an entry that is larger than the whole store.
        """
        size = entry.nbytes
        if size > self.most_bytes:
            raise Problem(
                413, "store", "the photograph is too large", limit=self.most_bytes, value=size
            )
        self.expire()
        while self._entries and (
            self.nbytes + size > self.most_bytes or len(self._entries) >= self.most
        ):
            self._drop(next(iter(self._entries)))
        key = secrets.token_urlsafe(24)
        self._entries[key] = self._clock() + self.seconds, size, entry
        self.nbytes += size
        return key

    def get(self, key: str) -> Stored:
        """The entry, whose time begins anew.  Raises Problem (404)."""
        self.expire()
        if key not in self._entries:
            raise Problem(404, "photo_expired", "no such photograph, or no longer; upload it again")
        _, size, entry = self._entries.pop(key)
        self._entries[key] = self._clock() + self.seconds, size, entry
        return entry

    def weigh(self, key: str) -> None:
        """Count the bytes of an entry again, which has grown; others make room, the oldest first.

        An entry that has become larger than the whole store is forgotten.
        """
        if key not in self._entries:
            return
        end, before, entry = self._entries.pop(key)
        size = entry.nbytes
        self.nbytes += size - before
        self._entries[key] = end, size, entry
        while self.nbytes > self.most_bytes:
            self._drop(next(iter(self._entries)))

    def remove(self, key: str) -> None:
        """Forget an entry.  Raises as `get` does."""
        self.get(key)
        self._drop(key)

    def expire(self) -> None:
        """Forget what is too old."""
        now = self._clock()
        while self._entries:
            key, (end, _, _) = next(iter(self._entries.items()))
            if end > now:
                return
            self._drop(key)

    def _drop(self, key: str) -> None:
        _, size, _ = self._entries.pop(key)
        self.nbytes -= size
