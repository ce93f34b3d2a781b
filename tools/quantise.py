"""The network in 8 bits: bytes between the layers, 7-bit weights, in ONNX's QDQ form.

QDQ: the graph keeps its float operators between QuantizeLinear and DequantizeLinear nodes, and
the runtime puts the integer operator in the place of each such group.

- Values that are pooled, resized or joined keep their scale, so those steps only move bytes.
- Relu is left out: zero is the smallest code, so what is below is clipped there anyway.
- The maps of the six sides go from bytes to floats with steps fine enough for a soft edge; see
  `Head`.  From there on, everything is exact sums and single operations, which round alike on
  every CPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from tools.observe import Observed
from tools.round_weights import Rounded, round_weights
from tools.simplify import network

CODES = 255


class Scales:
    """Scale and zero point of every tensor; those that must share them do."""

    def __init__(self, graph: onnx.GraphProto, ranges: dict[str, tuple[float, float]]) -> None:
        self.parents: dict[str, str] = {}
        for node in graph.node:
            if node.op_type in ("MaxPool", "Resize", "Concat"):
                for tensor in node.input:
                    if tensor in ranges:
                        self.parents[self.group(tensor)] = self.group(node.output[0])
        self.ranges: dict[str, tuple[float, float]] = {}
        for tensor, (low, high) in ranges.items():
            lowest, highest = self.ranges.get(self.group(tensor), (0.0, 0.0))
            self.ranges[self.group(tensor)] = min(low, lowest), max(high, highest)

    def group(self, tensor: str) -> str:
        """The name that all tensors of one scale share."""
        while tensor in self.parents and self.parents[tensor] != tensor:
            tensor = self.parents[tensor]
        return tensor

    def of(self, tensor: str) -> tuple[np.float32, np.uint8]:
        low, high = self.ranges[self.group(tensor)]
        scale = np.float32(max(high - low, 1e-6) / CODES)
        return scale, np.uint8(np.rint(-low / scale))


class Writer:
    """Collects nodes and constants, each constant once."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, NDArray[np.generic]] = {}

    def constant(self, name: str, value: object, dtype: type[np.generic]) -> str:
        self.constants.setdefault(name, np.asarray(value, dtype))
        return name

    def node(
        self,
        op: str,
        inputs: list[str],
        output: str,
        like: onnx.NodeProto | None = None,
        **more: Any,
    ) -> str:
        """Adds a node, with the attributes of `like`, and gives back its output's name."""
        node = helper.make_node(op, inputs, [output], name=output, **more)
        if like is not None:
            node.attribute.extend(like.attribute)
        self.nodes.append(node)
        return output

    def bytes_of(self, source: str, name: str, scale: str, zero: str) -> str:
        """Turns a float tensor into bytes and back."""
        codes = self.node("QuantizeLinear", [source, scale, zero], f"{name}.codes")
        return self.node("DequantizeLinear", [codes, scale, zero], f"{name}.value")

    def integers(self, name: str, codes: NDArray[np.generic], scales: NDArray[np.float32]) -> str:
        """A constant kept as integers with one scale for each output channel."""
        kind = codes.dtype.type
        inputs = [
            self.constant(name, codes, kind),
            self.constant(f"{name}_scale", scales, np.float32),
            self.constant(f"zeros_{codes.dtype}_{len(codes)}", np.zeros(len(codes)), kind),
        ]
        return self.node("DequantizeLinear", inputs, f"{name}.value", axis=0)


class Head:
    """The end of U-2-Net: six side convolutions, a weighted sum of their maps, a sigmoid.

    A side's map is one channel, whose 256 codes would be steps of a sixteenth in the logit: too
    coarse.  Each side convolution is therefore written 16 times over, each copy taking over
    where the one before it ends, like the scales of a thermometer; their sum has 4081 steps.
    Integer kernels compute 16 outputs in less time than one.  The step is a power of two, so
    that the sum is exact in any order.
    """

    COPIES = 16
    STEP = 2.0**-8
    LOWEST = -8.0  # sigmoid(8) is .9997; the sum reaches to 7.94

    def __init__(self, graph: onnx.GraphProto) -> None:
        producer = {node.output[0]: node for node in graph.node}
        self.sigmoid = producer["mask"]
        self.sum = producer[self.sigmoid.input[0]]
        self.concat = producer[self.sum.input[0]]
        ends = [producer[tensor] for tensor in self.concat.input]
        self.resizes = [node if node.op_type == "Resize" else None for node in ends]
        self.sides = [n if n.op_type == "Conv" else producer[n.input[0]] for n in ends]
        nodes = [self.sigmoid, self.sum, self.concat, *ends, *self.sides]
        self.names = {node.name for node in nodes}


