"""The bill of materials: up to date, and compared with the wheel that contains it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.package import check_wheel, sbom

NAME = "defocus-0.1.0.dist-info"


def test_the_committed_file_is_current() -> None:
    committed = sbom.FILE.read_text(encoding="utf-8")
    assert committed == sbom.text(), "run: python -m tools.package.sbom"


def test_every_part_has_a_licence() -> None:
    components = sbom.document()["components"]
    parts = {part["name"]: part for part in components}
    assert len(parts) == len(components), "a library is listed twice"
    assert {"pybind11", "numpy", "onnxruntime", "pillow", "simplejpeg", "isal"} < {*parts}
    for name, part in parts.items():
        assert part["licenses"][0]["license"]["id"], name
    assert "Wenzel Jakob" in (sbom.ROOT / "licenses" / "pybind11.txt").read_text(encoding="utf-8")


def wheel(folder: Path, bill: dict[str, Any], weights: bytes, needs: str = "numpy>=1.24") -> Path:
    path = folder / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("defocus/models/u2net.onnx", weights)
        archive.writestr(f"{NAME}/METADATA", f"Version: 0.1.0\nRequires-Dist: {needs}\n")
        archive.writestr(f"{NAME}/sboms/defocus.cdx.json", json.dumps(bill))
    return path


def problems(path: Path) -> list[str]:
    return [problem for problem in check_wheel.check(path) if "cdx.json" in problem]


@pytest.fixture(scope="module")
def weights() -> bytes:
    return (sbom.WEIGHTS / "u2net.onnx").read_bytes()


def test_the_bill_fits_the_wheel(tmp_path: Path, weights: bytes) -> None:
    assert problems(wheel(tmp_path, sbom.document(), weights)) == []


@pytest.mark.parametrize("name", ["numpy", "pybind11", "defocus/models/u2net.onnx"])
def test_a_part_that_the_bill_does_not_name(tmp_path: Path, weights: bytes, name: str) -> None:
    bill = sbom.document()
    bill["components"] = [part for part in bill["components"] if part["name"] != name]
    (problem,) = problems(wheel(tmp_path, bill, weights))
    assert problem.endswith(f"no {name}")


def test_other_weights_another_need_or_version(tmp_path: Path, weights: bytes) -> None:
    (problem,) = problems(wheel(tmp_path, sbom.document(), weights + b"\0"))
    assert "another digest" in problem
    (problem,) = problems(wheel(tmp_path, sbom.document(), weights, "scipy>=1"))
    assert problem.endswith("no scipy")
    bill = sbom.document()
    bill["metadata"]["component"]["version"] = "0.0.9"
    (problem,) = problems(wheel(tmp_path, bill, weights))
    assert "0.0.9" in problem


def test_a_wheel_without_a_bill(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("defocus/__init__.py", "")
    assert problems(path) == [f"missing {check_wheel.SBOM}"]
