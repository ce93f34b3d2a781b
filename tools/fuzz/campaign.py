"""Run one target in a process of its own, and read what libFuzzer reports."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS_OF_AN_INPUT = 60  # an input that takes longer is a finding
MEGABYTES = 1000  # as is one that takes more memory
SKIPPED = 5  # the exit code of a target that this machine cannot run
_STARTS = 600  # seconds to import, to build a program, or to run the seeds
_LAST_LINES = 40

_EXECUTIONS = re.compile(r"number_of_executed_units:\s*(\d+)")
_PROGRESS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)")
_FINDING = re.compile(r"Test unit written to (\S+)")


@dataclass(frozen=True)
class Outcome:
    """The figures of a run; `finding` is the path of the input that ended it, if any."""

    name: str
    seconds: int
    executions: int
    edges: int
    features: int
    inputs: int
    finding: str
    code: int
    tail: str

    @property
    def failed(self) -> bool:
        """Whether an input broke the check, or the target did not run."""
        return self.code not in (0, SKIPPED)

    def row(self) -> tuple[object, ...]:
        """Return the cells of the table."""
        shown = "skipped" if self.code == SKIPPED else self.finding or ("-", "?")[self.failed]
        figures = (self.seconds, self.executions, self.edges, self.features, self.inputs)
        return (self.name, *figures, shown)

    def as_dict(self) -> dict[str, object]:
        """Return the figures without the text."""
        return {key: value for key, value in asdict(self).items() if key != "tail"}


def campaign(name: str, corpora: Path, seconds: int, seed: int = 0) -> Outcome:
    """Search for `seconds` seconds, beginning with the seeds and the corpus in `corpora / name`.

    With the same `seed` and corpus, inputs come in the same order; 0 takes another order each time.
    """
    corpus, found = corpora.resolve() / name, corpora.resolve() / "findings"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "max_total_time": seconds,
        "seed": seed,
        "timeout": SECONDS_OF_AN_INPUT,
        "rss_limit_mb": MEGABYTES,
        "report_slow_units": 1000,  # not those that only wait for a CPU
        "print_final_stats": 1,
        "artifact_prefix": f"{found}/{name}-",
    }
    flags = [f"-{key}={value}" for key, value in settings.items()]
    command = [sys.executable, "-m", "tools.fuzz.worker", name, str(corpus), *flags]
    began = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds + _STARTS,
            check=False,
        )
        output, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
        output, code = error.stdout or b"", 1
    return _outcome(name, round(time.monotonic() - began), output.decode(errors="replace"), code)


def _outcome(name: str, seconds: int, output: str, code: int) -> Outcome:
    progress = _PROGRESS.findall(output)
    count, edges, features, inputs = map(int, progress[-1] if progress else (0, 0, 0, 0))
    executions = _EXECUTIONS.search(output)
    finding = _FINDING.search(output)
    tail = "\n".join(output.splitlines()[-_LAST_LINES:])
    return Outcome(
        name,
        seconds,
        int(executions[1]) if executions else count,
        edges,
        features,
        inputs,
        finding[1] if finding else "",
        code,
        tail,
    )
