"""The process of one target: `python -m tools.fuzz.worker NAME CORPUS [flags of libFuzzer]`."""

from __future__ import annotations

import fcntl
import hashlib
import os
import random
import resource
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.fuzz import programs
from tools.fuzz.campaign import MEGABYTES, SKIPPED
from tools.fuzz.target import Mutate, Target, instrumented, is_native, load

_GUIDED = "DEFOCUS_FUZZ_GUIDED"  # is set in the process that has the extension for a search
_LONGEST = 1 << 16  # bytes of an input
_ALL_MEGABYTES = 8000  # of the process


def main(name: str, corpus: Path, flags: list[str]) -> None:
    """Search until a flag says that it ends; then the engine ends the process."""
    import atheris

    if is_native(name) and _GUIDED not in os.environ:
        _start_guided(atheris)
    sys.meta_path.insert(0, _PlainFiles())
    with atheris.instrument_imports(include=instrumented(name)):
        target = load(name)
    if target.command is not None:
        with (corpus.parent / "building").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # programs share a build folder
            command = target.command()
        if command is None:
            sys.exit(SKIPPED)
        os.execv(command[0], [*command, *flags, str(corpus)])
    _write_seeds(target, corpus)
    # The engine itself takes more and more memory, so each input is measured by itself.
    flags = [f"-max_len={_LONGEST}", "-len_control=10", *flags, f"-rss_limit_mb={_ALL_MEGABYTES}"]
    if target.dictionary:
        flags.append(f"-dict={target.dictionary}")
    mutator = {"custom_mutator": _mutator(atheris, target.mutate)} if target.mutate else {}
    atheris.Setup([sys.argv[0], *flags, str(corpus)], measured(target.check), **mutator)
    atheris.Fuzz()


def measured(check: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Let a check fail if it makes the process MEGABYTES larger than it ever was."""

    def measure(data: bytes) -> None:
        before = _peak()
        check(data)
        assert _peak() - before < MEGABYTES, "an input takes too much memory"

    return measure


def _peak() -> int:
    """The most memory that the process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _start_guided(engine: Any) -> None:
    """Become a process whose extension guides the search, where that is possible."""
    environment = programs.guided(Path(engine.path()))
    if environment is not None:
        arguments = [sys.executable, "-m", "tools.fuzz.worker", *sys.argv[1:]]
        os.execve(sys.executable, arguments, {**environment, _GUIDED: "1"})


class _PlainFiles(MetaPathFinder):
    """Lets atheris see an editable install, whose loader it would not change, as plain files."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders return, with Python's own loader for source files."""
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.origin and spec.origin.endswith(".py"):
                    spec.loader = SourceFileLoader(name, spec.origin)
                return spec
        return None


def _write_seeds(target: Target, corpus: Path) -> None:
    for data in target.seeds():
        path = corpus / hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if not path.exists():
            path.write_bytes(data)


def _mutator(engine: Any, mutate: Mutate) -> Any:
    def mutated(data: bytes, most: int, seed: int) -> bytes:
        def change(part: bytes) -> bytes:
            return bytes(engine.Mutate(part, max(1, min(most, 2 * len(part) + 16))))

        return mutate(data, random.Random(seed), change)[:most]

    return mutated


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
