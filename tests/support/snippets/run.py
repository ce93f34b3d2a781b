"""Run the snippets of one page in an empty folder, in order, as one reader would.

    python -m snippets.run PAGE

Blocks of Python share their names.  Shell lines run in bash, and end at the first failure.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import socket
import subprocess
import sys
import time
import traceback
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snippets import samples
from snippets.fences import SESSION, SHELL, Fence, fences

SERVICE = "127.0.0.1:8000"
_OUTPUT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class SnippetError(Exception):
    """A snippet fails, or prints something else than its page says."""


def run(page: Path, folder: Path) -> int:
    """Run what runs on this machine; the number of blocks.  Raises SnippetError."""
    os.chdir(folder)
    samples.files(folder)
    blocks = fences(page)
    names: dict[str, Any] = {"__name__": "__main__", **samples.names(folder)}
    printed, count = "", 0
    with served(blocks) as address:
        for block in blocks:
            if block.output:
                check_output(block, block.text, printed)
            elif block.runs:
                printed = run_block(block, names, address)
                count += 1
    return count


def run_block(block: Fence, names: dict[str, Any], address: str) -> str:
    """Run one block; what it prints.  Raises SnippetError."""
    if block.language == SHELL:
        return run_shell(block, block.text.replace(SERVICE, address))
    if block.language == SESSION:
        return run_session(block)
    if block.text.startswith(">>> "):
        return run_examples(block, names)
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile("\n" * (block.line - 1) + block.text, block.page, "exec"), names)
    except Exception as error:
        raise SnippetError(f"{block.place}\n{traceback.format_exc()}") from error
    return output.getvalue()


def run_shell(block: Fence, text: str, fails: bool = False) -> str:
    command = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=240, check=False
    )
    if done.returncode and not fails:
        raise SnippetError(
            f"{block.place}: status {done.returncode}\n{text}{done.stdout}{done.stderr}"
        )
    return done.stdout + (done.stderr if fails else "")


def run_session(block: Fence) -> str:
    """Lines after `$ ` are run; the lines below show the output, also of a failure."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        check_output(block, shown, run_shell(block, command, fails=True))
    return ""


def run_examples(block: Fence, names: dict[str, Any]) -> str:
    test = doctest.DocTestParser().get_doctest(
        block.text, names, block.place, str(block.page), block.line
    )
    output = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=_OUTPUT)
    result = runner.run(test, out=output.write, clear_globs=False)
    if result.failed:
        raise SnippetError(output.getvalue())
    return ""


def check_output(block: Fence, shown: str, printed: str) -> None:
    if not doctest.OutputChecker().check_output(shown, printed, _OUTPUT):
        raise SnippetError(f"{block.place}: prints\n{printed}and the page says\n{shown}")


@contextlib.contextmanager
def served(blocks: list[Fence]) -> Iterator[str]:
    """The address of a service, if a block of shell lines calls one."""
    if not any(
        block.runs and block.language == SHELL and SERVICE in block.text for block in blocks
    ):
        yield SERVICE
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "defocus", "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as service:
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", service)
            yield f"127.0.0.1:{port}"
        finally:
            service.terminate()


def wait_for(address: str, service: subprocess.Popen[bytes]) -> None:
    while service.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise SnippetError(f"the service ended with {service.returncode}")


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]).resolve(), Path.cwd())
    except SnippetError as problem:
        sys.exit(str(problem))
