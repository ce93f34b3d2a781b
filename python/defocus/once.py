"""Properties that are computed at their first use and then kept, without a lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["once"]

_Owner = TypeVar("_Owner")
_Value = TypeVar("_Value")


class once(Generic[_Owner, _Value]):  # noqa: N801  # used as `property` is
    """As `functools.cached_property`, which up to Python 3.11 holds one lock for all objects.

    With it one photograph would wait for another, and a process made by fork for ever.  Of two
    threads that come at the same time both compute, and both get the value of the first.

    >>> class Circle:
    ...     @once
    ...     def area(self):
    ...         return 3.14
    >>> Circle().area
    3.14
    """

    def __init__(self, compute: Callable[[_Owner], _Value]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> once[_Owner, _Value]: ...
    @overload
    def __get__(self, owner: _Owner, kind: type) -> _Value: ...
    def __get__(self, owner: Any, kind: type) -> Any:
        """The value of `owner`."""
        if owner is None:
            return self
        return vars(owner).setdefault(self._name, self._compute(owner))
