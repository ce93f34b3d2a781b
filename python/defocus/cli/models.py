"""The command `defocus models`: which networks there are, and fetching those that are not here."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

from defocus.cli.parser import EXIT_CODES, Parser
from defocus.cli.streams import complain, is_terminal, tell

__all__ = ["add_to", "run"]

_ENVIRONMENT = """
environment:
  DEFOCUS_MODELS        the folder for pulled files (the user's cache folder)
  DEFOCUS_MODEL_MIRROR  the URL of a folder to pull from
  U2NET_HOME            where rembg keeps its files, or REMBG_HOME: what is right is used there
"""


def add_to(group: Any, common: dict[str, Any]) -> Parser:
    """Add the command to the others and give its parser."""
    models: Parser = group.add_parser(
        "models",
        help="list the networks, or fetch one",
        description="Networks that find the subject: list them, or fetch one.",
        epilog="examples:\n  defocus models list\n  defocus models pull u2net-float\n"
        + _ENVIRONMENT
        + EXIT_CODES,
        **common,
    )
    models.example = "models list"
    actions = models.add_subparsers(dest="action", metavar="list|pull", required=True)
    listed = actions.add_parser(
        "list",
        help="show name, size, licence and place of every network",
        description="Show every network, where its file lies, and whether it is the right one.",
        **common,
    )
    pulled = actions.add_parser(
        "pull",
        help="fetch a network's file",
        description="Fetch a network's file, check it, and print where it lies.\n"
        "A broken download goes on where it stopped.",
        epilog=_ENVIRONMENT,
        **common,
    )
    add = pulled.add_argument
    add("name", metavar="NAME", help="a name that 'models list' shows")
    add("--mirror", metavar="URL", help="a folder with the same files, instead of the publisher")
    add("--force", action="store_true", help="fetch it even if it is here")
    add("--progress", action="store_true", help="show progress even if stderr is no terminal")
    for parser, example in (listed, "models list"), (pulled, "models pull u2net-float"):
        parser.example = example
        parser.set_defaults(parser=parser)
    return models


def run(options: argparse.Namespace) -> None:
    """Do what `defocus models` was asked to."""
    if options.action == "list":
        _list()
    else:
        _pull(options)


def _list() -> None:
    from defocus.models import DEFAULT_MODEL, MODELS

    rows = [("", "NAME", "SIZE", "LICENCE", "FILE")]
    for name, spec in MODELS.items():
        mark = "*" if name == DEFAULT_MODEL else ""
        size, place = _place(spec)
        rows.append((mark, name, f"{size / 1e6:.1f} MB", spec.licence, place))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    tell("\n".join([*lines, "", "* is the default."]))


def _place(spec: Any) -> tuple[int, str]:
    """The size of a network's file, and where it lies, in words."""
    from defocus.errors import ModelError, ModelMissingError
    from defocus.models import locate
    from defocus.models.weights import remedy

    try:
        path = locate(spec)
    except ModelMissingError:
        return spec.size, f"not here; {remedy(spec)}"
    except ModelError as error:
        return spec.size, str(error).partition(": ")[2]
    where = os.fspath(path) if spec.url else "in the package"
    return path.stat().st_size, f"{where}, verified"


def _pull(options: argparse.Namespace) -> None:
    from defocus.models import entry
    from defocus.models.pull import pull

    spec = entry(options.name)
    shown = options.progress or is_terminal(sys.stderr)
    progress = _Progress(spec.name) if shown else None
    try:
        path = pull(spec, mirror=options.mirror, force=options.force, progress=progress)
    finally:
        if progress is not None:
            progress.close()
    tell(os.fspath(path))


class _Progress:
    """One line on stderr that is written over ten times a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last = 0.0

    def __call__(self, done: int, size: int) -> None:
        now = time.monotonic()
        if now - self._last >= 0.1 or done == size:
            self._last = now
            share = f"{done / 1e6:.1f} of {size / 1e6:.1f} MB, {done / size:.0%}"
            complain(f"\r{self._name}: {share} ", end="")

    def close(self) -> None:
        """End the line, if there is one."""
        if self._last:
            complain("")
