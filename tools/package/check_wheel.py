"""Check that a wheel holds what a user needs offline, and nothing that only developers need.

python tools/package/check_wheel.py dist/defocus-*.whl
"""

from __future__ import annotations

import email
import json
import re
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

WANTED = (
    "defocus/__init__.py",
    "defocus/_native.",
    "defocus/_native.pyi",
    "defocus/py.typed",
    "defocus/_pyinstaller/hook-defocus.py",
    "defocus/models/u2net.cpu.onnx",
    "defocus/models/u2net.onnx",
    "defocus/models/u2netp.cpu.onnx",
    "defocus/models/u2netp.onnx",
    "defocus/serve/page/index.html",
    "defocus/serve/page/assets/main.js",
    "defocus/serve/page/assets/style.css",
    "defocus/serve/page/assets/icon.svg",
    ".data/data/share/man/man1/defocus.1",
    ".dist-info/licenses/LICENSE",
    ".dist-info/licenses/NOTICE",
    ".dist-info/licenses/licenses/pybind11.txt",
    ".dist-info/entry_points.txt",
)
LARGEST = 50_000_000  # bytes
SBOM = ".dist-info/sboms/defocus.cdx.json"
UNWANTED = (".cpp", ".hpp", "tests/", "CMakeLists.txt", "examples/")


def check(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        bills = [name for name in names if name.endswith(SBOM)]
        problems = check_sbom(archive, bills[0]) if bills else [f"missing {SBOM}"]
    problems += [f"missing {part}" for part in WANTED if not any(part in name for name in names)]
    problems += [f"should not hold {name}" for name in names for part in UNWANTED if part in name]
    size = wheel.stat().st_size
    return problems + ([f"{size} bytes, more than {LARGEST}"] if size > LARGEST else [])


def check_sbom(archive: zipfile.ZipFile, bill: str) -> list[str]:
    """Return what the bill of materials states otherwise than the wheel."""
    document = json.loads(archive.read(bill))
    parts = {part["name"]: part for part in document["components"]}
    metadata = email.message_from_bytes(archive.read(f"{bill.split('/')[0]}/METADATA"))
    own = document["metadata"]["component"]["version"]
    problems = [f"{bill}: version {own}"] if own != metadata["Version"] else []
    lines = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    needed = {re.split(r"[^\w.-]", line)[0] for line in lines}
    weights = {name for name in archive.namelist() if name.endswith(".onnx")}
    missing = (needed | weights | {"pybind11"}) - {*parts}
    problems += [f"{bill}: no {name}" for name in sorted(missing)]
    problems += [f"{bill}: no licence of {name}" for name in parts if not parts[name]["licenses"]]
    for name in sorted(weights - missing):
        digest = {"alg": "SHA-256", "content": sha256(archive.read(name)).hexdigest()}
        if digest not in parts[name]["hashes"]:
            problems.append(f"{bill}: another digest of {name}")
    return problems


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    failed = False
    for path in map(Path, arguments):
        problems = check(path)
        failed |= bool(problems)
        size = path.stat().st_size / 1e6
        print(f"{path.name}: {size:.1f} MB, {'; '.join(problems) or 'complete'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
