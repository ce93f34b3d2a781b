"""The command for one image: `defocus portrait IN OUT`."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defocus.cli import values
from defocus.cli.arguments import EXAMPLE_OUTPUTS
from defocus.cli.recipe import checked, with_files
from defocus.cli.streams import (
    binary,
    discard,
    printable,
    quiet_libraries,
    report,
    write_line,
)
from defocus.errors import OptionError, OutputError, UnsupportedFormatError

if TYPE_CHECKING:
    from defocus.batch.recipe import Recipe

__all__ = ["run"]


def run(options: argparse.Namespace) -> None:
    """Check all options, then read, process and write.  Raises DefocusError."""
    recipe = checked(options, threads=options.threads, at_once=_needs_network(options))
    options.input, named = options.inputs[0], len(options.inputs) == 2
    if options.numbered is not None and recipe.every_frame:
        _show(options, _run_numbered(options, recipe))
        return
    options.output = options.inputs[1] if named else _own_name(options, recipe)
    if (named and "existing" not in options) or _is_to_do(options):
        _run(options, recipe)
    if not named:
        _show(options, [options.output])


def _needs_network(options: argparse.Namespace) -> bool:
    """Whether the network will run, unless something fails."""
    if options.matte is not None or "existing" in options:
        return False
    source: str = options.inputs[0]
    return source == "-" or os.path.isfile(source)  # noqa: PTH113 -- no error for a long name


def _run(options: argparse.Namespace, recipe: Recipe) -> None:
    """Read, process and write one file."""
    from defocus.batch import job
    from defocus.io import formats, save

    source, target = _source(options), _target(options)
    as_source = _keeps_format(options)
    form: str | None = options.format or ("png" if options.output == "-" else None)
    if not (as_source or recipe.every_frame):
        alpha = values.needs_alpha(options)
        save.check_target(target, needs_alpha=alpha, format=form, storage=recipe.storage)
    with quiet_libraries():
        recipe = with_files(recipe, options)
        if recipe.every_frame:
            _report(options, _animated(source, target, recipe, form))
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


def _animated(source: Any, target: Any, recipe: Recipe, form: str | None) -> tuple[str, ...]:
    """Write all frames into one file; the warnings."""
    from defocus.batch import job, numbers

    try:
        return job.make_all(source, target, recipe, form)
    except UnsupportedFormatError as error:
        advice = f"or number the frames, as in -o {numbers.EXAMPLE}"
        raise UnsupportedFormatError(f"{error}; {advice}") from error


def _run_numbered(options: argparse.Namespace, recipe: Recipe) -> list[str]:
    """Write each frame into a file of its own; the paths."""
    from defocus.batch import job, names
    from defocus.io import save

    name = options.numbered
    names.check_format(name, options.format)
    names.check_frames(name, vars(options).get("existing", "error"))
    for path in name.found():
        _check_inputs(options, path)
    alpha = values.needs_alpha(options)
    save.check_target(name.of(1), needs_alpha=alpha, storage=recipe.storage)
    source = _source(options)
    with quiet_libraries():
        written, messages = job.make_numbered(source, name, with_files(recipe, options))
    _report(options, messages)
    return written


def _own_name(options: argparse.Namespace, recipe: Recipe) -> str:
    """The path of the result if none is given.  Raises OptionError if IN has no place."""
    from defocus.batch import names
    from defocus.io.open import open_image

    if options.numbered is not None:
        names.check_format(options.numbered, options.format)
        first: str = options.numbered.of(1)
        return first
    # Methods of Path would raise for a name that is too long.
    if not os.path.exists(options.input):  # noqa: PTH110
        with ExitStack() as stack:
            open_image(options.input, None, stack)  # raises
    if not os.path.isfile(options.input):  # noqa: PTH113
        raise OptionError(f"IN {options.input!r} is not a file in a folder; name OUT")
    return names.beside(
        options.input,
        command=options.command,
        format=options.format,
        every_frame=recipe.every_frame,
    )


def _is_to_do(options: argparse.Namespace) -> bool:
    """Whether the result is to be made, as --existing says; `output` may get another name."""
    from defocus.batch.plan import plan_one

    if options.output == "-":
        raise OptionError("--existing does not apply to standard output; remove it")
    planned = plan_one(
        options.input, options.output, existing=vars(options).get("existing", "error")
    )
    options.output = (planned.jobs or planned.done)[0].target
    options.replaces = True
    if planned.done and not options.quiet:
        report("info", f"{options.output!r} exists already and is kept")
    return bool(planned.jobs)


def _show(options: argparse.Namespace, written: Iterable[str]) -> None:
    """Print the names that the user did not type."""
    for path in () if options.quiet else written:
        write_line(printable(path))


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
    _check_inputs(options, options.output)
    if not options.replaces and _could_be_an_input(options, output):
        raise OptionError(
            f"OUT {options.output!r} exists already; write -o {options.output!r} to replace it, "
            "or name a folder with -o for the results of many images"
        )
    if Path(options.output).is_dir():
        name = Path(options.input).stem.strip("-") or "photo"
        better = Path(options.output, f"{name}-{EXAMPLE_OUTPUTS[options.command]}")
        raise OutputError(f"OUT {options.output!r} is a folder; try {str(better)!r}")
    return options.output


def _check_inputs(options: argparse.Namespace, out: str) -> None:
    """Refuse an existing OUT that is one of the inputs: OptionError."""
    output = _status(out)
    files = (options.matte, *map(vars(options).get, ("background", "depth", "keep", "remove")))
    for path in (options.input, *files):
        status = _status(path)
        if status and output and os.path.samestat(status, output):
            raise OptionError(f"OUT {out!r} is the input {path!r}; choose another name")


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
