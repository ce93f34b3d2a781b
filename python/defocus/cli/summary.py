"""The last line of a batch: how many images were done, skipped and failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from defocus.cli.progress import duration

if TYPE_CHECKING:
    from defocus.batch.plan import Plan

__all__ = ["counts_text", "other_files", "plan_notes", "unreadable"]

_LABELS = {
    "planned": "planned",
    "done": "done",
    "copied": "copied without a subject",
    "exists": "skipped, because their results exist",
    "no_subject": "without a subject",
    "failed": "failed",
}


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
