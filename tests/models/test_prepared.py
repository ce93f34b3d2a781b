"""The forms of the embedded networks that ONNX Runtime builds fastest on the CPU."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from defocus import Segmenter, models
from defocus.errors import ModelError
from defocus.models import MODELS, session, weights
from defocus.models.prepared import FORMS, fastest
from defocus.options.network import CPU

EMBEDDED = ("u2net", "u2netp")
SPEC = MODELS["u2net"]
FORM = FORMS[SPEC.sha256]
FILES = (str(SPEC.file), str(FORM.file))


def test_each_embedded_network_has_a_form() -> None:
    forms = {spec.name: FORMS[spec.sha256] for spec in MODELS.values() if not spec.url}
    assert {name: form.name for name, form in forms.items()} == {name: name for name in EMBEDDED}
    assert [*forms.values()] == [*FORMS.values()]


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_masks_are_the_same_bits(name: str) -> None:
    spec = MODELS[name]
    assert fastest(spec).name == f"{name}.cpu.onnx"
    # The same file as one's own, which has no other form.
    own = dataclasses.replace(spec, name="own", sha256="", file=models.locate(spec))
    assert fastest(own).name == spec.file
    image = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    image[60:180, 100:220] = 230
    np.testing.assert_array_equal(Segmenter(name).mask(image), Segmenter(own).mask(image))


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_first_convolution_has_four_channels(name: str) -> None:
    # ONNX Runtime takes four times as long for three.
    onnx = pytest.importorskip("onnx")
    graph = onnx.load(fastest(MODELS[name]), load_external_data=False).graph
    first = next(node for node in graph.node if node.op_type == "QLinearConv")
    (weights,) = (tensor for tensor in graph.initializer if tensor.name == first.input[3])
    assert [*weights.dims] == [64, 4, 3, 3]
    values = onnx.numpy_helper.to_array(weights)
    assert values[:, :3].any()
    assert not values[:, 3].any()


def test_other_providers_have_the_file_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(spec: models.ModelSpec) -> Path:
        raise AssertionError(spec)

    monkeypatch.setattr(session, "fastest", refuse)
    other = next((n for n in session.available_providers() if n != CPU), None)
    if other is None:
        pytest.skip("this onnxruntime has no other provider")
    assert session.build(SPEC, 1, 1, ((other, {}), (CPU, {}))).providers == (other, CPU)
    with pytest.raises(AssertionError):
        session.build(SPEC, 1, 1, ((CPU, {}),))


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The embedded files as symbolic links in a folder of their own."""
    monkeypatch.setattr(weights, "EMBEDDED", tmp_path)
    for name in FILES:
        (tmp_path / name).symlink_to(Path(session.__file__).parent / name)
    return tmp_path


def test_symbolic_links_into_one_folder(links: Path) -> None:
    assert fastest(SPEC).name == FORM.file
    session.build(SPEC, 1, 1, ((CPU, {}),))


@pytest.mark.parametrize("name", FILES)
def test_symbolic_links_into_several_folders(links: Path, name: str) -> None:
    data = (links / name).read_bytes()
    (links / name).unlink()
    (links / name).write_bytes(data)
    assert fastest(SPEC).name == SPEC.file
    session.build(SPEC, 1, 1, ((CPU, {}),))


@pytest.mark.parametrize("name", FILES)
def test_symbolic_links_to_files_with_other_names(links: Path, name: str, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    for each in FILES:
        (store / (f"hash of {each}" if each == name else each)).write_bytes(
            (links / each).read_bytes()
        )
        (links / each).unlink()
        (links / each).symlink_to(store / (f"hash of {each}" if each == name else each))
    session.build(SPEC, 1, 1, ((CPU, {}),))
    assert fastest(SPEC).name == (f"hash of {FORM.file}" if name == FORM.file else SPEC.file)


def test_a_form_that_is_not_there(links: Path) -> None:
    (links / str(FORM.file)).unlink()
    assert fastest(SPEC) == links / str(SPEC.file)


def test_a_damaged_form_is_refused(links: Path) -> None:
    data = bytearray((links / str(FORM.file)).read_bytes())
    data[len(data) // 2] ^= 1
    (links / str(FORM.file)).unlink()
    (links / str(FORM.file)).write_bytes(data)
    with pytest.raises(ModelError, match="reinstall defocus"):
        fastest(SPEC)


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_tool_makes_these_bytes(name: str) -> None:
    prepare = pytest.importorskip("tools.prepare", reason="needs onnx")
    spec = MODELS[name]
    committed = models.locate(FORMS[spec.sha256]).read_bytes()
    version = re.search(rb"onnxruntime ([\d.]+)", committed)
    assert version is not None
    if version[1].decode() != session.import_onnxruntime().__version__:
        pytest.skip("another onnxruntime names and orders the graph otherwise")
    assert prepare.prepared(models.locate(spec)) == committed
