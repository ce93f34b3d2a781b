"""Predicts the mask: runs the network on the network view of a photo."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from defocus import models, warmup
from defocus.errors import ImageTypeError, type_of
from defocus.models import DEFAULT_MODEL, ModelSpec, interface
from defocus.models.engines import build, chosen
from defocus.models.network import Network, reported
from defocus.models.providers import is_cpu
from defocus.models.view import View
from defocus.options.network import Choice, Provider, check_providers
from defocus.options.values import check_threads
from defocus.pixels.arrays import as_rgb
from defocus.pixels.samples import Pixels, to_bytes
from defocus.threads import available_threads, effective_threads
from defocus.timing import stage

__all__ = ["Segmenter", "mask_of"]


class _Slot:
    """The built network, and the lock under which one thread builds it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.network: Network | None = None
        _slots.add(self)

    def abandon(self) -> None:
        """Forget the network without destroying it.

        A child made by fork has no threads of the network.  To destroy the network, also at exit,
        it would wait for them for ever.  The lock may be held by a thread that the child lacks.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.network))
        self.lock = threading.Lock()
        self.network = None


_slots: weakref.WeakSet[_Slot] = weakref.WeakSet()  # abandoned in a child made by fork


def _after_fork() -> None:
    for slot in _slots:
        slot.abandon()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_after_fork)


class Segmenter:
    """The network that finds the subject, kept between photos.

    The network is built at the first use.  Several threads may share one Segmenter; as many
    inferences run in parallel as there are threads for.  It works in a child made by fork.  It can
    be pickled, without the network.

    Parameters
    ----------
    model : str, path or ModelSpec
        A name from `defocus models list`, the path of an ONNX file, or a ModelSpec (default:
        "u2net").
    threads : int, optional
        Threads of one inference; 1 or more (default: all that the process may use, which is also
        the upper limit).
    providers : str or sequence of str or (str, dict), optional
        What runs the network: execution providers of ONNX Runtime, best first, such as "cuda" or
        ("coreml", options), or "openvino" (default: the CPU).  The CPU runs what the others cannot
        only if "cpu" is in the list.

    Raises
    ------
    UnknownModelError
        If no network has this name.
    ModelMissingError
        If there is no file at the path.
    OptionTypeError, OptionError
        If `threads` or `providers` has a wrong type or value.
    ProviderError
        If a provider is not installed.

    Examples
    --------
    >>> segmenter = Segmenter(threads=1)
    >>> segmenter
    Segmenter('u2net', threads=1)
    >>> mask = segmenter.mask(np.zeros((320, 320, 3), np.uint8))
    >>> mask.shape, str(mask.dtype)
    ((320, 320), 'float32')
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | ModelSpec = DEFAULT_MODEL,
        *,
        threads: int | None = None,
        providers: str | Sequence[Provider] | None = None,
    ) -> None:
        self._spec = models.find(model)
        self._threads = check_threads(threads)
        self._choice = chosen(check_providers(providers))
        self._slot = _Slot()

    @property
    def spec(self) -> ModelSpec:
        """File, input and output of the network, as known before the file is read."""
        return self._spec

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the network view and of the mask, in pixels.

        If only the file has them, the network is built, with the errors of `mask`.  For a network
        that keeps the proportions of the photo it is the size for a square one.
        """
        edge = self._spec.short_edge
        if edge is not None:
            return edge, edge
        return self._spec.input_size or self._network().input_size

    @property
    def providers(self) -> tuple[str, ...]:
        """Full names of the execution providers in use, best first.

        The network is built, with the errors of `mask`.
        """
        return self._network().providers

    @property
    def threads(self) -> int | None:
        """Threads of one inference; None for all that the process may use."""
        return self._threads

    @property
    def built(self) -> bool:
        """Whether the network is built."""
        return self._slot.network is not None

    def build(self) -> None:
        """Build the network unless it is built.  Raises ModelError as `mask` does."""
        with stage("network"):
            self._network()

    def warmup(self) -> None:
        """Load everything that the first photo needs.

        The network is built and run once.  Pillow, its plugins and what reads HEIC, if installed,
        are imported.  Raises ModelError as `mask` does.
        """
        warmup.run_steps()
        width, height = self.input_size
        self.mask(np.zeros((height, width, 3), np.uint8))

    def mask(self, pixels: Pixels) -> NDArray[np.float32]:
        """Predict the mask of an image.

        Parameters
        ----------
        pixels : ndarray of uint8 or uint16, H x W x 3
            RGB with any strides.  It is resized to `input_size` by a triangle filter, which does
            not alias.

        Returns
        -------
        ndarray of float32, height x width of `input_size`
            0 (background) to 1 (subject), not stretched: without a subject all values are low.
            A network with `activation="min-max"` is the exception.

        Raises
        ------
        ImageTypeError, ImageValueError
            If `pixels` is no such image.
        ModelMissingError
            If the file of the network is not on this machine.
        LicenceError
            If its licence excludes commercial use, and was not accepted.
        ModelError
            If the file is damaged or does not fit the ModelSpec, or if the inference fails.
        ProviderError
            If a provider does not run the network.
        """
        return self._run(View(_checked(pixels), effective_threads(self._threads)))

    def _run(self, view: View) -> NDArray[np.float32]:
        with stage("network"):
            size = interface.view_size(self._spec, self.input_size, view.pixels)
            tensor = interface.network_input(view, self._spec, size)
            network = self._network()
            with reported(self._spec):
                answer = network(tensor)
            return interface.mask(answer, self._spec, size)

    def _network(self) -> Network:
        with self._slot.lock:
            if self._slot.network is None:
                threads = effective_threads(self._threads)
                places = available_threads() // threads
                self._slot.network = build(self._spec, threads, places, self._choice)
            return self._slot.network

    def __repr__(self) -> str:
        names = [name for name, _ in self._choice]
        providers = "" if is_cpu(self._choice) else f", providers={names}"
        return f"Segmenter({self._spec.name!r}, threads={self._threads}{providers})"

    def __getstate__(self) -> tuple[ModelSpec, int | None, Choice]:
        return self._spec, self._threads, self._choice

    def __setstate__(self, state: tuple[ModelSpec, int | None, Choice]) -> None:
        self._spec, self._threads, self._choice = state
        self._slot = _Slot()


_MASK = Segmenter.mask


def mask_of(segmenter: Segmenter, view: View) -> NDArray[np.float32]:
    """The mask of a View, which is reduced once for all its uses.  Raises what `mask` does.

    A subclass with a `mask` of its own is given the pixels.
    """
    if getattr(segmenter.mask, "__func__", None) is not _MASK:
        return segmenter.mask(view.pixels)
    return segmenter._run(view)


def _checked(pixels: Pixels) -> NDArray[np.uint8]:
    if not isinstance(pixels, np.ndarray):
        raise ImageTypeError(
            f"pixels is {type_of(pixels)}; expected a uint8 or uint16 array, height x width x 3"
        )
    return to_bytes(as_rgb(pixels))
