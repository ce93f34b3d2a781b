"""Runs a network.  The only file that knows how ONNX Runtime is used."""

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
from defocus.models.providers import CPU, Choice, resolve
from defocus.models.weights import remedy

__all__ = ["Network", "available_providers", "build", "failure", "reported"]

_BUGS = (AssertionError, AttributeError, ImportError, NameError, TypeError)
_NO_MEMORY = ("bad_alloc", "Failed to allocate memory", "std::bad_array_new_length")
_USUAL_SIZE = (320, 320)  # of the family, for files that leave their size open


class Network:
    """A network ready to run: call it with its input, 1 x 3 x height x width, to get its map.

    `input_size` is the width and height it takes, `providers` are the full names of those that
    run it.  It is run by at most `places` callers at a time; the others wait: all at once they
    would use more threads than the process may, which takes longer in all, and hold the memory of
    as many inferences.
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
        """Run the network on `image`, in turn."""
        with self._turn:
            return self._run(image)


def import_onnxruntime() -> ModuleType:
    """ONNX Runtime.  Raises MissingLibraryError where it cannot be imported."""
    with unforked:
        from defocus.models.onnx_runtime import onnxruntime
    module: ModuleType = onnxruntime
    return module


def available_providers() -> list[str]:
    """The full names of the providers that the installed onnxruntime has."""
    names: list[str] = import_onnxruntime().get_available_providers()
    return names


def build(spec: ModelSpec, threads: int, places: int, choice: Choice) -> Network:
    """The network of `spec`, run by `choice`'s providers and nothing else.

    Raises ModelMissingError or ModelError where its file is missing, damaged or no network of the
    family, and ProviderError where a provider is not there or does not run it.
    """
    path = models.locate(spec)
    onnxruntime = import_onnxruntime()
    choice = resolve(choice, onnxruntime.get_available_providers())
    options = _options(onnxruntime, threads)
    names = tuple(name for name, _ in choice)
    if CPU not in names:  # ONNX Runtime would let it do what the others cannot
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        # Without the fallback of its own it raises instead of printing and using the CPU.
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
    _give_back()
    size, source = _input(spec, session)
    target = _output(spec, session)

    def run(image: NDArray[np.float32]) -> NDArray[np.float32]:
        (answer,) = session.run([target], {source: image})
        return answer  # type: ignore[no-any-return]

    return Network(run, size, places, names)


def _options(onnxruntime: ModuleType, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    # With an explicit number the runtime also leaves the CPU affinity of its threads alone.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # a library does not print; failures come as exceptions
    # Planned memory is laid out once per input shape: no faster here, and 20 MB larger.
    options.enable_mem_pattern = False
    # Threads that wait for the next layer sleep rather than spin: the decoder, which works at the
    # same time, needs their CPU.  Alone the network is as fast either way.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _give_back() -> None:
    """Return to the system what building a network has left unused, which glibc would keep."""
    with suppress(AttributeError, OSError, TypeError):  # other C libraries have no such call
        ctypes.CDLL(None).malloc_trim(0)


def _input(spec: ModelSpec, session: Any) -> tuple[tuple[int, int], str]:
    """The network's input: width and height, and its name."""
    inputs = session.get_inputs()
    ends = ", ".join(f"{end.name} {end.type} {end.shape}" for end in inputs)
    wanted = "expected one input, tensor(float) of shape [1, 3, height, width]"
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4:
        raise ModelError(f"model {spec.name!r} takes {ends}; {wanted}")
    # What the file leaves open is a name or None there.
    batch, channels, height, width = (
        value if isinstance(value, int) and value > 0 else None for value in inputs[0].shape
    )
    if batch not in {None, 1} or channels not in {None, 3}:
        raise ModelError(f"model {spec.name!r} takes {ends}; {wanted}")
    asked = spec.input_size or (width or _USUAL_SIZE[0], height or _USUAL_SIZE[1])
    if width not in {None, asked[0]} or height not in {None, asked[1]}:
        raise ModelError(
            f"model {spec.name!r} takes {ends}, which is not input_size={asked} (width, height); "
            "leave input_size out to go by the file"
        )
    return asked, inputs[0].name


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
        "missing (ONNX Runtime then says which on stderr), or there are steps it cannot do; check "
        "its installation, or add 'cpu' to the providers for those steps"
    )


@contextmanager
def reported(spec: ModelSpec) -> Iterator[None]:
    """Make ModelErrors of what ONNX Runtime raises; bugs and a lack of memory keep their type."""
    try:
        yield
    except (MemoryError, *_BUGS):
        raise
    except Exception as error:  # ONNX Runtime's errors share no base of their own
        if any(word in str(error) for word in _NO_MEMORY):
            line = " ".join(str(error).split())
            raise MemoryError(f"ONNX Runtime found no memory for the network: {line}") from error
        raise failure(spec, error) from error


def failure(spec: ModelSpec, reason: object) -> ModelError:
    """What to raise where ONNX Runtime fails for `reason`."""
    line = " ".join(str(reason).split())
    return ModelError(f"model {spec.name!r}: ONNX Runtime failed: {line}; {remedy(spec)}")
