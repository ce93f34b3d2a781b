"""Documents use the vocabulary of the project, in short sentences."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted(ROOT.glob("docs/**/*.md"))
TOP = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "ARCHITECTURE")]
LONGEST = 25  # words in a sentence
FORBIDDEN = re.compile(
    r"\b(crews?|relays?|backdrops?|second (?:look|opinion)s?|lamps?|likeness|told|asked about)\b",
    re.IGNORECASE,
)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    """The text without fenced code, comments and link targets; inline code is one word."""
    text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"`[^`]*`", "code", text).replace("**", "")


def sentences(text: str) -> list[str]:
    """The sentences of paragraphs and list items, without headings, tables and indented code."""
    found = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", without_code(text)):
        if not re.match(r"#|\||    ", block.lstrip("\n")):
            found += re.split(r"(?<=[.!?])\s+", " ".join(block.split()))
    return found


def words(sentence: str) -> int:
    return sum(1 for word in sentence.split() if re.search(r"\w", word))


@pytest.mark.parametrize("page", TOP + DOCS, ids=name)
def test_words_of_the_vocabulary(page: Path) -> None:
    assert not FORBIDDEN.findall(without_code(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", TOP + DOCS, ids=name)
def test_sentences_are_short(page: Path) -> None:
    long = [s for s in sentences(page.read_text(encoding="utf-8")) if words(s) > LONGEST]
    assert not long


def test_the_rules_find_what_they_look_for() -> None:
    assert FORBIDDEN.findall("A Second opinion of the crew.") == ["Second opinion", "crew"]
    assert [words(s) for s in sentences("# No\n\nOne `a b` [three](x.md). Five six.")] == [3, 2]
