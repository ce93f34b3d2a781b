"""The command `defocus completion`: print the completion script for a shell."""

from __future__ import annotations

import argparse

from defocus.cli.parser import SETTINGS, Parser
from defocus.cli.streams import write_line
from defocus.errors import OptionError

__all__ = ["add_to", "run"]

_EPILOG = """\
examples:
  source <(defocus completion bash)        in ~/.bashrc
  source <(defocus completion zsh)         in ~/.zshrc, behind compinit
  defocus completion fish | source         in ~/.config/fish/config.fish

exit codes:
  0    success
  1    standard output could not be written
  2    wrong usage: an unknown shell
"""


def add_to(group: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command to the others; its parser."""
    command = group.add_parser(
        "completion",
        usage="defocus completion SHELL",
        help="print a script that completes the command in a shell",
        description="Print a script that completes the command in a shell.",
        epilog=_EPILOG,
        **SETTINGS,
    )
    command.example = "completion bash"
    command.add_argument("shell", metavar="SHELL", help="bash, zsh or fish")
    return command


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Print the script for all commands of `parser`.  Raises OptionError for another shell."""
    from defocus.cli.shells.grammar import command_of
    from defocus.cli.shells.scripts import SCRIPTS

    script = SCRIPTS.get(options.shell)
    if script is None:
        raise OptionError(f"shell {options.shell!r} is unknown; expected {', '.join(SCRIPTS)}")
    write_line(script(command_of(parser)).rstrip("\n"))
