"""Finds the subject: runs U-2-Net on the photograph, made small, and gives back its map."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from defocus import _native, models, warmup
from defocus.errors import ImageTypeError, ModelError
from defocus.models import DEFAULT_MODEL, ModelSpec
from defocus.models.providers import Choice, Provider, check_providers, is_cpu, resolve
from defocus.models.session import Network, available_providers, build, failure, reported
from defocus.pixels.arrays import as_rgb
from defocus.pixels.samples import Pixels, to_bytes
from defocus.threads import available_threads, check_threads, effective_threads

__all__ = ["Segmenter"]

# How far beyond 0..1 rounding may take a map.
_SLACK = 0.01


class _Slot:
    """Holds a network once it is built, and the lock that lets only one thread build it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.network: Network | None = None
        _slots.add(self)

    def abandon(self) -> None:
        """Start anew, but never take down the network that is held.

        A process made by fork inherits the network without the network's threads, and waits for
        them forever when it destroys the network, be it on exiting.  The lock may be held by a
        thread that was not inherited either.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.network))
        self.lock = threading.Lock()
        self.network = None


_slots: weakref.WeakSet[_Slot] = weakref.WeakSet()  # those to abandon in a child


def _after_fork() -> None:
    for slot in _slots:
        slot.abandon()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_after_fork)


class Segmenter:
    """The network that finds the subject, kept ready between photographs.

    `model` is the network: a name that `defocus models list` shows (default "u2net"), a path to
    an ONNX file of this family, or a `ModelSpec` that says how yours is fed and read.  `threads`
    is the number of threads one inference uses (default None: all that the process may use, which
    is also the upper limit).  `providers` are ONNX Runtime's execution providers that may run it,
    best first: names such as "cuda", "openvino" or "coreml", or (name, options); the default is
    the CPU.  The CPU does what the others cannot only if "cpu" is among them.

    Making a Segmenter is cheap: the network is built by the first use.  One Segmenter may serve
    many callers at once, as many of them at a time as there are threads for.  It keeps working in
    a process made by fork, and may be pickled; the network itself does not travel.

    Raises UnknownModelError for an unknown model, ModelMissingError for a path without a file,
    OptionTypeError or OptionError for bad threads, ProviderError (an OptionError) for a provider
    that the installed onnxruntime does not have.

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
        self._choice = check_providers(providers)
        if not is_cpu(self._choice):  # which needs no look at onnxruntime
            self._choice = resolve(self._choice, available_providers())
        self._slot = _Slot()

    @property
    def spec(self) -> ModelSpec:
        """What is known of the network before its file is read."""
        return self._spec

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height in pixels at which the network sees a photograph; also the mask's.

        Builds the network if only its file tells, and then raises as `mask` does.
        """
        return self._spec.input_size or self._network().input_size

    @property
    def providers(self) -> tuple[str, ...]:
        """The full names of the execution providers that run the network, best first.

        Builds the network, because only then is it known; raises as `mask` does.
        """
        return self._network().providers

    @property
    def threads(self) -> int | None:
        """The number of threads asked for; None is all that the process may use."""
        return self._threads

    @property
    def built(self) -> bool:
        """Whether the network is ready, so that `mask` does not have to build it."""
        return self._slot.network is not None

    def build(self) -> None:
        """Load the network, unless that is done.  Raises ModelError as `mask` does."""
        self._network()

    def warmup(self) -> None:
        """Make everything ready that the first photograph would have to wait for.

        Build the network and run it once; import Pillow with its plugins, and pillow-heif if it is
        installed.  Raises ModelError as `mask` does.
        """
        warmup.run_steps()
        width, height = self.input_size
        self.mask(np.zeros((height, width, 3), np.uint8))

    def mask(self, pixels: Pixels) -> NDArray[np.float32]:
        """The network's map of a photograph.

        `pixels` is uint8 or uint16 RGB, H x W x 3, with any strides; it is shrunk (or enlarged) to
        `input_size` by a triangle as wide as the scale, which does not alias.  The mask is float32
        of shape (height, width) of `input_size`, 0 (background) to 1 (subject), as the network
        gives it: a photograph without a subject has a weak map, which is not stretched.

        Raises ImageTypeError or ImageValueError where `pixels` is no such image; ModelMissingError
        where the network's file is not on this machine, ModelError where it is damaged or no
        network of this family, or fails; ProviderError where a provider does not run it.
        """
        tensor = _network_input(
            _checked(pixels), self._spec, self.input_size, effective_threads(self._threads)
        )
        network = self._network()
        with reported(self._spec):
            answer = network(tensor)
        return _mask(answer, self._spec, self.input_size)

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


def network_view(
    pixels: NDArray[np.uint8], size: tuple[int, int], threads: int | None
) -> NDArray[np.float32]:
    """`pixels` (uint8 H x W x 3) as small as the network sees it: 3 x height x width, 0..1."""
    mean, std, count = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), effective_threads(threads)
    small = _native.network_input(pixels, *size, mean, std, divisor=255.0, threads=count)
    planes: NDArray[np.float32] = small[0]
    return planes


def _checked(pixels: Pixels) -> NDArray[np.uint8]:
    if not isinstance(pixels, np.ndarray):
        raise ImageTypeError(
            f"pixels is a {type(pixels).__name__}; expected a uint8 or uint16 array, "
            "height x width x 3"
        )
    return to_bytes(as_rgb(pixels))


def _network_input(
    pixels: NDArray[np.uint8], spec: ModelSpec, size: tuple[int, int], threads: int
) -> NDArray[np.float32]:
    """The network's input, 1 x 3 x height x width, as its authors make it for their own tests.

    Each channel c becomes (c / divisor - mean) / std.  Without a divisor of the spec's it is the
    largest value of the whole image (`ToTensorLab` in the authors' data_loader.py); an all-black
    image stays black.
    """
    return _native.network_input(
        pixels, *size, spec.mean, spec.std, divisor=spec.divisor or 0.0, threads=threads
    )


def _mask(
    answer: NDArray[np.float32], spec: ModelSpec, size: tuple[int, int]
) -> NDArray[np.float32]:
    """The network's answer as a mask, after a check that it is one."""
    width, height = size
    if answer.shape != (1, 1, height, width) or answer.dtype != np.float32:
        raise ModelError(
            f"model {spec.name!r} gives {answer.dtype} of shape {answer.shape}; expected one map, "
            f"float32 of shape (1, 1, {height}, {width}); choose another output in a ModelSpec"
        )
    raw = answer[0, 0]
    low, high = float(raw.min()), float(raw.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise failure(spec, "the map is not finite")
    if low < -_SLACK or high > 1.0 + _SLACK:
        raise ModelError(
            f"model {spec.name!r} gives values of {low:g} to {high:g}; expected 0 to 1, as after a "
            "sigmoid; choose another output in a ModelSpec"
        )
    mask: NDArray[np.float32] = np.clip(raw, 0.0, 1.0)
    return mask
