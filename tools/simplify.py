"""The published network with one output, fixed shapes and plain names; it computes the same.

What changes: only the first of seven outputs is kept, with what it needs; the shapes, which the
exporter left to be computed at run time, become constants; tensors get plain names; nothing that
tells when or where the file was made remains.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx.version_converter
from numpy.typing import NDArray
from onnx import helper, numpy_helper

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # the runtime looks only while it is imported
import onnxruntime  # type: ignore[import-untyped]

IMAGE_SHAPE = (1, 3, 320, 320)
MASK_SHAPE = (1, 1, 320, 320)
# The highest opset in which every operator used here means what it meant in the source's
# opset 11; it is also the one that 8-bit quantisation asks for.
OPSET = 17
IR_VERSION = 8  # the format version that belongs to opset 17; newer ones lock out older runtimes
INPUT_ROLES = {"Conv": ("", "weight", "bias"), "Resize": ("", "roi", "scales", "sizes")}


def simplify(source: bytes, name: str) -> onnx.ModelProto:
    """The network, called `name`, made from the published file's bytes."""
    folded = fold_constants(first_output_only(onnx.load_from_string(source)))
    return rewrite(onnx.version_converter.convert_version(folded, OPSET), name)


def first_output_only(model: onnx.ModelProto) -> onnx.ModelProto:
    """The part of the graph that the first output needs."""
    graph = model.graph
    part = onnx.utils.Extractor(model).extract_model([graph.input[0].name], [graph.output[0].name])
    set_shape(part.graph.input[0], IMAGE_SHAPE)
    set_shape(part.graph.output[0], MASK_SHAPE)
    return part


def set_shape(value: onnx.ValueInfoProto, shape: tuple[int, ...]) -> None:
    value.CopyFrom(helper.make_tensor_value_info(value.name, onnx.TensorProto.FLOAT, shape))


def fold_constants(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with everything that does not depend on the image computed beforehand."""
    options = onnxruntime.SessionOptions()
    # "Basic" folds constants and keeps to standard operators; higher levels fit the graph to
    # the machine that runs this tool.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        folded = onnx.load(path)
    if any(node.domain not in ("", "ai.onnx") for node in folded.graph.node):
        sys.exit("onnxruntime put operators of its own into the graph; try another version of it")
    # The runtime lists all operator sets it knows, which would tell its version.
    del folded.opset_import[:]
    folded.opset_import.append(model.opset_import[0])
    return folded


def rewrite(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """The same graph written afresh: plain names, equal constants shared, nothing unused.

    Writing every part anew leaves no trace of the exporter or of the folding runtime.
    """
    source = model.graph
    constants = {t.name: numpy_helper.to_array(t) for t in source.initializer}
    tensors = {source.input[0].name: "image", "": ""}
    shared: dict[tuple[str, tuple[int, ...], bytes], str] = {}
    initializers: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []
    last = source.output[0].name
    for number, node in enumerate(source.node):
        node_name = f"{node.op_type}_{number}"
        inputs = []
        for position, tensor in enumerate(node.input):
            if tensor not in constants:
                inputs.append(tensors[tensor])
                continue
            array = constants[tensor]
            if array.size == 0:  # an optional input of Resize, which opset 11 could not leave out
                inputs.append("")
                continue
            key = (array.dtype.str, array.shape, array.tobytes())
            if key not in shared:
                shared[key] = f"{node_name}.{INPUT_ROLES[node.op_type][position]}"
                initializers.append(numpy_helper.from_array(array, shared[key]))
            inputs.append(shared[key])
        (output,) = node.output
        tensors[output] = "mask" if output == last else node_name
        copy = helper.make_node(node.op_type, inputs, [tensors[output]], name=node_name)
        copy.attribute.extend(sorted(node.attribute, key=lambda a: str(a.name)))
        nodes.append(copy)
    return network(nodes, initializers, name)


def network(
    nodes: list[onnx.NodeProto], initializers: list[onnx.TensorProto], name: str
) -> onnx.ModelProto:
    """The model of these nodes, from `image` to `mask`, checked."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, IMAGE_SHAPE)],
        [helper.make_tensor_value_info("mask", onnx.TensorProto.FLOAT, MASK_SHAPE)],
        initializers,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def to_bytes(model: onnx.ModelProto) -> bytes:
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def session(model: onnx.ModelProto | bytes) -> onnxruntime.InferenceSession:
    """A runtime of one thread: how many there are then cannot change a bit of a result."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    data = model if isinstance(model, bytes) else to_bytes(model)
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def largest_difference(source: bytes, result: onnx.ModelProto) -> float:
    """The largest difference of the two networks' first maps, over images of several scales."""
    random = np.random.default_rng(0)
    images = [random.normal(0, s, IMAGE_SHAPE).astype(np.float32) for s in (0.0, 0.3, 1.0, 3.0)]
    first, second = session(source), session(result)

    def run(
        network: onnxruntime.InferenceSession, image: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        mask: NDArray[np.float32] = network.run(None, {network.get_inputs()[0].name: image})[0]
        return mask

    return max(float(np.abs(run(first, x) - run(second, x)).max()) for x in images)
