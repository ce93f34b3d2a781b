"""Write licenses/sbom.cdx.json: what a wheel contains and what it needs, in CycloneDX 1.6.

    python -m tools.package.sbom

The build copies the file into the wheel (PEP 770).  It has no time and no serial number, so that
two builds give the same bytes.  A test fails if the file is out of date.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

from defocus import models
from defocus.models.prepared import FORMS

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "licenses" / "sbom.cdx.json"
WEIGHTS = ROOT / "python" / "defocus" / "models"
# The licences of the libraries that are installed beside defocus; no wheel of ours contains them.
NEEDED = {
    "numpy": "BSD-3-Clause",
    "onnxruntime": "MIT",
    "pillow": "MIT-CMU",
    "simplejpeg": "MIT",
    "isal": "PSF-2.0",
}

Component = dict[str, Any]


def document() -> Component:
    """Return the whole bill of materials."""
    name = f"pkg:pypi/defocus@{version('defocus')}"
    parts = [*map(_weights, sorted(WEIGHTS.glob("*.onnx"))), _pybind11(), *_needed()]
    refs = [part["bom-ref"] for part in parts]
    component = {
        "type": "library",
        "bom-ref": name,
        "name": "defocus",
        "version": version("defocus"),
        "purl": name,
        "licenses": _licence("Apache-2.0"),
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component},
        "components": parts,
        "dependencies": [{"ref": name, "dependsOn": refs}, *({"ref": ref} for ref in refs)],
    }


def text() -> str:
    return json.dumps(document(), indent=2) + "\n"


def _weights(path: Path) -> Component:
    embedded = [*models.MODELS.values(), *FORMS.values()]
    (spec,) = (spec for spec in embedded if spec.file == path.name and not spec.url)
    digest = sha256(path.read_bytes()).hexdigest()
    return {
        "type": "machine-learning-model",
        "bom-ref": f"file:defocus/models/{path.name}",
        "name": f"defocus/models/{path.name}",
        "version": f"sha256:{digest}",
        "description": spec.source,
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "licenses": _licence(spec.licence),
    }


def _pybind11() -> Component:
    """The headers that the extension is compiled with, in the one version of pyproject.toml."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (number,) = set(re.findall(r'"pybind11==([\d.]+)"', project))
    return _library("pybind11", "BSD-3-Clause", f"@{number}", version=number)


def _needed() -> list[Component]:
    """The libraries that METADATA requires; it also says in which versions."""
    lines = [line for line in requires("defocus") or [] if "extra ==" not in line]
    names = sorted({re.split(r"[^\w.-]", line)[0] for line in lines})
    note = "not contained: installed beside it"
    return [_library(name, NEEDED[name], description=note) for name in names]


def _library(name: str, licence: str, suffix: str = "", **rest: Any) -> Component:
    purl = f"pkg:pypi/{name}{suffix}"
    start = {"type": "library", "bom-ref": purl, "name": name, "purl": purl}
    return start | rest | {"licenses": _licence(licence)}


def _licence(identifier: str) -> list[Component]:
    return [{"license": {"id": identifier}}]


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
