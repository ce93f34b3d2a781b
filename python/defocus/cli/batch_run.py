"""Runs a batch job, counts and reports."""

from __future__ import annotations

import argparse
import errno
import os
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from defocus.cli.parser import FAILED, INTERRUPTED, NO_SUBJECT
from defocus.cli.reporter import Reporter, counts_text, plan_notes, unreadable
from defocus.cli.streams import printable, write_error
from defocus.errors import (
    DefocusError,
    InputNotFoundError,
    ModelError,
    OutputError,
    ProviderError,
)

if TYPE_CHECKING:
    from defocus.batch.job import Outcome
    from defocus.batch.plan import Job, Plan
    from defocus.batch.recipe import Recipe

__all__ = ["BatchRun"]

_AHEAD = 64  # outcomes that may wait for an earlier image
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_STATUSES = ("done", "copied", "exists", "no_subject", "failed")
# Warnings for programmers.
_IGNORED = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


class BatchRun:
    """One run of the command over many images.

    `traceback_hint` says how to see the traceback of an error that is not one of defocus.
    """

    traceback_hint = "DEFOCUS_TRACEBACK=1 shows the traceback"

    def __init__(
        self, options: argparse.Namespace, recipe: Recipe, jobs: int, reporter: Reporter
    ) -> None:
        self.options, self.recipe, self.jobs, self.reporter = options, recipe, jobs, reporter
        self.fail_fast = "fail_fast" in options
        self._collected = threading.local()
        self._counts: Counter[str] = Counter()
        self._start = time.monotonic()

    def run_plan(self, plan: Plan) -> int:
        """Process all planned jobs; the exit code."""
        self._open(plan)
        _remove_leftovers(plan.done)
        self.reporter.meter.total = len(plan.jobs)
        try:
            left = self.process(plan.jobs)
        except KeyboardInterrupt:
            self._close(plan, len(plan.jobs) - self.reporter.meter.count, INTERRUPTED)
            raise
        return self._close(plan, left, self._code())

    def list_plan(self, plan: Plan) -> int:
        """List the planned jobs; the exit code."""
        self._open(plan)
        for job in plan.jobs:
            self.reporter.planned(job.source, job.target)
        self._counts["planned"] = len(plan.jobs)
        return self._close(plan, 0, self._code())

    def watch(self, find: Callable[[], Plan]) -> NoReturn:
        """Process what arrives, until KeyboardInterrupt."""
        from defocus.batch.watch import watch

        reported: set[str] = set()

        def jobs() -> list[Job]:
            try:
                found: list[Job] = find().jobs
            except DefocusError as error:  # it may be resolved later
                found = []
                if str(error) not in reported:
                    reported.add(str(error))
                    self.reporter.error(str(error))
            return found

        where = ", ".join(printable(word) for word in self.options.inputs)
        self.reporter.note(f"watching {where}; Ctrl-C ends")
        try:
            for ready in watch(jobs):
                self.process(ready)
        except KeyboardInterrupt:
            self._close(None, 0, INTERRUPTED)
            raise
        raise AssertionError("a watch ends by an interruption only")

    @contextmanager
    def collect_warnings(self) -> Iterator[None]:
        """Collect Python's warnings in each worker thread for the image that it processes."""
        show = warnings.showwarning

        def collect(message: Warning | str, *where: Any, **more: Any) -> None:
            messages = getattr(self._collected, "messages", None)
            if messages is None:
                show(message, *where, **more)
            elif str(message) not in messages:
                messages.append(str(message))

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for kind in _IGNORED:
                warnings.simplefilter("ignore", kind)
            warnings.showwarning = collect
            yield

    def process(self, jobs: list[Job]) -> int:
        """Process the jobs; the number of those that were not started."""
        from defocus.batch import pool
        from defocus.batch.job import process

        _remove_leftovers(jobs)
        budget = pool.PixelBudget(self.jobs * pool.PIXELS_PER_JOB)
        finished: dict[Job, Outcome] = {}

        def work(job: Job) -> Outcome:
            self._collected.messages = []
            outcome = process(job, self.recipe, budget.holding)
            more = tuple(self._collected.messages)
            finished[job] = outcome._replace(warnings=outcome.warnings + more)
            return outcome

        started = 0
        try:
            with closing(pool.run(jobs, work, jobs=self.jobs, ahead=_AHEAD)) as results:
                for result in results:
                    started += 1
                    outcome = finished.pop(result.source)
                    if self.record(outcome) and (self.fail_fast or _hopeless(outcome.error)):
                        break
        finally:  # images that were in work at the end
            for outcome in finished.values():
                started += 1
                self.record(outcome)
        return len(jobs) - started

    def record(self, outcome: Outcome) -> bool:
        """Count and report an outcome; whether it is a failure."""
        job, error = outcome.job, outcome.error
        self._counts[outcome.status] += 1
        for message in outcome.warnings:
            self.reporter.warning(job.source, message)
        self.reporter.record(
            **{"status": outcome.status, "in": job.source, "out": job.target},
            seconds=round(outcome.seconds, 3),
            warnings=outcome.warnings,
            error=error and _as_json(error),
        )
        if error is None:
            note = "copied unchanged: no subject" if outcome.status == "copied" else ""
            self.reporter.done(job.source, job.target, outcome.seconds, note)
            return False
        if outcome.status == "no_subject" and self.recipe.no_subject == "skip":
            self.reporter.done(job.source, "skipped: no subject", outcome.seconds)
            return False
        self.reporter.failed(job.source, error, self.traceback_hint)
        if not isinstance(error, DefocusError) and os.environ.get("DEFOCUS_TRACEBACK"):
            write_error("".join(traceback.format_exception(error)), end="")
        return True

    # --- before and after -------------------------------------------------------------------------

    def _open(self, plan: Plan) -> None:
        """Report what was not found, and what exists."""
        missing = [(p, f"no file matches {p!r}") for p in plan.inputs.unmatched]
        missing += [(p, unreadable(p, why)) for p, why in plan.inputs.unreadable]
        for path, message in missing:
            self._counts["failed"] += 1
            self.reporter.error(message)
            error = _as_json(InputNotFoundError(message))
            self.reporter.record(**{"status": "failed", "in": path, "out": None}, error=error)
        for job in plan.done:
            self.reporter.record(**{"status": "exists", "in": job.source, "out": job.target})
        self._counts["exists"] = len(plan.done)

    def _close(self, plan: Plan | None, left: int, code: int) -> int:
        """Report the summary; `code`."""
        counts, seconds = self._counts, time.monotonic() - self._start
        always = "planned" if "dry_run" in self.options else "done"
        notes = [counts_text(counts, always=always, left=left, seconds=seconds)]
        if plan is not None:
            notes += plan_notes(plan)
        if kinds := self.reporter.warnings.most_common():
            notes.append("warnings: " + ", ".join(f"{kind} {n}" for kind, n in kinds))
        if left and code == INTERRUPTED:
            notes.append("interrupted; run the same command again to resume")
        self.reporter.summary("; ".join(notes))
        summary: dict[str, float] = {**dict.fromkeys(_STATUSES, 0), **counts, "not_begun": left}
        summary |= {"seconds": round(seconds, 3), "exit_code": code}
        self.reporter.record(summary=summary)
        return code

    def _code(self) -> int:
        if self._counts["failed"]:
            return FAILED
        if self._counts["no_subject"] and self.recipe.no_subject != "skip":
            return NO_SUBJECT
        return 0


def _remove_leftovers(jobs: list[Job]) -> None:
    """Remove what a killed run has left in the folders of the results."""
    from defocus.atomic import remove_leftovers

    for folder in {os.path.dirname(job.target) for job in jobs}:  # noqa: PTH120
        remove_leftovers(folder)


def _as_json(error: Exception) -> dict[str, str]:
    """The type, code and message of an error."""
    code = error.code if isinstance(error, DefocusError) else "internal"
    return {"type": type(error).__name__, "code": code, "message": str(error)}


def _hopeless(error: Exception | None) -> bool:
    """Whether the other images would fail too: the disk is full, or the network does not run."""
    cause = getattr(error, "__cause__", None)
    full = isinstance(error, OutputError) and getattr(cause, "errno", None) in _DISK
    return full or isinstance(error, (ModelError, ProviderError))
