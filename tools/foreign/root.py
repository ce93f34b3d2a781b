"""A Debian root of a foreign processor, whose Python runs under QEMU's user emulation.

Nothing is registered in the kernel: a script in the root starts the emulator with its Python.  The
script is `sys.executable` of that Python, so that it can start itself.  Programs of this machine,
such as cmake, run as they are.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tools.foreign.targets import Target

__all__ = ["Root"]

_REPOSITORY = Path(__file__).resolve().parents[2]
_PURE = ("pytest", "scikit-build-core", "pybind11")
_COMPILED = ("numpy", "pillow", "simplejpeg", "isal", "onnxruntime")
_MANYLINUX = ("2_28", "2_27", "2_17")
# Without it the library that ONNX Runtime asks sees the processor of this machine.
_CPUINFO = """\
processor\t: 0
BogoMIPS\t: 50.00
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm asimddp
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x3
CPU part\t: 0xd0c
CPU revision\t: 1

"""


class Root:
    """The root of a target in a folder."""

    def __init__(self, target: Target, folder: Path) -> None:
        self.target = target
        self.path = folder.resolve() / "root"

    @property
    def python(self) -> Path:
        """The script that runs the Python of the root."""
        return self.path / "usr" / "bin" / f"python-{self.target.processor}"

    @property
    def packages(self) -> Path:
        """A folder of packages that Debian's Python imports."""
        return self.path / "usr" / "lib" / "python3" / "dist-packages"

    @property
    def python_version(self) -> str:
        """Such as 3.11."""
        return (self.path / "usr" / "bin" / "python3").readlink().name.removeprefix("python")

    def make(self) -> None:
        """Download Debian and the packages of Python; needs the rights of root.

        The second stage of debootstrap would run foreign programs, so packages are only unpacked.
        """
        if self.python.exists():
            return
        shutil.rmtree(self.path, ignore_errors=True)
        more = ["--variant=minbase", f"--include={','.join(self.target.packages)}"]
        names = [f"--arch={self.target.name}", *more, self.target.suite, str(self.path)]
        subprocess.run(["debootstrap", "--foreign", *names], check=True)
        for package in sorted(self.path.glob("var/cache/apt/archives/*.deb")):
            subprocess.run(["dpkg", "-x", package, self.path], check=True)
        self._link_blas()
        self._install()
        if self.target.wheels:
            (self.path / "proc" / "cpuinfo").write_text(_CPUINFO, encoding="utf-8")
        self._write_script()

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """Run its Python in the folder of the repository."""
        # cmake and ninja of the virtual environment count, if it is not active.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = [self.python, *arguments]
        variables = {**os.environ, "PATH": path, **environment}
        return subprocess.run(command, cwd=_REPOSITORY, env=variables, check=True)

    def _link_blas(self) -> None:
        """As the scripts of Debian's packages do, which do not run."""
        libraries = self.path / "usr" / "lib" / self.target.triplet
        for name in ("blas", "lapack"):
            if (libraries / name).is_dir():
                (libraries / f"lib{name}.so.3").symlink_to(f"{name}/lib{name}.so.3")

    def _install(self) -> None:
        """Put the versions of this environment into the root."""
        names = (*_PURE, *_COMPILED) if self.target.wheels else _PURE
        wanted = [f"{name}=={version(name)}" for name in names]
        # Its latest releases have no wheel for some processors.
        wanted.append("hypothesis>=6.100")
        tags = [f"--platform=manylinux_{tag}_{self.target.processor}" for tag in _MANYLINUX]
        tags += [f"--platform=manylinux2014_{self.target.processor}"]
        options = ["--only-binary=:all:", f"--python-version={self.python_version}", *tags]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
        subprocess.run([*pip, f"--target={self.packages}", *options, *wanted], check=True)

    def _write_script(self) -> None:
        python = self.path / "usr" / "bin" / f"python{self.python_version}"
        command = shlex.join([self.target.emulator, "-L", str(self.path), str(python)])
        emulator, rest = command.split(" ", 1)
        self.python.write_text(f'#!/bin/sh\nexec {emulator} -0 "$0" {rest} "$@"\n')
        self.python.chmod(0o755)
