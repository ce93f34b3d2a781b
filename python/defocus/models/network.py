"""A built network, whichever engine runs it, and what its file has to take and to give."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from defocus.errors import DefocusError, ModelError
from defocus.models.spec import ModelSpec
from defocus.models.weights import remedy
from defocus.options.network import CPU

__all__ = ["End", "Network", "failure", "input_of", "is_no_memory", "output_of", "reported"]

ONNX_RUNTIME = "ONNX Runtime"
_BUGS = (AssertionError, AttributeError, ImportError, NameError, TypeError)
_NO_MEMORY = (
    "bad_alloc",
    "can't alloc",
    "Failed to allocate memory",
    "Resource temporarily unavailable",  # no memory for the stack of a thread
    "std::bad_array_new_length",
)
_USUAL_SIZE = (320, 320)  # for files without a fixed size
_FLOATS: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
}


class End(Protocol):
    """An input of a network, as ONNX Runtime describes it."""

    @property
    def name(self) -> str:
        """Its name in the file."""

    @property
    def type(self) -> str:
        """Such as "tensor(float)"."""

    @property
    def shape(self) -> Sequence[int | str | None]:
        """Its dimensions.  One that is not fixed is a name or None."""


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


def input_of(
    spec: ModelSpec, inputs: Sequence[End]
) -> tuple[tuple[int, int], str, type[np.floating[Any]]]:
    """The width, height, name and type of the network's input.  Raises ModelError."""
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


def _fixed_size(inputs: Sequence[End]) -> tuple[int | None, int | None] | None:
    """The width and height that the file fixes; None if it takes anything but one image."""
    if len(inputs) != 1 or inputs[0].type not in _FLOATS or len(inputs[0].shape) != 4:
        return None
    # A dimension that is not fixed is a name or None.
    batch, channels, height, width = (
        value if isinstance(value, int) and value > 0 else None for value in inputs[0].shape
    )
    return (width, height) if batch in {None, 1} and channels in {None, 3} else None


def output_of(spec: ModelSpec, names: Sequence[str]) -> str:
    """The name of the output that is the mask.  Raises ModelError."""
    if spec.output is not None and spec.output not in names:
        raise ModelError(
            f"model {spec.name!r} has no output {spec.output!r}; it has {', '.join(names)}"
        )
    return spec.output or names[0]


@contextmanager
def reported(spec: ModelSpec, engine: str = ONNX_RUNTIME) -> Iterator[None]:
    """Raise errors of the engine as ModelError; our own, bugs and MemoryError keep their type."""
    try:
        yield
    except (MemoryError, DefocusError, *_BUGS):
        raise
    except Exception as error:  # the errors of ONNX Runtime have no common base
        if is_no_memory(str(error)):
            line = " ".join(str(error).split())
            raise MemoryError(f"{engine} has no memory for the network: {line}") from error
        raise failure(spec, error, engine) from error


def is_no_memory(message: str) -> bool:
    """Whether a message of an engine says that it got no memory, or no thread."""
    return any(words in message for words in _NO_MEMORY)


def failure(spec: ModelSpec, reason: object, engine: str = ONNX_RUNTIME) -> ModelError:
    """The error for a failure of the engine."""
    line = " ".join(str(reason).split())
    return ModelError(f"model {spec.name!r}: {engine} failed: {line}; {remedy(spec)}")
