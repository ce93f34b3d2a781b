"""Messages while many images are processed: text or a bar on stderr, JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from defocus.cli.progress import Meter, duration
from defocus.cli.streams import (
    describe,
    is_open,
    is_terminal,
    one_line,
    printable,
    report,
    write_error,
    write_line,
)
from defocus.errors import DefocusError, OptionError

if TYPE_CHECKING:
    from defocus.batch.plan import Plan

__all__ = ["Reporter", "counts_text", "other_files", "plan_notes", "unreadable"]

_LABELS = {
    "planned": "planned",
    "done": "done",
    "copied": "copied without a subject",
    "exists": "skipped, because their results exist",
    "no_subject": "without a subject",
    "failed": "failed",
}


class Reporter:
    """Reports each image: to stderr for people, with `as_json` to stdout for programs.

    Raises OptionError if standard output is closed and JSON is wanted.
    """

    def __init__(self, *, quiet: bool, as_json: bool) -> None:
        if as_json and not is_open(sys.stdout):
            raise OptionError("--json writes to standard output, which is closed; redirect it")
        self._quiet, self._json = quiet, as_json
        self._terminal = not quiet and is_terminal(sys.stderr)
        self._errors: list[str] = []
        self.meter = Meter()
        self.warnings: Counter[str] = Counter()  # by kind

    def record(self, **fields: Any) -> None:
        """Write a line of JSON, if JSON is wanted."""
        if self._json:
            write_line(json.dumps(fields))

    def planned(self, source: str, target: str) -> None:
        """Report an image that would be processed."""
        self.record(**{"status": "planned", "in": source, "out": target})
        if not (self._json or self._quiet):
            write_line(f"{printable(source)} -> {printable(target)}")

    def done(self, source: str, target: str, seconds: float, note: str = "") -> None:
        """Report an image that is done."""
        self.meter.advance()
        if not (self._quiet or self._terminal or self._json):
            number = f"[{self.meter.count}/{self.meter.total}]" if self.meter.total else ""
            parts = [number, f"{printable(source)} -> {printable(target)}", note]
            write_error(one_line(" ".join([*filter(None, parts), f"({seconds:.2f} s)"])))
        self._show()

    def failed(self, source: str, error: BaseException, where: str) -> None:
        """Report an image that failed; `where` says how to see the traceback of a bug."""
        self.meter.advance(failed=True)
        message = " ".join(describe(error).split())
        if not isinstance(error, (DefocusError, MemoryError)):
            message = f"{message}; {where}"
        if repr(source) not in message:
            message = f"{printable(source)}: {message}"
        self.error(message)
        self._show()

    def error(self, message: str) -> None:
        """Report an error."""
        self.meter.clear()
        self._errors.append(message)
        report("error", message)

    def warning(self, source: str, message: str) -> None:
        """Report a warning about an image."""
        self.warnings[message.partition(":")[0]] += 1
        if not (self._quiet or self._json):
            self.meter.clear()
            report("warning", f"{printable(source)}: {message}")

    def summary(self, text: str) -> None:
        """Report the end; if other lines lie between, list the errors again."""
        self.meter.clear()
        if self._quiet:
            return
        between = self.meter.count > len(self._errors) and not self._json
        if self._errors and between and not self._terminal:
            write_error(f"defocus: {_count(len(self._errors), 'error')}:")
            for message in self._errors:
                write_error(f"  {one_line(message)}")
        write_error(f"defocus: {one_line(text)}")

    def note(self, text: str) -> None:
        """Report an information."""
        if not self._quiet:
            self.meter.clear()
            write_error(f"defocus: {one_line(text)}")

    def _show(self) -> None:
        if self._terminal and self.meter.total:
            self.meter.show()


def counts_text(counts: Counter[str], *, always: str, left: int, seconds: float) -> str:
    """The counts by status; that of the status `always` also if it is 0."""
    parts = [
        f"{counts[status]} {label}"
        for status, label in _LABELS.items()
        if counts[status] or status == always
    ]
    if left:
        parts.append(f"{left} not started")
    if processed := counts["done"] + counts["copied"]:
        rate = processed / max(seconds, 1e-3)
        parts[-1] += f", in {duration(seconds)} ({rate:.1f}/s)"
    return ", ".join(parts)


def plan_notes(plan: Plan) -> list[str]:
    """What a plan left out."""
    notes = []
    if plan.stale:
        older = f"{_count(plan.stale, 'result')} older than the image"
        notes.append(f"{older}; --existing update processes again")
    if plan.inputs.others:
        notes.append(other_files(plan.inputs.others))
    if plan.inputs.links:
        notes.append(f"{_count(plan.inputs.links, 'linked folder')} not searched")
    return notes


def unreadable(folder: str, reason: str) -> str:
    """A message that a folder cannot be listed."""
    return f"the folder {folder!r} cannot be read: {reason}"


def other_files(found: Counter[str]) -> str:
    """A message about files that are no images, by extension."""
    kinds = ", ".join(f"{suffix} {n}" for suffix, n in found.most_common(5))
    return f"{_count(found.total(), 'other file')} ignored ({kinds})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
