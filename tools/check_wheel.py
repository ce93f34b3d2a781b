"""Check that a wheel holds what a user needs offline, and nothing that only developers need.

python tools/check_wheel.py dist/defocus-*.whl
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

WANTED = (
    "defocus/__init__.py",
    "defocus/_native.",
    "defocus/_native.pyi",
    "defocus/py.typed",
    "defocus/_pyinstaller/hook-defocus.py",
    "defocus/models/u2net.onnx",
    "defocus/serve/page/index.html",
    "defocus/serve/page/assets/main.js",
    "defocus/serve/page/assets/style.css",
    "defocus/serve/page/assets/icon.svg",
    "defocus/models/u2netp.onnx",
    ".data/data/share/man/man1/defocus.1",
    ".dist-info/licenses/LICENSE",
    ".dist-info/licenses/NOTICE",
    ".dist-info/entry_points.txt",
)
LARGEST = 50_000_000  # bytes
UNWANTED = (".cpp", ".hpp", "tests/", "CMakeLists.txt", "examples/")


def check(wheel: Path) -> list[str]:
    names = zipfile.ZipFile(wheel).namelist()
    problems = [f"missing {part}" for part in WANTED if not any(part in name for name in names)]
    problems += [f"should not hold {name}" for name in names for part in UNWANTED if part in name]
    size = wheel.stat().st_size
    return problems + ([f"{size} bytes, more than {LARGEST}"] if size > LARGEST else [])


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
