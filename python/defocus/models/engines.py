"""Which engine builds a network: ONNX Runtime, or OpenVINO where the user has chosen it."""

from __future__ import annotations

from defocus.errors import ProviderError
from defocus.models import ModelSpec, openvino, session
from defocus.models.network import Network
from defocus.models.providers import is_cpu, resolve
from defocus.options.network import CPU, Choice, provider_key

__all__ = ["available_providers", "build", "chosen"]

_KEY = provider_key(openvino.NAME)


def available_providers() -> list[str]:
    """Full names of the providers of the installed onnxruntime, and OpenVINO if it is installed.

    A package of onnxruntime may have a provider of that name, which then comes first.
    """
    names = session.available_providers()
    if _KEY not in map(provider_key, names) and openvino.installed():
        names = [*names, openvino.NAME]
    return names


def chosen(choice: Choice) -> Choice:
    """The choice with full names.

    Raises ProviderError for a provider that is not installed, and for OpenVINO beside another one:
    it runs the whole network or none of it.  The CPU may follow it in the list, and is not used.
    """
    if is_cpu(choice):  # needs no import of onnxruntime
        return choice
    found = resolve(choice, available_providers())
    names = [name for name, _ in found]
    if openvino.NAME in names and names not in ([openvino.NAME], [openvino.NAME, CPU]):
        raise ProviderError(
            f"providers {', '.join(names)}: OpenVINO runs a whole network, not a part of it; "
            "name it alone"
        )
    return found


def build(spec: ModelSpec, threads: int, places: int, choice: Choice) -> Network:
    """The network of `spec`, run by the providers of `choice`, which is that of `chosen`.

    Raises the errors of `session.build` and `openvino.build`.
    """
    first, options = choice[0]
    if first == openvino.NAME:
        return openvino.build(spec, threads, places, options)
    return session.build(spec, threads, places, choice)
