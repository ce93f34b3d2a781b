"""The pages of the site that come from the code: every public name, every command, every link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import defocus
from defocus import aio, kernels
from tools import site_pages

ROOT = Path(__file__).resolve().parents[2]


def test_every_public_name_is_on_a_page() -> None:
    text = "\n".join(text for _, text in site_pages.pages())
    shown = set(re.findall(r"^\.\. auto\w+:: (\S+)$", text, re.MULTILINE))
    expected = {f"defocus.{name}" for name in (*defocus.__all__, "map")}
    expected |= {f"defocus.aio.{name}" for name in aio.__all__}
    expected |= {f"defocus.kernels.{name}" for name in kernels.__all__}
    assert expected - shown == {"defocus.__version__", "defocus.Source"}


def test_every_command_is_found() -> None:
    stored = {path.stem for path in (ROOT / "tests" / "cli" / "help").glob("*.txt")}
    assert {"-".join(("defocus", *words)) for words in site_pages.commands()} == stored


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("../../bench/results/peers.md", "../generated/bench/results/peers.md"),
        ("../../ARCHITECTURE.md#rooms", "../generated/ARCHITECTURE.md#rooms"),
        ("../README.md", "../index.md"),
        ("../../NOTICE", "../../NOTICE"),
        ("serve.md#endpoints", "serve.md#endpoints"),
        ("#endpoints", "#endpoints"),
        ("https://example.org/a.md", "https://example.org/a.md"),
    ],
)
def test_links_stay_in_the_site(link: str, becomes: str) -> None:
    page = ROOT / "docs" / "how-to" / "many.md"
    assert site_pages.relinked(f"[a]({link}).", page, page) == f"[a]({becomes})."


def test_links_of_a_page_that_is_moved() -> None:
    source = ROOT / "bench" / "README.md"
    page = ROOT / "docs" / "generated" / "bench" / "README.md"
    text = site_pages.relinked("[a](../docs/how-to/ray.md) [b](results/peers.md)", source, page)
    assert text == "[a](../../how-to/ray.md) [b](results/peers.md)"


def test_the_navigation_has_what_the_index_lists() -> None:
    text = site_pages.navigation("index")
    for page in ("tutorial/first-portrait", "how-to/many", "reference/cli", "decisions/README"):
        assert f"\n{page}\n" in text
    for name, _ in site_pages.pages():
        assert f"\ngenerated/{name}\n" in text
    for name in (*site_pages.PROJECT, *site_pages.KERNELS):
        assert ROOT / f"{name}.md" in site_pages.outside()
