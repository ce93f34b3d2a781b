"""The command line beyond one machine: `defocus portrait --ray ADDRESS IN -o OUT`."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from defocus.cli import batch_run, process
from defocus.cli.many import check_found, check_saving, no_subject
from defocus.cli.progress import Teller
from defocus.cli.recipe import checked, with_files
from defocus.errors import OptionError

if TYPE_CHECKING:
    from defocus.batch.job import Outcome
    from defocus.batch.plan import Job, Plan
    from defocus.ray.run import Row

__all__ = ["add_flags", "run"]


def add_flags(command: argparse.ArgumentParser) -> None:
    """Add --ray."""
    command.add_argument_group("many machines").add_argument(
        "--ray",
        metavar="ADDRESS",
        default=argparse.SUPPRESS,
        help="have a Ray cluster do it: local, auto, ray://HOST:PORT or HOST:PORT; IN and "
        "OUT_FOLDER may then be addresses such as s3://bucket/photos",
    )


def run(options: argparse.Namespace) -> int:
    """Do all, and give the exit code."""
    from defocus.ray import run as run_module
    from defocus.threads import check_threads

    asked = vars(options)
    if options.output is None:
        raise OptionError("--ray is for many pictures; name a folder for the results with -o")
    for name in ("matte", "depth", "watch"):
        if asked.get(name) is not None:
            raise OptionError(f"--{name} does not go with --ray; drop one of them")
    threads, workers = check_threads(options.threads) or 1, check_threads(asked.get("jobs"))
    recipe = checked(options, threads=threads)
    recipe = replace(recipe, no_subject=no_subject(options))
    if recipe.every_frame:
        raise OptionError("--frames all does not go with --ray; drop one of them")
    remote = any(map(run_module.is_address, (*options.inputs, options.output)))
    made = _plan(options, remote=remote)
    check_found(options, made)
    check_saving(options, recipe, made.jobs)
    teller = Teller(quiet=options.quiet, as_json="json" in asked)
    if "dry_run" in asked:
        return _Run(options, recipe, 1, teller).tell(made)
    recipe = with_files(recipe, options)
    with process.stderr_to_ourselves(), run_module.connected(options.ray) as ray:
        many = _Run(options, recipe, workers or 0, teller)
        many.ray, many.remote, many.threads = ray, remote, threads
        return many.once(made)


def _plan(options: argparse.Namespace, *, remote: bool) -> Plan:
    from defocus.batch import plan
    from defocus.ray import run as run_module

    asked: Any = vars(options)
    how: Any = {
        "command": options.command,
        "format": options.format,
        "existing": asked.get("existing", "skip"),
        "same_name": asked.get("same_name", "error"),
    }
    if remote:
        return run_module.plan_remote(options.inputs, options.output, **how)
    return plan.plan(options.inputs, options.output, **how)


class _Run(batch_run.Run):
    """Counts and tells as for one machine; the work is the cluster's."""

    where = "the log of its worker shows where"
    ray: Any = None
    remote = False
    threads = 1

    def do(self, jobs: list[Job]) -> int:
        """Do the jobs; give the number of those that were not begun."""
        from defocus.ray import run as run_module

        out = self.options.output
        sent = {self._sent(job, out): job for job in jobs}
        source = self.options.inputs[0] if self.remote else out
        heard = 0
        rows = run_module.run(
            self.ray,
            list(sent),
            self.recipe,
            source=source,
            root=out,
            threads=self.threads,
            workers=self.jobs or None,
            format=self.options.format,
        )
        with closing(rows):
            for row in rows:
                heard += 1
                if self.heard(_outcome(sent[row.job], row)) and self.fail_fast:
                    break
        return len(jobs) - heard

    def _sent(self, job: Job, out: str) -> Job:
        """The job as the cluster knows it: from a whole path, to a place below OUT."""
        if self.remote:
            return job
        target = os.path.relpath(job.target, out).replace(os.sep, "/")
        return replace(job, source=os.path.abspath(job.source), target=target)  # noqa: PTH100


def _outcome(job: Job, row: Row) -> Outcome:
    from defocus.batch.job import Outcome
    from defocus.ray import run as run_module

    status: Any = row.status
    error = None if row.error is None else run_module.error_of(row.error)
    return Outcome(job, status, row.seconds, row.warnings, error)
