"""The command line for many pictures: `defocus portrait IN... -o OUT_FOLDER`."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defocus.batch import inputs
from defocus.cli import process
from defocus.cli.batch_run import Run, others, unreadable
from defocus.cli.parser import Parser
from defocus.cli.progress import Teller
from defocus.cli.recipe import checked, with_files
from defocus.errors import InputNotFoundError, MissingExtraError, OptionError, OutputError
from defocus.io.extensions import is_picture

if TYPE_CHECKING:
    from defocus.batch.job import Recipe
    from defocus.batch.plan import Job, Plan

__all__ = ["add_arguments", "check_found", "check_saving", "no_subject", "run", "sort_out"]

_ALONE = ("matte", "depth")  # options that belong to one picture
_UNSET: dict[str, Any] = {"default": argparse.SUPPRESS}
_FLAGS = (
    *("existing", "same_name", "no_subject", "jobs", "watch", "dry_run", "json", "keep_going"),
    "fail_fast",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what only many pictures need."""
    group = command.add_argument_group("many pictures")
    add = group.add_argument
    add("-o", "--output", metavar="OUT_FOLDER", help="where the results go, in IN's folders")
    add(
        "--existing",
        metavar="HOW",
        help="results that exist: skip, update (if older than IN), overwrite, rename, error (skip)",
        **_UNSET,
    )
    add("--same-name", metavar="HOW", help="two IN, one result: error or rename (error)", **_UNSET)
    add("--no-subject", metavar="HOW", help="no subject: fail, copy IN, or skip (fail)", **_UNSET)
    add("--jobs", metavar="N", type=int, help="pictures at a time (one a thread)", **_UNSET)
    yes: dict[str, Any] = {"action": "store_true", **_UNSET}
    add("--watch", help="go on with what arrives in the folders IN, until Ctrl-C", **yes)
    add("--dry-run", help="only tell what would be done", **yes)
    add("--json", help="a line of JSON for each picture, and a summary, to standard output", **yes)
    ends = group.add_mutually_exclusive_group()
    ends.add_argument("--keep-going", help="go on after a failure (this is the default)", **yes)
    ends.add_argument("--fail-fast", help="stop at the first failure", **yes)


def _given(options: argparse.Namespace) -> list[str]:
    """The flags that were given of those that only many pictures need."""
    return [f"--{name.replace('_', '-')}" for name in _FLAGS if name in options]


def sort_out(options: argparse.Namespace, extra: list[str], command: Parser) -> None:
    """Tell apart one picture, `inputs` IN and OUT, from many, whose OUT_FOLDER is `output`."""
    # Once it has met an option, argparse takes no more words for an argument that has some.
    if any(word.startswith("-") and word != "-" for word in extra):
        command.refuse(extra)
    words = options.inputs = [*options.inputs, *extra]
    options.replaces = options.output is not None
    if options.output is not None:
        if not words:
            command.error("the following arguments are required: IN")
        if "-" in words and (len(words) > 1 or options.output != "-"):
            command.error("- is standard input, one picture; give it as IN, and OUT without -o")
        one = len(words) == 1 and not inputs.is_several(words[0])
        if one and not _given(options) and _is_file(options.output):
            options.inputs, options.output = [words[0], options.output], None
        return
    sources = words if len(words) > 2 else words[:1]
    folder = next((word for word in sources if word != "-" and inputs.is_several(word)), None)
    if folder is not None or len(words) > 2:
        command.example = f"{options.command} photos -o results"
    if folder is not None:
        command.error(f"IN {folder!r} means many pictures; name a folder for the results with -o")
    if len(words) < 2:
        missing = "OUT" if words else "IN, OUT"
        command.error(f"the following arguments are required: {missing}")
    if len(words) > 2:
        command.error(f"unexpected argument {words[2]!r}; for many pictures name a folder with -o")
    if many := _given(options):
        command.example = f"{options.command} photos -o results {many[0]}"
        command.error(f"{many[0]} is for many pictures; name a folder for the results with -o")


def _is_file(out: str) -> bool:
    """Whether what -o names is no folder but the file for one picture."""
    return out == "-" or (is_picture(out) and not Path(out).is_dir())


def run(options: argparse.Namespace) -> int:
    """Do all, and give the exit code."""
    from defocus.batch import map
    from defocus.batch.plan import plan
    from defocus.threads import check_threads

    for name in _ALONE:
        if vars(options).get(name) is not None:
            raise OptionError(f"--{name} belongs to one picture; give IN and OUT instead of -o")
    asked = vars(options)
    jobs, each = map.share(check_threads(asked.get("jobs")), check_threads(options.threads))
    recipe = checked(options, threads=each)
    recipe = replace(recipe, no_subject=no_subject(options))
    watching = "watch" in asked
    same_name = asked.get("same_name", "rename" if watching else "error")

    def look() -> Plan:
        return plan(
            options.inputs,
            options.output,
            command=options.command,
            format=options.format,
            existing=asked.get("existing", "skip"),
            same_name=same_name,
        )

    first = look()
    check_found(options, first)
    check_saving(options, recipe, first.jobs)
    doing = Run(options, recipe, jobs, Teller(quiet=options.quiet, as_json="json" in asked))
    if "dry_run" in asked:
        return doing.tell(first)
    recipe = with_files(recipe, options)
    doing.recipe = recipe
    _make_out(options.output)
    if recipe.segmenter is not None:
        recipe.segmenter.build()  # a network that is missing is one error, not one a picture
    with (
        process.stderr_to_ourselves(),
        process.unheard_logs(),
        process.interruptible(),
        doing.hearing(),
    ):
        if watching:
            doing.watch(look)
        return doing.once(first)


def check_found(options: argparse.Namespace, made: Plan) -> None:
    """Refuse to do nothing."""
    if made.jobs or made.done or "watch" in options:
        return
    words = ", ".join(repr(word) for word in options.inputs)
    reasons = [unreadable(path, why) for path, why in made.pictures.unreadable]
    if made.pictures.others:
        reasons.append(others(made.pictures.others))
    raise InputNotFoundError("; ".join([f"no picture found in {words}", *reasons]))


def no_subject(options: argparse.Namespace) -> Any:
    """What is to become of a photograph without a subject.  Raises OptionError."""
    how = vars(options).get("no_subject", "fail")
    if how not in ("fail", "copy", "skip"):
        raise OptionError(f"no_subject={how!r} is unknown; expected fail, copy or skip")
    if how == "copy" and options.command != "portrait":
        raise OptionError("--no-subject copy is for portraits; a photograph is no cutout or mask")
    return how


def check_saving(options: argparse.Namespace, recipe: Recipe, jobs: Iterable[Job]) -> None:
    """Refuse formats that cannot hold the results, and a quality that none of them has."""
    from defocus.io import save, save_options

    alpha = options.command == "cutout" and "background" not in options
    suffixes = {Path(job.target).suffix[1:].lower() for job in jobs}
    names = set()
    for suffix in suffixes:
        with suppress(MissingExtraError):  # of that picture alone
            names.add(save.check_target(io.BytesIO(), needs_alpha=alpha, format=suffix))
    for setting, value in recipe.saving.items():
        if not any(setting in save_options.fitting(recipe.saving, name) for name in names):
            for name in names:
                save_options.Storage(**{setting: value}).check_for(name)


def _make_out(folder: str) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"OUT_FOLDER {folder!r} cannot be made: {reason}") from error
