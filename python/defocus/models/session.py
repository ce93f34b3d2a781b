"""Builds and runs a network.  The only file that uses ONNX Runtime."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus import models
from defocus.errors import ModelError, ProviderError
from defocus.forks import unforked
from defocus.models import ModelSpec
from defocus.models.network import Network, input_of, output_of, reported
from defocus.models.prepared import fastest
from defocus.models.providers import is_cpu, resolve
from defocus.options.network import CPU, Choice
from defocus.threads import both

__all__ = ["available_providers", "build", "import_onnxruntime"]


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
    # Both take about 30 ms.  The file is verified before ONNX Runtime reads it.
    locate = fastest if is_cpu(choice) else models.locate
    path, onnxruntime = both(lambda: locate(spec), import_onnxruntime, threads)
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
    size, source, dtype = input_of(spec, session.get_inputs())
    target = output_of(spec, [end.name for end in session.get_outputs()])

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


def _inactive(spec: ModelSpec, names: tuple[str, ...]) -> ProviderError:
    return ProviderError(
        f"model {spec.name!r} does not run on {', '.join(names)} alone: a library or device is "
        "missing (ONNX Runtime then prints which on stderr), or it cannot run a step; check its "
        "installation, or add 'cpu' to the providers"
    )
