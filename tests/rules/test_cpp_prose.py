"""Comments and documents of the C++ part: the vocabulary of the project, in short sentences."""

import re
from pathlib import Path

import pytest

from tests.rules.test_prose import FORBIDDEN, LONGEST, ROOT, sentences, words

CPP = ROOT / "cpp"
SOURCES = sorted([*CPP.rglob("*.[ch]pp"), *CPP.rglob("*.md")])
# An 8-bit value is no code, a 16-bit sample is no word, a photo or an image is no picture.
PRIVATE = re.compile(rf"{FORBIDDEN.pattern}|\b(8-bit )?(codes|words|pictures?)\b", re.IGNORECASE)


def prose(path: Path) -> str:
    """A document, or the comments of a source; indented lines of a comment are formulas."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    lines = (re.match(r" *// ?(.*)", line) for line in text.split("\n"))
    return "\n".join(
        "" if line is None or line[1].startswith("    ") else line[1] for line in lines
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(CPP).as_posix())
def test_comments_are_plain(path: Path) -> None:
    text = prose(path)
    assert [s for s in sentences(text) if words(s) > LONGEST] == []
    assert PRIVATE.findall(text) == []
