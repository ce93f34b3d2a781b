"""Documents, docstrings and comments use the vocabulary of the project, in short sentences."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted(
    page
    for page in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")]
    if ROOT / "docs" / "generated" not in page.parents  # by a build of the site
)
TOP = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "ARCHITECTURE")]
SOURCES = sorted([*(ROOT / "python" / "defocus").rglob("*.py"), *ROOT.glob("examples/**/*.py")])
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


# Lines of a NumPy-doc section that are no sentences.
LABELS = re.compile(r"^(\w[\w, ]* : .*|-{3,}|[A-Z]\w+|(\w+Error(, )?)+)$", re.MULTILINE)
EXAMPLES = re.compile(r"^>>> .*(\n(?!\n).*)*", re.MULTILINE)


def prose_of(source: str) -> Iterator[str]:
    """The docstrings and the comments of a file, without doctests and names of parameters."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            text = EXAMPLES.sub("", ast.get_docstring(node) or "")
            yield LABELS.sub("\n", text)
    block, last = "", 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            alone = not token.line[: token.start[1]].strip()
            text = token.string.lstrip("# ")
            if alone and token.start[0] == last + 1:
                block = f"{block} {text}"
            else:
                yield block
                block = text
            last = token.start[0] if alone else 0
    yield block


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_docstrings_and_comments(path: Path) -> None:
    for text in prose_of(path.read_text(encoding="utf-8")):
        assert not FORBIDDEN.findall(text), text
        assert not [s for s in sentences(text) if words(s) > LONGEST], text


def test_prose_is_found() -> None:
    source = '''"""One.  Two
three."""

x = 1  # four
# five
# six
'''
    assert list(prose_of(source)) == ["One.  Two\nthree.", "", "four", "five six"]
