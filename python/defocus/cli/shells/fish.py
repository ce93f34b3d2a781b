"""The completion script for fish."""

from __future__ import annotations

from collections.abc import Iterator

from defocus.cli.shells.grammar import Argument, Command

__all__ = ["script"]

_HEAD = """\
# Completes the command defocus in fish.  Made by: defocus completion fish
function __defocus_command --description 'The words that name the command'
    set -l path defocus
    for token in (commandline -opc)[2..-1]
        if contains -- "$path $token" {paths}
            set path "$path $token"
        end
    end
    echo $path
end

complete -c defocus -f
"""


def script(root: Command) -> str:
    """The script for the commands below `root`."""
    below = [_quoted(" ".join(c.words)) for c in root.all() if c is not root]
    lines = [line for command in root.all() for line in _lines(command)]
    return _HEAD.format(paths=" ".join(below)) + "\n".join(lines) + "\n"


def _lines(command: Command) -> Iterator[str]:
    """The lines of one command: the commands below it, its operands and its flags."""
    here = f'test (__defocus_command) = "{" ".join(command.words)}"'
    start = f"complete -c defocus -n {_quoted(here)}"
    for child in command.commands:
        yield f"{start} -a {child.words[-1]} -d {_quoted(child.summary)}"
    for operand in command.operands:
        yield f"{start}{_value(operand)}"
    for flag in command.flags:
        value = f" -r{_value(flag)}" if flag.metavar else ""
        yield f"{start}{_names(flag)}{value} -d {_quoted(flag.summary)}"


def _names(flag: Argument) -> str:
    return "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in flag.names
    )


def _value(argument: Argument) -> str:
    words = f" -a {_quoted(' '.join(argument.choices))}" if argument.choices else ""
    return (" -F" if argument.file else " -f") + words


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
