"""The networks that defocus knows, and the weights that ship with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from defocus.errors import ModelError, UnknownModelError

__all__ = ["DEFAULT_MODEL", "MODELS", "ModelSpec", "find", "load"]


@dataclass(frozen=True)
class ModelSpec:
    """What defocus knows of one network.

    `file` lies beside this module and has the SHA-256 `sha256`.  `input_size` is the width and
    height in pixels of the image the network takes; `mean` and `std` normalise its red, green
    and blue after the image's largest value has been scaled to 1.  Where even the largest value
    of the network's map is below `subject_threshold` (0..1), the photograph holds no subject.
    """

    name: str
    file: str
    sha256: str
    licence: str
    source: str
    input_size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    subject_threshold: float


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
            # Measured by bench/score_masks.py: of 100 photographs with a subject this refuses 5, in
            # which the network finds nothing (maxima up to .41; the next is .99); of 65
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
    }
)


def find(name: str) -> ModelSpec:
    """The network called `name`.

    Raises UnknownModelError where there is none.

    >>> find("u2netp").input_size
    (320, 320)
    """
    try:
        return MODELS[name]
    except (KeyError, TypeError):
        raise UnknownModelError(_unknown(name)) from None


def _unknown(name: object) -> str:
    from difflib import get_close_matches  # only errors need it

    known = ", ".join(MODELS)
    near = get_close_matches(str(name).lower(), MODELS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "choose one of them"
    return f"unknown model {name!r}; known models: {known}; {hint}"


def load(spec: ModelSpec) -> bytes:
    """The network's file, checked against its SHA-256.

    Raises ModelError where the file is missing or is not what the registry says.

    >>> len(load(find("u2netp")))
    1353858
    """
    from hashlib import sha256  # with importlib.resources, too slow for `import defocus`
    from importlib.resources import files

    try:
        data = files(__name__).joinpath(spec.file).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(
            f"model {spec.name!r}: cannot read {spec.file} ({reason}); expected a file with "
            f"SHA-256 {spec.sha256[:12]}...; reinstall defocus"
        ) from error
    found = sha256(data).hexdigest()
    if found != spec.sha256:
        raise ModelError(
            f"model {spec.name!r}: {spec.file} is damaged: expected SHA-256 "
            f"{spec.sha256[:12]}..., found {found[:12]}...; reinstall defocus"
        )
    return data
