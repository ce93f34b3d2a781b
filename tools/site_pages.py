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
from unittest import mock

import defocus
from defocus import aio, kernels
from defocus.cli import main

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
OUTSIDE = ("[AC]*.md", "bench/README.md", "bench/results/*.md", "cpp/*/README.md")

# The sections of the navigation beside those of docs/README.md.
FROM_CODE = ("functions", "classes", "exceptions", "aio", "kernels", "ray", "serve", "commands")
PROJECT = ("ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "bench/README")
KERNELS = ("cpp/core/README", "cpp/kernels/README")

_CLASSES = [
    *("Subject", "Component", "Segmenter", "ModelSpec"),
    *("Lens", "Look", "Finish", "Recipe", "Result", "DeepImage"),
]
_RAY = ("Pictures", "store")
_SERVE = ("Settings", "create_app")
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
    return [path for pattern in OUTSIDE for path in sorted(ROOT.glob(pattern))]


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
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for section in index.split("\n## ")[1:-1]:  # the last one is about the site
        title = section.partition(":")[0]
        names = re.findall(r"^- \[[^]]*\]\((.*)\.md\)", section, re.MULTILINE)
        names += [f"generated/{name}" for name in FROM_CODE if title == "Reference"]
        yield _toctree(title, names)
    yield _toctree("Project", [f"generated/{name}" for name in (*PROJECT, *KERNELS)])


def _toctree(caption: str, names: list[str]) -> str:
    options = [":hidden:", ":glob:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *names, "```", ""])


def pages() -> Iterator[tuple[str, str]]:
    """The name and the text of each page from the code."""
    errors = [name for name in defocus.__all__ if _is_error(name)]
    named = {*errors, *_CLASSES, "__version__", "Source"}
    functions = [name for name in (*defocus.__all__, "map") if name not in named]
    yield "functions", _module("Functions", "defocus", functions)
    yield "classes", _module("Classes", "defocus", _CLASSES)
    yield "exceptions", _module("Exceptions", "defocus", errors)
    yield "aio", _module("defocus.aio", "defocus.aio", aio.__all__)
    yield "kernels", _module("defocus.kernels", "defocus.kernels", kernels.__all__)
    yield "ray", _module("defocus.ray", "defocus.ray", list(_RAY))
    yield "serve", _module("defocus.serve", "defocus.serve", list(_SERVE))
    yield "commands", _commands()


def _is_error(name: str) -> bool:
    value = getattr(defocus, name)
    return isinstance(value, type) and issubclass(value, (Exception, Warning))


def _module(title: str, module: str, names: list[str]) -> str:
    """A page that shows the docstrings of these names."""
    lines = [title, "=" * len(title), "", f".. currentmodule:: {module}", ""]
    for name in names:
        value = getattr(__import__(module, fromlist=[name]), name)
        kind = "class" if isinstance(value, type) else "function"
        kind = "exception" if kind == "class" and issubclass(value, Exception) else kind
        lines += [f".. auto{kind}:: {module}.{name}", ""]
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
