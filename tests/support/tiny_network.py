"""Small networks as ONNX files, written by hand: the tests need no onnx package.

The numbers are the field numbers of onnx.proto3 (ModelProto and what it holds).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

FLOAT, FLOAT16, DOUBLE = 1, 10, 11
VARINT, BYTES, FIXED32 = 0, 2, 5
Shape = Sequence[int | str]


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def tag(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return tag(number, VARINT) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return tag(number, BYTES) + varint(len(data)) + data


def value_info(name: str, shape: Shape, kind: int = FLOAT) -> bytes:
    dims = b"".join(field(1, field(1 if isinstance(d, int) else 2, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dims)))


def node(operator: str, source: str, target: str, attributes: bytes = b"") -> bytes:
    return field(1, source) + field(2, target) + field(4, operator) + attributes


def tiny_network(shape: Shape = (1, 3, 48, 64), kind: int = FLOAT, inputs: int = 1) -> bytes:
    """A network whose outputs are, in this order,

    - "mask": the sigmoid of the mean of red, green and blue,
    - "logits": that mean itself, and
    - "wide": the image, all three channels.
    """
    channels = field(1, "axes") + field(8, 1) + field(20, 7)  # INTS
    nodes = [
        node("ReduceMean", "image0", "logits", field(5, channels)),
        node("Sigmoid", "logits", "mask"),
        node("Identity", "image0", "wide"),
    ]
    flat = [shape[0], 1, *shape[2:]]
    graph = b"".join(field(1, n) for n in nodes) + field(2, "tiny")
    for index in range(inputs):
        graph += field(11, value_info(f"image{index}", shape, kind))
    for name, ends in (("mask", flat), ("logits", flat), ("wide", shape)):
        graph += field(12, value_info(name, ends, kind))
    return field(1, 8) + field(8, field(2, 13)) + field(7, graph)


def bright_network(shape: Shape = (1, 3, 48, 64)) -> bytes:
    """A network that is sure: 0 up to a brightness of .7, 1 from .83 on.

    Its map is the hard sigmoid of the mean of red, green and blue, in ImageNet's units.
    """
    channels = field(1, "axes") + field(8, 1) + field(20, 7)  # INTS
    steep = b"".join(
        field(5, field(1, name) + tag(2, FIXED32) + struct.pack("<f", value) + field(20, 1))
        for name, value in (("alpha", 2.3), ("beta", -2.7))
    )
    nodes = [
        node("ReduceMean", "image", "logits", field(5, channels)),
        node("HardSigmoid", "logits", "mask", steep),
    ]
    graph = b"".join(field(1, n) for n in nodes) + field(2, "bright")
    graph += field(11, value_info("image", shape))
    graph += field(12, value_info("mask", [shape[0], 1, *shape[2:]]))
    return field(1, 8) + field(8, field(2, 13)) + field(7, graph)


WEIGHTS = (2.0, -1.0, 0.5)  # of red, green and blue in the logits of `family_network`


def family_network(
    shape: Shape, *, sigmoid: bool, outputs: int = 1, half: bool = False, bgr: bool = False
) -> bytes:
    """A network with the input and output of a published one, and a meaning that is known.

    Its logits are the sum of red, green and blue times WEIGHTS.  The first output is the sigmoid of
    it, or the logits themselves.  Further ones are its negative.  With `half` the outputs are
    float16.  With `bgr` the channels of the input are blue, green and red.
    """
    kernel = struct.pack("<3f", *(WEIGHTS[::-1] if bgr else WEIGHTS))
    weights = b"".join(field(1, size) for size in (1, 3, 1, 1)) + field(2, FLOAT)
    nodes = [
        field(1, "image") + field(1, "kernel") + field(2, "logits") + field(4, "Conv"),
        node("Sigmoid" if sigmoid else "Identity", "logits", "result"),
        node("Neg", "result", "other"),
    ]
    kind = FLOAT16 if half else FLOAT
    to_kind = field(5, field(1, "to") + field(3, kind) + field(20, 2))  # INT
    ends = [("out0", "result"), *((f"out{k}", "other") for k in range(1, outputs))]
    nodes += [node("Cast", source, name, to_kind) for name, source in ends]
    graph = b"".join(field(1, n) for n in nodes) + field(2, "family")
    graph += field(5, weights + field(8, "kernel") + field(9, kernel))
    graph += field(11, value_info("image", shape))
    for name, _ in ends:
        graph += field(12, value_info(name, [shape[0], 1, *shape[2:]], kind))
    return field(1, 8) + field(8, field(2, 13)) + field(7, graph)
