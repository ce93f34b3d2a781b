"""What is told while many pictures are made: a bar on a terminal, else lines; JSON on stdout."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from defocus.cli.parser import described, say
from defocus.cli.streams import complain, is_open, is_terminal, one_line, tell
from defocus.errors import DefocusError, OptionError

__all__ = ["Progress", "Teller", "duration", "shown"]

_REFRESH = 0.1  # seconds between two drawings of the bar
_RECENT = 50  # pictures from which the rate is told


class Progress:
    """How far it is: counts, rate and what is left."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.count, self.failed = total, 0, 0
        self._clock = clock
        self._times = deque([clock()], maxlen=_RECENT)

    def step(self, *, failed: bool) -> None:
        """One more is done."""
        self.count += 1
        self.failed += failed
        self._times.append(self._clock())

    @property
    def rate(self) -> float:
        """Pictures a second, lately."""
        spent = self._times[-1] - self._times[0]
        return (len(self._times) - 1) / spent if spent > 0 else 0.0

    def line(self, width: int) -> str:
        """The bar, in `width` columns."""
        share = self.count / self.total if self.total else 1.0
        words = [f"{self.count}/{self.total}", f"{100 * share:.0f} %"]
        if rate := self.rate:
            words += [f"{rate:.1f}/s", f"{duration((self.total - self.count) / rate)} left"]
        if self.failed:
            words.append(f"{self.failed} failed")
        text = "  ".join(words)
        room = min(30, width - len(text) - 5)
        if room < 5:
            return text[: max(0, width - 1)]
        full = int(share * room)
        return f"[{'#' * full}{'-' * (room - full)}]  {text}"


class Teller:
    """Tells of each picture: to `stderr` for people, as lines of JSON on stdout for programs.

    Raises OptionError where JSON is wanted and standard output closed.
    """

    def __init__(self, *, quiet: bool, as_json: bool, total: int = 0) -> None:
        self.progress = Progress(total)
        self.kinds: Counter[str] = Counter()
        if as_json and not is_open(sys.stdout):
            raise OptionError("--json writes to standard output, which is closed; redirect it")
        self._quiet, self._json = quiet, as_json
        self._terminal = not quiet and is_terminal(sys.stderr)
        self._drawn = 0.0
        self._errors: list[str] = []

    def record(self, **what: Any) -> None:
        """One line of JSON, if JSON is wanted."""
        if self._json:
            tell(json.dumps(what))

    def done(self, source: str, target: str, seconds: float, how: str = "") -> None:
        """A picture is finished."""
        self.progress.step(failed=False)
        if not (self._quiet or self._terminal or self._json):
            where = f"[{self.progress.count}/{self.progress.total}]" if self.progress.total else ""
            words = [where, f"{shown(source)} -> {shown(target)}", how, f"({seconds:.2f} s)"]
            complain(one_line(" ".join(word for word in words if word)))
        self.draw()

    def failed(self, source: str, error: BaseException, where: str) -> None:
        """A picture could not be made; `where` is for an error that is not one of defocus."""
        self.progress.step(failed=True)
        self.error(about(source, error, where))
        self.draw()

    def error(self, message: str) -> None:
        """Something went wrong."""
        self.clear()
        self._errors.append(message)
        say("error", message)

    def warn(self, source: str, message: str) -> None:
        """A picture may not be as expected."""
        self.kinds[message.partition(":")[0]] += 1
        if not (self._quiet or self._json):
            self.clear()
            say("warning", f"{shown(source)}: {message}")

    def summary(self, text: str) -> None:
        """The last words; where other lines lie between, with the errors once more."""
        self.clear()
        if self._quiet:
            return
        between = self.progress.count > len(self._errors) and not self._json
        if self._errors and between and not self._terminal:
            complain(f"defocus: {len(self._errors)} not done:")
            for message in self._errors:
                complain(f"  {one_line(message)}")
        complain(f"defocus: {one_line(text)}")

    def note(self, text: str) -> None:
        """Something to know."""
        if not self._quiet:
            self.clear()
            complain(f"defocus: {one_line(text)}")

    def draw(self) -> None:
        """Draw the bar, if it is time."""
        now = time.monotonic()
        finished = self.progress.count == self.progress.total
        if self._terminal and self.progress.total and (finished or now - self._drawn > _REFRESH):
            self._drawn = now
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            complain(f"\r\x1b[K{self.progress.line(width)}", end="")

    def clear(self) -> None:
        """Make room for a line."""
        if self._terminal and self._drawn:
            complain("\r\x1b[K", end="")
            self._drawn = 0.0


def about(source: str, error: BaseException, where: str) -> str:
    """The error's message, which names the picture; and what else one needs of a bug."""
    message = " ".join(described(error).split())
    if not isinstance(error, (DefocusError, MemoryError)):
        message = f"{message}; {where}"
    return message if repr(source) in message else f"{shown(source)}: {message}"


def shown(path: str) -> str:
    """A path as one line that any terminal can show.

    >>> shown("a b.jpg"), shown("a\\nb.jpg")
    ('a b.jpg', "'a\\\\nb.jpg'")
    """
    return path if path.isprintable() and path == path.strip() else repr(path)


def duration(seconds: float) -> str:
    """Minutes and seconds, or with hours.

    >>> duration(61.2), duration(7322)
    ('1:01', '2:02:02')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
