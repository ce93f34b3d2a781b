"""The command `defocus`: files in, files out.

Only arguments, messages and exit codes live here.  What loads slowly is imported by the
functions that need it, so that `--help` and `--version` answer at once.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from defocus.cli import frames, lens_flags, many, models, output_flags, ray, subject_flags
from defocus.cli.parser import (
    EXIT_CODES,
    FAILED,
    INTERRUPTED,
    NO_SUBJECT,
    WRONG_USAGE,
    Parser,
    Version,
    described,
    each_once,
    say,
    unknown,
)
from defocus.cli.recipe import checked, with_files
from defocus.cli.streams import complain, drop, hold_places, piped
from defocus.errors import (
    DefocusError,
    DefocusWarning,
    NoSubjectError,
    OptionError,
    OptionTypeError,
    OutputError,
    UnsupportedFormatError,
)

__all__ = ["main"]

_USAGE_ERRORS = (OptionError, OptionTypeError, UnsupportedFormatError)

_EXAMPLES = """\
examples:
  defocus portrait photo.jpg portrait.jpg             blur the background
  defocus portrait photo.jpg soft.jpg -f 1.2          blur it more
  defocus portrait photo.jpg mild.jpg --sigma 5       blur it by 5 pixels
  defocus portrait photo.jpg disc.jpg --bokeh disc    with the discs of a lens
  defocus portrait photo.jpg a.jpg --matte matte.png  choose the subject yourself
  defocus cutout photo.jpg subject.png                make the background transparent
  defocus cutout photo.jpg b.jpg --background white --crop .1
  defocus cutout photo.jpg one.png --at 160,120       of several, the one there
  defocus mask photo.jpg matte.png                    only the matte: white is subject
  defocus cutout - - < photo.jpg > subject.png        as part of a pipe
  ... | defocus frames --size 1280x720 | ...          frames of a video
  defocus portrait photos -o portraits                all in a folder and below
  defocus cutout photos -o cut --existing update      those that are new or were changed
  defocus models list                                 which networks there are
"""
_COMMANDS = {
    "portrait": ("keep the subject sharp and blur the background", "portrait.jpg"),
    "cutout": ("make the background transparent", "subject.png"),
    "mask": ("write the matte: 8-bit grey, white where the subject is", "matte.png"),
}
_SHOWN = ("message", "category", "filename", "lineno")
_RUNS = {"models": models.run, "frames": frames.run}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: that of this process) and give the exit code."""
    hold_places()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = each_once()
            warnings.simplefilter("default", DefocusWarning)  # whatever PYTHONWARNINGS says
            options = _parse(sys.argv[1:] if argv is None else argv)
            if options.command in _RUNS:
                _RUNS[options.command](options)
                return 0
            return _run(options)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except DefocusError as error:
        if not isinstance(error.__cause__, BrokenPipeError):  # the reader wants no more
            say("error", error)
        if isinstance(error, NoSubjectError):
            return NO_SUBJECT
        return WRONG_USAGE if isinstance(error, _USAGE_ERRORS) else FAILED
    except MemoryError as error:
        say("error", described(error))
        return FAILED
    except Exception as error:
        if os.environ.get("DEFOCUS_TRACEBACK"):
            raise
        say("error", f"{described(error)}; DEFOCUS_TRACEBACK=1 shows where")
        return FAILED


def _run(options: argparse.Namespace) -> int:
    """One picture, or many; the exit code."""
    if options.quiet:
        warnings.simplefilter("ignore")
    if "ray" in options:
        return ray.run(options)
    if options.output is not None:
        return many.run(options)
    _one(options)
    return 0


def _one(options: argparse.Namespace) -> None:
    """Check all that can be checked, then read, process and write."""
    from defocus.batch import job
    from defocus.io import formats, save

    options.input, options.output = options.inputs
    recipe = checked(options, threads=options.threads)
    source, target = _ends(options)
    form: str | None = options.format or ("png" if options.output == "-" else None)
    by_source = options.output == "-" and options.command == "portrait" and not options.format
    if not (by_source or recipe.every_frame):
        alpha = options.command == "cutout" and "background" not in options
        save.check_target(target, needs_alpha=alpha, format=form, storage=recipe.storage)
    with _calm():
        recipe = with_files(recipe, options)
        if recipe.every_frame:
            _tell(options, job.make_all(source, target, recipe, form))
            return
        made = job.make(source, recipe)
    _tell(options, made.warnings)
    own = made.photo.format
    if by_source and (own in formats.FORMATS or own == "MPO"):
        form = "jpeg" if own == "MPO" else own
    try:
        save.save(made.picture, target, format=form, **recipe.saving)
    except OutputError:
        if options.output == "-":
            drop(sys.stdout)
        raise


def _tell(options: argparse.Namespace, messages: Sequence[str]) -> None:
    for message in () if options.quiet else messages:
        say("warning", message)


