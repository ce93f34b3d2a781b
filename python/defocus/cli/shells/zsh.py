"""The completion script for zsh."""

from __future__ import annotations

from collections.abc import Iterator

from defocus.cli.shells.grammar import Argument, Command

__all__ = ["script"]

_HEAD = """\
#compdef defocus
# Completes the command defocus in zsh.  Made by: defocus completion zsh
"""
# As a file of $fpath the script is itself the function; otherwise it is sourced.
_TAIL = """
if [[ $funcstack[1] == _defocus ]]; then
    _defocus "$@"
else
    compdef _defocus defocus
fi
"""
_PARENT = """\
    case $state in
        command)
            commands=(
{described}
            )
            _describe -t commands command commands ;;
        argument)
            case $line[1] in
{cases}
            esac ;;
    esac
"""


def script(root: Command) -> str:
    """The script for the commands below `root`."""
    return _HEAD + "".join(f"\n{_function(command)}" for command in root.all()) + _TAIL


def _function(command: Command) -> str:
    below = bool(command.commands)
    specs = [spec for flag in command.flags for spec in _flag(flag)]
    specs += [_operand(operand) for operand in command.operands]
    specs += ["'1:command:->command'", "'*::argument:->argument'"] if below else []
    lines = [
        f"{_name(command)}() {{",
        *(
            ["    local curcontext=$curcontext state line", "    local -a commands"]
            if below
            else []
        ),
        f"    _arguments -s {'-C ' if below else ''}\\",
        " \\\n".join(f"        {spec}" for spec in specs),
    ]
    return "\n".join(lines) + "\n" + (_parent(command) if below else "") + "}\n"


def _name(command: Command) -> str:
    return "_" + "_".join(command.words)


def _parent(command: Command) -> str:
    """The completion of the commands below a command."""
    children = command.commands
    return _PARENT.format(
        described="\n".join(
            f"                {_quoted(f'{child.words[-1]}:{child.summary}')}" for child in children
        ),
        cases="\n".join(f"                {c.words[-1]}) {_name(c)} ;;" for c in children),
    )


def _flag(flag: Argument) -> Iterator[str]:
    """The specifications of a flag, one for each name."""
    others = "*" if flag.repeated else f"({' '.join(flag.names)})"
    summary = _escaped(flag.summary, "[]:")
    for name in flag.names:
        equals = "=" if flag.metavar and name.startswith("--") else ""  # "=" or a space
        value = _value(flag) if flag.metavar else ""
        yield _quoted(f"{others}{name}{equals}[{summary}]{value}")


def _operand(operand: Argument) -> str:
    return _quoted(f"{'*' if operand.repeated else '1'}{_value(operand)}")


def _value(argument: Argument) -> str:
    words = " ".join(_escaped(word, ":") for word in argument.choices)
    action = f"({words})" if words else " "
    if argument.file:
        names = rf'{{_alternative "names\:name\:({words})" "files\:file\:_files"}}'
        action = names if words else "_files"
    return f":{_escaped(argument.metavar, ':')}:{action}"


def _escaped(text: str, characters: str) -> str:
    return "".join(f"\\{c}" if c in characters else c for c in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
