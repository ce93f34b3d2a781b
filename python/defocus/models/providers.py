"""Providers by their short and full names."""

from __future__ import annotations

from collections.abc import Iterable

from defocus.errors import ProviderError
from defocus.options.network import CPU, Choice, provider_key

__all__ = ["is_cpu", "resolve"]

_PACKAGES = {"openvino": 'OpenVINO: pip install "defocus[openvino]"'}


def resolve(choice: Choice, available: Iterable[str]) -> Choice:
    """The choice with the full names of the installed providers.

    Raises ProviderError for a provider that is not installed.

    >>> resolve((("cpu", {}),), ["CUDAExecutionProvider", "CPUExecutionProvider"])
    (('CPUExecutionProvider', {}),)
    """
    known = {provider_key(full): full for full in available}
    for name, _ in choice:
        if provider_key(name) not in known:
            package = _PACKAGES.get(provider_key(name), "the onnxruntime package for your device")
            raise ProviderError(
                f"provider {name!r} is not in this installation, which has {', '.join(known)}; "
                f"choose one of them, or install {package}"
            )
    return tuple((known[provider_key(name)], options) for name, options in choice)


def is_cpu(choice: Choice) -> bool:
    """Whether the choice is only the CPU, which every onnxruntime has."""
    return [provider_key(name) for name, _ in choice] == [provider_key(CPU)]
