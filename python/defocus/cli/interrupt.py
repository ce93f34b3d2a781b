"""Ctrl-C while many images are processed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from defocus.cli.parser import INTERRUPTED

__all__ = ["interruptible"]


@contextmanager
def interruptible() -> Iterator[None]:
    """The first Ctrl-C ends after the images in work, the second at once."""
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
        os._exit(INTERRUPTED)  # files are replaced in one step, so that none is left incomplete

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
