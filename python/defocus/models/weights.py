"""Finds the file of a network, and verifies it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from defocus.errors import LicenceError, ModelError, ModelMissingError
from defocus.forks import unforked
from defocus.models.spec import ModelSpec

__all__ = [
    "candidates",
    "copies",
    "damage",
    "digest",
    "folder",
    "hasher",
    "locate",
    "mismatch",
    "remedy",
    "unaccepted",
]

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

EMBEDDED = Path(__file__).parent


def folder(platform: str = sys.platform) -> Path:
    """The folder of downloaded files: DEFOCUS_MODELS, else one in the user's cache folder.

    It may not exist.  `platform` is `sys.platform`, except in tests.
    """
    own = os.environ.get("DEFOCUS_MODELS")
    if own:
        return _path(own)
    if platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return _path(base) / "defocus" / "models"


def candidates(spec: ModelSpec) -> list[Path]:
    """The paths where the file of `spec` may be, in the order of the search.

    An own file has an absolute path, and an embedded one lies beside this module.  A published one
    lies in `folder()` or in a folder of rembg.  One for non-commercial use lies only in `folder()`,
    where it is put after its licence was accepted.
    """
    file = Path(spec.file)
    if file.is_absolute() or not spec.url:
        return [EMBEDDED / file]
    return [folder() / file] if spec.non_commercial else [folder() / file, *copies(spec)]


def copies(spec: ModelSpec) -> list[Path]:
    """The paths where rembg may have put the file of a published network."""
    return [*_of_rembg(Path(spec.file))]


def _of_rembg(file: Path) -> Iterator[Path]:
    """The paths of rembg: a folder for each model since late 2026, before that one folder."""
    home, data = os.environ.get("U2NET_HOME"), os.environ.get("XDG_DATA_HOME")
    root = home or os.environ.get("REMBG_HOME") or (f"{data}/rembg" if data else "~/.rembg")
    yield _path(root) / "models" / file.stem / file
    yield _path(home or f"{data or '~'}/.u2net") / file


def _path(text: str) -> Path:
    return Path(os.path.expanduser(text))  # noqa: PTH111 -- Path.expanduser raises without a home


def damage(path: Path, spec: ModelSpec) -> str | None:
    """A message what is wrong with the file at `path`, or None if it fits `spec`.

    Raises OSError if it cannot be read.
    """
    with unforked:
        from mmap import ACCESS_READ, mmap  # with hashlib, too slow for `import defocus`

    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0 or (spec.size and size != spec.size):
            wanted = f"{spec.size} bytes" if spec.size else "an ONNX file"
            return f"expected {wanted}, found {size} bytes"
        expected = digest(spec)[1]
        if not expected:
            return None
        # Mapped instead of read, because ONNX Runtime maps the same pages a moment later.
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            hash_ = hasher(spec)
            hash_.update(data)
            found = hash_.hexdigest()
    return None if found == expected else mismatch(spec, found)


def digest(spec: ModelSpec) -> tuple[str, str]:
    """The kind and the hexadecimal digits of the digest that is checked; both may be empty.

    >>> digest(ModelSpec(file="a.onnx", md5="0" * 32))[0]
    'MD5'
    """
    if spec.sha256:
        return "SHA-256", spec.sha256
    return ("MD5", spec.md5) if spec.md5 else ("", "")


def hasher(spec: ModelSpec) -> Hash:
    """A new hash of the kind that is checked."""
    with unforked:
        import hashlib

    if digest(spec)[0] == "MD5":  # against damage; it is not proof against forgery
        return hashlib.md5(usedforsecurity=False)
    return hashlib.sha256()


def mismatch(spec: ModelSpec, found: str) -> str:
    """A message about a file whose digest is `found`."""
    kind, expected = digest(spec)
    return f"expected {kind} {expected[:12]}..., found {found[:12]}..."


def locate(spec: ModelSpec) -> Path:
    """Find the file of a network, and verify its digest.

    Parameters
    ----------
    spec : ModelSpec
        The network.

    Returns
    -------
    Path
        The verified file.

    Raises
    ------
    ModelMissingError
        If there is no file.
    LicenceError
        If there is none because its licence, for non-commercial use, was not accepted.
    ModelError
        If the file cannot be read or is damaged.  All messages name a remedy.

    Examples
    --------
    >>> from defocus.models import MODELS
    >>> locate(MODELS["u2netp"]).name
    'u2netp.onnx'
    """
    error: ModelError | None = None
    for path in candidates(spec):
        try:
            fault = damage(path, spec)
        except FileNotFoundError:
            continue
        except OSError as reason:
            fault = f"cannot be read ({reason.strerror or type(reason).__name__})"
        if fault is None:
            return path
        error = error or ModelError(
            f"model {spec.name!r}: {path.name} is damaged: {fault}; {remedy(spec)}"
        )
    if error is not None:
        raise error
    if spec.non_commercial:
        raise unaccepted(spec)
    raise ModelMissingError(
        f"model {spec.name!r}: {spec.file} is not on this machine; {remedy(spec)}"
    )


def remedy(spec: ModelSpec) -> str:
    """What a user can do if the file of `spec` is missing or damaged."""
    if Path(spec.file).is_absolute():
        return "give the path of a working ONNX file, with a ModelSpec for its input and output"
    if spec.url:
        accepting = " --accept-licence" if spec.non_commercial else ""
        return f"run: defocus models pull {spec.name}{accepting}"
    return "reinstall defocus"


def unaccepted(spec: ModelSpec) -> LicenceError:
    """The error for a network whose licence excludes commercial use and was not accepted."""
    return LicenceError(
        f"model {spec.name!r} has the licence {spec.licence}, which excludes commercial use; if "
        f"that suits you, {remedy(spec)}, or call pull(..., accept_licence=True)"
    )
