"""The command for many images: `defocus portrait IN... -o OUT_FOLDER`."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from defocus.batch import inputs
from defocus.cli import flags, values
from defocus.cli.batch_run import BatchRun
from defocus.cli.interrupt import interruptible
from defocus.cli.parser import Parser
from defocus.cli.recipe import checked, with_files
from defocus.cli.reporter import Reporter, other_files, unreadable
from defocus.cli.streams import quiet_libraries
from defocus.errors import InputNotFoundError, MissingExtraError, OptionError, OutputError
from defocus.io.extensions import is_picture

if TYPE_CHECKING:
    from defocus.batch.plan import Job, Plan
    from defocus.batch.recipe import Recipe

__all__ = ["check_encoding", "check_found", "run", "sort_out"]


def _given(options: argparse.Namespace) -> list[str]:
    """The given flags that only many images have, except -o."""
    names = (flags.names_of(key)[-1] for key in flags.MANY)
    return [n for n in names if n != "--output" and n[2:].replace("-", "_") in options]


def sort_out(options: argparse.Namespace, extra: list[str], command: Parser) -> None:
    """Set `inputs` to IN and OUT of one image, or to all IN if `output` is OUT_FOLDER.

    Raises SystemExit for mistakes.
    """
    # After an option, argparse gives no more words to an argument that already has some.
    if any(word.startswith("-") and word != "-" for word in extra):
        command.refuse(extra)
    words = options.inputs = [*options.inputs, *extra]
    options.replaces = options.output is not None
    if options.output is None:
        _check_one(options, command)
        return
    if not words:
        command.error("the following arguments are required: IN")
    if "-" in words and (len(words) > 1 or options.output != "-"):
        command.error("- is standard input, one image; give it as IN, and OUT without -o")
    one = len(words) == 1 and not inputs.is_several(words[0])
    if one and not _given(options) and _is_file(options.output):
        options.inputs, options.output = [words[0], options.output], None


def _check_one(options: argparse.Namespace, command: Parser) -> None:
    """Refuse everything but IN and OUT of one image."""
    words = options.inputs
    sources = words if len(words) > 2 else words[:1]
    folder = next((word for word in sources if word != "-" and inputs.is_several(word)), None)
    if folder is not None or len(words) > 2:
        command.example = f"{options.command} photos -o results"
    if folder is not None:
        command.error(f"IN {folder!r} means many images; name a folder for the results with -o")
    if len(words) < 2:
        missing = "OUT" if words else "IN, OUT"
        command.error(f"the following arguments are required: {missing}")
    if len(words) > 2:
        command.error(f"unexpected argument {words[2]!r}; for many images name a folder with -o")
    if given := _given(options):
        command.example = f"{options.command} photos -o results {given[0]}"
        command.error(f"{given[0]} is for many images; name a folder for the results with -o")


def _is_file(out: str) -> bool:
    """Whether -o names a file for one image instead of a folder."""
    return out == "-" or (is_picture(out) and not Path(out).is_dir())


def run(options: argparse.Namespace) -> int:
    """Process all images; the exit code.  Raises DefocusError before any is read."""
    from defocus.batch import map
    from defocus.batch.plan import plan
    from defocus.options.values import check_threads

    given = vars(options)
    for name in ("matte", "depth", "keep", "remove"):
        if given.get(name) is not None:
            raise OptionError(f"--{name} belongs to one image; give IN and OUT instead of -o")
    jobs, threads = map.share(check_threads(given.get("jobs")), check_threads(options.threads))
    recipe = checked(options, threads=threads)
    watching = "watch" in given

    def find() -> Plan:
        return plan(
            options.inputs,
            options.output,
            command=options.command,
            format=options.format,
            existing=given.get("existing", "skip"),
            same_name=given.get("same_name", "rename" if watching else "error"),
        )

    first = find()
    check_found(options, first)
    check_encoding(options, recipe, first.jobs)
    reporter = Reporter(quiet=options.quiet, as_json="json" in given)
    if "dry_run" in given:
        return BatchRun(options, recipe, jobs, reporter).list_plan(first)
    recipe = with_files(recipe, options)
    _make_folder(options.output)
    if recipe.segmenter is not None:
        recipe.segmenter.build()  # a missing network is one error, not one for each image
    batch = BatchRun(options, recipe, jobs, reporter)
    with quiet_libraries(), interruptible(), batch.collect_warnings():
        return batch.watch(find) if watching else batch.run_plan(first)


def check_found(options: argparse.Namespace, plan: Plan) -> None:
    """Refuse a plan without any image: InputNotFoundError."""
    if plan.jobs or plan.done or "watch" in options:
        return
    names = ", ".join(repr(word) for word in options.inputs)
    reasons = [unreadable(path, why) for path, why in plan.inputs.unreadable]
    if plan.inputs.others:
        reasons.append(other_files(plan.inputs.others))
    raise InputNotFoundError("; ".join([f"no image found in {names}", *reasons]))


def check_encoding(options: argparse.Namespace, recipe: Recipe, jobs: Iterable[Job]) -> None:
    """Refuse formats that cannot hold the results, and settings that no format of them has."""
    from defocus.io import formats, save
    from defocus.options import Storage

    alpha = values.needs_alpha(options)
    suffixes = {Path(job.target).suffix[1:].lower() for job in jobs}
    names = set()
    for suffix in suffixes:
        with suppress(MissingExtraError):  # an error of those images only
            names.add(save.check_target(io.BytesIO(), needs_alpha=alpha, format=suffix))
    for setting, value in recipe.saving.items():
        if not any(setting in formats.fitting(recipe.saving, name) for name in names):
            for name in names:
                formats.check_storage(Storage(**{setting: value}), name)


def _make_folder(folder: str) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"OUT_FOLDER {folder!r} cannot be created: {reason}") from error
