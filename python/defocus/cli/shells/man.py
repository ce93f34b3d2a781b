"""The manual page docs/man/defocus.1, made from the parsers.

`python tests/cli/test_help.py` writes it, and a test compares it with the parsers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from defocus.cli.shells.grammar import Argument, Command

__all__ = ["page"]

_TITLE = '.TH DEFOCUS 1 "" defocus "User Commands"'
# A section of an epilog: a title, and indented lines.
_SECTION = re.compile(r"^([a-z ]+):\n((?:(?: .*)?\n)+)", re.MULTILINE)
# A code or a variable, what it means, and further lines of that.
_ENTRY = re.compile(r"^ {2}(\S+) {2,}(.*(?:\n {8,}.*)*)$", re.MULTILINE)


def page(root: Command) -> str:
    """The page in the macros of man(7)."""
    lines = [_TITLE, ".SH NAME", rf"defocus \- {_text(_first(root.description))}"]
    lines += [".SH SYNOPSIS", *_example(line for c in root.commands for line in _usage(c))]
    lines += [".SH DESCRIPTION", _text(root.description), _text("Photographs stay as they are:")]
    lines += [_text("results are other files, which appear whole or not at all.")]
    lines += [".SH COMMANDS", *(line for c in root.all() if c.summary for line in _command(c))]
    lines += [".SH OPTIONS", *_options(root)]
    lines += [".SH EXAMPLES", *_example(_examples(root))]
    lines += [".SH EXIT STATUS", *_entries(_sections(root.epilog, "exit codes"))]
    variables = [text for c in root.all() for text in _sections(c.epilog, "environment")]
    lines += [".SH ENVIRONMENT", *_entries(variables)]
    return "\n".join(lines) + "\n"


def _first(text: str) -> str:
    """The first sentence in the form of NAME, which whatis(1) prints."""
    sentence = text.partition(".")[0]
    return sentence[:1].lower() + sentence[1:]


def _usage(command: Command) -> list[str]:
    return [line.strip() for line in command.usage.splitlines()]


def _command(command: Command) -> Iterator[str]:
    yield f".SS {_text(' '.join(command.words[1:]))}"
    yield _text(command.description)
    for operand in command.operands:
        yield from (".TP", rf"\fI{_text(operand.metavar)}\fR", _text(operand.help))


def _options(root: Command) -> Iterator[str]:
    """Each flag once, by groups.  In parentheses are the commands that have the group or flag."""
    owners: dict[str, dict[Argument, list[str]]] = {}
    for command in root.commands:
        for below in command.all():
            for title, flags in below.groups:
                group = owners.setdefault(title, {})
                for flag in flags:
                    group.setdefault(flag, []).append(" ".join(below.words[1:]))
    yield from (line for flag in root.flags for line in _flag(flag, ""))
    for title, group in owners.items():
        flags_of = {flag: names for flag, names in group.items() if "--help" not in flag.names}
        names = list(dict.fromkeys(name for names in flags_of.values() for name in names))
        if names:
            yield f'.SS "{_text(title.capitalize())} ({", ".join(names)})"'
        for flag, own in flags_of.items():
            yield from _flag(flag, "" if own == names else f"({', '.join(own)}) ")


def _flag(flag: Argument, owners: str) -> tuple[str, str, str]:
    value = rf" \fI{_text(flag.metavar)}\fR" if flag.metavar else ""
    named = ", ".join(rf"\fB{_text(name)}\fR" for name in flag.names)
    return ".TP", named + value, _text(owners + flag.help)


def _examples(root: Command) -> list[str]:
    """The examples of all commands, each line once."""
    lines = [line for c in root.all() for text in _sections(c.epilog, "examples") for line in text]
    return list(dict.fromkeys(line.removeprefix("  ") for line in lines))


def _sections(epilog: str, title: str) -> list[list[str]]:
    """The lines of the sections of that title."""
    found = _SECTION.findall(epilog.rstrip("\n") + "\n")
    return [text.strip("\n").splitlines() for name, text in found if name == title]


def _entries(sections: Iterable[list[str]]) -> Iterator[str]:
    """The entries of sections, each once."""
    text = "\n".join(line for lines in sections for line in lines)
    for name, meaning in dict(_ENTRY.findall(text)).items():
        yield from (".TP", rf"\fB{_text(name)}\fR", _text(meaning))


def _example(lines: Iterable[str]) -> list[str]:
    return [".EX", *map(_escaped, lines), ".EE"]


def _text(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Text without what troff would take for a request or an escape."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    text = text.replace("'", r"\(aq").replace("~", r"\(ti").replace("^", r"\(ha")
    return rf"\&{text}" if text.startswith(".") else text
