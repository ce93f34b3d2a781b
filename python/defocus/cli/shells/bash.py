"""The completion script for bash."""

from __future__ import annotations

from collections.abc import Iterator

from defocus.cli.shells.grammar import Argument, Command

__all__ = ["script"]

# Readline completes names of files by itself where `default` is on and there is no other reply.
_SCRIPT = """\
# Completes the command defocus in bash.  Made by: defocus completion bash
_defocus() {{
    local line=${{COMP_LINE:0:COMP_POINT}} path=defocus word= before= words= files=no
    local flags= operands= operand_files=no typed token
    read -ra typed <<< "$line"
    if [[ $line != *[[:space:]] ]]; then
        word=${{typed[${{#typed[@]}} - 1]}}
        unset "typed[${{#typed[@]}} - 1]"
    fi
    for token in "${{typed[@]:1}}"; do
        case "$path $token" in
            {paths}) path="$path $token" ;;
        esac
        before=$token
    done
    if [[ $word == -*=* ]]; then
        before=${{word%%=*}} word=${{word#*=}}
    fi
    case $path in
{commands}
    esac
    case "$path $before" in
{values}
        *)
            if [[ $word == -* ]]; then
                words=$flags
            else
                words=$operands files=$operand_files
            fi ;;
    esac
    if [[ $files == no ]]; then
        compopt +o default 2> /dev/null
    fi
    # Readline replaces what is behind the last colon only, as in 4:2:0.
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    COMPREPLY=("${{COMPREPLY[@]#"${{word%"${{word##*:}}"}}"}}")
}}
complete -o default -F _defocus defocus
"""


def script(root: Command) -> str:
    """The script for the commands below `root`."""
    below = [command for command in root.all() if command is not root]
    return _SCRIPT.format(
        paths=" | ".join(f'"{" ".join(command.words)}"' for command in below),
        commands="\n".join(_command(command) for command in root.all()),
        values="\n".join(_values(root)),
    )


def _command(command: Command) -> str:
    """The case of a command: its flags, and what its operands may be."""
    flags = [name for flag in command.flags for name in flag.names]
    operands = [child.words[-1] for child in command.commands]
    operands += [word for operand in command.operands for word in operand.choices]
    files = "yes" if any(operand.file for operand in command.operands) else "no"
    return (
        f'        "{" ".join(command.words)}")\n'
        f'            flags="{" ".join(flags)}"\n'
        f'            operands="{" ".join(operands)}" operand_files={files} ;;'
    )


def _values(root: Command) -> Iterator[str]:
    """The cases of flags with a value.  The case of one command precedes that of all others."""
    common: dict[str, Argument] = {}
    for command in root.all():
        for flag in filter(lambda flag: flag.metavar, command.flags):
            name = flag.names[-1]
            usual = common.setdefault(name, flag)
            if (flag.choices, flag.file) != (usual.choices, usual.file):
                patterns = (f'"{" ".join((*command.words, name))}"' for name in flag.names)
                yield _value(" | ".join(patterns), flag)
    for flag in common.values():
        yield _value(" | ".join(f'*" {name}"' for name in flag.names), flag)


def _value(pattern: str, flag: Argument) -> str:
    words = f' words="{" ".join(flag.choices)}"' if flag.choices else ""
    return f"        {pattern}){words}{' files=yes' if flag.file else ''} ;;"
