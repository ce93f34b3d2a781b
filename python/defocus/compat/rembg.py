"""The functions of rembg, made by `defocus`.

>>> from defocus.compat.rembg import new_session, remove
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from defocus.compat import results
from defocus.compat.inputs import source_of
from defocus.compat.networks import segmenter_of
from defocus.errors import DefocusWarning, OptionTypeError, type_of
from defocus.io.pillow import Image
from defocus.io.save import to_bytes
from defocus.models.segmenter import Segmenter
from defocus.options.compat import Colour, check_flags, colour_of
from defocus.options.network import Provider
from defocus.pipeline.cutout import cutout
from defocus.pipeline.find import read_and_find

__all__ = ["Session", "new_session", "remove"]

_Data = TypeVar("_Data", bytes, "Image.Image", NDArray[Any])

_FOLLOWS = "the edges of every matte follow the photograph"
_OF_SESSION = "pass session=new_session(...)"
_INSTEAD = MappingProxyType(
    {
        "alpha_matting": _FOLLOWS,
        "vitmatte": _FOLLOWS,
        "model": _OF_SESSION,
        "model_name": _OF_SESSION,
        "model_path": _OF_SESSION,
        "providers": _OF_SESSION,
        "sess_opts": _OF_SESSION,
    }
)


class Session:
    """A network for `remove`, kept between calls; `new_session` makes it.

    Threads may share it, and it can be pickled.  It works in a child made by fork.

    Parameters
    ----------
    model_name : str
        The name in rembg.
    segmenter : Segmenter
        The network.

    Examples
    --------
    >>> Session("u2net", Segmenter())
    Session('u2net')
    """

    def __init__(self, model_name: str, segmenter: Segmenter) -> None:
        self.model_name = model_name
        self.segmenter = segmenter

    def predict(self, img: Image.Image) -> list[Image.Image]:
        """Return the matte of an image.

        Parameters
        ----------
        img : PIL.Image.Image
            The photograph.

        Returns
        -------
        list of PIL.Image.Image
            One image of mode L, as `remove` gives it with `only_mask`.

        Raises
        ------
        DefocusError
            As for `remove`.
        """
        return [remove(img, session=self, only_mask=True)]

    def __repr__(self) -> str:
        return f"Session({self.model_name!r})"


def new_session(
    model_name: str = "u2net",
    providers: str | Sequence[Provider] | None = None,
    *,
    sess_opts: object = None,
    model_path: str | os.PathLike[str] | None = None,
    **ignored: object,
) -> Session:
    """Return the network of a name, for `remove`.

    Parameters
    ----------
    model_name : str, default "u2net"
        A name of rembg or of `defocus models list`.  The default of rembg is for non-commercial
        use only.
    providers : str or sequence, optional
        Execution providers of ONNX Runtime, best first (default: the CPU).  With the CPU among
        them, providers that are not installed are left out with a DefocusWarning.
    sess_opts : onnxruntime.SessionOptions, optional
        Its `intra_op_num_threads` is the number of threads.  The default is OMP_NUM_THREADS.
    model_path : path, optional
        The ONNX file for "u2net_custom", "dis_custom" and "ben_custom".
    **ignored
        Other options of rembg.  A DefocusWarning names them.

    Returns
    -------
    Session
        The network, which is built at its first use.

    Raises
    ------
    UnknownModelError
        No network has this name, or it is one of rembg that has no match here.
    ModelMissingError, LicenceError
        The file is not on this machine; the message names the command that downloads it.
    ProviderError, OptionError, OptionTypeError
        A provider is not installed, or an option has a wrong value.

    Examples
    --------
    >>> new_session("u2netp")
    Session('u2netp')
    """
    _warn(ignored)
    return Session(model_name, segmenter_of(model_name, providers, sess_opts, model_path))


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
    session: Session | Segmenter | None = None,
    only_mask: bool = False,
    post_process_mask: bool = False,
    decontaminate: bool = False,
    vitmatte: bool = False,
    vitmatte_model: str | None = None,
    bgcolor: Sequence[int] | None = None,
    force_return_bytes: bool = False,
    putalpha: bool = False,
    **ignored: object,
) -> bytes | Image.Image | NDArray[Any]:
    """Remove the background, with the arguments and results of rembg's `remove`.

    Results have 8 bits.  A photograph without a subject becomes transparent, with a
    DefocusWarning.

    Parameters
    ----------
    data : bytes, PIL.Image.Image or numpy.ndarray
        The photograph.
    alpha_matting, vitmatte : bool, default False
        Change nothing, with a DefocusWarning: the edges of every matte follow the photograph.
    alpha_matting_foreground_threshold, alpha_matting_background_threshold : int
        Change nothing.
    alpha_matting_erode_size, vitmatte_model : int and str
        Change nothing.
    session : Session or Segmenter, optional
        The result of `new_session`.  By default the process shares one with "u2net".
    only_mask : bool, default False
        Return the matte.
    post_process_mask : bool, default False
        Remove small specks of the matte, smooth its outline, and make it 0 or 255.
    decontaminate : bool, default False
        Changes nothing: colours of the edge are always those of the subject.
    bgcolor : (red, green, blue, alpha), optional
        Put the subject on this colour, 0 to 255 each.
    force_return_bytes : bool, default False
        Return the bytes of a PNG for every kind of input.
    putalpha : bool, default False
        Keep the colours of the photograph, also where it is transparent.
    **ignored
        Other options of rembg.  A DefocusWarning names them.

    Returns
    -------
    bytes, PIL.Image.Image or numpy.ndarray
        The kind of `data`; bytes are a PNG.  RGBA, or grey with `only_mask`.

    Raises
    ------
    ImageTypeError
        `data` is something else, such as a path.
    DefocusError
        As for `cutout`.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # black has no subject
    ...     made = remove(np.zeros((48, 64), np.uint8))
    >>> made.shape, made.max()
    ((48, 64, 4), np.uint8(0))
    """
    flags = {"alpha_matting": alpha_matting, "vitmatte": vitmatte, "decontaminate": decontaminate}
    flags |= {"only_mask": only_mask, "post_process_mask": post_process_mask, "putalpha": putalpha}
    check_flags({**flags, "force_return_bytes": force_return_bytes})
    colour = colour_of(bgcolor)
    source, segmenter = source_of(data), _segmenter(session)
    _warn({name: flags[name] for name in ("alpha_matting", "vitmatte") if flags[name]} | ignored)
    made = _made(source, segmenter, colour, only_mask, post_process_mask, putalpha)
    if force_return_bytes or isinstance(source, bytes):
        return to_bytes(made)
    return np.array(made) if isinstance(source, np.ndarray) else made


def _made(
    source: bytes | Image.Image | NDArray[Any],
    segmenter: Segmenter | None,
    colour: Colour | None,
    only_mask: bool,
    post_process_mask: bool,
    putalpha: bool,
) -> Image.Image:
    """The result as an image: L or RGBA."""
    photo, subject = read_and_find(source, segmenter=segmenter)
    photo = results.in_eight_bits(photo)
    cover: dict[str, Any] = {"subject": subject, "segmenter": segmenter}
    if not subject.found:
        text = "no subject found: the result is transparent"
        warnings.warn(text, DefocusWarning, stacklevel=3)
    if post_process_mask or not subject.found:
        cover = {"matte": results.two_values(subject.matte), "segmenter": segmenter}
    image: Any = photo
    if only_mask or putalpha:
        matte = cutout(image, matte_only=True, **cover)
        if only_mask:
            return matte  # type: ignore[no-any-return]
        made = results.with_own_colours(photo, matte)
    elif colour is not None and colour[3] == 255:
        return cutout(image, background=colour[:3], **cover).convert("RGBA")  # type: ignore[no-any-return]
    else:
        made = cutout(image, **cover)
    return made if colour is None or not colour[3] else results.on_colour(made, colour)


def _segmenter(session: object) -> Segmenter | None:
    found = session.segmenter if isinstance(session, Session) else session
    if found is not None and not isinstance(found, Segmenter):
        raise OptionTypeError(
            f"session is {type_of(session)}; expected the result of "
            "defocus.compat.rembg.new_session"
        )
    return found


def _warn(ignored: Mapping[str, object]) -> None:
    """Issue a DefocusWarning with what happens instead of each option."""
    if ignored:
        parts = [f"{name} ({_INSTEAD.get(name, 'it changes nothing')})" for name in ignored]
        warnings.warn(f"ignored: {'; '.join(parts)}", DefocusWarning, stacklevel=3)
