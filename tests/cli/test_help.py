"""The help of every command, as `tests/cli/help` holds it.

After a change of the help, `python tests/cli/test_help.py` writes the files again.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path

import pytest

from defocus.cli.command import main

FOLDER = Path(__file__).parent / "help"
COMMANDS: tuple[str, ...] = ("", "portrait", "cutout", "mask", "frames", "serve")
COMMANDS += ("models", "models list", "models pull")


def shown(command: str) -> str:
    """The help at 80 columns."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        assert main([*command.split(), "--help"]) == 0
    return output.getvalue()


def stored(command: str) -> Path:
    return FOLDER / f"{'-'.join(['defocus', *command.split()])}.txt"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_is_the_stored_one(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(command)
    assert text == stored(command).read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 80


def test_no_other_help_is_stored() -> None:
    assert {*FOLDER.iterdir()} == {*map(stored, COMMANDS)}


if __name__ == "__main__":
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    for name in COMMANDS:
        stored(name).write_text(shown(name), encoding="utf-8")
