"""Networks that OpenVINO runs: its masks, its errors, and what it must leave alone."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus import Segmenter
from defocus.compat.rembg import new_session
from defocus.errors import MissingExtraError, ModelError, ProviderError
from defocus.models import ModelSpec, engines, openvino
from defocus.models.network import reported
from tiny_network import FLOAT16, tiny_network

CPU = "CPUExecutionProvider"
needs_openvino = pytest.mark.skipif(not openvino.installed(), reason="needs the extra openvino")
IMAGE = np.random.default_rng(3).integers(0, 256, (70, 90, 3), np.uint8)


def disc() -> NDArray[np.uint8]:
    y, x = np.mgrid[:240, :320]
    inside = np.hypot(y - 120, x - 160)[..., np.newaxis] < 70
    return np.where(inside, (220, 60, 40), (70, 90, 80)).astype(np.uint8)


def run(program: str, env: dict[str, str] | None = None) -> str:
    """What a program of Python prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env
    )
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.onnx").write_bytes(tiny_network())


@needs_openvino
@pytest.mark.parametrize("kind", [1, FLOAT16])
@pytest.mark.parametrize("output", ["mask", None])
def test_a_mask_is_that_of_onnx_runtime(kind: int, output: str | None) -> None:
    Path("tiny.onnx").write_bytes(tiny_network(kind=kind))
    spec = ModelSpec(file=str(Path("tiny.onnx").resolve()), output=output)
    own, usual = Segmenter(spec, providers="openvino", threads=1), Segmenter(spec, threads=1)
    assert own.input_size == usual.input_size == (64, 48)
    assert np.abs(own.mask(IMAGE) - usual.mask(IMAGE)).max() < 2e-3
    assert own.providers == ("OpenVINO",)


@needs_openvino
def test_the_shipped_network_finds_the_same() -> None:
    image = disc()
    first, *others = [Segmenter(threads=n, providers="openvino").mask(image) for n in (1, 2)]
    assert np.array_equal(first, others[0])  # whatever the number of threads
    usual = Segmenter(threads=1).mask(image)
    assert usual.max() > 0.9
    assert np.abs(first - usual).mean() < 0.005


@needs_openvino
def test_it_works_in_threads_pickles_and_children() -> None:
    segmenter = Segmenter("tiny.onnx", providers=["openvino", "cpu"], threads=1)
    want = segmenter.mask(IMAGE)
    with ThreadPoolExecutor(8) as pool:
        assert all(np.array_equal(want, mask) for mask in pool.map(segmenter.mask, [IMAGE] * 40))
    assert np.array_equal(pickle.loads(pickle.dumps(segmenter)).mask(IMAGE), want)
    if hasattr(os, "fork"):
        child = os.fork()
        if not child:
            os._exit(0 if np.array_equal(segmenter.mask(IMAGE), want) else 3)
        assert os.waitpid(child, 0)[1] == 0


@needs_openvino
@pytest.mark.parametrize("shape", [(1, 3, "h", "w"), ("n", 3, 48, 64)])
def test_sizes_may_be_open(shape: Any) -> None:
    Path("tiny.onnx").write_bytes(tiny_network(shape))
    spec = ModelSpec(file=str(Path("tiny.onnx").resolve()), input_size=(64, 48))
    own, usual = Segmenter(spec, providers="openvino", threads=1), Segmenter(spec, threads=1)
    assert np.abs(own.mask(IMAGE) - usual.mask(IMAGE)).max() < 1e-5


@needs_openvino
def test_failures_are_errors_of_the_library() -> None:
    Path("text.onnx").write_text("no network")
    with pytest.raises(ModelError, match=r"text.*OpenVINO failed"):
        Segmenter("text.onnx", providers="openvino").warmup()
    Path("two.onnx").write_bytes(tiny_network(inputs=2))
    with pytest.raises(ModelError, match="expected one input"):
        Segmenter("two.onnx", providers="openvino").warmup()
    with pytest.raises(ModelError, match="has no output 'other'"):
        Segmenter(
            ModelSpec(file=str(Path("tiny.onnx").resolve()), output="other"), providers="openvino"
        ).warmup()
    for options, named in (({"device_type": "NOWHERE"}, "NOWHERE"), ({"FOO": 1}, "FOO")):
        with pytest.raises(ProviderError, match=named):
            Segmenter("tiny.onnx", providers=[("openvino", options)]).warmup()


