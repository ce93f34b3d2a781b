"""The process while it works on many pictures: its error stream and its interruption."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from defocus.cli.parser import INTERRUPTED

__all__ = ["interruptible", "stderr_to_ourselves", "unheard_logs"]


@contextmanager
def stderr_to_ourselves() -> Iterator[None]:
    """Keep off the terminal what libraries in C print there about a damaged file."""
    stream = sys.stderr
    try:
        own = stream is not None and stream.fileno() == 2
    except (OSError, ValueError):
        own = False
    if not own:
        yield
        return
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as null:
        os.dup2(null.fileno(), 2)
    try:
        with open(
            kept, "w", encoding=stream.encoding, errors="backslashreplace", closefd=False
        ) as ours:
            sys.stderr = ours
            yield
    finally:
        sys.stderr = stream
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def unheard_logs() -> Iterator[None]:
    """Keep off the terminal what Pillow logs about a damaged file, which our error says."""
    import logging  # which --help does not need

    logger, handler = logging.getLogger("PIL"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


@contextmanager
def interruptible() -> Iterator[None]:
    """The first Ctrl-C ends after the pictures that are at work, a second one at once."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return

    def interrupt(*_arguments: object) -> None:
        signal.signal(signal.SIGINT, end)
        raise KeyboardInterrupt

    def end(*_arguments: object) -> None:
        os._exit(INTERRUPTED)  # files that are replaced are whole, whenever this is

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
