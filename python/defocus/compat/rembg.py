"""The functions of rembg, made by `defocus`.

>>> from defocus.compat.rembg import new_session, remove
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from defocus.errors import DefocusWarning, ImageTypeError, OptionError, OptionTypeError, shown
from defocus.io.pillow import Image
from defocus.io.save import to_bytes
from defocus.models.segmenter import Segmenter
from defocus.options.network import Provider
from defocus.pipeline.cutout import cutout
from defocus.pipeline.find import read_and_find

__all__ = ["new_session", "remove"]

_Data = TypeVar("_Data", bytes, "Image.Image", NDArray[Any])


def new_session(
    model_name: str = "u2net", providers: str | Sequence[Provider] | None = None, **ignored: object
) -> Segmenter:
    """Return the network of a name, for `remove`.

    Parameters
    ----------
    model_name : str, default "u2net"
        A name of `defocus models list`; most are those of rembg.
    providers : str or sequence, optional
        Execution providers, as for `Segmenter`.
    **ignored
        Other options of rembg.  A DefocusWarning names them.

    Returns
    -------
    Segmenter
        The network, which is built at its first use.

    Raises
    ------
    UnknownModelError
        No network has this name.
    ProviderError, OptionError, OptionTypeError
        As for `Segmenter`.

    Examples
    --------
    >>> new_session("u2netp")
    Segmenter('u2netp', threads=None)
    """
    _ignore(ignored)
    return Segmenter(model_name, providers=providers)


@overload
def remove(data: Any, *, force_return_bytes: Literal[True], **options: Any) -> bytes: ...
@overload
def remove(data: _Data, **options: Any) -> _Data: ...
@overload
def remove(data: Any, **options: Any) -> Any: ...
def remove(
    data: bytes | Image.Image | NDArray[Any],
    alpha_matting: bool = False,
    alpha_matting_foreground_threshold: int = 240,
    alpha_matting_background_threshold: int = 10,
    alpha_matting_erode_size: int = 10,
    session: Segmenter | None = None,
    only_mask: bool = False,
    post_process_mask: bool = False,
    bgcolor: tuple[int, int, int, int] | None = None,
    force_return_bytes: bool = False,
    **ignored: object,
) -> bytes | Image.Image | NDArray[Any]:
    """Remove the background, with the arguments and results of rembg's `remove`.

    A photograph without a subject becomes fully transparent.

    Parameters
    ----------
    data : bytes, PIL.Image.Image or numpy.ndarray
        The photograph.
    alpha_matting : bool, default False
        Changes nothing, with a DefocusWarning: every matte follows the photograph.
    alpha_matting_foreground_threshold, alpha_matting_background_threshold : int
        Change nothing.
    alpha_matting_erode_size : int
        Changes nothing.
    session : Segmenter, optional
        The result of `new_session`.  By default the process shares one.
    only_mask : bool, default False
        Return the matte.
    post_process_mask : bool, default False
        Make a matte of two values.
    bgcolor : (red, green, blue, alpha), optional
        Put the subject on this colour; alpha is 0 or 255.
    force_return_bytes : bool, default False
        Return the bytes of a PNG for every kind of input.
    **ignored
        Other options of rembg.  A DefocusWarning names them.

    Returns
    -------
    bytes, PIL.Image.Image or numpy.ndarray
        The kind of `data`; bytes are a PNG.  RGBA, or grey with `only_mask`.

    Raises
    ------
    DefocusError
        As for `cutout`.
    """
    if not isinstance(data, bytes | np.ndarray | Image.Image):
        raise ImageTypeError(
            f"data is a {type(data).__name__}; expected bytes, a PIL image or an array"
        )
    if alpha_matting:
        ignored["alpha_matting"] = True
    _ignore(ignored)
    colour = _colour(bgcolor)
    photo, subject = read_and_find(data, segmenter=session)
    cover: dict[str, Any] = {"subject": subject, "segmenter": session}
    if post_process_mask or not subject.found:
        cover = {"matte": subject.matte >= 0.5, "segmenter": session}
    if only_mask:
        made: Any = cutout(photo, matte_only=True, **cover)
    else:
        made = cutout(photo, background=colour, **cover)
        made = made if colour is None else _opaque(made)
    return to_bytes(made) if force_return_bytes or isinstance(data, bytes) else made


def _colour(bgcolor: Sequence[int] | None) -> tuple[int, ...] | None:
    """The colour without its alpha; None if it is transparent."""
    if bgcolor is None:
        return None
    if not isinstance(bgcolor, tuple | list):
        raise OptionTypeError(f"bgcolor={shown(bgcolor)}; expected (red, green, blue, alpha)")
    if len(bgcolor) != 4 or bgcolor[3] not in (0, 255):
        raise OptionError(
            f"bgcolor={shown(bgcolor)}; expected (red, green, blue, alpha), alpha 0 or 255"
        )
    return tuple(bgcolor[:3]) if bgcolor[3] else None


def _opaque(made: Any) -> Any:
    """RGB as RGBA, as rembg returns it."""
    if isinstance(made, np.ndarray):
        full = 1 if made.dtype.kind == "f" else np.iinfo(made.dtype).max
        return np.dstack([made, np.full(made.shape[:2], full, made.dtype)])
    return made.convert("RGBA")


def _ignore(options: dict[str, object]) -> None:
    if options:
        names = ", ".join(sorted(options))
        text = f"ignored: {names}; every matte follows the photograph without them"
        warnings.warn(text, DefocusWarning, stacklevel=3)
