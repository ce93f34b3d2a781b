"""The fields of a `ModelSpec`, and the execution providers of a `Segmenter`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, Literal, TypeAlias, get_args

from defocus.errors import OptionError, OptionTypeError, ProviderError, shown
from defocus.options import checks

__all__ = [
    "CPU",
    "Activation",
    "Channels",
    "Choice",
    "Provider",
    "check_channels",
    "check_divisor",
    "check_file",
    "check_origin",
    "check_output",
    "check_providers",
    "check_short_edge",
    "check_threshold",
    "input_size",
    "provider_key",
    "three",
]

Activation = Literal["none", "sigmoid", "min-max"]
Channels = Literal["rgb", "bgr"]
# A name, or a name and the options of the provider.
Provider: TypeAlias = str | tuple[str, Mapping[str, Any]]
# Names with options, best first.
Choice: TypeAlias = tuple[tuple[str, dict[str, Any]], ...]

CPU = "CPUExecutionProvider"
_SUFFIX = "executionprovider"
_OTHER_NAMES = {"directml": "dml", "trt": "tensorrt"}


def check_file(file: object) -> str:
    """The path of an ONNX file as a string.  Raises OptionTypeError."""
    if not isinstance(file, (str, os.PathLike)) or not os.fspath(file):
        raise OptionTypeError(f"file={shown(file)} is no path; expected that of an ONNX file")
    return str(os.fspath(file))


def check_origin(fields: Mapping[str, Any]) -> None:
    """Check what a ModelSpec says about its file: OptionTypeError or OptionError."""
    for field in ("name", "licence", "source", "url", "sha256", "md5"):
        checks.text(field, fields[field], "expected a string")
    for field, digits in (("sha256", 64), ("md5", 32)):
        if fields[field] and not re.fullmatch(f"[0-9a-f]{{{digits}}}", fields[field]):
            raise OptionError(
                f"{field}={shown(fields[field])} is not {digits} lower-case hexadecimal digits"
            )
    for field in ("size", "memory"):
        checks.whole(field, fields[field], 0, unit="bytes")
    checks.flag("non_commercial", fields["non_commercial"])


def check_output(output: object, activation: object) -> None:
    """Check the output of a ModelSpec and its activation: OptionTypeError or OptionError."""
    if output is not None:
        checks.text("output", output, "expected a name or None")
    checks.choice("activation", activation, get_args(Activation))


def check_channels(channels: object) -> None:
    """Refuse an unknown order of channels: OptionTypeError or OptionError."""
    checks.choice("channels", channels, get_args(Channels))


def check_short_edge(short_edge: object, multiple: object, size: object) -> None:
    """Check the size of an input that keeps the proportions: OptionTypeError or OptionError."""
    step = checks.whole("multiple", multiple, 1, unit="pixels")
    if short_edge is None:
        return
    edge = checks.whole("short_edge", short_edge, 1, unit="pixels")
    if size is not None:
        raise OptionError(f"input_size={size} and short_edge={edge}; give one of them")
    if edge % step:
        raise OptionError(f"short_edge={edge} is no multiple of {step}, which is multiple={step}")


def input_size(size: object) -> tuple[int, int]:
    """A width and a height as plain ints.  Raises OptionTypeError or OptionError."""
    width, height = _numbers("input_size", size, 2, "of 1 or more", lambda v: v >= 1)
    if width != int(width) or height != int(height):
        raise OptionError(f"input_size={shown(size)} is not whole pixels")
    return int(width), int(height)


def three(name: str, values: object, *, above_zero: bool) -> tuple[float, float, float]:
    """Three finite numbers, one for each channel.  Raises OptionTypeError or OptionError."""
    if above_zero:
        found = _numbers(name, values, 3, "above 0", lambda v: v > 0.0)
    else:
        found = _numbers(name, values, 3, "", lambda v: True)
    return found[0], found[1], found[2]


def check_divisor(divisor: object) -> None:
    """Refuse what is neither None nor a number above 0: OptionTypeError or OptionError."""
    if divisor is not None:
        _numbers("divisor", [divisor], 1, "above 0", lambda v: v > 0.0)


def check_threshold(threshold: object) -> None:
    """Refuse what is not a number from 0 to 1: OptionTypeError or OptionError."""
    _numbers("subject_threshold", [threshold], 1, "of 0 to 1", lambda v: 0.0 <= v <= 1.0)


def _numbers(name: str, values: object, count: int, within: str, test: Any) -> tuple[Any, ...]:
    """`values` as a tuple, all of them real numbers that pass `test`."""
    wanted = f"expected {count} finite number{'s' * (count > 1)} {within}".rstrip()
    try:
        found = tuple(values) if isinstance(values, Iterable) else None
    except TypeError:
        found = None
    if found is None or any(isinstance(v, bool) or not isinstance(v, Real) for v in found):
        raise OptionTypeError(f"{name}={shown(values)}; {wanted}")
    if len(found) != count or not all(abs(value) < 1e300 and test(value) for value in found):
        raise OptionError(f"{name}={shown(values)}; {wanted}")
    return found


def check_providers(providers: str | Sequence[Provider] | None) -> Choice:
    """The choice of providers with their names as given; None is the CPU.

    Raises OptionTypeError for a value that is not a name, (name, options) or a sequence of them.
    Raises ProviderError for an empty choice, or one that names a provider twice.

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
        if not all(isinstance(option, str) for option in options):
            raise OptionTypeError(f"{wanted}; names of options are strings")
        choice.append((name, dict(options)))
    names = [provider_key(name) for name, _ in choice]
    if not names or len({*names}) < len(names):
        raise ProviderError(f"{wanted}, each at most once")
    return tuple(choice)


def _pair(provider: Any, wanted: str) -> tuple[Any, Any]:
    if not isinstance(provider, tuple) or len(provider) != 2:
        raise OptionTypeError(wanted)
    return provider


def provider_key(name: str) -> str:
    """What the names of one provider have in common: "cuda" of "CUDAExecutionProvider"."""
    lower = name.lower().removesuffix(_SUFFIX)
    return _OTHER_NAMES.get(lower, lower)
