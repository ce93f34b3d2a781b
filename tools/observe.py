"""What the tensors of a network look like on photographs: ranges, means and covariances."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from PIL import Image

from tools.halves import calibrates, digest_of
from tools.simplify import IMAGE_SHAPE, session

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
MEAN = np.array((0.485, 0.456, 0.406), np.float32)
STD = np.array((0.229, 0.224, 0.225), np.float32)
PLACES = 200  # of each map and photograph at which a convolution's inputs are looked at
TOGETHER = 2304  # 256 channels under a 3 x 3 kernel
PENDING = 2000  # places that are worth a product of matrices


class Patches(NamedTuple):
    """The values that a convolution multiplies with its weights, in the order of the weights.

    Covariances are those within each run of TOGETHER values; between runs they are not kept.
    """

    mean: NDArray[np.float64]
    covariances: list[NDArray[np.float64]]


class Observed(NamedTuple):
    """Smallest and largest value of each tensor, and the patches of each convolution."""

    ranges: dict[str, tuple[float, float]]
    patches: dict[str, Patches]


def calibration_half(folders: Sequence[Path]) -> list[Path]:
    """The photographs to calibrate with: of all in the folders, those whose SHA-256 is even.

    The others are left to judge the result by.  In the order of their SHA-256, so neither names
    nor the order of a listing count.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in SUFFIXES:
                found[digest_of(path.read_bytes())] = path
    chosen = [found[digest] for digest in sorted(found) if calibrates(digest)]
    if len(chosen) < 16:
        sys.exit(f"{len(chosen)} photographs to calibrate with; expected 16 or more (half of all)")
    return chosen


def load(path: Path) -> NDArray[np.float32]:
    """The network's input, normalised as its authors do."""
    with Image.open(path) as image:
        small = image.convert("RGB").resize(IMAGE_SHAPE[:1:-1], Image.Resampling.BILINEAR)
    pixels = np.asarray(small, np.float32)
    normalised = (pixels / max(float(pixels.max()), 1.0) - MEAN) / STD
    return np.ascontiguousarray(normalised.transpose(2, 0, 1)[np.newaxis])


def observe(model: onnx.ModelProto, photographs: Sequence[Path]) -> Observed:
    """Run the network over the photographs and look at every tensor."""
    last = model.graph.node[-2]  # adds up the maps of the sides, in float
    convolutions = [n for n in model.graph.node if n.op_type == "Conv" and n != last]
    kernels = {tensor.name: list(tensor.dims)[2:] for tensor in model.graph.initializer}
    ranges: dict[str, tuple[float, float]] = {}
    moments = {node.name: Moments() for node in convolutions}
    for number, tensors in enumerate(all_tensors(model, photographs)):
        for name, value in tensors.items():
            low, high = ranges.get(name, (0.0, 0.0))  # zero must have a code of its own
            ranges[name] = min(low, float(value.min())), max(high, float(value.max()))
        for node in convolutions:
            kernel = kernels[node.input[1]]
            moments[node.name].add(some_patches(tensors[node.input[0]][0], node, kernel, number))
    return Observed(ranges, {name: moments.pop(name).patches() for name in list(moments)})


class Moments:
    """Sums of patches and of their products, in double precision."""

    def __init__(self) -> None:
        self.count = 0
        self.pending: list[NDArray[np.float32]] = []
        self.total: NDArray[np.float64] = np.zeros(1)
        self.products: list[NDArray[np.float64]] = []

    def add(self, patches: NDArray[np.float32]) -> None:
        self.pending.append(patches)
        if sum(p.shape[1] for p in self.pending) >= PENDING:
            self.sum_up()

    def sum_up(self) -> None:
        if not self.pending:
            return
        patches = np.concatenate(self.pending, axis=1)
        self.pending.clear()
        self.count += patches.shape[1]
        self.total = self.total + patches.sum(axis=1, dtype=np.float64)
        runs = [patches[i : i + TOGETHER] for i in range(0, len(patches), TOGETHER)]
        if not self.products:
            self.products = [np.zeros((len(run), len(run))) for run in runs]
        for products, run in zip(self.products, runs, strict=True):
            products += run @ run.T

    def patches(self) -> Patches:
        self.sum_up()
        mean = self.total / self.count
        covariances = []
        for number, products in enumerate(self.products):
            centre = mean[number * TOGETHER : (number + 1) * TOGETHER]
            covariances.append(products / self.count - np.outer(centre, centre))
        return Patches(mean, covariances)


def all_tensors(
    model: onnx.ModelProto, photographs: Sequence[Path]
) -> Iterator[dict[str, NDArray[np.float32]]]:
    """All tensors of the network but what enters a Relu, by name, for each photograph."""
    loud = onnx.ModelProto()
    loud.CopyFrom(model)
    skipped = {node.input[0] for node in model.graph.node if node.op_type == "Relu"} | {"mask"}
    names = [node.output[0] for node in model.graph.node if node.output[0] not in skipped]
    loud.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
    )
    network = session(loud)
    for path in photographs:
        image = load(path)
        yield {
            "image": image,
            **dict(zip(names, network.run(names, {"image": image}), strict=True)),
        }


def some_patches(
    tensor: NDArray[np.float32], node: onnx.NodeProto, kernel: list[int], seed: int
) -> NDArray[np.float32]:
    """What the convolution sees at some places: values down, places across."""
    attributes = {a.name: list(a.ints) for a in node.attribute}
    dilation = attributes.get("dilations", [1])[0]
    edge = attributes.get("pads", [0])[0]
    _, height, width = tensor.shape
    padded = np.pad(tensor, ((0, 0), (edge, edge), (edge, edge)))
    random = np.random.default_rng(seed)
    places = random.choice(height * width, min(PLACES, height * width), replace=False)
    rows, columns = np.divmod(places, width)
    taps = [
        padded[:, rows + dilation * y, columns + dilation * x]
        for y in range(kernel[0])
        for x in range(kernel[1])
    ]
    return np.stack(taps, axis=1).reshape(-1, len(places))
