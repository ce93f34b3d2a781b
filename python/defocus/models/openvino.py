"""Builds and runs a network by OpenVINO.  The only file that uses it.

Its CPU kernels use AMX, the matrix instructions of newer Intel processors, which ONNX Runtime does
not.  There it takes a third to a half of the time (docs/decisions/network-backend.md).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus import models
from defocus.errors import ProviderError
from defocus.forks import unforked
from defocus.models import ModelSpec
from defocus.models.network import Network, input_of, is_no_memory, output_of, reported
from defocus.models.openvino_runtime import import_openvino

__all__ = ["NAME", "build", "installed"]

NAME = "OpenVINO"
_DEVICE = "device_type"  # the name of this option in ONNX Runtime's provider
_TYPES = {"f32": "tensor(float)", "f16": "tensor(float16)"}


class _Input(NamedTuple):
    """An input, described as ONNX Runtime would."""

    name: str
    type: str
    shape: list[int | str | None]


def installed() -> bool:
    """Whether the package is installed."""
    return find_spec("openvino") is not None


def build(spec: ModelSpec, threads: int, places: int, options: Mapping[str, Any]) -> Network:
    """The network of `spec`; `options` are the device and the properties of OpenVINO.

    Raises ModelMissingError or ModelError if its file is missing, damaged or takes no image.
    Raises ProviderError if the device does not run it.
    """
    path = models.locate(spec)
    openvino = import_openvino()
    device = str(options.get(_DEVICE, "CPU"))
    own = {name: value for name, value in options.items() if name != _DEVICE}
    with unforked, reported(spec, NAME):
        core = openvino.Core()
        model = _read(openvino, os.fspath(path))
        size, source, dtype = input_of(spec, [_described(end) for end in model.inputs])
        target = output_of(spec, [end.get_any_name() for end in model.outputs])
        settings = {**_settings(device, threads, places), **own}
        compiled = _compiled(spec, core, model, device, settings)
        # A request is for one thread at a time.
        free = deque(compiled.create_infer_request() for _ in range(places))

    def run(image: NDArray[np.float32]) -> NDArray[np.float32]:
        request = free.pop()  # at most `places` threads come here
        try:
            with reported(spec, NAME):
                request.infer({source: image.astype(dtype, copy=False)}, share_inputs=True)
                return np.array(request.get_tensor(target).data, np.float32)
        finally:
            free.append(request)

    return Network(run, size, places, (NAME,))


def _read(openvino: ModuleType, path: str) -> Any:
    # `Core.read_model` tries the readers of all formats, and that of TensorFlow prints on stderr.
    reader = openvino.frontend.FrontEndManager().load_by_framework("onnx")
    return reader.convert(reader.load(path))


def _settings(device: str, threads: int, places: int) -> dict[str, Any]:
    # Sums that are not of integers keep 32 bits, so that masks stay close to those of others.
    settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
    if device == "CPU":
        settings["NUM_STREAMS"] = places
        settings["INFERENCE_NUM_THREADS"] = threads * places
        settings["ENABLE_CPU_PINNING"] = False  # other threads of the process need the CPUs, too
    return settings


def _compiled(
    spec: ModelSpec, core: Any, model: Any, device: str, settings: Mapping[str, Any]
) -> Any:
    try:
        return core.compile_model(model, device, settings)
    except RuntimeError as error:
        line = " ".join(str(error).split())
        if is_no_memory(line):
            raise
        raise ProviderError(
            f"OpenVINO does not run model {spec.name!r} on device {device!r}: {line}; choose "
            "another device_type, or check the other options of the provider"
        ) from error


def _described(end: Any) -> _Input:
    kind = end.get_element_type().get_type_name()
    shape = [size.get_length() if size.is_static else None for size in end.get_partial_shape()]
    return _Input(end.get_any_name(), _TYPES.get(kind, f"tensor({kind})"), shape)
