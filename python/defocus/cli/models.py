"""The command `defocus models`: list the networks, or download one."""

from __future__ import annotations

import argparse
import json
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
        usage="defocus models list [--json]",
        help="show name, licence, size, memory and state of every network",
        description="Show name, licence, size on disk, memory and state of every network.\n"
        "Files are verified.",
        **SETTINGS,
    )
    listing.add_argument(
        "--json", action="store_true", help="write a line of JSON for each network"
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
        "--accept-licence",
        action="store_true",
        help="accept a licence that excludes commercial use",
    )
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
        _list(as_json=options.json)
    else:
        _pull(options)


def _list(*, as_json: bool) -> None:
    from defocus.models import MODELS

    entries = [_entry(spec) for spec in MODELS.values()]
    write_line("\n".join(map(json.dumps, entries) if as_json else _table(entries)))


def _entry(spec: Any) -> dict[str, Any]:
    """What the list says about a network."""
    from defocus.models import DEFAULT_MODEL
    from defocus.models.weights import digest

    state, path, size = _state(spec)
    kind, digits = digest(spec)
    return {
        "name": spec.name,
        "default": spec.name == DEFAULT_MODEL,
        "licence": spec.licence,
        "non_commercial": spec.non_commercial,
        "size": size,
        "memory": spec.memory,
        "state": state,
        "path": path,
        "digest": {"kind": kind, "digits": digits},
        "source": spec.source,
    }


def _state(spec: Any) -> tuple[str, str | None, int]:
    """Whether the file of a network is here, its path and its size."""
    from defocus.errors import LicenceError, ModelError, ModelMissingError
    from defocus.models import locate

    try:
        path = locate(spec)
    except (ModelMissingError, LicenceError):
        return "not pulled", None, spec.size
    except ModelError:
        return "damaged", None, spec.size
    return "pulled" if spec.url else "shipped", os.fspath(path), path.stat().st_size


def _table(entries: list[dict[str, Any]]) -> list[str]:
    rows = [("", "NAME", "LICENCE", "SIZE", "MEMORY", "DIGEST", "STATE")]
    for entry in entries:
        limit = ", non-commercial" if entry["non_commercial"] else ""
        rows.append(
            (
                "*" if entry["default"] else "",
                entry["name"],
                entry["licence"] + limit,
                f"{entry['size'] / 1e6:.1f} MB",
                f"{entry['memory'] / 1e9:.1f} GB" if entry["memory"] else "?",
                entry["digest"]["kind"],
                entry["state"],
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [
        *lines,
        "",
        "* is the default. MEMORY is what a process needs, about.",
        "'defocus models pull NAME' downloads one; a non-commercial one with --accept-licence.",
    ]


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
        path = pull(
            spec,
            accept_licence=options.accept_licence,
            mirror=options.mirror,
            force=options.force,
            progress=show,
        )
    finally:
        meter.clear()
    write_line(os.fspath(path))
