"""The progress meter: how much is done, how fast, and how long the rest takes."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable

from defocus.cli.streams import report, write_error

__all__ = ["Meter", "duration"]

_RECENT = 50  # steps that the rate is measured over


class Meter:
    """Counts steps, and shows the count on standard error.

    Parameters
    ----------
    total : int
        Number of steps in all; 0 if it is not known.
    unit : str
        Unit behind a count, such as " frames".
    scale : float
        Steps in one unit (default: 1).
    redraw : bool
        Whether one line of a terminal is drawn again ten times a second.  Otherwise there is a
        new line every five seconds.
    clock : callable
        Gives the time in seconds.
    """

    def __init__(
        self,
        total: int = 0,
        *,
        unit: str = "",
        scale: float = 1.0,
        redraw: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total, self.count, self.failed = total, 0, 0
        self._unit, self._scale, self._redraw = unit, scale, redraw
        self._interval = 0.1 if redraw else 5.0  # seconds
        self._clock, self._start = clock, clock()
        self._recent = deque([(self._start, 0)], maxlen=_RECENT)
        self._shown, self._visible = self._start, False

    def advance(self, steps: int = 1, *, failed: bool = False) -> None:
        """Count steps that are done."""
        self.count += steps
        self.failed += failed
        self._recent.append((self._clock(), self.count))

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._start

    @property
    def rate(self) -> float:
        """Recent steps a second."""
        (start, before), (end, count) = self._recent[0], self._recent[-1]
        return (count - before) / (end - start) if end > start else 0.0

    def text(self) -> str:
        """The count, the rate and the time left."""
        parts = [f"{self._number(self.count)}{self._unit}"]
        if self.total:
            parts = [f"{self._number(self.count)}/{self._number(self.total)}{self._unit}"]
            parts.append(f"{100 * self.count / self.total:.0f} %")
        if rate := self.rate:
            parts.append(f"{rate / self._scale:.1f}{self._unit}/s")
            if self.total:
                parts.append(f"{duration((self.total - self.count) / rate)} left")
        if self.failed:
            parts.append(f"{self.failed} failed")
        return "  ".join(parts)

    def bar(self, width: int) -> str:
        """The text behind a bar, in fewer than `width` columns."""
        text = self.text()
        room = min(30, width - len(text) - 5)
        if room < 5:
            return text[: max(0, width - 1)]
        full = room * self.count // max(self.total, 1)
        return f"[{'#' * full}{'-' * (room - full)}]  {text}"

    def show(self) -> None:
        """Show the count if the interval has passed, or if all is done."""
        now = self._clock()
        done = self.total > 0 and self.count == self.total
        if not done and now - self._shown < self._interval:
            return
        self._shown = now
        if self._redraw:
            self._visible = True
            write_error(f"\r\x1b[K{self.bar(_terminal_width())}", end="")
        else:
            report("info", self.text())

    def clear(self) -> None:
        """Remove the line from the terminal, and show it again with the next step."""
        if self._visible:
            write_error("\r\x1b[K", end="")
            self._visible, self._shown = False, -self._interval

    def _number(self, steps: int) -> str:
        return str(steps) if self._scale == 1.0 else f"{steps / self._scale:.1f}"


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def duration(seconds: float) -> str:
    """Minutes and seconds, or with hours.

    >>> duration(61.2), duration(7322)
    ('1:01', '2:02:02')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
