"""The networks that defocus knows: embedded ones, and published ones that can be pulled."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from defocus.checks import shown
from defocus.errors import ModelMissingError, UnknownModelError
from defocus.forks import unforked
from defocus.models.published import PUBLISHED
from defocus.models.spec import ModelSpec
from defocus.models.weights import locate

__all__ = ["DEFAULT_MODEL", "MODELS", "ModelSpec", "entry", "find", "locate"]


DEFAULT_MODEL = "u2net"

MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        "u2net": ModelSpec(
            name="u2net",
            file="u2net.onnx",
            sha256="772938f46cbaac71f9e579a0fa54466281aa942bf657332840b2833d291afc37",
            licence="Apache-2.0",
            source="U-2-Net by Xuebin Qin et al., in 8 bits; made by tools/build_models.py",
            input_size=(320, 320),
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
            # Measured by bench/quality/masks.py: of 100 photographs with a subject this refuses 5,
            # in which the network finds nothing (maxima up to .41; the next is .99); of 65
            # subject-free parts of them it catches 46, and 1 of 5 empty scenes, the others having
            # maxima of 1.
            subject_threshold=0.9,
        ),
        "u2netp": ModelSpec(
            name="u2netp",
            file="u2netp.onnx",
            sha256="3f9bbf8623ba4b3d42ea3bfd10511c46dd1431b65b591a827d521a67d76ac55b",
            licence="Apache-2.0",
            source="U-2-Net by Xuebin Qin et al., small network in 8 bits; made by "
            "tools/build_models.py",
            input_size=(320, 320),
            mean=(0.485, 0.456, 0.406),
            std=(0.229, 0.224, 0.225),
            # Likewise: this refuses 5 of 100 subjects, all of which the network gets wrong (IoU at
            # most .13; the first with an IoU of .5 has a maximum of .98); of 65 subject-free parts
            # of them it catches 42, and 2 of 5 empty scenes, the other 3 having maxima of 1.
            subject_threshold=0.9,
        ),
        **{spec.name: spec for spec in PUBLISHED},
    }
)


def entry(name: str) -> ModelSpec:
    """The network of that name.

    Raises UnknownModelError where there is none.

    >>> entry("u2netp").input_size
    (320, 320)
    """
    try:
        return MODELS[name]
    except (KeyError, TypeError):
        raise UnknownModelError(_unknown(name)) from None


def find(model: str | os.PathLike[str] | ModelSpec) -> ModelSpec:
    """The network called `model`, or that of the user's own: a path to its file, or a ModelSpec.

    A string is a path if it ends in ".onnx" or names a folder on the way.

    Raises UnknownModelError for an unknown name, ModelMissingError for a path without a file.

    >>> find("u2netp") is entry("u2netp")
    True
    """
    if isinstance(model, ModelSpec):
        # An entry stays one when only the way to use it is changed.
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
    """The spec with an absolute path, which stays right when the current folder changes."""
    path = Path(spec.file).absolute()
    if not path.is_file():
        found = "is not a file" if path.exists() else "does not exist"
        raise ModelMissingError(
            f"model file {str(spec.file)!r} {found}; expected an ONNX file, or one of the names "
            f"{', '.join(MODELS)}"
        )
    return dataclasses.replace(spec, file=path)


def _identity(spec: ModelSpec) -> tuple[object, ...]:
    return spec.file, spec.sha256, spec.url


def _unknown(name: object) -> str:
    with unforked:
        from difflib import get_close_matches  # only errors need it

    known = ", ".join(MODELS)
    near = get_close_matches(str(name).lower(), MODELS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "choose one, or give a path to an ONNX file"
    return f"unknown model {shown(name)}; known models: {known}; {hint}"
