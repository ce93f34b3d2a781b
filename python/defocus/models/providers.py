"""Execution providers of ONNX Runtime by their short and full names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from defocus.checks import shown
from defocus.errors import OptionTypeError, ProviderError

__all__ = ["CPU", "Choice", "Provider", "check_providers", "is_cpu", "resolve"]

Provider = str | tuple[str, Mapping[str, Any]]  # a name, or a name and the provider's options
Choice = tuple[tuple[str, dict[str, Any]], ...]  # what is settled: names with options, best first

CPU = "CPUExecutionProvider"
_SUFFIX = "executionprovider"
_OTHER_NAMES = {"directml": "dml", "trt": "tensorrt"}


def check_providers(providers: str | Sequence[Provider] | None) -> Choice:
    """The choice of providers with their names as given; None is the CPU.

    Raises OptionTypeError for what is no name, (name, options) or sequence of them, and
    ProviderError for an empty choice or one that names a provider twice.

    >>> check_providers(["cuda", ("cpu", {})])
    (('cuda', {}), ('cpu', {}))
    """
    if providers is None:
        return ((CPU, {}),)
    if isinstance(providers, str):
        providers = (providers,)
    wanted = (
        f"providers={shown(providers)}; expected a name such as 'cpu' or 'cuda', or a sequence of"
        " names and (name, options)"
    )
    if not isinstance(providers, Sequence):
        raise OptionTypeError(wanted)
    choice = []
    for provider in providers:
        name, options = (provider, {}) if isinstance(provider, str) else _pair(provider, wanted)
        if not isinstance(name, str) or not isinstance(options, Mapping):
            raise OptionTypeError(wanted)
        choice.append((name, dict(options)))
    names = [_short(name) for name, _ in choice]
    if not names or len({*names}) < len(names):
        raise ProviderError(f"{wanted}, each at most once")
    return tuple(choice)


def _pair(provider: Any, wanted: str) -> tuple[Any, Any]:
    if not isinstance(provider, tuple) or len(provider) != 2:
        raise OptionTypeError(wanted)
    return provider


def resolve(choice: Choice, available: Iterable[str]) -> Choice:
    """The choice with the full names of the installed providers.

    Raises ProviderError for a provider that is not installed.

    >>> resolve((("cpu", {}),), ["CUDAExecutionProvider", "CPUExecutionProvider"])
    (('CPUExecutionProvider', {}),)
    """
    known = {_short(full): full for full in available}
    for name, _ in choice:
        if _short(name) not in known:
            raise ProviderError(
                f"provider {name!r} is not in this onnxruntime, which has {', '.join(known)}; "
                "choose one of them, or install the onnxruntime package for your device"
            )
    return tuple((known[_short(name)], options) for name, options in choice)


def is_cpu(choice: Choice) -> bool:
    """Whether the choice is only the CPU, which every onnxruntime has."""
    return [_short(name) for name, _ in choice] == [_short(CPU)]


def _short(name: str) -> str:
    lower = name.lower().removesuffix(_SUFFIX)
    return _OTHER_NAMES.get(lower, lower)