@needs_openvino
@pytest.mark.parametrize("providers", [["cpu", "openvino"], ["openvino", "azure"]])
def test_it_runs_a_whole_network(providers: list[str]) -> None:
    if "azure" in providers and "AzureExecutionProvider" not in engines.available_providers():
        pytest.skip("another onnxruntime")
    with pytest.raises(ProviderError, match="name it alone"):
        Segmenter("tiny.onnx", providers=providers)


@needs_openvino
def test_no_telemetry_and_no_change_of_the_process(tmp_path: Path) -> None:
    program = (
        "import os, threading, numpy as np, defocus\n"
        "before = dict(os.environ)\n"
        "defocus.Segmenter('tiny.onnx', providers='openvino', threads=1).warmup()\n"
        "assert dict(os.environ) == before\n"
        "print([t.name for t in threading.enumerate()])\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    for ci in (None, "", "yes"):
        settings = {**os.environ, "HOME": str(home), "CI": ci or ""}
        if ci is None:
            del settings["CI"]
        assert run(program, env=settings) == "['MainThread']"
        assert not [path for path in home.rglob("*") if path.is_file()]


@needs_openvino
def test_rembg_and_the_command_take_it() -> None:
    photo = Image.fromarray(disc())
    session = new_session("u2netp", providers=["OpenVINOExecutionProvider", CPU])
    (mask,) = session.predict(photo)
    assert np.asarray(mask)[120, 160] == 255
    photo.save("photo.png")
    command = [sys.executable, "-m", "defocus", "mask", "--provider", "openvino"]
    subprocess.run([*command, "--model", "u2netp", "photo.png", "m.png"], check=True)
    assert Path("m.png").exists()


def test_without_it_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino, "installed", lambda: False)
    if "OpenVINOExecutionProvider" in engines.available_providers():
        pytest.skip("another onnxruntime")
    with pytest.raises(ProviderError, match=r"openvino.*defocus\[openvino\]"):
        Segmenter("tiny.onnx", providers="openvino")


def test_a_broken_installation_is_an_error_of_the_library() -> None:
    program = (
        "import sys; sys.modules['openvino'] = None\n"
        "from defocus.errors import MissingExtraError\n"
        "from defocus.models.openvino_runtime import import_openvino\n"
        "try: import_openvino()\n"
        "except MissingExtraError as error: print('openvino' in str(error))\n"
    )
    assert run(program) == "True"
    assert issubclass(MissingExtraError, defocus.DefocusError)


@needs_openvino
def test_a_damaged_file_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    Path("text.onnx").write_text("no network" * 100)
    with pytest.raises(ModelError, match="OpenVINO failed"):
        Segmenter("text.onnx", providers="openvino").build()
    assert capfd.readouterr() == ("", "")


def test_an_empty_folder_is_not_the_package() -> None:
    program = (
        "import sys, types; sys.modules['openvino'] = types.ModuleType('openvino')\n"
        "from defocus.errors import MissingExtraError\n"
        "from defocus.models.openvino_runtime import import_openvino\n"
        "try: import_openvino()\n"
        "except MissingExtraError as error: print('not the package' in str(error))\n"
    )
    assert run(program) == "True"


@pytest.mark.parametrize(
    "words", ["std::bad_alloc", "can't alloc", "Resource temporarily unavailable"]
)
def test_a_lack_of_memory_in_the_build_is_a_memory_error(words: str) -> None:
    class Core:
        def compile_model(self, *_arguments: object) -> None:
            raise RuntimeError(f"Exception from plugin.cpp:54:\n{words}")

    spec = ModelSpec(file=str(Path("tiny.onnx").resolve()))
    with pytest.raises(MemoryError, match="OpenVINO has no memory"), reported(spec, "OpenVINO"):
        openvino._compiled(spec, Core(), None, "CPU", {})
