"""The help of every command, as `tests/cli/help` holds it, and its examples.

After a change of the help, `python tests/cli/test_help.py` writes the files again, and the manual
page.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import defocus
from defocus.cli.arguments import parsers
from defocus.cli.command import main
from defocus.cli.shells.grammar import command_of
from defocus.cli.shells.man import page
from defocus.options import Lens

IMAGE_COMMANDS = ("portrait", "cutout", "mask")
FOLDER = Path(__file__).parent / "help"
COMMANDS: tuple[str, ...] = ("", "portrait", "cutout", "mask", "frames", "serve", "completion")
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
    assert "%%" not in text


def test_no_other_help_is_stored() -> None:
    assert {*FOLDER.iterdir()} == {*map(stored, COMMANDS)}


def test_help_has_examples_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], *([command, "--help"] for command in IMAGE_COMMANDS)):
        assert main(arguments) == 0
        text = capsys.readouterr().out
        examples = [line for line in text.splitlines() if line.startswith("  defocus ")]
        assert examples
        for code in (0, 1, 2, 3, 130):
            assert f"\n  {code:<5}" in text
        lens = Lens()
        if arguments[0] == "portrait":
            for value in (lens.aperture, lens.focal_length, lens.distance):
                assert f"(default: {value:g})" in " ".join(text.split())


@pytest.mark.usefixtures("photo")
def test_the_examples_of_the_help_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    examples = [line.split("  ")[1].split() for line in lines if line.startswith("  defocus ")]
    assert {words[1] for words in examples} == {*IMAGE_COMMANDS, "models", "serve"}
    Path("photos").mkdir()
    shutil.copy("photo.jpg", "photos")
    for words in examples:
        if "<" not in words and words[1] in IMAGE_COMMANDS:
            own = f"{Path(words[2]).stem}.{words[1]}.png"  # without OUT
            place = words.index("-o") + 1 if "-o" in words else 3
            out = Path([*words, own][place])
            if "-o" not in words:
                out.unlink(missing_ok=True)
            assert main(words[1:]) == 0, words
            assert out.exists()


def test_no_arguments_gives_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("usage: defocus ")


def test_version_and_help_load_nothing_slow() -> None:
    code = (
        "import sys; from defocus.cli import main; code = main(sys.argv[1:])\n"
        "slow = {'onnxruntime', 'PIL', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'loaded {slow}' if slow else code)\n"
    )
    for arguments in (["--version"], ["--help"], ["mask", "--help"], ["portrait", "-"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
        assert done.returncode == (2 if "-" in arguments else 0), done.stderr
        if arguments == ["--version"]:
            assert done.stdout.decode().split() == ["defocus", defocus.__version__]


if __name__ == "__main__":
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    for name in COMMANDS:
        stored(name).write_text(shown(name), encoding="utf-8")
    manual = Path(__file__).resolve().parents[2] / "docs" / "man" / "defocus.1"
    manual.write_text(page(command_of(parsers()[0])), encoding="utf-8")
