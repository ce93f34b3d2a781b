"""The networks of rembg, under its names and with its options."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from defocus import models
from defocus.errors import (
    DefocusWarning,
    OptionError,
    OptionTypeError,
    ProviderError,
    UnknownModelError,
    shown,
    type_of,
)
from defocus.models.engines import available_providers
from defocus.models.segmenter import Segmenter
from defocus.models.spec import ModelSpec
from defocus.models.weights import candidates, locate
from defocus.options.network import CPU, Provider, check_providers, provider_key
from defocus.options.values import check_threads

__all__ = ["NAMES", "REFUSED", "segmenter_of"]

#: Names of rembg that are names here.
NAMES = (
    "birefnet-general",
    "birefnet-general-lite",
    "birefnet-portrait",
    "birefnet-dis",
    "birefnet-hrsod",
    "birefnet-cod",
    "birefnet-massive",
    "isnet-anime",
    "isnet-general-use",
    "silueta",
    "u2net_human_seg",
    "u2net",
    "u2netp",
    "bria-rmbg",
)

#: Names of rembg that are refused, and what to do.
REFUSED = MappingProxyType(
    {
        "birefnet-general-fp16": "use 'birefnet-general', the same network in 32 bits",
        "sam": "mark the subject instead: defocus.cutout(image, points=..., box=...)",
        "u2net_cloth_seg": "it divides clothes into classes, and defocus finds one subject",
        "withoutbg": "it is a service, and defocus sends no pictures elsewhere",
        "atlascloud": "it is a service, and defocus sends no pictures elsewhere",
    }
)

# Settings of the names that need `model_path`.
_CENTRED: dict[str, Any] = {
    "input_size": (1024, 1024),
    "mean": (0.5, 0.5, 0.5),
    "std": (1.0, 1.0, 1.0),
}
_CUSTOM: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {"u2net_custom": {"input_size": (320, 320)}, "dis_custom": _CENTRED, "ben_custom": _CENTRED}
)


def segmenter_of(
    model_name: str,
    providers: str | Sequence[Provider] | None,
    sess_opts: object,
    model_path: str | os.PathLike[str] | None,
) -> Segmenter:
    """The Segmenter of a name of rembg.

    Raises UnknownModelError or OptionError for names that are refused, ModelMissingError or
    LicenceError if the file is not here, and what `Segmenter` raises.
    """
    model = _model(model_name, model_path)
    segmenter = Segmenter(model, threads=_threads(sess_opts), providers=_present(providers))
    spec = segmenter.spec
    if spec.url and not any(path.is_file() for path in candidates(spec)):
        locate(spec)  # raises the error that names the command
    return segmenter


def _model(name: object, path: str | os.PathLike[str] | None) -> str | ModelSpec:
    if not isinstance(name, str):
        raise OptionTypeError(f"model_name={shown(name)}; expected a name such as 'u2net'")
    if name in REFUSED:
        raise UnknownModelError(f"model {name!r} of rembg has no match here; {REFUSED[name]}")
    if name not in _CUSTOM:
        if path is not None:
            raise OptionError(
                f"model_path={shown(path)} is for {', '.join(_CUSTOM)}; choose one of them"
            )
        return name
    if path is None:
        raise OptionError(f"model_name={name!r} needs model_path, the path of an ONNX file")
    if not isinstance(path, str | os.PathLike):
        raise OptionTypeError(f"model_path={shown(path)}; expected a path")
    file = Path(path).expanduser()
    # As rembg does: the output of any network is stretched to 0..1.
    spec = ModelSpec(file=file, name=name, activation="min-max", **_CUSTOM[name])
    return models.find(spec)


def _threads(sess_opts: object) -> int | None:
    """Threads of one inference: of the session options, else OMP_NUM_THREADS, as in rembg."""
    if sess_opts is None:
        given = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
        return max(1, int(given)) if given.isdecimal() else None
    threads = getattr(sess_opts, "intra_op_num_threads", None)
    if not isinstance(threads, int):
        raise OptionTypeError(
            f"sess_opts is {type_of(sess_opts)}; expected onnxruntime.SessionOptions"
        )
    if not threads:
        text = "ignored: sess_opts: only intra_op_num_threads of it is used, and it is not set"
        warnings.warn(text, DefocusWarning, stacklevel=4)
    return check_threads(threads or None)


def _present(providers: str | Sequence[Provider] | None) -> str | Sequence[Provider] | None:
    """The providers without those that this onnxruntime lacks, if the CPU is among them."""
    choice = check_providers(providers)
    keys = {provider_key(name) for name, _ in choice}
    if keys == {provider_key(CPU)}:
        return choice
    known = {provider_key(name) for name in available_providers()}
    absent = [name for name, _ in choice if provider_key(name) not in known]
    if not absent:
        return choice
    if provider_key(CPU) not in keys:
        raise ProviderError(
            f"providers: {', '.join(absent)} is not in this onnxruntime; install its package for "
            "your device, or add 'CPUExecutionProvider'"
        )
    text = f"providers: {', '.join(absent)} is not in this onnxruntime; the others run the network"
    warnings.warn(text, DefocusWarning, stacklevel=4)
    return [(name, options) for name, options in choice if name not in absent]
