"""Where the networks' files lie, and whether they are what the registry says."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from defocus.errors import ModelError, ModelMissingError
from defocus.forks import unforked
from defocus.models.spec import ModelSpec

__all__ = ["candidates", "damage", "folder", "locate", "remedy"]

EMBEDDED = Path(__file__).parent


def folder(platform: str = sys.platform) -> Path:
    """The folder that pulled files go to: DEFOCUS_MODELS, else in the user's cache folder.

    It need not exist.  `platform` is that of `sys`; tests give another one.
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
    """The places where the file of `spec` may lie, in the order they are tried.

    A file of the user's own has an absolute path; an embedded one lies beside this module; a
    published one in `folder()`, or where rembg has put it.
    """
    file = Path(spec.file)
    if file.is_absolute() or not spec.url:
        return [EMBEDDED / file]
    return [folder() / file, *_of_rembg(file)]


def _of_rembg(file: Path) -> Iterator[Path]:
    """Where rembg keeps `file`: versions from late 2026 in a folder a model, earlier ones flat."""
    home, data = os.environ.get("U2NET_HOME"), os.environ.get("XDG_DATA_HOME")
    root = home or os.environ.get("REMBG_HOME") or (f"{data}/rembg" if data else "~/.rembg")
    yield _path(root) / "models" / file.stem / file
    yield _path(home or f"{data or '~'}/.u2net") / file


def _path(text: str) -> Path:
    return Path(os.path.expanduser(text))  # noqa: PTH111 -- Path's own raises without a home


def damage(path: Path, spec: ModelSpec) -> str | None:
    """What is wrong with the file at `path`, in words; None if it is what `spec` says.

    Raises OSError where it cannot be read.
    """
    with unforked:
        from hashlib import sha256  # with mmap, too slow for `import defocus`
        from mmap import ACCESS_READ, mmap

    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0 or (spec.size and size != spec.size):
            wanted = f"{spec.size} bytes" if spec.size else "an ONNX file"
            return f"expected {wanted}, found {size} bytes"
        if not spec.sha256:
            return None
        # Mapped, not read: the network's builder maps the same pages a moment later.
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            found = sha256(data).hexdigest()
    if found == spec.sha256:
        return None
    return f"expected SHA-256 {spec.sha256[:12]}..., found {found[:12]}..."


def locate(spec: ModelSpec) -> Path:
    """The path of the network's file, after a check of its SHA-256.

    Raises ModelMissingError where there is no file, and ModelError where it cannot be read or is
    damaged; both say what to do.
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
    raise ModelMissingError(
        f"model {spec.name!r}: {spec.file} is not on this machine; {remedy(spec)}"
    )


def remedy(spec: ModelSpec) -> str:
    """What a user can do about the file of `spec`."""
    if Path(spec.file).is_absolute():
        return "give the path of a working ONNX file of the U-2-Net family"
    if spec.url:
        return f"run: defocus models pull {spec.name}"
    return "reinstall defocus"
