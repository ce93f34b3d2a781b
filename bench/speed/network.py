"""The full network alone: ONNX Runtime and OpenVINO, 8 bits and floats, one photograph and two.

    python -m bench.speed.network [--float u2net.onnx] [--rounds 15] [--markdown FILE]

Leave the machine to it.  Every row is a process of its own, bound to as many processors as threads.
ms: the median from one photograph to the next; CPU: user and system time per photograph.
"Difference" is the largest of the masks from the first row's, on noise of the network's size.

Rows of OpenVINO need `pip install openvino`, which is no dependency.  Rows in floats need the
network that rembg publishes, as --float or as `defocus models pull u2net-float` stores it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.support import harness
from defocus import models
from defocus.errors import ModelMissingError
from defocus.models import openvino_runtime, session
from defocus.models.prepared import fastest

Image = NDArray[np.float32]
Run = Callable[[Image], Image]

# Engine, form, threads of a session, sessions at once, photographs in a batch.
ROWS = [
    ("onnxruntime", "8 bits", 1, 1, 1),
    ("onnxruntime", "8 bits", 2, 1, 1),
    ("onnxruntime", "8 bits", 1, 2, 1),
    ("onnxruntime", "8 bits", 2, 1, 2),
    ("onnxruntime", "float", 1, 1, 1),
    ("onnxruntime", "float", 2, 1, 1),
    ("openvino", "8 bits", 1, 1, 1),
    ("openvino", "8 bits", 2, 1, 1),
    ("openvino", "float", 1, 1, 1),
    ("openvino", "float", 2, 1, 1),
]


def with_onnxruntime(file: Path, threads: int, batch: int) -> Run:
    """The network as `defocus.models.session` builds it."""
    runtime = session.import_onnxruntime()
    source: Any = str(file) if batch == 1 else batched(file, batch)
    options = session._options(runtime, threads)
    network = runtime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    name, first = network.get_inputs()[0].name, network.get_outputs()[0].name
    return lambda image: network.run([first], {name: image})[0]


def batched(file: Path, batch: int) -> bytes:
    """The network with another number of photographs as its first dimension."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(file)
    sizes = {node.input[-1] for node in model.graph.node if node.op_type == "Resize"}
    for tensor in model.graph.initializer:
        if tensor.name in sizes:
            values = [batch, *numpy_helper.to_array(tensor)[1:]]
            tensor.CopyFrom(numpy_helper.from_array(np.array(values, np.int64), tensor.name))
    for end in (*model.graph.input, *model.graph.output):
        end.type.tensor_type.shape.dim[0].dim_value = batch
    del model.graph.value_info[:]
    data: bytes = model.SerializeToString()
    return data


def with_openvino(file: Path, threads: int, batch: int) -> Run:
    core = openvino_runtime.import_openvino().Core()
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
    settings["INFERENCE_PRECISION_HINT"] = "f32"  # no bfloat16 behind our back
    network = core.compile_model(core.read_model(file), "CPU", settings)
    request = network.create_infer_request()
    return lambda image: np.array(request.infer([image])[0])


def measure(index: int, file: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds and CPU milliseconds per photograph, and the mask, in this process."""
    engine, _, threads, at_once, batch = ROWS[index]
    build = with_onnxruntime if engine == "onnxruntime" else with_openvino
    runs = [build(file, threads, batch) for _ in range(at_once)]
    one = np.random.default_rng(0).random((1, 3, 320, 320), np.float32)
    image = np.repeat(one, batch, axis=0)
    mask = runs[0](image)[:1]
    times, cpus = [], []
    with ThreadPoolExecutor(at_once) as pool:
        for _ in range(rounds + 2):
            wall, cpu = time.perf_counter(), time.process_time()
            list(pool.map(lambda run: run(image), runs))
            times.append(1e3 * (time.perf_counter() - wall) / (at_once * batch))
            cpus.append(1e3 * (time.process_time() - cpu) / (at_once * batch))
    return {
        "ms": statistics.median(times[2:]),
        "cpu": statistics.median(cpus[2:]),
        "mask": mask.ravel().tolist(),
    }


def row(index: int, file: Path, rounds: int) -> dict[str, Any]:
    """The figures of one row, in a process of its own on as many processors as it has threads."""
    command = [sys.executable, "-m", "bench.speed.network", "--only", str(index)]
    command += ["--file", str(file), "--rounds", str(rounds)]
    _, _, threads, at_once, _ = ROWS[index]
    if hasattr(os, "sched_getaffinity"):
        cpus = sorted(os.sched_getaffinity(0))[: threads * at_once]
        command = ["taskset", "-c", ",".join(map(str, cpus)), *command]
    done = subprocess.run(command, cwd=harness.ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def file_of(engine: str, form: str, own_float: Path | None, batch: int) -> Path | None:
    """The file of a row; None if it is not on this machine."""
    if form == "float":
        try:
            return own_float or models.locate(models.find("u2net-float"))
        except ModelMissingError:
            return None
    spec = models.find("u2net")
    return fastest(spec) if engine == "onnxruntime" and batch == 1 else models.locate(spec)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the full network alone.")
    parser.add_argument("--float", type=Path, help="u2net.onnx as published")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--markdown", type=Path, help="write the table here, too")
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only is not None:
        print(json.dumps(measure(options.only, options.file, options.rounds)))
        return
    lines, first = [], None
    for index, (engine, form, threads, at_once, batch) in enumerate(ROWS):
        file = file_of(engine, form, options.float, batch)
        if file is None or importlib.util.find_spec(engine) is None:
            continue
        found = row(index, file, options.rounds)
        mask = np.array(found["mask"])
        first = mask if first is None else first
        how = f"{at_once} sessions of {threads} thread" if at_once > 1 else f"{threads} thread"
        name = f"{engine}, {form}, {how}{'s' if threads > 1 else ''}"
        name += f", batches of {batch}" if batch > 1 else ""
        figures = [f"{found['ms']:.0f}", f"{found['cpu']:.0f}", f"{np.abs(mask - first).max():.4f}"]
        lines.append([name, *figures])
    table = harness.markdown(["the full network", "ms", "CPU ms", "difference"], lines)
    print(table)
    if options.markdown:
        options.markdown.write_text(table, "utf-8")


if __name__ == "__main__":
    main()
