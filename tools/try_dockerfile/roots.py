"""Executes the steps of a Dockerfile, each stage over a copy-on-write view of this machine.

The base image is replaced by this machine's system and Python, so no engine and no registry is
needed.  Changes go to a tmpfs in a mount namespace of this process, and vanish with it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.try_dockerfile.dockerfile import Image, Stage, Step, context_files

__all__ = ["build", "command_in", "unshare"]

_ROOM = Path("/mnt")
_DEVICES = ("null", "zero", "full", "random", "urandom")
NEW_MOUNTS, NEW_NETWORK = 0x00020000, 0x40000000
# What a builder passes on, too: the proxies, and how pip reaches its index.
_PASSED = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT", "REQUESTS_CA_BUNDLE")


def unshare(flags: int) -> None:
    """Give this process namespaces of its own.  Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def build(image: Image, context: Path) -> Path:
    """Execute every stage; the root of the last one."""
    unshare(NEW_MOUNTS)
    _run("mount", "--make-rprivate", "/")
    _run("mount", "-t", "tmpfs", "tmpfs", _ROOM)
    files = context_files(context)
    roots: dict[str, Path] = {}
    for number, stage in enumerate(image.stages):
        root = _new_root(_ROOM / str(number))
        roots[stage.name] = roots[str(number)] = root
        for step in stage.steps:
            print(step.kind, " ".join(step.words)[:100], flush=True)
            if step.kind == "RUN":
                _execute(root, step)
            elif step.source is None:
                _copy(root, step, context, files)
            else:
                _copy_tree(roots[step.source], root, step)
    return root


def command_in(
    root: Path, stage: Stage | Step, command: Sequence[str], *options: str, **more: str
) -> list[str]:
    """A command line that runs `command` in the root, as the user of the stage."""
    user, _, group = stage.user.partition(":")
    namespaces = [f"--{name.replace('_', '-')}={value}" for name, value in more.items()]
    inside = [f"--root={root}", f"--wd={stage.directory}", *namespaces]
    ids = [f"--reuid={user}", f"--regid={group or user}", "--clear-groups", *options]
    return ["unshare", *inside, "setpriv", *ids, *command]


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def _new_root(room: Path) -> Path:
    root, changes, work = room / "root", room / "changes", room / "work"
    for folder in (root, changes, work):
        folder.mkdir(parents=True)
    layers = f"lowerdir=/,upperdir={changes},workdir={work}"
    _run("mount", "-t", "overlay", "overlay", "-o", layers, root)
    _run("mount", "-t", "proc", "proc", root / "proc")
    _run("mount", "-t", "tmpfs", "tmpfs", root / "dev")
    for name in _DEVICES:
        (root / "dev" / name).touch()
        _run("mount", "--bind", f"/dev/{name}", root / "dev" / name)
    _put_python_at_usr_local(root)
    return root


def _put_python_at_usr_local(root: Path) -> None:
    """As in the base image, for every user."""
    local = root / "usr" / "local"
    _run("mount", "--bind", sys.base_prefix, local)
    _run("mount", "-o", "remount,bind,ro", local)
    for parent in (Path(sys.base_prefix), *Path(sys.base_prefix).parents):
        inside = root / parent.relative_to("/")  # a shared libpython is found by this path
        inside.chmod(inside.stat().st_mode | 0o555)


def _execute(root: Path, step: Step) -> None:
    inside = root / step.directory.lstrip("/")
    inside.mkdir(parents=True, exist_ok=True)
    passed = {key: value for key, value in os.environ.items() if key.upper().startswith(_PASSED)}
    environment = {"HOME": "/root", **passed, **step.environment}
    subprocess.run(command_in(root, step, step.words), env=environment, check=True)


def _target(root: Path, step: Step) -> Path:
    return root / os.path.join(step.directory, step.words[-1]).lstrip("/")  # noqa: PTH118


def _copy(root: Path, step: Step, context: Path, files: list[Path]) -> None:
    """Copy files of the context; a folder gives its content."""
    target = _target(root, step)
    for word in step.words[:-1]:
        chosen = [path for path in files if path.is_relative_to(word)]
        if not chosen:
            raise FileNotFoundError(f"COPY {word}: no such file in the context")
        for path in chosen:
            below = path.relative_to(word)
            named = below.parts or step.words[-1].endswith("/")
            to = target / (below if below.parts else path.name) if named else target
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(context / path, to)


def _copy_tree(source: Path, root: Path, step: Step) -> None:
    (word,) = step.words[:-1]
    target = _target(root, step)
    shutil.copytree(source / word.lstrip("/"), target, symlinks=True, dirs_exist_ok=True)
