"""Builds and runs a network.  The only file that uses ONNX Runtime."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus import models
from defocus.errors import ModelError, ProviderError
from defocus.forks import unforked
from defocus.models import ModelSpec
from defocus.models.prepared import fastest
from defocus.models.providers import is_cpu, resolve
from defocus.models.weights import remedy
from defocus.options.network import CPU, Choice

__all__ = ["Network", "available_providers", "build", "failure", "reported"]

_BUGS = (AssertionError, AttributeError, ImportError, NameError, TypeError)
_NO_MEMORY = ("bad_alloc", "Failed to allocate memory", "std::bad_array_new_length")
_USUAL_SIZE = (320, 320)  # for files without a fixed size
_FLOATS: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
}


class Network:
    """A built network: a function from its input, 1 x 3 x height x width, to its output.

    `input_size` is its width and height, and `providers` are the full names of those in use.  At
    most `places` inferences run in parallel, and others wait.  More would use more threads than the
    process may, take longer in total, and need the memory of more inferences.
    """

    def __init__(
        self,
        run: Callable[[NDArray[np.float32]], NDArray[np.float32]],
        input_size: tuple[int, int],
        places: int = 1,
        providers: tuple[str, ...] = (CPU,),
    ) -> None:
        self._run = run
        self._turn = threading.Semaphore(places)
        self.input_size = input_size
        self.providers = providers

    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on `image`, when a place is free."""
        with self._turn:
            return self._run(image)


def import_onnxruntime() -> ModuleType:
    """ONNX Runtime.  Raises MissingLibraryError if it cannot be imported."""
    with unforked:
        from defocus.models.onnx_runtime import onnxruntime
    module: ModuleType = onnxruntime
    return module


def available_providers() -> list[str]:
    """Full names of the providers in the installed onnxruntime."""
    names: list[str] = import_onnxruntime().get_available_providers()
    return names


def build(spec: ModelSpec, threads: int, places: int, choice: Choice) -> Network:
    """The network of `spec`, run by the providers of `choice` and no other.

    Raises ModelMissingError or ModelError if its file is missing, damaged or takes no image.
    Raises ProviderError if a provider is missing or does not run it.
    """
    path = fastest(spec) if is_cpu(choice) else models.locate(spec)
    onnxruntime = import_onnxruntime()
    choice = resolve(choice, onnxruntime.get_available_providers())
    options = _options(onnxruntime, threads)
    names = tuple(name for name, _ in choice)
    if CPU not in names:  # ONNX Runtime would use it for steps that the others cannot run
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        # Without its own fallback it raises an error instead of printing and using the CPU.
        with unforked, reported(spec):
            session = onnxruntime.InferenceSession(
                os.fspath(path), options, providers=list(choice), enable_fallback=0
            )
    except ModelError as error:
        if "fallback" in str(error.__cause__):
            raise _inactive(spec, names) from error.__cause__
        raise
    if not {*names} <= {*session.get_providers()}:
        raise _inactive(spec, names)
    _trim_heap()
    size, source, dtype = _input(spec, session)
    target = _output(spec, session)

    def run(image: NDArray[np.float32]) -> NDArray[np.float32]:
        (answer,) = session.run([target], {source: image.astype(dtype, copy=False)})
        if answer.dtype == np.float16:
            answer = answer.astype(np.float32)
        return answer  # type: ignore[no-any-return]

    return Network(run, size, places, names)


def _options(onnxruntime: ModuleType, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    # With an explicit number the runtime does not set the CPU affinity of its threads.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # a library does not print; failures are exceptions
    # A memory plan for each input shape is no faster here, and 20 MB larger.
    options.enable_mem_pattern = False
    # A planned buffer stays reserved from its first layer to its last.  Without the plan, memory is
    # free as soon as no layer needs it: 27 MB less, and no slower.
    options.enable_mem_reuse = False
    # Threads that wait for the next layer sleep instead of spinning, because the decoder needs
    # their CPU at the same time.  The network alone is as fast either way.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _trim_heap() -> None:
    """Return the memory that building a network has freed, which glibc would keep."""
    with suppress(AttributeError, OSError, TypeError):  # other C libraries have no malloc_trim
        ctypes.CDLL(None).malloc_trim(0)


def _input(spec: ModelSpec, session: Any) -> tuple[tuple[int, int], str, type[np.floating[Any]]]:
    """The width, height, name and type of the network's input."""
    inputs = session.get_inputs()
    ends = ", ".join(f"{end.name} {end.type} {end.shape}" for end in inputs)
    fixed = _fixed_size(inputs)
    if fixed is None:
        raise ModelError(
            f"model {spec.name!r} takes {ends}; expected one input, tensor(float) or "
            "tensor(float16) of shape [1, 3, height, width]"
        )
    width, height = fixed
    if spec.short_edge is not None and (width or height):
        raise ModelError(
            f"model {spec.name!r} takes {ends}, a fixed size, which short_edge={spec.short_edge} "
            "excludes; leave out short_edge to use the size of the file"
        )
    size = spec.input_size or (width or _USUAL_SIZE[0], height or _USUAL_SIZE[1])
    if width not in {None, size[0]} or height not in {None, size[1]}:
        raise ModelError(
            f"model {spec.name!r} takes {ends}, which is not input_size={size} (width, height); "
            "leave out input_size to use the size of the file"
        )
    return size, inputs[0].name, _FLOATS[inputs[0].type]


def _fixed_size(inputs: Any) -> tuple[int | None, int | None] | None:
    """The width and height that the file fixes; None if it takes anything but one image."""
    if len(inputs) != 1 or inputs[0].type not in _FLOATS or len(inputs[0].shape) != 4:
        return None
    # A dimension that is not fixed is a name or None.
    batch, channels, height, width = (
        value if isinstance(value, int) and value > 0 else None for value in inputs[0].shape
    )
    return (width, height) if batch in {None, 1} and channels in {None, 3} else None


def _output(spec: ModelSpec, session: Any) -> str:
    names = [end.name for end in session.get_outputs()]
    if spec.output is not None and spec.output not in names:
        raise ModelError(
            f"model {spec.name!r} has no output {spec.output!r}; it has {', '.join(names)}"
        )
    first: str = names[0]
    return spec.output or first


def _inactive(spec: ModelSpec, names: tuple[str, ...]) -> ProviderError:
    return ProviderError(
        f"model {spec.name!r} does not run on {', '.join(names)} alone: a library or device is "
        "missing (ONNX Runtime then prints which on stderr), or it cannot run a step; check its "
        "installation, or add 'cpu' to the providers"
    )


@contextmanager
def reported(spec: ModelSpec) -> Iterator[None]:
    """Raise errors of ONNX Runtime as ModelError; bugs and MemoryError keep their type."""
    try:
        yield
    except (MemoryError, *_BUGS):
        raise
    except Exception as error:  # the errors of ONNX Runtime have no common base
        if any(word in str(error) for word in _NO_MEMORY):
            line = " ".join(str(error).split())
            raise MemoryError(f"ONNX Runtime has no memory for the network: {line}") from error
        raise failure(spec, error) from error


def failure(spec: ModelSpec, reason: object) -> ModelError:
    """The error for a failure of ONNX Runtime."""
    line = " ".join(str(reason).split())
    return ModelError(f"model {spec.name!r}: ONNX Runtime failed: {line}; {remedy(spec)}")
