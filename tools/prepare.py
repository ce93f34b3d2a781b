"""Write the form of an embedded network that ONNX Runtime builds fastest on the CPU.

    python -m tools.prepare python/defocus/models/u2net.onnx
    python -m tools.prepare python/defocus/models/u2netp.onnx

NAME.cpu.onnx, beside NAME.onnx, has the graph after ONNX Runtime has fused it, for any processor.
It holds no large weights: it names their places in NAME.onnx, which ONNX Runtime then maps instead
of copying.  The first convolution has a fourth channel of zeros, because ONNX Runtime is slow with
three.  Both files give the same masks.  The same file and version of ONNX Runtime give the same
bytes.

Needs onnx and onnxruntime.  The SHA-256 that it prints belongs into models/prepared.py.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.external_data_helper import set_external_data

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # the runtime looks only while it is imported
import onnxruntime  # type: ignore[import-untyped]

SMALL = 4096  # bytes; smaller tensors stay in the graph
ENDING = ".cpu.onnx"


def prepared(network: Path) -> bytes:
    """The bytes of NAME.cpu.onnx for the file NAME.onnx."""
    model, weights = fused(network), network.read_bytes()
    widen(model.graph)
    for tensor in model.graph.initializer:
        size = len(tensor.raw_data)
        if size < SMALL:
            continue
        place = weights.find(tensor.raw_data)
        if place < 0:
            sys.exit(f"{network.name} does not hold the tensor {tensor.name} as it is needed")
        set_external_data(tensor, network.name, place, size)
        tensor.ClearField("raw_data")
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def fused(network: Path) -> onnx.ModelProto:
    """The graph as ONNX Runtime fuses it, before it fits the layout to the processor."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fused.onnx"
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
        model = onnx.load(path)
    used = {node.domain for node in model.graph.node}
    kept = [each for each in model.opset_import if each.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    model.producer_version = f"onnxruntime {onnxruntime.__version__}"
    return model


def widen(graph: onnx.GraphProto) -> None:
    """Give the first convolution in integers a fourth channel of zeros, if it has three."""
    first = next((node for node in graph.node if node.op_type == "QLinearConv"), None)
    if first is None:
        return
    codes, weights = first.input[0], _tensor(graph, first.input[3])
    values = numpy_helper.to_array(weights)
    if values.shape[1] != 3:
        return
    # A weight that stands for zero adds nothing to the sums, whatever the channel holds.
    if numpy_helper.to_array(_tensor(graph, first.input[5])).any():
        sys.exit(f"{first.name}: the zero of its weights is not 0")
    wide = np.pad(values, ((0, 0), (0, 1), (0, 0), (0, 0)))
    weights.CopyFrom(numpy_helper.from_array(wide, weights.name))
    sides = np.array([0, 0, 0, 0, 0, 1, 0, 0], np.int64)  # before the 4 axes, then behind them
    graph.initializer.append(numpy_helper.from_array(sides, f"{codes}.sides"))
    first.input[0] = f"{codes}.wide"
    pad = helper.make_node("Pad", [codes, f"{codes}.sides"], [first.input[0]], first.input[0])
    graph.node.insert([*graph.node].index(first), pad)


def _tensor(graph: onnx.GraphProto, name: str) -> onnx.TensorProto:
    found: onnx.TensorProto = next(each for each in graph.initializer if each.name == name)
    return found


def main(name: str) -> None:
    network = Path(name)
    data = prepared(network)
    target = network.with_name(network.stem + ENDING)
    target.write_bytes(data)
    print(f"{target.name}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
