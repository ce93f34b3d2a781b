"""Which room may import which: only those below it.  The ranks are those of ARCHITECTURE.md."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import defocus

RANKS = (
    "__main__ > cli > serve compat ray > aio batch frames > pipeline kernels > render subject "
    "models io > pixels > options threads atomic > errors forks once timing warmup _native "
    "_pyinstaller"
)
RANK = {room: -rank for rank, row in enumerate(RANKS.split(">")) for room in row.split()}
# A library, and the only places whose code may import it.
ONLY_IN = {"PIL": "io", "pillow_heif": "io.codecs.heif", "onnxruntime": "models.onnx_runtime"}
ONLY_IN |= {
    "pi_heif": "io.codecs.heif",
    "simplejpeg": "io.codecs.jpeg",
    "isal": "io.codecs.deflate",
    "openvino": "models.openvino_runtime",
    "urllib": "models.pull",
    "argparse": "cli",
    "ray": "ray cli.ray",
    "pyarrow": "ray",
}
ONLY_IN |= dict.fromkeys(("fastapi", "starlette", "pydantic", "prometheus_client"), "serve")
ONLY_IN |= dict.fromkeys(("uvicorn", "h11", "python_multipart"), "serve")
PACKAGE = Path(defocus.__file__).parent
FILES = {path.relative_to(PACKAGE).with_suffix(""): path for path in PACKAGE.rglob("*.py")}
MODULES = {".".join(name.parts): path for name, path in FILES.items() if "-" not in name.name}


def imported(name: str, *, types: bool = True) -> set[str]:
    """The full names that a module imports; without `types` not those for type checkers only."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    guards = [node for node in ast.walk(tree) if isinstance(node, ast.If) and not types]
    for_types = [node for node in guards if ast.unparse(node.test) == "TYPE_CHECKING"]
    left_out = {child for guard in for_types for child in ast.walk(guard)}
    found: set[str] = set()
    for node in {*ast.walk(tree)} - left_out:
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            found |= {start + alias.name for alias in node.names}
    return found


def modules_imported(name: str) -> set[str]:
    names = {full.removeprefix("defocus.") for full in imported(name) if "defocus." in full}
    homes = {full if full in MODULES else full.rpartition(".")[0] for full in names}
    return {module for module in MODULES if module.removesuffix(".__init__") in homes}


@pytest.mark.parametrize("name", sorted({*MODULES} - {"__init__"}))
def test_a_module_imports_its_own_room_and_lower_ones(name: str) -> None:
    room = name.split(".")[0]
    for other in {module.split(".")[0] for module in modules_imported(name)} - {room}:
        assert RANK[other] < RANK[room], f"{name} imports {other}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    TopologicalSorter({name: modules_imported(name) for name in MODULES}).prepare()


@pytest.mark.parametrize(("library", "places"), ONLY_IN.items())
def test_a_library_is_imported_in_its_places_only(library: str, places: str) -> None:
    for name in MODULES:
        if not any(f"{name}.".startswith(f"{place}.") for place in places.split()):
            roots = {full.split(".")[0] for full in imported(name, types=False)}
            assert library not in roots, f"{name} imports {library}"


def test_options_are_checked_in_their_room_only() -> None:
    for name in MODULES:
        if name.split(".")[0] != "options":
            assert "defocus.options.checks" not in imported(name), f"{name} checks an option"
