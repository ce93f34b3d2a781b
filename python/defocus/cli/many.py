"""The command for many images: `defocus portrait IN... -o OUT_FOLDER`."""

from __future__ import annotations

import argparse
import io
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from defocus.cli import values
from defocus.cli.batch_run import BatchRun
from defocus.cli.parser import INTERRUPTED
from defocus.cli.recipe import checked, with_files
from defocus.cli.reporter import Reporter, other_files, unreadable
from defocus.cli.streams import quiet_libraries
from defocus.errors import InputNotFoundError, MissingExtraError, OptionError, OutputError

if TYPE_CHECKING:
    from defocus.batch.plan import Job, Plan
    from defocus.batch.recipe import Recipe

__all__ = ["check_encoding", "check_found", "interruptible", "run"]


def run(options: argparse.Namespace) -> int:
    """Process all images; the exit code.  Raises DefocusError before any is read."""
    from defocus.batch import map
    from defocus.options.values import check_threads

    given = vars(options)
    for name in ("matte", "depth", "keep", "remove"):
        if given.get(name) is not None:
            raise OptionError(f"--{name} belongs to one image; give IN and OUT instead of -o")
    jobs, threads = map.share(check_threads(given.get("jobs")), check_threads(options.threads))
    recipe = checked(options, threads=threads)
    watching = "watch" in given

    def find() -> Plan:
        return _plan(options, watching=watching)

    first = find()
    check_found(options, first)
    check_encoding(options, recipe, first.jobs)
    reporter = Reporter(quiet=options.quiet, as_json="json" in given)
    if "dry_run" in given:
        return BatchRun(options, recipe, jobs, reporter).list_plan(first)
    recipe = with_files(recipe, options)
    _make_folder(options.output if options.numbered is None else options.numbered.folder)
    if recipe.segmenter is not None:
        recipe.segmenter.build()  # a missing network is one error, not one for each image
    batch = BatchRun(options, recipe, jobs, reporter)
    with quiet_libraries(), interruptible(), batch.collect_warnings():
        return batch.watch(find) if watching else batch.run_plan(first)


def _plan(options: argparse.Namespace, *, watching: bool) -> Plan:
    """Plan the results, below a folder or with numbered names.  Raises DefocusError."""
    from defocus.batch import plan

    given = vars(options)
    if options.numbered is not None:
        _check_numbered(options)
        existing, name = given.get("existing", "error"), options.numbered
        return plan.plan_numbered(options.inputs, name, format=options.format, existing=existing)
    return plan.plan(
        options.inputs,
        options.output,
        command=options.command,
        format=options.format,
        existing=given.get("existing", "skip"),
        same_name=given.get("same_name", "rename" if watching else "error"),
    )


def _check_numbered(options: argparse.Namespace) -> None:
    """Refuse what does not go with numbered names of several images: OptionError."""
    reasons = {
        "watch": "whose numbers need all images",
        "same_name": "whose results never share a name",
    }
    for name, reason in reasons.items():
        if name in options:
            flag = f"--{name.replace('_', '-')}"
            raise OptionError(f"{flag} does not apply to OUT {options.numbered}, {reason}")
    if options.frames == "all":
        raise OptionError(
            f"--frames all numbers the frames of one image with OUT {options.numbered}; give one "
            "IN, or name a folder"
        )


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


@contextmanager
def interruptible() -> Iterator[None]:
    """The first Ctrl-C ends after the images in work, the second at once."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return

    def interrupt(*_arguments: object) -> None:
        signal.signal(signal.SIGINT, end)
        raise KeyboardInterrupt

    def end(*_arguments: object) -> None:
        os._exit(INTERRUPTED)  # files are replaced in one step, so that none is left incomplete

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
