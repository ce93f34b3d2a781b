"""Run the command over folders of pictures from anywhere, and say what goes wrong.

Every picture is processed in a child process with limits of time and memory, and its result
compared with what Pillow (or ImageMagick, where Pillow cannot read the file) makes of it.  By
default the whole picture is subject, so that the result has to be the picture itself:

    python -m tools.check_public_files ../Pillow/Tests/images ../exif-samples

The table has a row for each folder that is named, or, with --by-folder, for each folder in it.
The exit code is 1 if anything is found but refusals and repeated messages.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tools.public_pool import Limits, Report, run

__all__ = ["main"]

_EXTENSIONS = {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".png", ".apng", ".webp", ".tif", ".tiff"),
    *(".gif", ".bmp", ".dib", ".ppm", ".pgm", ".pbm", ".pnm", ".pam", ".avif", ".heic", ".heif"),
    ".hif",
}
# What may happen to a file, in the order of the table's columns: first outcomes, then deviations.
OUTCOMES = ("read", "refused", "no subject", "internal", "crash", "hang", "memory")
DEVIATIONS = ("orientation", "size", "colour")
REMARKS = ("not compared", "read by another", "from Pillow only", "repeated")
_WRONG = {*OUTCOMES[3:], *DEVIATIONS}


def pictures(folders: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Every picture in and below the folders, with the folder that was named."""
    return [
        (folder, path)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _EXTENSIONS and path.is_file()
    ]


def group_of(folder: Path, path: Path, by_folder: bool) -> str:
    """The row of the table that a picture belongs to."""
    parts = path.relative_to(folder).parts
    return parts[0] if by_folder and len(parts) > 1 else folder.name


def table(reports: Sequence[tuple[str, Report]]) -> str:
    """How many files of each group had which outcome, and which deviations."""
    columns = (*OUTCOMES, *DEVIATIONS, *REMARKS)
    counts: dict[str, Counter[str]] = {}
    for group, report in reports:
        for name in (group, "all"):
            row = counts.setdefault(name, Counter())
            row.update(["files", report.outcome, *{kind for kind, _ in report.findings}])
    order = sorted(counts, key=lambda name: (name == "all", name))
    width = max(map(len, order), default=3)
    lines = [" ".join(["".ljust(width), "files", *columns])]
    for name in order:
        cells = [str(counts[name][column]).rjust(len(column)) for column in ("files", *columns)]
        lines.append(" ".join([name.ljust(width), *cells]))
    return "\n".join(lines)


def wrong(report: Report) -> bool:
    """Whether anything happened that should not."""
    return report.outcome in _WRONG or any(kind in _WRONG for kind, _ in report.findings)


def main(argv: Sequence[str] | None = None, worker: Sequence[str] | None = None) -> int:
    """Check, print the table and the findings; `worker` is the command of a child process."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("folders", nargs="+", type=Path, metavar="FOLDER", help="folders with pictures")
    add("--command", choices=("portrait", "cutout", "mask"), default="portrait")
    add("--model", help="find the subject by this network; without, the whole picture is subject")
    add("--seconds", type=float, default=60.0, help="each step of a file may take so long (60)")
    add("--memory", type=int, default=3000, metavar="MB", help="and so much memory (3000)")
    add("--jobs", type=int, default=2, help="child processes at a time (2)")
    add("--by-folder", action="store_true", help="a row for each folder in FOLDER")
    add(
        "--json",
        type=Path,
        metavar="FILE",
        help="write a line of JSON for each file there",
    )
    add("--all", action="store_true", help="list refusals and remarks, too")
    options = parser.parse_args(argv)
    found = pictures(options.folders)
    if not found:
        parser.error("there are no pictures in these folders")
    settings = {"command": options.command, "model": options.model}
    command = worker or [sys.executable, "-m", "tools.public_worker"]
    limits = Limits(seconds=options.seconds, megabytes=options.memory)
    words = [*command, json.dumps(settings)]
    with ExitStack() as stack:
        lines = None if options.json is None else stack.enter_context(options.json.open("w"))

        def each(report: Report) -> None:
            if lines is not None:
                lines.write(json.dumps(report.as_json()) + "\n")
                lines.flush()

        made = run([path for _, path in found], words, limits, options.jobs, each)
    reports = [
        (group_of(folder, path, options.by_folder), report)
        for (folder, path), report in zip(found, made, strict=True)
    ]
    _tell(reports, everything=options.all)
    return int(any(wrong(report) for _, report in reports))


def _tell(reports: Sequence[tuple[str, Report]], *, everything: bool) -> None:
    print(table(reports))
    for group, report in reports:
        if wrong(report) or everything:
            for kind, detail in [(report.outcome, report.message), *report.findings]:
                if kind != "read":
                    print(f"{group}\t{report.path}\t{kind}\t{detail}")


if __name__ == "__main__":
    sys.exit(main())
