"""The rules of the house, as tests: who may import whom, what a level exports, the stub."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from defocus import _native

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python" / "defocus"
CPP = ROOT / "cpp"

# Who stands on whose shoulders; each may import what is named here, and nothing else of ours.
LEAVES = {"errors", "forks"}
STAGES = {"decode", "segment", "refine", "composite", "progressive", "grain", "encode"}
GROUND = {"bands", "errors", "focus", "options", "models", "photo", "threads", "words", "_native"}
ALLOWED = {
    "errors": set(),
    "checks": LEAVES,
    "forks": set(),
    "once": set(),
    "bands": set(),
    "options": LEAVES,
    "focus": LEAVES,
    "scales": set(),
    "photo": LEAVES | {"scales", "words"},
    "threads": LEAVES,
    "models": {"atomic", "errors", "forks", "models"},
    "providers": LEAVES,
    "onnx_runtime": LEAVES,
    "session": LEAVES | {"models", "onnx_runtime", "providers"},
    "kernels": {"errors", "mattes", "options", "threads", "_native"},
    "pillow": {"deep_image", "forks", "portable"},
    "pillow_rows": set(),
    "codec_errors": LEAVES,
    "sources": {
        *("boxes", "codec_errors", "errors", "extensions", "heif", "photo", "pillow", "portable"),
        "tiff_kinds",
    },
    "boxes": set(),
    "portable": {"errors", "words"},
    "heif": LEAVES,
    "words": {"_native", "threads"},
    "deep_image": {"errors", "pillow_rows", "words"},
    "png_chunks": set(),
    "png_reader": {"_native", "png_chunks", "words"},
    "png_frames": {"png_chunks", "png_reader", "words"},
    "tiff_kinds": LEAVES | {"codec_errors"},
    "tiff_reader": {"errors", "pillow", "pillow_rows", "tiff_kinds", "words"},
    "deep_decode": {
        *("deep_image", "errors", "png_frames", "png_reader", "portable", "tiff_reader", "words"),
    },
    "cicp": set(),
    "made_profiles": {"cicp"},
    "hdr": {"cicp", "made_profiles", "words"},
    "colour": {"words"},
    "colour_tags": {"boxes", "cicp", "errors", "made_profiles", "png_chunks", "words"},
    "colour_out": {"colour", "colour_tags", "deep_image", "hdr", "photo", "words"},
    "mattes": LEAVES | {"scales"},
    "transparency": {"bands", "words"},
    "seen": {"colour", "colour_tags", "hdr", "photo", "pillow", "transparency"},
    "jpeg_source": set(),
    "embedded": set(),
    "exif_block": set(),
    "maker_notes": {"embedded", "exif_block"},
    "exif": {"embedded", "exif_block", "maker_notes"},
    "iptc": {"embedded"},
    "xmp_tree": set(),
    "xmp": {"embedded", "xmp_tree"},
    "metadata": {"exif", "exif_block", "iptc", "xmp"},
    "privacy": {"xmp_tree"},
    "storage": {"errors", "photo"},
    **dict.fromkeys(STAGES, GROUND),
    "segment": GROUND | {"heif", "pillow", "providers", "session"},
    "upright": {"metadata", "pillow_rows"},
    "preview": {"colour", "sources", "upright"},
    "decode": GROUND
    | {"colour", "colour_tags", "deep_decode", "jpeg_source", "pillow", "preview", "sources"}
    | {"transparency"}
    | {"upright"},
    "maps": {
        *("colour", "decode", "deep_decode", "errors", "mattes", "photo", "pillow", "sources"),
        "upright",
    },
    "components": {"errors", "options"},
    "backdrop": {"colour_out", "decode", "errors", "pillow", "words"},
    "finish": {"components", "options", "transparency", "words"},
    "second_look": {"_native"},
    "morphology": set(),
    "second_opinion": {"components", "morphology"},
    "signs": {"morphology"},
    "advice": {"components", "signs"},
    "refine": GROUND | {"components", "once"},
    "atomic": set(),
    "files": {"atomic", "errors"},
    "jpeg": {"pillow_rows", "threads"},
    "png": {"pillow_rows", "png_chunks", "threads"},
    "tiff": {"exif", "exif_block", "words"},
    "formats": {
        *("colour_tags", "errors", "exif", "exif_block", "heif", "iptc", "jpeg_source"),
        *("metadata", "pillow", "privacy", "storage", "xmp"),
    },
    "encode": GROUND
    | {"deep_image", "files", "formats", "heif", "jpeg", "metadata", "pillow", "png", "storage"}
    | {"codec_errors", "colour_out", "tiff", "transparency"},
    "finding": STAGES
    | GROUND
    | {"advice", "components", "second_look", "second_opinion", "seen", "transparency"},
    "cover": STAGES | GROUND | {"finding", "maps", "mattes"},
    "settings": {"backdrop", "errors", "maps", "options"},
    "pipeline": STAGES
    | GROUND
    | {"backdrop", "colour_out", "components", "cover", "finding", "finish", "maps", "mattes"}
    | {"settings", "transparency"},
    "frame_spool": {"codec_errors", "colour_out", "deep_image", "words"},
    "deep_animation": {"frame_spool", "png", "png_chunks", "threads"},
    "animation": {
        *("codec_errors", "decode", "deep_animation", "encode", "errors", "files", "formats"),
        *("frame_spool", "metadata", "photo", "storage", "tiff", "transparency"),
    },
    "relay": LEAVES,
    "temporal": LEAVES | {"_native"},
    "rawvideo": LEAVES,
    "frames": {"finding", "options", "pipeline", "photo", "progressive", "relay", "segment"}
    | {"errors", "settings", "temporal", "threads"},
    "extensions": set(),
    "collect": {"errors", "extensions"},
    "plan": {"collect", "errors", "formats"},
    "work": {
        *("advice", "animation", "backdrop", "cover", "decode", "encode", "errors", "files"),
        *("finding", "formats", "maps", "options", "photo", "pipeline", "plan", "sources"),
        *("storage", "threads"),
    },
    "crew": LEAVES,
    "batch": {"backdrop", "crew", "errors", "finding", "maps", "options", "pipeline", "threads"},
    "cli_streams": LEAVES,
    "cli_parser": {"__version__", "cli_streams", "errors"},
    "cli_lens": set(),
    "cli_frames": {"cli_parser", "cli_lens", "cli_streams", "cli_subject", "errors"}
    | {"frames", "maps", "pipeline", "progressive", "rawvideo"},
    "cli_models": {"cli_parser", "cli_streams", "errors", "models"},
    "cli_subject": LEAVES,
    "cli_output": LEAVES,
    "watch": {"plan"},
    # defocus.ray and the library of that name look alike here.
    "ray": {
        *("decode", "encode", "errors", "formats", "pipeline", "ray", "ray_files", "storage"),
        "work",
    },
    "ray_files": {"errors", "files"},
    "ray_run": {"collect", "errors", "extensions", "plan", "ray", "ray_files", "threads"},
    "cli_ray": {
        *("cli_many", "cli_process", "cli_progress", "cli_recipe", "cli_run", "errors", "plan"),
        *("ray_run", "threads", "work"),
    },
    "cli_recipe": {
        *("backdrop", "cli_lens", "cli_output", "cli_subject", "errors", "maps", "options"),
        *("pipeline", "storage", "work"),
    },
    "cli_process": {"cli_parser"},
    "cli_progress": {"cli_parser", "cli_streams", "errors"},
    "cli_run": {
        *("cli_parser", "cli_progress", "cli_streams", "crew", "errors", "files", "plan"),
        *("watch", "work"),
    },
    "cli_many": {
        *("batch", "collect", "encode", "errors", "extensions", "plan", "storage", "threads"),
        "work",
        *("cli_parser", "cli_process", "cli_progress", "cli_recipe", "cli_run"),
    },
    "cli": {
        *("cli_frames", "cli_lens", "cli_many", "cli_models", "cli_output", "cli_parser"),
        *("cli_ray", "cli_recipe", "cli_streams", "cli_subject"),
        *("encode", "errors", "formats", "work"),
    },
    "__main__": {"cli"},
    "__init__": {
        *("animation", "batch", "deep_image", "encode", "errors", "frames", "models", "pipeline"),
        *("_native", "forks"),
    },
}
# Libraries and the only modules that may know them.
ONLY_IN = {
    "onnxruntime": {"onnx_runtime"},
    "urllib": {"models"},
    "PIL": {
        *("animation", "backdrop", "colour", "colour_out", "decode", "deep_animation"),
        *("deep_decode", "deep_image", "encode", "formats", "frame_spool", "pillow"),
        *("pillow_rows", "portable", "preview", "seen", "sources", "tiff", "tiff_kinds"),
        "tiff_reader",
        "upright",
    },
    "pillow_heif": {"heif"},
    "_native": {
        "segment",
        "composite",
        "grain",
        "progressive",
        "refine",
        "kernels",
        "png_reader",
        "second_look",
        "temporal",
        "words",
        "__init__",
    },
    "argparse": {
        *("cli", "cli_frames", "cli_lens", "cli_many", "cli_models", "cli_output", "cli_parser"),
        *("cli_ray", "cli_recipe", "cli_run", "cli_subject"),
    },
    "ray": {"ray", "ray_run", "cli_ray"},
    "pyarrow": {"ray", "ray_files", "ray_run"},
}


def modules() -> dict[str, str]:
    files = {path.stem: path for path in PACKAGE.glob("*.py")}
    sources = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    models = (PACKAGE / "models").glob("*.py")
    sources["models"] = "\n".join(path.read_text(encoding="utf-8") for path in models)
    return sources


def imports(source: str, *, annotations: bool = True) -> set[str]:
    """Everything imported anywhere in a module; of our own package, the part after the dot.

    Without `annotations`, what only type checkers import does not count.
    """
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += [*node.body, *node.orelse] if annotations else node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom):
            path = [node.module or ""] if node.module != "defocus" else []
            names = path or [f"defocus.{alias.name}" for alias in node.names]
            if node.level:
                names = ["a relative import"]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            root, _, rest = name.partition(".")
            found.add(rest.split(".")[0] if root == "defocus" and rest else root)
    return found


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_go_downward_only(name: str) -> None:
    assert name in ALLOWED, f"say in tests/test_codebase.py where {name}.py stands"
    ours = set(ALLOWED) | {"_native", "a relative import"}
    used = imports(modules()[name]) & ours
    assert used - ({"checks"} if name != "errors" else set()) <= ALLOWED[name]


@pytest.mark.parametrize(("library", "homes"), ONLY_IN.items())
def test_each_library_has_its_rooms(library: str, homes: set[str]) -> None:
    # Annotations may name PIL's types; only code that runs is meant.
    for name, source in modules().items():
        if name not in homes:
            assert library not in imports(source, annotations=False), f"{name}.py: {library}"


def includes(folder: str) -> dict[Path, list[str]]:
    return {
        path: re.findall(r'^#include [<"]([^>"]+)[>"]', path.read_text(encoding="utf-8"), re.M)
        for path in (CPP / folder).iterdir()
        if path.suffix in {".hpp", ".cpp"}
    }


def test_kernels_include_nothing_that_could_leak() -> None:
    for path, headers in includes("kernels").items():
        allowed = {"cstddef", "cstdint"}
        if path.name.startswith("vec_") or path.name == "shuffle.hpp":
            allowed |= {"immintrin.h", "math.h"}  # always inlined; for compilers without builtins
        for header in headers:
            assert header.startswith("kernels/") or header in allowed, f"{path.name}: {header}"


def test_only_one_file_knows_compiler_flags_of_levels() -> None:
    for path in [*ROOT.glob("CMakeLists.txt"), *CPP.rglob("*")]:
        if path.is_file() and path.name != "isa_levels.cmake":
            assert not re.search(r"-m(avx|arch|fma|sse)|/arch:", path.read_text("utf-8")), path


def objects(pattern: str) -> list[Path]:
    """Object files of the last build in this checkout; CI always has them."""
    found = sorted((ROOT / "build").rglob(pattern))
    if (not found and os.environ.get("CI") != "true") or not shutil.which("nm"):
        pytest.skip("needs nm and a build in this checkout: pip install . leaves one in build/")
    assert found
    return found


def exported(path: Path, *options: str) -> list[str]:
    listing = subprocess.run(
        ["nm", "--extern-only", "--defined-only", *options, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split()[-1] for line in listing.stdout.splitlines() if line.strip()]


def test_each_level_exports_one_symbol() -> None:
    levels = objects("level.cpp.o")
    for path in levels:
        symbols = exported(path)
        assert len(symbols) == 1, f"{path}: {symbols}"
        assert "kernels_" in symbols[0]
    assert len(levels) % len(_native.compiled_isa_levels()) == 0


def test_the_module_exports_its_entry_only() -> None:
    assert exported(Path(_native.__file__), "--dynamic") == ["PyInit__native"]


@pytest.mark.skipif(shutil.which("objdump") is None, reason="needs objdump")
@pytest.mark.parametrize(
    ("level", "has", "has_not"),
    [("baseline", "xmm", "ymm"), ("x86-64-v3", "ymm", "zmm"), ("x86-64-v4", "zmm", "none")],
)
def test_a_levels_code_is_of_that_level(level: str, has: str, has_not: str) -> None:
    if level not in _native.compiled_isa_levels():
        pytest.skip("another architecture")
    for path in objects("level.cpp.o"):
        if f"level_{level}.dir" in str(path):
            code = subprocess.run(
                ["objdump", "-d", str(path)], capture_output=True, text=True, check=True
            ).stdout
            assert has in code
            assert has_not not in code
            assert "vfmadd" not in code, "a contracted multiply-add changes the last bit"


def test_the_stub_names_what_the_module_has() -> None:
    stub = (PACKAGE / "_native.pyi").read_text(encoding="utf-8")
    functions = set(re.findall(r"^def (\w+)", stub, re.MULTILINE))
    classes = set(re.findall(r"^class ([A-Z]\w+)", stub, re.MULTILINE))
    present = {
        name for name, value in vars(_native).items() if inspect.isbuiltin(value) or callable(value)
    }
    assert functions | classes == {name for name in present if not name.startswith("__")}
    for name in functions:
        # pybind11 writes the signature into the first line of the docstring.
        line = (getattr(_native, name).__doc__ or "").splitlines()[0]
        block = re.search(rf"^def {name}\((.*?)\) ->", stub, re.MULTILINE | re.DOTALL)
        assert block is not None
        stubbed = re.findall(r"(\w+):", block[1])
        assert stubbed == re.findall(r"(\w+):", line.split("->")[0]), name


def test_every_row_kernel_has_its_hook_and_its_test() -> None:
    table = (CPP / "kernels" / "kernel_table.hpp").read_text(encoding="utf-8")
    kernels = set(re.findall(r"void \(\*(\w+)\)", table))
    hooks = {name for name in dir(_native._rows) if not name.startswith("_")}
    assert kernels == hooks
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests" / "native" / "kernels").glob("*.py")
    )
    for kernel in kernels:
        assert re.search(rf"\brows\.{kernel}\b|\"{kernel}\"", tests), f"no test of {kernel}"


def test_no_leftovers() -> None:
    for path in [*PACKAGE.rglob("*.py*"), *CPP.rglob("*.[ch]pp")]:
        if path.suffix in {".py", ".pyi", ".hpp", ".cpp"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text), path
            assert not re.search(r"\bprint\(", text) or path.name.startswith("cli"), path
