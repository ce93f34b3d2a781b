"""The pages of the documentation site that come from the code, or lie outside of docs/.

docs/conf.py calls `write` at the start of a build.  Everything goes to docs/generated, which git
ignores:

- a page for each public module, which Sphinx fills from the docstrings;
- the help of every command;
- the documents in the root and in bench/, so that links to them stay in the site.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from unittest import mock

import defocus
import defocus.serve
from defocus.cli import main
from tools.public_api import MODULES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
OUTSIDE = ("[ACS]*.md", "bench/results/*.md", "[a-z]*/README.md", "cpp/*/README.md")

# The sections of the navigation beside those of docs/README.md.
PROJECT = ("ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "SECURITY", "bench/README")
KERNELS = ("cpp/core/README", "cpp/kernels/README")

_LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
_ACTION = re.compile(r"^    ([a-z][\w-]*)  ", re.MULTILINE)


def write(docs: Path) -> None:
    """Write docs/generated anew."""
    folder = docs / "generated"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in pages():
        (folder / f"{name}.rst").write_text(text, encoding="utf-8")
    for path in outside():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = relinked(path.read_text(encoding="utf-8"), path, target)
        title = "" if text.startswith("# ") else f"# {path.stem.capitalize()}\n\n"
        target.write_text(title + text, encoding="utf-8")


def outside() -> list[Path]:
    """The documents outside of docs/ that are pages of the site."""
    found = [path for pattern in OUTSIDE for path in sorted(ROOT.glob(pattern))]
    return [path for path in found if path != DOCS / "README.md"]


def relinked(text: str, source: Path, page: Path) -> str:
    """The text of the document `source` as that of `page`: its links lead to pages of the site."""
    moved = {path: DOCS / "generated" / path.relative_to(ROOT) for path in outside()}
    moved[DOCS / "README.md"] = DOCS / "index.md"

    def link(match: re.Match[str]) -> str:
        target = Path(os.path.normpath(source.parent / match[1]))
        target = moved.get(target, target)
        return Path(os.path.relpath(target, page.parent)).as_posix() + (match[2] or "")

    return _LINK.sub(link, text)


def navigation(page: str) -> str:
    """The end of a page with pages below it: hidden lists of these."""
    if page == "decisions/README":
        return _toctree("", ["[a-z]*"])
    if page == "generated/bench/README":
        return _toctree("", ["results/*"])
    return "".join(_sections()) if page == "index" else ""


def _sections() -> Iterator[str]:
    """The navigation of the site, in the order of docs/README.md."""
    page = DOCS / "README.md"
    index = relinked(page.read_text(encoding="utf-8"), page, page)
    for section in index.split("\n## ")[1:-1]:  # the last one is about the site
        title = section.partition(":")[0]
        names = re.findall(r"^- \[[^]]*\]\((.*)\.md\)", section, re.MULTILINE)
        names += [f"generated/{name}" for name, _ in pages() if title == "Reference"]
        yield _toctree(title, names)
    yield _toctree("Project", [f"generated/{name}" for name in (*PROJECT, *KERNELS)])


def _toctree(caption: str, names: list[str]) -> str:
    options = [":hidden:", ":glob:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *names, "```", ""])


def pages() -> Iterator[tuple[str, str]]:
    """The name and the text of each page from the code."""
    errors = [name for name in defocus.__all__ if _is_error(name)]
    types = [name for name in defocus.__all__ if isinstance(getattr(defocus, name), type)]
    named = {*types, "__version__", "Source"}
    functions = [name for name in (*defocus.__all__, "map") if name not in named]
    yield "functions", _listed("Functions", defocus, functions)
    yield "classes", _listed("Classes", defocus, [name for name in types if name not in errors])
    yield "exceptions", _listed("Exceptions", defocus, errors)
    for module in (*(module for module, _ in MODULES), defocus.serve):
        new = [name for name in module.__all__ if not _is_at_top(module, name)]
        if new and module is not defocus.errors:
            title = module.__name__
            about = f".. automodule:: {title}\n   :no-members:\n"
            yield title.replace("defocus.", "module-"), _listed(title, module, new, about)
    yield "commands", _commands()


def _is_at_top(module: ModuleType, name: str) -> bool:
    """Whether it is a name of `defocus` too, and shown there."""
    return name in defocus.__all__ and getattr(defocus, name) is getattr(module, name)


def _is_error(name: str) -> bool:
    value = getattr(defocus, name)
    return isinstance(value, type) and issubclass(value, (Exception, Warning))


def _listed(title: str, module: ModuleType, names: list[str], about: str = "") -> str:
    """A page that shows the docstrings of these names."""
    lines = [title, "=" * len(title), "", about, f".. currentmodule:: {module.__name__}", ""]
    for name in names:
        value = getattr(module, name)
        if callable(value):
            kind = "class" if isinstance(value, type) else "function"
            kind = "exception" if kind == "class" and issubclass(value, Exception) else kind
            lines += [f".. auto{kind}:: {module.__name__}.{name}", ""]
    return "\n".join(lines)


def _commands() -> str:
    """The help of every command."""
    lines = ["Help of every command", "=====================", ""]
    for words in commands():
        title = " ".join(["defocus", *words])
        shown = [f"   {line}".rstrip() for line in help_of(words).splitlines()]
        lines += [title, "-" * len(title), "", ".. code-block:: text", "", *shown, ""]
    return "\n".join(lines)


def commands(words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command, as the help lists them."""
    yield words
    for section in re.split(r"\n\n", help_of(words)):
        if section.startswith(("commands:", "actions:")):
            for name in _ACTION.findall(section):
                yield from commands((*words, name))


def help_of(words: tuple[str, ...]) -> str:
    """What the command prints with `--help`, 80 columns wide."""
    output = io.StringIO()
    settings = {"COLUMNS": "80", "NO_COLOR": "1"}
    with mock.patch.dict(os.environ, settings), contextlib.redirect_stdout(output):
        code = main([*words, "--help"])
    if code:
        raise RuntimeError(f"defocus {' '.join(words)} --help ended with {code}")
    return output.getvalue()
