"""The command `defocus models`: list the networks, or download one."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from defocus.cli.parser import SETTINGS, Parser
from defocus.cli.progress import Meter
from defocus.cli.streams import is_terminal, write_line

__all__ = ["add_to", "run"]

_EPILOG = """
environment:
  DEFOCUS_MODELS        folder for downloaded files (default: the user's cache)
  DEFOCUS_MODEL_MIRROR  URL of a folder to download from
  U2NET_HOME            folder of rembg, as REMBG_HOME; its files are used too

exit codes:
  0    success
  1    the file could not be downloaded, verified or written
  2    wrong usage: an unknown option, or a value out of range
  130  interrupted
"""


def add_to(group: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command to the others; its parser."""
    command = group.add_parser(
        "models",
        usage="defocus models list\n       defocus models pull [options] NAME",
        help="list the networks, or download one",
        description="List the networks that find the subject, or download one.",
        epilog="examples:\n  defocus models list\n  defocus models pull u2net-float\n" + _EPILOG,
        **SETTINGS,
    )
    command.example = "models list"
    actions = command.add_subparsers(
        prog="defocus models", dest="action", metavar="list|pull", required=True, title="actions"
    )
    listing = actions.add_parser(
        "list",
        usage="defocus models list",
        help="show name, size, licence and file of every network",
        description="Show name, size, licence and file of every network. Files are verified.",
        **SETTINGS,
    )
    for parser, example in (
        (listing, "models list"),
        (_pull_parser(actions), "models pull u2net-float"),
    ):
        parser.example = example
        parser.set_defaults(parser=parser)
    return command


def _pull_parser(actions: argparse._SubParsersAction[Parser]) -> Parser:
    parser = actions.add_parser(
        "pull",
        usage="defocus models pull [options] NAME",
        help="download the file of a network",
        description="Download the file of a network, verify it, and print its path.",
        epilog=_EPILOG.lstrip(),
        **SETTINGS,
    )
    add = parser.add_argument
    add("name", metavar="NAME", help="name of a network, from 'defocus models list'")
    add(
        "--mirror",
        metavar="URL",
        help="folder with files of the same names (default: where the network is published)",
    )
    add("--force", action="store_true", help="download the file even if it exists")
    add("--progress", action="store_true", help="show progress even if stderr is no terminal")
    return parser


def run(options: argparse.Namespace) -> None:
    """List or download networks.  Raises DefocusError."""
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
    write_line("\n".join([*lines, "", "* is the default."]))


def _place(spec: Any) -> tuple[int, str]:
    """The size of a network's file, and its path or what is wrong with it."""
    from defocus.errors import ModelError, ModelMissingError
    from defocus.models import locate
    from defocus.models.weights import remedy

    try:
        path = locate(spec)
    except ModelMissingError:
        return spec.size, f"missing; {remedy(spec)}"
    except ModelError as error:
        return spec.size, str(error).partition(": ")[2]
    where = os.fspath(path) if spec.url else "in the package"
    return path.stat().st_size, f"{where}, verified"


def _pull(options: argparse.Namespace) -> None:
    from defocus.models import entry
    from defocus.models.pull import pull

    spec = entry(options.name)
    terminal = is_terminal(sys.stderr)
    meter = Meter(spec.size, unit=" MB", scale=1e6, redraw=terminal)

    def show(received: int) -> None:
        meter.advance(received - meter.count)
        if terminal or options.progress:
            meter.show()

    try:
        path = pull(spec, mirror=options.mirror, force=options.force, progress=show)
    finally:
        meter.clear()
    write_line(os.fspath(path))