class Quantiser:
    def __init__(self, model: onnx.ModelProto, observed: Observed) -> None:
        self.model = model
        self.patches = observed.patches
        self.floats = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.head = Head(model.graph)
        body = onnx.GraphProto()
        body.node.extend(node for node in model.graph.node if node.name not in self.head.names)
        ends = {tensor for node in body.node for tensor in node.output} | {"image"}
        self.body = list(body.node)
        self.scales = Scales(body, {t: r for t, r in observed.ranges.items() if t in ends})
        self.writer = Writer()

    def quantised(self) -> onnx.ModelProto:
        self.bytes_of("image", "image")
        for node in self.body:
            if node.op_type == "Relu":
                self.bytes_of(node.input[0], node.output[0])
            elif node.op_type == "Conv":
                rounded = self.rounded(node)
                self.convolution(node, rounded, self.floats[node.input[2]].astype(np.float64))
            else:
                inputs = [f"{t}.value" if t not in self.floats and t else t for t in node.input]
                self.copy_constants(node)
                self.writer.node(node.op_type, inputs, node.output[0], like=node)
                self.bytes_of(node.output[0], node.output[0])
        self.write_head()
        constants = [numpy_helper.from_array(v, k) for k, v in self.writer.constants.items()]
        return network(self.writer.nodes, constants, self.model.graph.name)

    def rounded(self, node: onnx.NodeProto) -> Rounded:
        return round_weights(self.floats[node.input[1]], self.patches[node.name])

    def bytes_of(self, source: str, tensor: str) -> None:
        group = self.scales.group(tensor)
        scale, zero = self.scales.of(tensor)
        self.writer.bytes_of(
            source,
            tensor,
            self.writer.constant(f"{group}.scale", scale, np.float32),
            self.writer.constant(f"{group}.zero", zero, np.uint8),
        )

    def convolution(
        self, node: onnx.NodeProto, rounded: Rounded, bias: NDArray[np.float64]
    ) -> None:
        """A convolution with integer weights; the bias has the scale of their products."""
        products = float(self.scales.of(node.input[0])[0]) * rounded.scales.astype(np.float64)
        codes = np.rint((bias + rounded.bias_change) / products).astype(np.int32)
        inputs = [
            f"{node.input[0]}.value",
            self.writer.integers(f"{node.name}.weight", rounded.codes, rounded.scales),
            self.writer.integers(f"{node.name}.bias", codes, products.astype(np.float32)),
        ]
        self.writer.node("Conv", inputs, node.output[0], like=node)

    def copy_constants(self, node: onnx.NodeProto) -> None:
        for tensor in node.input:
            if tensor in self.floats:
                self.writer.constant(tensor, self.floats[tensor], self.floats[tensor].dtype.type)

    def write_head(self) -> None:
        head, writer = self.head, self.writer
        step = writer.constant("side.scale", head.STEP, np.float32)
        zero = writer.constant("side.zero", 0, np.uint8)
        axis = writer.constant("side.axis", [1], np.int64)
        starts = head.LOWEST + head.STEP * CODES * np.arange(head.COPIES)
        shares = self.floats[head.sum.input[1]].ravel()
        parts = []
        for side, resize, share in zip(head.sides, head.resizes, shares, strict=True):
            one = self.rounded(side)
            copies = Rounded(
                np.repeat(one.codes, head.COPIES, axis=0),
                np.repeat(one.scales, head.COPIES),
                np.repeat(one.bias_change, head.COPIES),
            )
            self.convolution(side, copies, self.floats[side.input[2]].astype(np.float64) - starts)
            values = writer.bytes_of(side.output[0], side.name, step, zero)
            map_ = writer.node("ReduceSum", [values, axis], f"{side.name}.sum", keepdims=1)
            if resize is not None:
                self.copy_constants(resize)
                map_ = writer.node("Resize", [map_, *resize.input[1:]], resize.name, like=resize)
            factor = writer.constant(f"{side.name}.share", share, np.float32)
            parts.append(writer.node("Mul", [map_, factor], f"{side.name}.part"))
        offset = float(self.floats[head.sum.input[2]][0]) + head.LOWEST * float(shares.sum())
        parts.append(writer.constant("logit.bias", offset, np.float32))
        writer.node("Sigmoid", [writer.node("Sum", parts, "logit")], "mask")


def quantise(model: onnx.ModelProto, observed: Observed) -> onnx.ModelProto:
    """The 8-bit version of a float U-2-Net of either size."""
    return Quantiser(model, observed).quantised()
