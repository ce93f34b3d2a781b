"""Which execution providers run the network, and that no other ever does."""

from __future__ import annotations

import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from defocus import Segmenter
from defocus.cli import command
from defocus.errors import ModelError, OptionError, OptionTypeError, ProviderError
from defocus.models import session
from defocus.models.providers import is_cpu, resolve
from defocus.options.network import check_providers
from tiny_network import tiny_network

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
AVAILABLE = session.available_providers()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.onnx").write_bytes(tiny_network())


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cuda", "CUDA", CUDA, CUDA.lower()])
def test_short_and_full_names(name: str) -> None:
    assert resolve(check_providers(name), [CPU, CUDA]) == ((CUDA, {}),)


def test_other_names() -> None:
    full = ["DmlExecutionProvider", "TensorrtExecutionProvider"]
    assert resolve(check_providers(["directml", "trt"]), full) == tuple((n, {}) for n in full)


def test_options_go_along_and_belong_to_us() -> None:
    options = {"device_id": 1}
    choice = check_providers([("cuda", options), "cpu"])
    options["device_id"] = 2
    assert resolve(choice, [CPU, CUDA]) == ((CUDA, {"device_id": 1}), (CPU, {}))


def test_default_is_the_cpu_alone() -> None:
    assert is_cpu(check_providers(None))
    assert is_cpu(check_providers("cpu"))
    assert not is_cpu(check_providers(["cuda", "cpu"]))


@pytest.mark.parametrize(
    "providers",
    [3, ["cpu", 3], [("cpu",)], [("cpu", 3)], [(3, {})], b"cpu", [("cpu", {3: "x"})]],
)
def test_what_is_no_provider(providers: Any) -> None:
    with pytest.raises(OptionTypeError, match=r"providers=.*expected a name such as"):
        Segmenter(providers=providers)


@pytest.mark.parametrize("providers", [[], ["cpu", CPU], ["cuda", ("CUDA", {})]])
def test_none_or_twice(providers: Any) -> None:
    with pytest.raises(ProviderError, match="each at most once"):
        Segmenter(providers=providers)


# --- never anything else ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nonsense", "", "VitisAI"])
def test_one_that_is_not_there_is_refused_at_once(name: str) -> None:
    with pytest.raises(ProviderError, match=rf"provider {name!r} is not in .* cpu.*choose") as e:
        Segmenter(providers=[name, "cpu"])
    assert isinstance(e.value, OptionError)


def test_providers_in_use_are_listed() -> None:
    assert Segmenter("tiny.onnx").providers == (CPU,)
    segmenter = Segmenter("tiny.onnx", providers=["cpu"])
    assert segmenter.providers == (CPU,)
    assert pickle.loads(pickle.dumps(segmenter)).providers == (CPU,)


@pytest.mark.skipif("AzureExecutionProvider" not in AVAILABLE, reason="another onnxruntime")
def test_one_that_leaves_all_to_the_cpu_is_refused() -> None:
    # This provider is in the official builds, and calls services instead of running operators.
    segmenter = Segmenter("tiny.onnx", providers="azure")
    assert "providers=['AzureExecutionProvider']" in repr(segmenter)
    for _ in range(2):
        with pytest.raises(ProviderError, match=r"does not run on Azure.* alone.*add 'cpu'"):
            segmenter.warmup()
    Segmenter("tiny.onnx", providers=["azure", "cpu"]).warmup()


class FakeRuntime(SimpleNamespace):
    """An onnxruntime that has CUDA, and may or may not bring it up."""

    def __init__(self, active: list[str], error: str = "") -> None:
        super().__init__(ExecutionMode=SimpleNamespace(ORT_SEQUENTIAL=0), entries={})
        self.active, self.error = active, error
        self.received: dict[str, Any] = {}

    def get_available_providers(self) -> list[str]:
        return [CUDA, CPU]

    def SessionOptions(self) -> Any:  # noqa: N802 -- as onnxruntime calls it
        return SimpleNamespace(add_session_config_entry=self.entries.__setitem__)

    def InferenceSession(self, path: str, options: Any, **settings: Any) -> Any:  # noqa: N802
        self.received = settings
        if self.error:
            raise RuntimeError(self.error)
        end = SimpleNamespace(name="x", type="tensor(float)", shape=[1, 3, 8, 8])
        return SimpleNamespace(
            get_providers=lambda: self.active,
            get_inputs=lambda: [end],
            get_outputs=lambda: [end],
        )


def with_runtime(monkeypatch: pytest.MonkeyPatch, runtime: FakeRuntime) -> FakeRuntime:
    monkeypatch.setattr(session, "import_onnxruntime", lambda: runtime)
    return runtime


NO_CPU = "session.disable_cpu_ep_fallback"


def test_the_cpu_helps_only_if_it_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = with_runtime(monkeypatch, FakeRuntime([CUDA, CPU]))
    assert Segmenter("tiny.onnx", providers="cuda").providers == (CUDA,)
    assert runtime.entries[NO_CPU] == "1"
    assert runtime.received == {"providers": [(CUDA, {})], "enable_fallback": 0}
    runtime.entries.clear()
    assert Segmenter("tiny.onnx", providers=["cuda", "cpu"]).providers == (CUDA, CPU)
    assert NO_CPU not in runtime.entries


@pytest.mark.parametrize("providers", ["cuda", ["cuda", "cpu"]])
def test_one_that_does_not_come_up_is_an_error(
    monkeypatch: pytest.MonkeyPatch, providers: Any
) -> None:
    with_runtime(monkeypatch, FakeRuntime([CPU]))
    with pytest.raises(ProviderError, match="does not run on CUDA"):
        Segmenter("tiny.onnx", providers=providers).warmup()


def test_other_failures_are_not_the_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    with_runtime(monkeypatch, FakeRuntime([], error="bad\nfile"))
    with pytest.raises(ModelError, match="failed: bad file"):
        Segmenter("tiny.onnx", providers="cuda").warmup()


# --- the command line -------------------------------------------------------------------------


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (["--provider", "nonsense"], "provider 'nonsense' is not in"),
        (["--provider", "cpu", "--matte", "m.png"], "remove --matte or --provider"),
        (["--provider", "cpu", "--provider", "cpu"], "each at most once"),
    ):
        assert command.main(["cutout", "photo.jpg", "out.png", *arguments]) == 2
        assert message in capsys.readouterr().err
