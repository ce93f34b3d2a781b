"""IN and OUT of an image command: which words are inputs, and what OUT names.

OUT may be a file, a folder, or a name with a field for a number.  Without OUT the result of one
image lies beside it.
"""

from __future__ import annotations

import argparse
import os

from defocus.batch import inputs, numbers
from defocus.cli import flags
from defocus.cli.parser import Parser
from defocus.errors import OptionError
from defocus.io.extensions import is_picture

__all__ = ["sort_out"]


def sort_out(options: argparse.Namespace, extra: list[str], command: Parser) -> None:
    """Set `inputs`, `output` and `numbered` from the words of the command.

    For one image `output` is None, and `inputs` holds IN and OUT, or IN alone.  For many images
    `output` is what -o names.  `numbered` are the names of the results if OUT has a field.

    Raises SystemExit for mistakes.
    """
    # After an option, argparse gives no more words to an argument that already has some.
    if any(word.startswith("-") and word != "-" for word in extra):
        command.refuse(extra)
    words = options.inputs = [*options.inputs, *extra]
    options.replaces, options.numbered = options.output is not None, None
    if not words:
        command.error("the following arguments are required: IN")
    if options.output is None:
        _check_one(options, command)
        return
    try:
        _read_output(options)
    except OptionError as error:
        command.error(str(error))
    if "-" in words and (len(words) > 1 or options.output is not None):
        command.error("- is standard input, one image; give it as IN, and OUT without -o")
    if options.numbered is None and len(words) > 1 and _is_file(options.output):
        command.error(
            f"OUT {options.output!r} names one file, and several IN are given; name a folder, or "
            f"number the results, as in -o {numbers.EXAMPLE}"
        )


def _read_output(options: argparse.Namespace) -> None:
    """Read what -o names.  Raises OptionError."""
    words, out = options.inputs, options.output
    one = len(words) == 1 and not inputs.is_several(words[0])
    file = _is_file(out)
    if out != "-" and (file or numbers.has_field(out)):
        name = numbers.parse(out)
        if isinstance(name, numbers.NumberedName):
            options.numbered = name
        else:
            out = options.output = name
    if one and _is_for_one(options) and (file or options.numbered is not None):
        options.inputs = [words[0]] if options.numbered is not None else [words[0], out]
        options.output = None


def _is_for_one(options: argparse.Namespace) -> bool:
    """Whether no flag is given that only many images have."""
    return not [name for name in _given(options) if name != "--existing"]


def _given(options: argparse.Namespace) -> list[str]:
    """The given flags of many images, except -o."""
    names = (flags.names_of(key)[-1] for key in flags.MANY)
    return [n for n in names if n != "--output" and n[2:].replace("-", "_") in options]


def _check_one(options: argparse.Namespace, command: Parser) -> None:
    """Refuse everything but one image, and OUT if it is given."""
    words = options.inputs
    sources = words if len(words) > 2 else words[:1]
    folder = next((word for word in sources if word != "-" and inputs.is_several(word)), None)
    if folder is not None or len(words) > 2:
        command.example = f"{options.command} photos -o results"
    if folder is not None:
        command.error(f"IN {folder!r} means many images; name a folder for the results with -o")
    if len(words) > 2:
        command.error(f"unexpected argument {words[2]!r}; for many images name a folder with -o")
    if words == ["-"]:
        command.error("IN is standard input; name OUT, or - for standard output")
    if len(words) == 2 and numbers.has_field(words[1]):
        command.error(f"OUT {words[1]!r} has a field for a number; give it with -o")
    _check_no_flag_of_many(options, command)


def _check_no_flag_of_many(options: argparse.Namespace, command: Parser) -> None:
    """Refuse the flags of many images.  `--existing` also decides over the name without OUT."""
    words = options.inputs
    for name in _given(options):
        if name == "--existing" and len(words) == 2:
            command.example = f"{options.command} {words[0]} -o {words[1]} --existing overwrite"
            command.error("--existing needs OUT with -o")
        if name != "--existing":
            command.example = f"{options.command} photos -o results {name}"
            command.error(f"{name} is for many images; name a folder for the results with -o")


def _is_file(out: str) -> bool:
    """Whether -o names a file for one image instead of a folder."""
    # Path.is_dir would raise for a name that is too long.
    return out == "-" or (is_picture(out) and not os.path.isdir(out))  # noqa: PTH112
