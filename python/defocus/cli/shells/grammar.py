"""The commands, their flags and their operands, read from an argparse parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from defocus.cli.shells.choices import choices_of, is_file

__all__ = ["Argument", "Command", "command_of"]


@dataclass(frozen=True)
class Argument:
    """A flag or an operand, and the values that a shell can complete.

    `names` is empty for an operand, `metavar` for a flag without a value.
    """

    names: tuple[str, ...]
    metavar: str
    help: str
    choices: tuple[str, ...] = ()
    file: bool = False
    repeated: bool = False

    @property
    def summary(self) -> str:
        """The beginning of the help: what it is, without the choices and the default."""
        text = self.help.partition(" (default")[0].partition(";")[0]
        head = text.partition(": ")[0]
        return head if self.choices and head not in self.choices else text


@dataclass(frozen=True)
class Command:
    """A command with its groups of flags, its operands, and the commands below it."""

    words: tuple[str, ...]
    summary: str
    usage: str
    description: str
    epilog: str
    groups: tuple[tuple[str, tuple[Argument, ...]], ...]
    operands: tuple[Argument, ...]
    commands: tuple[Command, ...]

    @property
    def flags(self) -> tuple[Argument, ...]:
        """The flags of all groups."""
        return tuple(flag for _, flags in self.groups for flag in flags)

    def all(self) -> Iterator[Command]:
        """This command, and those below it."""
        yield self
        for command in self.commands:
            yield from command.all()


def command_of(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ("defocus",), summary: str = ""
) -> Command:
    """Read a parser, and the parsers of its commands."""
    groups, operands, below = [], [], []
    for group in parser._action_groups:
        flags = []
        for action in group._group_actions:
            if isinstance(action, argparse._SubParsersAction):
                helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
                below += [
                    command_of(child, (*words, name), helps[name])
                    for name, child in action.choices.items()
                ]
            elif action.option_strings:
                flags.append(_argument(words[-1], action))
            else:
                operands.append(_argument(words[-1], action))
        if flags:
            groups.append((group.title or "", tuple(flags)))
    return Command(
        words,
        summary,
        (parser.usage or "").replace("%%", "%"),
        parser.description or "",
        parser.epilog or "",
        tuple(groups),
        tuple(operands),
        tuple(below),
    )


def _argument(command: str, action: argparse.Action) -> Argument:
    names = tuple(action.option_strings)
    metavar = "" if action.nargs == 0 else str(action.metavar or "")
    name = names[-1] if names else metavar
    return Argument(
        names,
        metavar,
        (action.help or "").replace("%%", "%"),
        choices_of(command, name) if metavar else (),
        bool(metavar) and is_file(name, metavar),
        isinstance(action, argparse._AppendAction) or action.nargs == "*",
    )