@contextmanager
def _calm() -> Iterator[None]:
    """Keep off stderr what libtiff itself prints there about a damaged file."""
    if sys.stderr is None:
        yield
        return
    with warnings.catch_warnings(record=True) as caught, Path(os.devnull).open("wb") as null:
        stderr = os.dup(2)
        os.dup2(null.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
    for warning in caught:
        warnings.showwarning(*(getattr(warning, name) for name in _SHOWN))


def _ends(options: argparse.Namespace) -> tuple[Any, Any]:
    """Give the source and the target, after refusing what cannot be meant."""
    source, target = options.input, options.output
    if source == "-":
        advice = "pipe a picture in, for example: < photo.jpg"
        source = piped(sys.stdin, "IN is -, but standard input", advice)
    if target == "-":
        advice = "redirect it, for example: > out.png"
        target = piped(sys.stdout, "OUT is -, but standard output", advice)
    output = _status(options.output, sys.stdout)
    if options.output != "-" and output is not None:
        for path in (
            options.input,
            options.matte,
            *map(vars(options).get, ("background", "depth")),
        ):
            status = _status(path, sys.stdin)
            if status is not None and os.path.samestat(status, output):
                raise OptionError(f"OUT {options.output!r} is the input {path!r}; name another")
        if not options.replaces and _could_be_an_input(options, output):
            raise OptionError(
                f"OUT {options.output!r} exists beside IN, and may be a picture that a pattern "
                f"such as *.jpg has named; -o {options.output!r} replaces it"
            )
        if Path(options.output).is_dir():
            name = Path(options.input).stem.strip("-") or "photo"
            better = Path(options.output, f"{name}-{_COMMANDS[options.command][1]}")
            raise OutputError(f"OUT {options.output!r} is a folder; try {str(better)!r}")
    return source, target


def _could_be_an_input(options: argparse.Namespace, output: os.stat_result) -> bool:
    """Whether the shell may have made IN and OUT of a pattern that matches two pictures."""
    if options.input == "-" or not (stat.S_ISREG(output.st_mode) and output.st_size):
        return False
    source, target = (Path(name).absolute().parent for name in (options.input, options.output))
    return source == target or (source.is_dir() and target.samefile(source))


def _status(path: str | None, stream: Any) -> os.stat_result | None:
    with suppress(OSError, ValueError):
        if path is not None and (path != "-" or stream is not None):
            return os.fstat(stream.fileno()) if path == "-" else Path(path).stat()
    return None


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser, commands = _parsers()
    if not arguments:
        complain(parser.format_help(), end="")
        raise SystemExit(WRONG_USAGE)
    first = next((word for word in arguments if not word.startswith("-")), None)
    if first is not None and first not in commands:
        known = ", ".join(commands)
        parser.error(f"{unknown('command', first, commands)}; commands are {known}")
    options, extra = parser.parse_known_args(arguments)
    command = commands[options.command]
    if options.command in _RUNS:
        if extra:
            getattr(options, "parser", command).refuse(extra)
    else:
        many.sort_out(options, extra, command)
    if "sigma" in options and len({*lens_flags.LENS} & {*options.__dict__}) > 1:
        command.error("--sigma replaces the lens; drop it or the lens options")
    if "depth" in options and "ramp" in options:
        command.error("--depth and --ramp both say how far away the background is; drop one")
    return options


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    common: dict[str, Any] = {
        "formatter_class": argparse.RawDescriptionHelpFormatter,
        "allow_abbrev": False,
    }
    parser = Parser(
        prog="defocus",
        description="The look of a fast prime lens, for any photograph.",
        epilog=_EXAMPLES + EXIT_CODES,
        **common,
    )
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    group = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands = {}
    for name, (summary, output) in _COMMANDS.items():
        lines = [line for line in _EXAMPLES.splitlines() if f"defocus {name} " in line]
        epilog = "\n".join(["examples:", *lines, EXIT_CODES])
        command = group.add_parser(
            name, help=summary, description=summary.capitalize() + ".", epilog=epilog, **common
        )
        command.example = f"{name} photo.jpg {output}"
        _add_arguments(command, name)
        commands[name] = command
    commands["frames"] = frames.add_to(group, common)
    commands["models"] = models.add_to(group, common)
    return parser, commands


def _add_arguments(command: argparse.ArgumentParser, name: str) -> None:
    add = command.add_argument
    command.usage = (
        f"defocus {name} [options] IN OUT\n       defocus {name} [options] IN... -o OUT_FOLDER"
    )
    add(
        "inputs",
        metavar="IN",
        nargs="*",
        help="the photograph, and OUT, the file to write, each - for a pipe; or photographs, "
        "folders and patterns like 'in/**/*.jpg', and -o",
    )
    if name == "portrait":
        lens_flags.add_lens(command)
    subject_flags.add_select(command)
    if name == "cutout":
        subject_flags.add_finish(command)
    if name == "mask":
        command.set_defaults(matte=None)
    else:
        add("--matte", metavar="FILE", help="your own matte: white (or opaque) is subject")
    lens_flags.add_network(command)
    add("--format", metavar="NAME", help="jpeg, png, webp, tiff, avif or heic (by OUT's extension)")
    output_flags.add_flags(command)
    add("--max-pixels", metavar="N", type=int, help="refuse larger pictures (about 179 million)")
    add("-q", "--quiet", action="store_true", help="no warnings, no progress")
    many.add_arguments(command)
    ray.add_flags(command)
