"""The command on a Ray cluster: `defocus portrait --ray ADDRESS IN -o OUT`."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

from defocus.cli.batch_run import BatchRun
from defocus.cli.many import check_encoding, check_found
from defocus.cli.recipe import checked, with_files
from defocus.cli.reporter import Reporter
from defocus.cli.streams import quiet_libraries
from defocus.errors import OptionError

if TYPE_CHECKING:
    from defocus.batch.job import Outcome
    from defocus.batch.plan import Job, Plan
    from defocus.ray.run import Row

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Process all images; the exit code.  Raises DefocusError before any is read."""
    from defocus.options.values import check_threads
    from defocus.ray import run as run_module
    from defocus.ray.plan import is_address

    given = vars(options)
    if options.output is None:
        raise OptionError("--ray is for many images; name a folder for the results with -o")
    if options.numbered is not None:
        raise OptionError(f"--ray does not apply to OUT {options.numbered}; name a folder")
    for name in ("matte", "depth", "keep", "remove", "watch"):
        if given.get(name) is not None:
            raise OptionError(f"--{name} does not apply to --ray; remove one of them")
    threads, workers = check_threads(options.threads) or 1, check_threads(given.get("jobs"))
    recipe = checked(options, threads=threads)
    if recipe.every_frame:
        raise OptionError("--frames all does not apply to --ray; remove one of them")
    remote = any(map(is_address, (*options.inputs, options.output)))
    plan = _plan(options, remote=remote)
    check_found(options, plan)
    check_encoding(options, recipe, plan.jobs)
    reporter = Reporter(quiet=options.quiet, as_json="json" in given)
    if "dry_run" in given:
        return _RayRun(options, recipe, 1, reporter).list_plan(plan)
    recipe = with_files(recipe, options)
    with quiet_libraries(), run_module.connected(options.ray) as ray:
        batch = _RayRun(options, recipe, workers or 0, reporter)
        batch.ray, batch.remote, batch.threads = ray, remote, threads
        return batch.run_plan(plan)


def _plan(options: argparse.Namespace, *, remote: bool) -> Plan:
    from defocus.batch import plan
    from defocus.ray.plan import plan_remote

    given: Any = vars(options)
    how: Any = {
        "command": options.command,
        "format": options.format,
        "existing": given.get("existing", "skip"),
        "same_name": given.get("same_name", "error"),
    }
    if remote:
        return plan_remote(options.inputs, options.output, **how)
    return plan.plan(options.inputs, options.output, **how)


class _RayRun(BatchRun):
    """A batch whose images a cluster processes."""

    traceback_hint = "the log of its worker shows the traceback"
    ray: Any = None
    remote = False
    threads = 1

    def process(self, jobs: list[Job]) -> int:
        """Process the jobs; the number of those that were not started."""
        from defocus.ray import run as run_module

        out = self.options.output
        sent = {self._sent(job, out): job for job in jobs}
        started = 0
        rows = run_module.run(
            self.ray,
            list(sent),
            self.recipe,
            source=self.options.inputs[0] if self.remote else out,
            root=out,
            threads=self.threads,
            workers=self.jobs or None,
            format=self.options.format,
        )
        with closing(rows):
            for row in rows:
                started += 1
                if self.record(_outcome(sent[row.job], row)) and self.fail_fast:
                    break
        return len(jobs) - started

    def _sent(self, job: Job, out: str) -> Job:
        """The job for the cluster: an absolute source, and a target below OUT."""
        if self.remote:
            return job
        target = os.path.relpath(job.target, out).replace(os.sep, "/")
        return job._replace(source=os.path.abspath(job.source), target=target)  # noqa: PTH100


def _outcome(job: Job, row: Row) -> Outcome:
    from defocus.batch.job import Outcome
    from defocus.ray import run as run_module

    status: Any = row.status
    error = None if row.error is None else run_module.error_of(row.error)
    return Outcome(job, status, row.seconds, row.warnings, error)
