"""The command `defocus`: its exit code, and one line for each error.

The modules of this room import what loads slowly inside of functions, and of the commands only the
one that runs.  So `--help` and `--version` answer at once, and a photograph waits less.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
import warnings
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from defocus.cli.arguments import parse, parsers
from defocus.cli.parser import FAILED, INTERRUPTED, NO_SUBJECT, WRONG_USAGE
from defocus.cli.streams import describe, report, reserve_descriptors, show_warnings_once
from defocus.errors import (
    DefocusError,
    DefocusWarning,
    NoSubjectError,
    OptionError,
    OptionTypeError,
    UnsupportedFormatError,
)

__all__ = ["main"]

_USAGE_ERRORS = (OptionError, OptionTypeError, UnsupportedFormatError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments without the program's name (default: those of this process).

    Returns
    -------
    int
        The exit code.
    """
    if argv is None:
        _set_up_process()
    reserve_descriptors()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = show_warnings_once()
            warnings.simplefilter("default", DefocusWarning)  # whatever PYTHONWARNINGS says
            return _run(parse(sys.argv[1:] if argv is None else argv))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED
    except KeyboardInterrupt:
        if argv is None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends the process at once
            _leave_threads()
        return INTERRUPTED
    except Exception as error:
        return _failed(error)


def _set_up_process() -> None:
    """Save time at the start and the end of a process that runs nothing but this command."""
    # Only small products use OpenBLAS, whose threads spin for 30 ms when numpy loads it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    atexit.register(gc.freeze)  # no search for cycles among all modules


def _leave_threads() -> None:
    """End the process now if a thread, which builds a network, would hold back its end.

    Such a thread may even wait for ever: an import that Ctrl-C has interrupted can stay locked.
    """
    if any(not other.daemon for other in threading.enumerate() if other.name != "MainThread"):
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):  # none, broken or closed
                stream.flush()
        os._exit(INTERRUPTED)


def _run(options: Namespace) -> int:
    """Import and run the command that the options name; the exit code."""
    if vars(options).get("quiet"):
        warnings.simplefilter("ignore")
    if options.command in ("completion", "frames", "models", "serve"):
        _run_other(options)
        return 0
    if "ray" in options:
        from defocus.cli import ray

        return ray.run(options)
    if options.output is not None:
        from defocus.cli import many

        return many.run(options)
    from defocus.cli import single

    single.run(options)
    return 0


def _run_other(options: Namespace) -> None:
    """Run a command that takes no picture file."""
    if options.command == "completion":
        from defocus.cli.shells import completion

        completion.run(options, parsers()[0])
        return
    if options.command == "models":
        from defocus.cli.models import run
    elif options.command == "serve":
        from defocus.cli.serve import run
    else:
        from defocus.cli.frames import run
    run(options)


def _failed(error: Exception) -> int:
    """Report the error; the exit code.  Raises a bug again with DEFOCUS_TRACEBACK."""
    if isinstance(error, DefocusError):
        if not isinstance(error.__cause__, BrokenPipeError):  # the reader has closed the pipe
            report("error", error)
        if isinstance(error, NoSubjectError):
            return NO_SUBJECT
        return WRONG_USAGE if isinstance(error, _USAGE_ERRORS) else FAILED
    message = describe(error)
    if not isinstance(error, MemoryError):
        if os.environ.get("DEFOCUS_TRACEBACK"):
            raise error
        message += "; DEFOCUS_TRACEBACK=1 shows the traceback"
    report("error", message)
    return FAILED
