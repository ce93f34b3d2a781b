"""The fourth channel that tools.prepare gives to the first convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus.models import session

prepare = pytest.importorskip("tools.prepare", reason="needs onnx")

if TYPE_CHECKING:
    import onnx

IMAGE_ZERO = 114


def model(channels: int, weights_zero: int = 0) -> onnx.ModelProto:
    """Two filters over an image of 5 x 5 pixels, in integers, with a border of its zero."""
    from onnx import TensorProto, helper, numpy_helper

    values = {
        "scale": np.float32(1),
        "zero": np.uint8(IMAGE_ZERO),
        "weights": np.random.default_rng(1).integers(-64, 65, (2, channels, 3, 3), np.int8),
        "weights.scale": np.ones(2, np.float32),
        "weights.zero": np.full(2, weights_zero, np.int8),
        "out.scale": np.float32(150),
    }
    names = ["image", "scale", "zero", "weights", "weights.scale", "weights.zero"]
    node = helper.make_node(
        "QLinearConv", [*names, "out.scale", "zero"], ["out"], "first", pads=[1, 1, 1, 1]
    )
    graph = helper.make_graph(
        [node],
        "graph",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, (1, channels, 5, 5))],
        [helper.make_tensor_value_info("out", TensorProto.UINT8, (1, 2, 5, 5))],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(network: onnx.ModelProto, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    runtime = session.import_onnxruntime()
    built = runtime.InferenceSession(
        network.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    result: NDArray[np.uint8] = built.run(None, {"image": image})[0]
    return result


def test_three_channels_become_four_with_the_same_sums() -> None:
    network = model(3)
    image = np.random.default_rng(2).integers(0, 256, (1, 3, 5, 5), np.uint8)
    before = run(network, image)
    assert len(np.unique(before)) > 20
    prepare.widen(network.graph)
    assert [node.op_type for node in network.graph.node] == ["Pad", "QLinearConv"]
    (weights,) = (each for each in network.graph.initializer if each.name == "weights")
    assert [*weights.dims] == [2, 4, 3, 3]
    np.testing.assert_array_equal(run(network, image), before)


def test_another_number_of_channels_stays() -> None:
    network = model(4)
    before = network.SerializeToString(deterministic=True)
    prepare.widen(network.graph)
    assert network.SerializeToString(deterministic=True) == before


def test_a_graph_without_convolutions_in_integers_stays() -> None:
    network = model(3)
    del network.graph.node[:]
    prepare.widen(network.graph)
    assert not network.graph.node


def test_weights_whose_zero_is_not_0_are_refused() -> None:
    with pytest.raises(SystemExit, match="first: the zero of its weights is not 0"):
        prepare.widen(model(3, weights_zero=1).graph)
