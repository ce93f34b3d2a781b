"""Reads a Dockerfile and a .dockerignore, as far as ours go."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Image", "Stage", "Step", "context_files", "parse"]

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_STEPS = ("RUN", "COPY")
_IGNORED = ("LABEL", "EXPOSE")
_BASE_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Step:
    """A RUN or COPY, with the directory, the user and the environment that it runs in."""

    kind: str
    words: tuple[str, ...]
    source: str | None  # the stage that a COPY copies from
    directory: str
    user: str
    environment: dict[str, str]


@dataclass
class Stage:
    """What one FROM begins."""

    base: str
    name: str
    steps: list[Step] = field(default_factory=list)
    directory: str = "/"
    user: str = "0:0"
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _BASE_PATH})
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health_check: tuple[str, ...] = ()
    stop_signal: str = "SIGTERM"


@dataclass(frozen=True)
class Image:
    """All stages; the last one is the image."""

    stages: list[Stage]

    @property
    def last(self) -> Stage:
        """The stage that runs."""
        return self.stages[-1]


def parse(text: str) -> Image:
    """The stages of a Dockerfile.  Raises ValueError for an instruction that is not known."""
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for name, rest in _instructions(text):
        if name == "ARG":
            key, _, value = rest.partition("=")
            arguments[key] = value
        elif name == "FROM":
            words = _filled(rest, arguments).split()
            stages.append(Stage(base=words[0], name=words[2] if len(words) == 3 else ""))
        else:
            _apply(stages[-1], name, rest)
    return Image(stages)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def _filled(text: str, variables: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: variables[found[1] or found[2]], text)


def _apply(stage: Stage, name: str, rest: str) -> None:
    if name in _STEPS:
        stage.steps.append(_step(stage, name, rest))
    elif name == "ENV":
        for pair in shlex.split(_filled(rest, stage.environment)):
            key, _, value = pair.partition("=")
            stage.environment[key] = value
    elif name == "WORKDIR":
        stage.directory = os.path.join(stage.directory, rest)  # noqa: PTH118  # of the image
    elif name == "USER":
        stage.user = rest
    elif name == "STOPSIGNAL":
        stage.stop_signal = rest
    elif name == "HEALTHCHECK":
        stage.health_check = _command(rest.partition("CMD ")[2])
    elif name == "ENTRYPOINT":
        stage.entry_point = _command(rest)
    elif name == "CMD":
        stage.command = _command(rest)
    elif name not in _IGNORED:
        raise ValueError(f"the instruction {name} is not known here")


def _step(stage: Stage, name: str, rest: str) -> Step:
    source = None
    if name == "RUN":
        words = _command(rest)
    else:
        found = shlex.split(_filled(rest, stage.environment))
        if found[0].startswith("--from="):
            source = found.pop(0).removeprefix("--from=")
        words = tuple(found)
    return Step(name, words, source, stage.directory, stage.user, dict(stage.environment))


def _command(text: str) -> tuple[str, ...]:
    """The words of the exec form, or the shell's call of the other form."""
    if text.startswith("["):
        words: list[str] = json.loads(text)
        return tuple(words)
    return ("/bin/sh", "-c", text)


def context_files(root: Path) -> list[Path]:
    """The files below `root` that .dockerignore lets into the build, relative to it."""
    lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    compiled = [(_pattern(rule.lstrip("!")), not rule.startswith("!")) for rule in rules]
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    found = []
    for folder, names, files in os.walk(root):
        here = Path(folder).relative_to(root)
        paths = [here / name for name in files]
        found += [path for path in paths if not _ignored(path.as_posix(), compiled)]
        names[:] = [name for name in names if _enters((here / name).as_posix(), kept, compiled)]
    return sorted(found)


def _enters(path: str, kept: list[str], rules: list[tuple[re.Pattern[str], bool]]) -> bool:
    below = any(rule == path or rule.startswith(path + "/") for rule in kept)
    return below or not _ignored(path, rules)


def _ignored(path: str, rules: list[tuple[re.Pattern[str], bool]]) -> bool:
    """Whether the last rule that matches the path or a folder above it excludes it."""
    excluded = False
    for pattern, excludes in rules:
        if pattern.match(path):
            excluded = excludes
    return excluded


def _pattern(rule: str) -> re.Pattern[str]:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", rule.strip("/"))
    return re.compile("".join(parts.get(p, re.escape(p)) for p in pieces) + "(?:/.*)?$")
