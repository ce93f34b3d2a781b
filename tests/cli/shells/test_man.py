"""The manual page: it is the one of the parsers, and troff has nothing to say about it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from defocus.cli.arguments import parsers
from defocus.cli.shells.grammar import command_of
from defocus.cli.shells.man import page

STORED = Path(__file__).resolve().parents[3] / "docs" / "man" / "defocus.1"
ROOT = command_of(parsers()[0])


def plain(text: str) -> str:
    """The text without escapes of troff."""
    text = re.sub(r"\\f[BIR]|\\&", "", text)
    for escape, character in ((r"\-", "-"), (r"\(aq", "'"), (r"\(dq", '"'), (r"\e", "\\")):
        text = text.replace(escape, character)
    return text


def test_the_stored_page_is_the_one_of_the_parsers() -> None:
    # python tests/cli/test_help.py writes it again.
    assert STORED.read_text(encoding="utf-8") == page(ROOT)


def test_every_command_and_flag_is_in_the_page() -> None:
    text = plain(page(ROOT))
    for command in ROOT.all():
        assert " ".join(command.words[1:]) in text
        for flag in command.flags:
            assert f"\n{', '.join(flag.names)}" in text
            assert flag.help in text
    for code in (0, 1, 2, 3, 130):
        assert f"\n.TP\n{code}\n" in text
    assert "\n.TP\nDEFOCUS_MODELS\n" in text
    assert "\ndefocus cutout photo.jpg subject.png" in text


@pytest.mark.skipif(not shutil.which("groff"), reason="needs groff")
def test_troff_has_no_warning() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", str(STORED)], capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) > 200
