"""Builds and runs the Dockerfile where no container engine is: python -m tools.try_dockerfile.

Needs root on Linux.  The steps of the file are executed on this machine's system and Python
instead of the base image.  Nothing on the machine changes.
"""

from __future__ import annotations

from pathlib import Path

from tools.try_dockerfile.dockerfile import parse
from tools.try_dockerfile.roots import build
from tools.try_dockerfile.trial import try_image

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    image = parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    photo = (ROOT / "examples" / "astronaut.jpg").read_bytes()
    try_image(build(image, ROOT), image.last, photo)
    print("built, run as a read-only container, used, and stopped under load")


if __name__ == "__main__":
    main()
