"""Finds the subject: runs U-2-Net on the small image and gives back its map.

The only file that knows ONNX Runtime.
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Callable
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from defocus import models
from defocus.errors import ImageTypeError, ImageValueError, ModelError
from defocus.models import DEFAULT_MODEL, ModelSpec
from defocus.threads import available_threads, check_threads, effective_threads

__all__ = ["Segmenter"]

_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
_Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class _Slot:
    """Holds a network once it is built, and the lock that lets only one thread build it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.network: _Network | None = None
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

    `model` names the network (default "u2net").  `threads` is the number of threads one
    inference uses (default None: all that the process may use, which is also the upper limit).

    Making a Segmenter is cheap: the network is built by the first use.  One Segmenter may serve
    many callers at once, as many of them at a time as there are threads for.  It keeps working in
    a process made by fork, and may be pickled; the network itself does not travel.

    Raises UnknownModelError for an unknown model, OptionTypeError or OptionError for bad
    threads.

    >>> segmenter = Segmenter(threads=1)
    >>> segmenter
    Segmenter('u2net', threads=1)
    >>> mask = segmenter.mask(np.zeros((320, 320, 3), np.uint8))
    >>> mask.shape, str(mask.dtype)
    ((320, 320), 'float32')
    """

    def __init__(self, model: str = DEFAULT_MODEL, *, threads: int | None = None) -> None:
        self._spec = models.find(model)
        self._threads = check_threads(threads)
        self._slot = _Slot()

    @property
    def spec(self) -> ModelSpec:
        """What the registry says of the network."""
        return self._spec

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height in pixels of the image that `mask` takes."""
        return self._spec.input_size

    @property
    def threads(self) -> int | None:
        """The number of threads asked for; None is all that the process may use."""
        return self._threads

    def warmup(self) -> None:
        """Build the network and run it once, so that the next `mask` does not wait for that.

        Raises ModelError as `mask` does.
        """
        width, height = self.input_size
        self.mask(np.zeros((height, width, 3), np.uint8))

    def mask(self, small: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The network's map for a photograph already resized to `input_size`.

        `small` is uint8 RGB of shape (height, width, 3).  The mask is float32 of shape (height,
        width), 0 (background) to 1 (subject), as the network gives it: a photograph without a
        subject has a weak map, which is not stretched.

        Raises ImageTypeError or ImageValueError where `small` is no such image, and ModelError
        where the weights are missing or damaged or the network fails.
        """
        tensor = _normalise(_checked(small, self._spec), self._spec)
        try:
            raw = self._network()(tensor)[0, 0]
        except ModelError:
            raise
        except Exception as error:  # ONNX Runtime's errors share no base of their own
            raise ModelError(_failure(self._spec, error)) from error
        if not np.isfinite(raw).all():
            raise ModelError(_failure(self._spec, "the map is not finite"))
        mask: NDArray[np.float32] = np.clip(raw, 0.0, 1.0)
        return mask

    def _network(self) -> _Network:
        with self._slot.lock:
            if self._slot.network is None:
                threads = effective_threads(self._threads)
                network = _build(self._spec, threads)
                self._slot.network = _in_turns(network, available_threads() // threads)
            return self._slot.network

    def __repr__(self) -> str:
        return f"Segmenter({self._spec.name!r}, threads={self._threads})"

    def __getstate__(self) -> tuple[ModelSpec, int | None]:
        return self._spec, self._threads

    def __setstate__(self, state: tuple[ModelSpec, int | None]) -> None:
        self._spec, self._threads = state
        self._slot = _Slot()


def _checked(small: NDArray[np.uint8], spec: ModelSpec) -> NDArray[np.uint8]:
    width, height = spec.input_size
    wanted = f"model {spec.name!r} takes a uint8 array of shape ({height}, {width}, 3)"
    if not isinstance(small, np.ndarray):
        raise ImageTypeError(f"small is a {type(small).__name__}; {wanted}")
    if small.dtype != np.uint8:
        raise ImageTypeError(f"small has dtype {small.dtype}; {wanted}")
    if small.shape != (height, width, 3):
        raise ImageValueError(f"small has shape {small.shape}; {wanted}; resize the image first")
    return small


def _normalise(small: NDArray[np.uint8], spec: ModelSpec) -> NDArray[np.float32]:
    """The network's input, 1 x 3 x height x width, as its authors make it for their own tests.

    Each channel c becomes (c / peak - mean) / std, where peak is the largest value of the whole
    image (`ToTensorLab` in the authors' data_loader.py); an all-black image stays black.
    """
    peak = max(int(small.max()), 1)
    std = np.array(spec.std)
    scale = (1.0 / (peak * std)).astype(np.float32)
    offset = (np.array(spec.mean) / std).astype(np.float32)
    return np.ascontiguousarray((small * scale - offset).transpose(2, 0, 1)[np.newaxis])


def _import_onnxruntime() -> ModuleType:
    """ONNX Runtime, imported late because that is slow, and without its telemetry.

    From 1.29 on the official builds start an uploader when they are imported, unless this
    variable is set at that moment.  defocus works offline and sends nothing; the uploader's
    threads also keep a process made by fork from ever exiting.  A value of the user's own stays.
    """
    before = os.environ.get(_NO_TELEMETRY)
    os.environ.setdefault(_NO_TELEMETRY, "1")
    try:
        import onnxruntime  # type: ignore[import-untyped]  # it has no stubs
    finally:
        if before is None:
            os.environ.pop(_NO_TELEMETRY, None)
    module: ModuleType = onnxruntime
    return module


def _build(spec: ModelSpec, threads: int) -> _Network:
    weights = models.load(spec)
    onnxruntime = _import_onnxruntime()
    options = onnxruntime.SessionOptions()
    # With an explicit number the runtime also leaves the CPU affinity of its threads alone.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # a library does not print; failures come as exceptions
    # Planned memory is laid out once per input shape: no faster here, and 150 MB larger.
    options.enable_mem_pattern = False
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    def network(image: NDArray[np.float32]) -> NDArray[np.float32]:
        (mask,) = session.run(["mask"], {"image": image})
        return mask  # type: ignore[no-any-return]

    return network


def _in_turns(network: _Network, places: int) -> _Network:
    """The same network, run by at most `places` callers at a time; the others wait.

    All at once they would use more threads than the process may, which takes longer in all, and
    hold the memory of as many inferences.
    """
    turn = threading.Semaphore(places)

    def taking_turns(image: NDArray[np.float32]) -> NDArray[np.float32]:
        with turn:
            return network(image)

    return taking_turns


def _failure(spec: ModelSpec, reason: object) -> str:
    line = " ".join(str(reason).split())
    return f"model {spec.name!r}: ONNX Runtime failed: {line}; reinstall defocus and onnxruntime"
