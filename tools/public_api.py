"""Every public name with its signature, for tests/rules/public_api.txt.

    python -m tools.public_api > tests/rules/public_api.txt

A change of the public interface shows as a change of that file.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_args

import defocus
import defocus.compat.rembg
import defocus.ray
from defocus import aio, errors, kernels, models
from defocus.models import pull

MODULES: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (defocus, ("map",)),
    (aio, ()),
    (errors, ()),
    (kernels, ()),
    (models, ()),
    (pull, ()),
    (defocus.compat.rembg, ()),
    (defocus.ray, ()),
)


def lines() -> Iterator[str]:
    """The public names, with each parameter on a line of its own."""
    for module, more in MODULES:
        for name in sorted({*module.__all__, *more}):
            yield from _described(f"{module.__name__}.{name}", getattr(module, name))


def _described(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, type) and issubclass(value, BaseException):
        yield f"{name}({', '.join(base.__name__ for base in value.__bases__)})"
    elif get_args(value):
        kinds = (
            getattr(kind, "__forward_arg__", None) or kind.__name__ for kind in get_args(value)
        )
        yield f"{name} = {' | '.join(kinds)}"
    elif callable(value):
        yield from _called(name, value)
        if isinstance(value, type):
            yield from _members(name, value)
    else:
        yield f"{name}: {type(value).__name__}"


def _members(name: str, kind: type) -> Iterator[str]:
    """The methods and properties that the class defines itself."""
    for member, value in sorted(vars(kind).items()):
        if member.startswith("_") and member != "__call__":
            continue
        if isinstance(value, (classmethod, staticmethod)) or inspect.isfunction(value):
            yield from _called(f"{name}.{member}", getattr(kind, member))
        elif hasattr(value, "__get__"):
            yield f"{name}.{member}"


def _called(name: str, value: Any) -> Iterator[str]:
    """The name, what it gives, and a line for each parameter."""
    signature = inspect.signature(value)
    given = "" if isinstance(value, type) else f" -> {signature.return_annotation}"
    yield f"{name}(){given}"
    keywords = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keywords:
            keywords = True
            yield "    *"
        if parameter.name not in ("self", "cls"):
            yield f"    {_parameter(parameter)}"


def _parameter(parameter: inspect.Parameter) -> str:
    stars = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
    text = f"{stars}{parameter.name}: {parameter.annotation}"
    if parameter.default is parameter.empty:
        return text
    return f"{text} = {getattr(parameter.default, '__name__', repr(parameter.default))}"


if __name__ == "__main__":
    print("\n".join(lines()))
