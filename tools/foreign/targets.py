"""The foreign processors, and where their Debian and their compiler come from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True)
class Target:
    """A processor: its names in Debian, CMake and QEMU, and of its compiler.

    PyPI has numpy, Pillow, simplejpeg, isal and onnxruntime for it, if `wheels`.  Else Debian has
    the first two.
    """

    name: str
    suite: str
    processor: str
    triplet: str
    wheels: bool = False

    @property
    def packages(self) -> tuple[str, ...]:
        """The Debian packages of its root."""
        always = ("python3", "libpython3-dev", "libstdc++6")
        return always if self.wheels else (*always, "python3-numpy", "python3-pil")

    @property
    def emulator(self) -> str:
        return f"qemu-{self.processor}-static"

    @property
    def compiler(self) -> str:
        return f"{self.triplet}-g++"


TARGETS = {
    target.name: target
    for target in (
        Target("arm64", "bookworm", "aarch64", "aarch64-linux-gnu", wheels=True),
        # No vector level; the second stores the high byte first.
        Target("riscv64", "trixie", "riscv64", "riscv64-linux-gnu"),
        Target("s390x", "bookworm", "s390x", "s390x-linux-gnu"),
    )
}
