"""The fenced blocks of a page, with the comments before them."""

from __future__ import annotations

import re
import shutil
import textwrap
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PYTHON, SHELL, SESSION = "python", "sh", "console"
SHELLS = ("", "bash", "shell")  # other names of it
PROSE = ("text", "json", "yaml", "toml", "ini", "nginx", "caddy", "dockerfile", "html", "diff")
REASONS = (
    "installs packages",
    "needs docker",
    "needs root",
    "needs a GPU",
    "needs a cluster",
    "needs a download",
    "runs until it is stopped",
    "has tests of its own",
    "is an outline",
    "is a stage of .ci/run",
)
_FENCE = re.compile(
    r"^(?P<notes>(?: *<!-- .*? -->\n\n?)*)"
    r"(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Fence:
    """A fenced block."""

    page: Path
    line: int  # of its first line of text
    language: str
    text: str
    notes: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def reason(self) -> str | None:
        """Why it is never run."""
        return self._note("not run: ")

    @property
    def needs(self) -> str | None:
        """The program or Python module without which it is not run."""
        return self._note("needs: ")

    @property
    def output(self) -> bool:
        """Whether it shows what the block before it prints."""
        return "prints" in self.notes

    @property
    def code(self) -> bool:
        return self.language in (PYTHON, SHELL, SESSION)

    @property
    def runs(self) -> bool:
        """Whether it is run on this machine."""
        return self.code and self.reason is None and (not self.needs or available(self.needs))

    def _note(self, start: str) -> str | None:
        found = [note.removeprefix(start) for note in self.notes if note.startswith(start)]
        return found[0] if found else None


def available(name: str) -> bool:
    return shutil.which(name) is not None or find_spec(name) is not None


def fences(page: Path) -> list[Fence]:
    """The blocks of a page, from above.  A block without a language is one of shell lines."""
    text = page.read_text(encoding="utf-8")
    return [
        Fence(
            page=page,
            line=text.count("\n", 0, match.start("text")) + 1,
            language=SHELL if match["language"] in SHELLS else match["language"],
            text=textwrap.dedent(match["text"]),
            notes=tuple(re.findall(r"<!-- (.*?) -->", match["notes"])),
        )
        for match in _FENCE.finditer(text)
    ]
