"""Compile for another processor, and compare its results with those of this machine, by emulation.

    python -m tools.foreign arm64                   # root, wheel, kernels, pictures, masks
    python -m tools.foreign riscv64 root wheel pictures

- `root` makes a Debian root with Python and the packages.
- `wheel` compiles with the cross-compiler, without a warning, and installs the wheel in the root.
- `kernels` runs the tests of the kernels.  Arguments that are left over are pytest's.
- `pictures` compares digests of `portrait` and `cutout` with a given matte, of all ISA levels.
- `masks` compares the masks of the embedded networks.  It needs onnxruntime, so arm64 alone has it.

It needs the rights of root for `root`, and Debian's packages debootstrap, qemu-user-static and, for
arm64, g++-aarch64-linux-gnu.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from tools.foreign import wheel
from tools.foreign.root import Root
from tools.foreign.targets import TARGETS

_REPOSITORY = Path(__file__).resolve().parents[2]
_KERNELS = ("tests/native/kernels", "tests/native/test_dispatch.py", "tests/native/test_cut.py")
_PHOTOGRAPHS = ("examples/astronaut.jpg", "examples/coffee.jpg")
# numpy computes powers, logarithms and products of matrices in other ways on older processors.
_OLD = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL", "OPENBLAS_CORETYPE": "Prescott"}
_STEPS = ("root", "wheel", "kernels", "pictures", "masks")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(_STEPS)}")
    parser.add_argument("--folder", type=Path, help="kept (default: in the user's cache)")
    options, rest = parser.parse_known_args(arguments)
    if unknown := set(options.steps) - set(_STEPS):
        parser.error(f"unknown step: {', '.join(sorted(unknown))}; expected {', '.join(_STEPS)}")
    root = Root(TARGETS[options.target], (options.folder or _cache()) / options.target)
    for step in options.steps or (_STEPS if root.target.wheels else _STEPS[:-1]):
        print(f"== {root.target.name}: {step}", flush=True)
        if _step(step, root, rest):
            return 1
    return 0


def _cache() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "defocus-foreign"


def _step(name: str, root: Root, arguments: list[str]) -> int:
    """Run a step; gives the number of results that differ from those of this machine."""
    if name == "root":
        root.make()
    elif name == "wheel":
        print(wheel.install(root).name)
    elif name == "kernels":
        root.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *(arguments or _KERNELS))
    elif name == "pictures":
        return _compare_pictures(root)
    else:
        _compare_masks(root)
    return 0


def _here(*arguments: str | Path, **environment: str) -> None:
    command = [sys.executable, *arguments]
    subprocess.run(command, cwd=_REPOSITORY, env={**os.environ, **environment}, check=True)


def _compare_pictures(root: Root) -> int:
    folder, program = root.path.parent, ("-m", "tools.foreign.pictures")
    there = folder / "digests.json"
    root.run(*program, there)
    expected = json.loads(there.read_text(encoding="utf-8"))
    failed = 0
    for level in _native.isa_levels():
        for kind, old in (("", {}), (" with a numpy for older processors", _OLD)):
            here = folder / f"digests_{level}.json"
            _here(*program, here, DEFOCUS_ISA=level, **old)
            found = json.loads(here.read_text(encoding="utf-8"))
            names = found if root.target.wheels else expected
            wrong = [name for name in names if found.get(name) != expected.get(name)]
            failed += len(wrong)
            counts = f"{len(names) - len(wrong)} of {len(names)}"
            print(f"{counts} results equal those of {level}{kind}")
            print(*(f"  {name}" for name in wrong), sep="\n", end="\n" if wrong else "")
    return failed


def _compare_masks(root: Root) -> None:
    """Print the differences: ONNX Runtime has other kernels for each processor."""
    folder, program = root.path.parent, ("-m", "tools.foreign.masks")
    root.run(*program, folder / "masks.npz", *_PHOTOGRAPHS)
    _here(*program, folder / "masks_here.npz", *_PHOTOGRAPHS)
    with np.load(folder / "masks.npz") as there, np.load(folder / "masks_here.npz") as here:
        for name in here:
            print(f"{name}: {_difference(here[name], there[name])}")


def _difference(a: NDArray[Any], b: NDArray[Any]) -> str:
    if a.shape == b.shape and a.tobytes() == b.tobytes():
        return "equal"
    scale = np.iinfo(a.dtype).max if a.dtype.kind == "u" else 1
    x, y = a.astype(np.float64) / scale, b.astype(np.float64) / scale
    both, either = ((x > 0.5) & (y > 0.5)).sum(), ((x > 0.5) | (y > 0.5)).sum()
    gap = np.abs(x - y)
    return f"mean {gap.mean():.5f}, largest {gap.max():.3f}, overlap {both / either:.5f}"


if __name__ == "__main__":
    sys.exit(main())
