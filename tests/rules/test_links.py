"""Links between documents lead to a file and to a heading that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOBS = (
    "*.md",
    "docs/**/*.md",
    "cpp/**/README.md",
    "bench/**/*.md",
    "examples/*.md",
    "tests/**/*.md",
)
FOUND = {page for pattern in GLOBS for page in ROOT.glob(pattern)}
PAGES = sorted(page for page in FOUND if ROOT / "docs" / "generated" not in page.parents)


def anchors(page: Path) -> set[str]:
    """The fragment that GitHub gives each heading of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"https?:", link):
            name, _, fragment = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), f"{page.name} links to {link}"
            if fragment:
                assert fragment in anchors(target), f"{page.name} links to {link}"


def test_every_page_of_docs_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in ROOT.glob("docs/*/*.md"):
        if page.parent.name == "generated":  # by a build of the site
            continue
        if page.parent.name != "decisions" or page.name == "README.md":
            assert f"({page.relative_to(ROOT / 'docs').as_posix()})" in index, page


def test_every_decision_is_in_its_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page
