"""The store of photographs is bounded in bytes, in number and in time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from defocus.serve.photos.store import Store
from defocus.serve.problems import Problem


@dataclass
class Entry:
    nbytes: int


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def held(store: Store, keys: list[str]) -> list[bool]:
    found = []
    for key in keys:
        try:
            store.get(key)
            found.append(True)
        except Problem as problem:
            found.append(problem.code != "photo_expired")
    return found


def test_the_oldest_make_room() -> None:
    store = Store(100, 3, 60.0)
    keys = [store.add(Entry(30)) for _ in range(3)]
    store.get(keys[0])  # is no longer the oldest
    keys.append(store.add(Entry(10)))
    assert held(store, keys) == [True, False, True, True]
    keys.append(store.add(Entry(90)))
    assert held(store, keys) == [False, False, False, True, True]
    assert (len(store), store.nbytes) == (2, 100)
    with pytest.raises(Problem) as refused:
        store.add(Entry(101))
    assert (refused.value.status, refused.value.limit) == (413, 100)


def test_an_entry_that_grows_makes_others_leave() -> None:
    store = Store(100, 9, 60.0)
    growing = Entry(30)
    keys = [store.add(Entry(30)), store.add(growing), store.add(Entry(30))]
    growing.nbytes = 60
    store.weigh(keys[1])
    assert store.nbytes == 90
    assert held(store, keys) == [False, True, True]
    growing.nbytes = 101
    store.weigh(keys[1])
    assert (len(store), store.nbytes) == (0, 0)
    store.weigh(keys[1])


def test_entries_expire_unless_they_are_used() -> None:
    clock = Clock()
    store = Store(100, 9, 60.0, clock)
    used, unused = store.add(Entry(1)), store.add(Entry(1))
    clock.now = 59.0
    store.get(used)
    clock.now = 60.0
    assert held(store, [used, unused]) == [True, False]
    clock.now = 200.0
    store.expire()
    assert (len(store), store.nbytes) == (0, 0)


def test_ids_cannot_be_guessed() -> None:
    store = Store(1000, 100, 60.0)
    keys = {store.add(Entry(1)) for _ in range(50)}
    assert len(keys) == 50
    assert min(map(len, keys)) >= 32
