"""The completion scripts, in the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from defocus.cli.arguments import parsers
from defocus.cli.command import main
from defocus.cli.shells.choices import choices_of
from defocus.cli.shells.grammar import Command, command_of
from defocus.cli.shells.scripts import SCRIPTS
from defocus.models import MODELS

HERE = Path(__file__).parent
ROOT = command_of(parsers()[0])
Completer = Callable[[str], set[str]]

_BASH = """\
source ./defocus.bash
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=($1) COMP_CWORD=${#COMP_WORDS[@]}
compopt() { echo "compopt $*"; }
_defocus
printf '%s\\n' "${COMPREPLY[@]}"
"""


def ran(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def in_bash(line: str) -> set[str]:
    """The replies.  Readline adds names of files unless `compopt +o default` was called."""
    found = {*ran("bash", "--norc", "-c", _BASH, "-", line).splitlines()} - {""}
    return found - {"compopt +o default"} if "compopt +o default" in found else found | {"files"}


def in_zsh(line: str) -> set[str]:
    text = ran("zsh", "-f", str(HERE / "capture.zsh"), "./defocus.zsh", line)
    return {*text.split("\0")[1].split()}


def in_fish(line: str) -> set[str]:
    text = ran("fish", "--no-config", "-c", f"source defocus.fish; complete -C '{line}'")
    return {row.partition("\t")[0] for row in text.splitlines()}


@pytest.fixture(params=[in_bash, in_zsh, in_fish], ids=["bash", "zsh", "fish"])
def complete(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Completer:
    completer: Completer = request.param
    shell = completer.__name__.removeprefix("in_")
    if not shutil.which(shell):
        pytest.skip(f"needs {shell}")
    assert main(["completion", shell]) == 0
    Path(f"defocus.{shell}").write_text(capsys.readouterr().out, encoding="utf-8")
    assert ran(shell, "-n", f"defocus.{shell}") == ""
    for name in ("photo.jpg", "phone.png"):
        Path(name).touch()
    return completer


def test_a_shell_completes_what_the_parser_has(complete: Completer) -> None:
    commands = {command.words[-1] for command in ROOT.commands}
    assert complete("defocus ") == commands
    assert complete("defocus mo") == {"models"}
    assert complete("defocus models ") == {"list", "pull"}
    assert complete("defocus portrait --bokeh ") == {"gaussian", "disc"}
    assert complete("defocus portrait photo.jpg out.jpg --strip g") == {"gps"}
    assert complete("defocus models pull isnet-a") == {"isnet-anime"}
    assert complete("defocus frames --existing ") == {"error", "overwrite"}
    assert complete("defocus completion ") == {"bash", "zsh", "fish"}
    assert complete("defocus portrait --sigma ") == set()
    assert {"--model", "--max-pixels"} <= complete("defocus cutout --m")
    assert complete("defocus cutout --aper") == set()


def test_paths_complete_to_files(complete: Completer) -> None:
    files = {"files"} if complete is in_bash else {"photo.jpg", "phone.png"}
    for line in ("defocus cutout pho", "defocus cutout a.jpg --matte pho", "defocus mask -o pho"):
        assert complete(line) == files
    models = complete("defocus mask --model ")
    assert {*MODELS} <= models
    assert models & {"files", "photo.jpg"}


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_splits_words_at_colons_and_equals(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    Path("defocus.bash").write_text(capsys.readouterr().out, encoding="utf-8")
    assert in_bash("defocus portrait --subsampling 4:2") == {"2:2", "2:0"}
    assert in_bash("defocus portrait --strip=g") == {"gps"}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_every_flag_of_every_command_is_in_a_script(shell: str) -> None:
    script = SCRIPTS[shell](ROOT)
    for command in ROOT.all():
        assert command.words[-1] in script
        for flag in command.flags:
            name = flag.names[-1].removeprefix("--")
            assert name in script, f"{command.words} {flag.names}"


def arguments_of(command: Command) -> list[tuple[str, str]]:
    named = [(flag.names[-1], flag.help) for flag in command.flags if flag.metavar]
    return named + [(operand.metavar, operand.help) for operand in command.operands]


def test_every_choice_is_in_the_help_of_its_flag() -> None:
    listed = {"--model", "pull NAME"}  # by `defocus models list`
    for command in ROOT.all():
        for name, text in arguments_of(command):
            for choice in choices_of(command.words[-1], name):
                if name not in listed and f"{command.words[-1]} {name}" not in listed:
                    assert choice in text, f"{command.words} {name}: {choice}"
    assert choices_of("completion", "SHELL") == tuple(SCRIPTS)


def test_an_unknown_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "'tcsh' is unknown; expected bash, zsh, fish" in capsys.readouterr().err
    assert main(["completion"]) == 2
