"""The command for one image: `defocus portrait IN OUT`."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from defocus.cli import values
from defocus.cli.arguments import EXAMPLE_OUTPUTS
from defocus.cli.recipe import checked, with_files
from defocus.cli.streams import binary, discard, quiet_libraries, report
from defocus.errors import OptionError, OutputError

__all__ = ["run"]


def run(options: argparse.Namespace) -> None:
    """Check all options, then read, process and write.  Raises DefocusError."""
    from defocus.batch import job
    from defocus.io import formats, save

    options.input, options.output = options.inputs
    recipe = checked(options, threads=options.threads)
    source, target = _source(options), _target(options)
    as_source = _keeps_format(options)
    form: str | None = options.format or ("png" if options.output == "-" else None)
    if not (as_source or recipe.every_frame):
        alpha = values.needs_alpha(options)
        save.check_target(target, needs_alpha=alpha, format=form, storage=recipe.storage)
    with quiet_libraries():
        recipe = with_files(recipe, options)
        if recipe.every_frame:
            _report(options, job.make_all(source, target, recipe, form))
            return
        made = job.make(source, recipe)
    _report(options, made.warnings)
    own = made.photo.format
    if as_source and (own in formats.FORMATS or own == "MPO"):
        form = "jpeg" if own == "MPO" else own
    try:
        save.save(made.picture, target, format=form, **recipe.saving)
    except OutputError:
        if options.output == "-":
            discard(sys.stdout)
        raise


def _keeps_format(options: argparse.Namespace) -> bool:
    """Whether the output has the format of the source, because no option names one."""
    return options.output == "-" and options.command == "portrait" and not options.format


def _report(options: argparse.Namespace, messages: Iterable[str]) -> None:
    for message in () if options.quiet else messages:
        report("warning", message)


def _source(options: argparse.Namespace) -> Any:
    if options.input != "-":
        return options.input
    return binary(
        sys.stdin, "IN is -, but standard input", "pipe an image in, for example: < photo.jpg"
    )


def _target(options: argparse.Namespace) -> Any:
    """OUT, after checks that it replaces no input.  Raises OptionError or OutputError."""
    if options.output == "-":
        return binary(
            sys.stdout, "OUT is -, but standard output", "redirect it, for example: > out.png"
        )
    output = _status(options.output)
    if output is None:
        return options.output
    files = (options.matte, *map(vars(options).get, ("background", "depth", "keep", "remove")))
    for path in (options.input, *files):
        status = _status(path)
        if status is not None and os.path.samestat(status, output):
            raise OptionError(f"OUT {options.output!r} is the input {path!r}; choose another name")
    if not options.replaces and _could_be_an_input(options, output):
        raise OptionError(
            f"OUT {options.output!r} exists beside IN, and may be an image that a pattern such as "
            f"*.jpg matched; -o {options.output!r} replaces it"
        )
    if Path(options.output).is_dir():
        name = Path(options.input).stem.strip("-") or "photo"
        better = Path(options.output, f"{name}-{EXAMPLE_OUTPUTS[options.command]}")
        raise OutputError(f"OUT {options.output!r} is a folder; try {str(better)!r}")
    return options.output


def _could_be_an_input(options: argparse.Namespace, output: os.stat_result) -> bool:
    """Whether a shell may have made IN and OUT of a pattern that matches two images."""
    if options.input == "-" or not (stat.S_ISREG(output.st_mode) and output.st_size):
        return False
    source, target = (Path(name).absolute().parent for name in (options.input, options.output))
    return source == target or (source.is_dir() and target.samefile(source))


def _status(path: str | None) -> os.stat_result | None:
    """The status of a file, or of standard input for "-"; None if there is none."""
    with suppress(OSError, ValueError):
        if path == "-":
            return None if sys.stdin is None else os.fstat(sys.stdin.fileno())
        if path is not None:
            return Path(path).stat()
    return None
