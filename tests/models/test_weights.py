"""Where the networks' files are looked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from defocus.errors import ModelError, ModelMissingError
from defocus.models import MODELS, ModelSpec, locate
from defocus.models.weights import candidates, folder

DATA = b"stands for a network"
SPEC = ModelSpec(
    name="known",
    file="published.onnx",
    url="https://a.test/published.onnx",
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
)
VARIABLES = (
    "DEFOCUS_MODELS",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "U2NET_HOME",
    "REMBG_HOME",
    "LOCALAPPDATA",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def put(path: Path, data: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("platform", "variable", "place"),
    [
        ("linux", "", ".cache/defocus/models"),
        ("linux", "XDG_CACHE_HOME", "own/defocus/models"),
        ("darwin", "", "Library/Caches/defocus/models"),
        ("win32", "", "AppData/Local/defocus/models"),
        ("win32", "LOCALAPPDATA", "own/defocus/models"),
        ("linux", "DEFOCUS_MODELS", "own"),
        ("win32", "DEFOCUS_MODELS", "own"),
    ],
)
def test_the_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variable: str, place: str
) -> None:
    if variable:
        monkeypatch.setenv(variable, "~/own")
    assert folder(platform) == home / place


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("", ".u2net/published.onnx"),
        ("", ".rembg/models/published/published.onnx"),
        ("XDG_DATA_HOME", "own/.u2net/published.onnx"),
        ("XDG_DATA_HOME", "own/rembg/models/published/published.onnx"),
        ("REMBG_HOME", "own/models/published/published.onnx"),
        ("REMBG_HOME", ".u2net/published.onnx"),
        ("U2NET_HOME", "own/published.onnx"),
        ("U2NET_HOME", "own/models/published/published.onnx"),
    ],
)
def test_what_rembg_has_is_used_where_it_lies(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, place: str
) -> None:
    if variable:
        monkeypatch.setenv(variable, str(home / "own"))
    path = put(home / place)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    before = sorted(home.rglob("*"))
    try:
        assert locate(SPEC) == path
    finally:
        path.parent.chmod(0o755)
    assert sorted(home.rglob("*")) == before


def test_the_first_good_one_counts(home: Path) -> None:
    ours = put(folder() / "published.onnx")
    theirs = put(home / ".u2net" / "published.onnx")
    assert locate(SPEC) == ours
    put(ours, DATA[:-1] + b"?")
    assert locate(SPEC) == theirs
    put(theirs, DATA[:-1])
    with pytest.raises(ModelError, match=r"damaged: expected SHA-256 .*run: defocus models pull"):
        locate(SPEC)
    ours.unlink()
    with pytest.raises(ModelError, match=rf"expected {len(DATA)} bytes, found {len(DATA) - 1} "):
        locate(SPEC)
    theirs.unlink()
    with pytest.raises(ModelMissingError, match="not on this machine; run: defocus models pull kn"):
        locate(SPEC)


def test_a_folder_in_place_of_the_file_is_an_error(home: Path) -> None:
    (folder() / "published.onnx").mkdir(parents=True)
    with pytest.raises(ModelError, match=r"published\.onnx .*cannot be read"):
        locate(SPEC)


def test_embedded_ones_are_taken_from_the_package_only(home: Path) -> None:
    put(folder() / "u2netp.onnx")
    put(home / ".u2net" / "u2netp.onnx")
    assert len(candidates(MODELS["u2netp"])) == 1
    assert locate(MODELS["u2netp"]).parent.name == "models"
