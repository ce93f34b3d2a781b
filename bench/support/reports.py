"""What a bench prints and writes: tables for people, and figures for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.support import harness

__all__ = ["add_files", "publish"]


def add_files(parser: argparse.ArgumentParser) -> None:
    """The options `--json` and `--markdown`."""
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")


def publish(
    options: argparse.Namespace,
    title: str,
    machine: Mapping[str, str],
    tables: str,
    found: Mapping[str, Any],
) -> None:
    """Print the tables, and write them and the figures into the files that the options name."""
    text = f"# {title}\n\n{harness.described(machine)}\n{tables}"
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")
    if options.json:
        document = {"machine": dict(machine), **found}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
