"""One call of the command for many pictures: done, counted, told."""

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
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from defocus.cli.parser import FAILED, INTERRUPTED, NO_SUBJECT
from defocus.cli.progress import Teller, duration, shown
from defocus.cli.streams import complain, tell
from defocus.errors import (
    DefocusError,
    InputNotFoundError,
    ModelError,
    OutputError,
    ProviderError,
)

if TYPE_CHECKING:
    from defocus.batch.job import Outcome, Recipe
    from defocus.batch.plan import Job, Plan

__all__ = ["Run", "others", "unreadable"]

_AHEAD = 64  # finished pictures that may wait, as a few words each, for one that takes long
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_STATUSES = ("done", "copied", "exists", "no_subject", "failed")
# What programmers are told about libraries.
_NOT_OURS = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


class Run:
    """One call of the command: what it counts and tells.

    `where` says where the traceback of an error is that is not one of defocus.
    """

    where = "DEFOCUS_TRACEBACK=1 shows where"

    def __init__(
        self, options: argparse.Namespace, recipe: Recipe, jobs: int, teller: Teller
    ) -> None:
        self.recipe, self.teller = recipe, teller
        self.said = threading.local()
        self.options, self.jobs = options, jobs
        self.fail_fast = "fail_fast" in options
        self._counts: Counter[str] = Counter()
        self._start = time.monotonic()

    def once(self, made: Plan) -> int:
        """Do all that is planned."""
        self._open(made)
        self.teller.progress.total = len(made.jobs)
        left = 0
        try:
            left = self.do(made.jobs)
        except KeyboardInterrupt:
            left = len(made.jobs) - self.teller.progress.count
            self._close(made, left, INTERRUPTED)
            raise
        return self._close(made, left, self._code())

    def tell(self, made: Plan) -> int:
        """Only tell what would be done."""
        self._open(made)
        for job in made.jobs:
            self.teller.record(**{"status": "planned", "in": job.source, "out": job.target})
            if "json" not in self.options and not self.options.quiet:
                tell(f"{shown(job.source)} -> {shown(job.target)}")
        self._counts["planned"] = len(made.jobs)
        return self._close(made, 0, self._code())

    def watch(self, look: Callable[[], Plan]) -> NoReturn:
        """Do what is ready, again and again, until interrupted."""
        from defocus.batch.watch import watch

        told: set[str] = set()

        def jobs() -> list[Job]:
            try:
                found: list[Job] = look().jobs
            except DefocusError as error:  # what stands in the way may go away again
                found = []
                if str(error) not in told:
                    told.add(str(error))
                    self.teller.error(str(error))
            return found

        where = ", ".join(shown(word) for word in self.options.inputs)
        self.teller.note(f"watching {where}; Ctrl-C ends")
        try:
            for ready in watch(jobs):
                self.do(ready)
        except KeyboardInterrupt:
            self._close(None, 0, INTERRUPTED)
            raise
        raise AssertionError("a watch ends by interruption only")

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Have Python's own warnings told with the picture that the thread is at."""
        show = warnings.showwarning

        def hear(message: Warning | str, *where: Any, **more: Any) -> None:
            messages = getattr(self.said, "messages", None)
            if messages is None:
                show(message, *where, **more)
            elif str(message) not in messages:
                messages.append(str(message))

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for kind in _NOT_OURS:
                warnings.simplefilter("ignore", kind)
            warnings.showwarning = hear
            yield

    def do(self, jobs: list[Job]) -> int:
        """Do the jobs; give the number of those that were not begun."""
        from defocus.batch import pool
        from defocus.batch.job import process
        from defocus.io import output_files

        for folder in {os.path.dirname(job.target) for job in jobs}:  # noqa: PTH120
            output_files.remove_leftovers(folder)
        budget = pool.PixelBudget(self.jobs * pool.PIXELS_PER_JOB)

        finished: dict[Job, Outcome] = {}

        def work(job: Job) -> Outcome:
            self.said.messages = []
            outcome = process(job, self.recipe, budget.holding)
            outcome = replace(outcome, warnings=(*outcome.warnings, *self.said.messages))
            finished[job] = outcome
            return outcome

        begun = 0
        try:
            with closing(pool.run(jobs, work, jobs=self.jobs, ahead=_AHEAD)) as results:
                for result in results:
                    begun += 1
                    outcome = finished.pop(result.source)
                    if self.heard(outcome) and (self.fail_fast or _hopeless(outcome.error)):
                        break
        finally:  # what was at work when the end came
            for outcome in finished.values():
                begun += 1
                self.heard(outcome)
        return len(jobs) - begun

    def heard(self, outcome: Outcome) -> bool:
        """Tell of an outcome, and whether it is a failure."""
        job, error = outcome.job, outcome.error
        self._counts[outcome.status] += 1
        for message in outcome.warnings:
            self.teller.warn(job.source, message)
        self.teller.record(
            **{"status": outcome.status, "in": job.source, "out": job.target},
            seconds=round(outcome.seconds, 3),
            warnings=outcome.warnings,
            error=error and _described(error),
        )
        if error is None:
            how = "copied as it is: no subject" if outcome.status == "copied" else ""
            self.teller.done(job.source, job.target, outcome.seconds, how)
            return False
        if outcome.status == "no_subject" and self.recipe.no_subject == "skip":
            self.teller.done(job.source, "left out: no subject", outcome.seconds)
            return False
        self.teller.failed(job.source, error, self.where)
        if not isinstance(error, DefocusError) and os.environ.get("DEFOCUS_TRACEBACK"):
            complain("".join(traceback.format_exception(error)), end="")
        return True

    # --- before and after -------------------------------------------------------------------------

    def _open(self, made: Plan) -> None:
        """Tell what was found, and what was not."""
        lost = [(p, f"no file matches {p!r}") for p in made.pictures.unmatched]
        lost += [(p, unreadable(p, why)) for p, why in made.pictures.unreadable]
        for path, message in lost:
            self._counts["failed"] += 1
            self.teller.error(message)
            error = _described(InputNotFoundError(message))
            self.teller.record(**{"status": "failed", "in": path, "out": None}, error=error)
        for job in made.done:
            self.teller.record(**{"status": "exists", "in": job.source, "out": job.target})
        self._counts["exists"] = len(made.done)

    def _close(self, made: Plan | None, left: int, code: int) -> int:
        """Tell what was done, and give `code`."""
        counts, spent = self._counts, time.monotonic() - self._start
        words = [
            f"{counts[status]} {word}"
            for status, word in (
                ("planned", "to be done"),
                ("done", "done"),
                ("copied", "copied without a subject"),
                ("exists", "skipped: their results exist"),
                ("no_subject", "without a subject"),
                ("failed", "failed"),
            )
            if counts[status] or status == ("planned" if "dry_run" in self.options else "done")
        ]
        if left:
            words.append(f"{left} not begun")
        worked = counts["done"] + counts["copied"]
        if worked:
            words[-1] += f", in {duration(spent)} ({worked / max(spent, 1e-3):.1f}/s)"
        notes = []
        if made is not None and made.stale:
            notes.append(
                f"{_count(made.stale, 'result')} older than its picture: --existing update"
            )
        if made is not None and made.pictures.others:
            notes.append(others(made.pictures.others))
        if made is not None and made.pictures.links:
            notes.append(f"{_count(made.pictures.links, 'folder')} behind links not entered")
        if self.teller.kinds:
            kinds = ", ".join(f"{kind} {n}" for kind, n in self.teller.kinds.most_common())
            notes.append(f"warnings: {kinds}")
        if left and code == INTERRUPTED:
            notes.append("interrupted; the same command goes on")
        self.teller.summary("; ".join([", ".join(words), *notes]))
        told = {
            **dict.fromkeys(_STATUSES, 0),
            **counts,
            "not_begun": left,
            "seconds": round(spent, 3),
            "exit_code": code,
        }
        self.teller.record(summary=told)
        return code

    def _code(self) -> int:
        if self._counts["failed"]:
            return FAILED
        if self._counts["no_subject"] and self.recipe.no_subject != "skip":
            return NO_SUBJECT
        return 0


def _described(error: Exception) -> dict[str, str]:
    """The type, code and message of an error, for JSON."""
    code = error.code if isinstance(error, DefocusError) else "internal"
    return {"type": type(error).__name__, "code": code, "message": str(error)}


def unreadable(folder: str, reason: str) -> str:
    """Say that a folder could not be listed."""
    return f"the folder {folder!r} cannot be read: {reason}"


def _hopeless(error: Exception | None) -> bool:
    """Whether the others would fail, too: the disk is full, or the network does not run."""
    cause = getattr(error, "__cause__", None)
    full = isinstance(error, OutputError) and getattr(cause, "errno", None) in _DISK
    return full or isinstance(error, (ModelError, ProviderError))


def others(found: Counter[str]) -> str:
    """Say how many files are no pictures, and of which kinds."""
    kinds = ", ".join(f"{suffix} {n}" for suffix, n in found.most_common(5))
    return f"{_count(found.total(), 'other file')} left alone ({kinds})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
