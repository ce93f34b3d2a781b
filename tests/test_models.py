"""The registry of networks, and the weights it vouches for."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
from pathlib import Path

import pytest

from defocus import models
from defocus.errors import DefocusError, ModelError, UnknownModelError
from defocus.models import DEFAULT_MODEL, MODELS, ModelSpec
from defocus.segment import _import_onnxruntime

SPEC = MODELS["u2netp"]
every_model = pytest.mark.parametrize("spec", MODELS.values(), ids=list(MODELS))


@every_model
def test_entry_is_complete(spec: ModelSpec) -> None:
    assert MODELS[spec.name] is spec
    assert spec.licence == "Apache-2.0"
    assert "U-2-Net" in spec.source
    assert 0.0 < spec.subject_threshold < 1.0


@every_model
def test_shipped_file_is_what_the_registry_says(spec: ModelSpec) -> None:
    data = importlib.resources.files("defocus.models").joinpath(spec.file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == spec.sha256
    assert models.load(spec) == data


@every_model
def test_network_takes_one_image_and_gives_one_mask(spec: ModelSpec) -> None:
    onnxruntime = _import_onnxruntime()
    session = onnxruntime.InferenceSession(models.load(spec), providers=["CPUExecutionProvider"])
    width, height = spec.input_size
    ends = [(e.name, e.type, e.shape) for e in session.get_inputs() + session.get_outputs()]
    assert ends == [
        ("image", "tensor(float)", [1, 3, height, width]),
        ("mask", "tensor(float)", [1, 1, height, width]),
    ]


@every_model
def test_network_tells_nothing_of_its_making(spec: ModelSpec) -> None:
    onnxruntime = _import_onnxruntime()
    session = onnxruntime.InferenceSession(models.load(spec), providers=["CPUExecutionProvider"])
    meta = session.get_modelmeta()
    assert (meta.producer_name, meta.description, meta.custom_metadata_map) == ("", "", {})


def test_find() -> None:
    assert models.find("u2netp") is MODELS["u2netp"]
    assert models.find(DEFAULT_MODEL) is MODELS["u2net"]


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownModelError) as caught:
        models.find("resnet50")
    message = str(caught.value)
    assert "'resnet50'" in message
    assert "known models: u2net, u2netp" in message
    assert "did you mean" not in message
    assert "\n" not in message
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", ["U2NETP", "u2netpp", "u2-netp"])
def test_near_miss_is_suggested(name: str) -> None:
    with pytest.raises(UnknownModelError, match="did you mean 'u2netp'"):
        models.find(name)


@pytest.mark.parametrize("name", [None, 3, ["u2netp"], b"u2netp", ""])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(UnknownModelError, match="unknown model"):
        models.find(name)  # type: ignore[arg-type]


def test_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        MODELS["mine"] = SPEC  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        SPEC.sha256 = ""  # type: ignore[misc]


@every_model
@pytest.mark.parametrize("damage", ["one bit", "cut short", "empty"])
def test_damaged_file_is_refused(tmp_path: Path, spec: ModelSpec, damage: str) -> None:
    data = bytearray(models.load(spec))
    if damage == "one bit":
        data[len(data) // 2] ^= 1
    else:
        del data[-1 if damage == "cut short" else 0 :]
    path = tmp_path / "damaged.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        models.load(dataclasses.replace(spec, file=str(path)))
    message = str(caught.value)
    assert "damaged.onnx is damaged" in message
    assert f"expected SHA-256 {spec.sha256[:12]}" in message
    assert f"found {hashlib.sha256(data).hexdigest()[:12]}" in message
    assert message.endswith("reinstall defocus")


def test_missing_file_is_refused() -> None:
    with pytest.raises(ModelError, match=r"cannot read gone\.onnx .*reinstall defocus") as caught:
        models.load(dataclasses.replace(SPEC, file="gone.onnx"))
    assert SPEC.sha256[:12] in str(caught.value)
    assert isinstance(caught.value, DefocusError)
    assert isinstance(caught.value, OSError)
