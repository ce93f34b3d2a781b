"""The networks that defocus knows: the embedded ones, and published ones to download."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from defocus.errors import ModelMissingError, UnknownModelError, shown
from defocus.models.names import meant
from defocus.models.published import PUBLISHED
from defocus.models.spec import ModelSpec
from defocus.models.weights import locate

__all__ = ["DEFAULT_MODEL", "MODELS", "ModelSpec", "entry", "find", "locate"]


DEFAULT_MODEL = "u2net"

#: All known networks by name.  The mapping cannot be changed.
MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        "u2net": ModelSpec(
            name="u2net",
            file="u2net.onnx",
            memory=206_000_000,
            sha256="772938f46cbaac71f9e579a0fa54466281aa942bf657332840b2833d291afc37",
            licence="Apache-2.0",
            source="U-2-Net by Xuebin Qin et al., in 8 bits; made by tools/build_models.py",
            input_size=(320, 320),
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
            # Measured by bench/quality/masks.py.  Of 100 photos with a subject 5 are below, with
            # maxima up to .41; the next is .99.  Of 65 parts without a subject 46 are below, and 1
            # of 5 empty scenes; the others have maxima of 1.
            subject_threshold=0.9,
        ),
        "u2netp": ModelSpec(
            name="u2netp",
            file="u2netp.onnx",
            memory=173_000_000,
            sha256="3f9bbf8623ba4b3d42ea3bfd10511c46dd1431b65b591a827d521a67d76ac55b",
            licence="Apache-2.0",
            source="U-2-Net by Xuebin Qin et al., small network in 8 bits; made by "
            "tools/build_models.py",
            input_size=(320, 320),
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
            # Likewise: 5 of 100 subjects are below, all with a wrong mask (IoU at most .13).  The
            # first with an IoU of .5 has a maximum of .98.  Of 65 parts without a subject 42 are
            # below, and 2 of 5 empty scenes; the others have maxima of 1.
            subject_threshold=0.9,
        ),
        **{spec.name: spec for spec in PUBLISHED},
    }
)


def entry(name: str) -> ModelSpec:
    """Return the known network of a name.

    Parameters
    ----------
    name : str
        One of `MODELS`.

    Returns
    -------
    ModelSpec
        The network.

    Raises
    ------
    UnknownModelError
        If no network has this name.

    Examples
    --------
    >>> entry("u2netp").input_size
    (320, 320)
    """
    try:
        return MODELS[name]
    except (KeyError, TypeError):
        raise UnknownModelError(_unknown(name)) from None


def find(model: str | os.PathLike[str] | ModelSpec) -> ModelSpec:
    """Return the network of a name, a path or a ModelSpec.

    Parameters
    ----------
    model : str, path or ModelSpec
        A name of `MODELS`, the path of an ONNX file, or a ModelSpec.  A string is a path if it ends
        in ".onnx" or contains a folder separator.

    Returns
    -------
    ModelSpec
        The network.  The path of an own file is absolute.

    Raises
    ------
    UnknownModelError
        If no network has this name.
    ModelMissingError
        If there is no file at the path.

    Examples
    --------
    >>> find("u2netp") is entry("u2netp")
    True
    """
    if isinstance(model, ModelSpec):
        # A known network with other settings still has its file in the package or the cache.
        known = MODELS.get(model.name)
        return model if known and _identity(known) == _identity(model) else _own(model)
    if isinstance(model, os.PathLike) or _names_a_path(model):
        return _own(ModelSpec(file=model))
    return entry(model)


def _names_a_path(model: object) -> bool:
    if not isinstance(model, str) or model in MODELS:
        return False
    return model.lower().endswith(".onnx") or bool({"/", os.sep} & {*model})


def _own(spec: ModelSpec) -> ModelSpec:
    """The spec with an absolute path, which does not depend on the current folder."""
    path = Path(spec.file).absolute()
    # Methods of Path would raise for a name that is too long.
    if not os.path.isfile(path):  # noqa: PTH113
        found = "is not a file" if os.path.exists(path) else "does not exist"  # noqa: PTH110
        raise ModelMissingError(
            f"model file {str(spec.file)!r} {found}; expected an ONNX file, or one of the names "
            f"{', '.join(MODELS)}"
        )
    return dataclasses.replace(spec, file=path)


def _identity(spec: ModelSpec) -> tuple[object, ...]:
    return spec.file, spec.sha256, spec.url


def _unknown(name: object) -> str:
    near = meant(name, MODELS)
    if near is not None:
        return f"unknown model {shown(name)}; did you mean {near!r}? 'defocus models list' has all"
    known = ", ".join(MODELS)
    return (
        f"unknown model {shown(name)}; known models: {known}; choose one, or give a path to an "
        "ONNX file"
    )
