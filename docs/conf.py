"""How Sphinx builds the site: python -m sphinx -W --keep-going -b html docs build/docs."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import defocus
from tools import site_pages

project = "defocus"
author = "The defocus developers"
copyright = "2026, The defocus developers"
version = release = defocus.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["README.md", "images"]
highlight_language = "text"
myst_heading_anchors = 4

autodoc_member_order = "groupwise"
autodoc_typehints = "none"  # the docstrings state the types
autodoc_default_options = {"members": True, "show-inheritance": True}
# Not needed to read the docstrings, and large.
autodoc_mock_imports = ["ray", "pyarrow"]
default_role = "py:obj"  # single backquotes of docstrings: a link where there is a target
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
suppress_warnings = ["myst.header"]  # tables of results skip a level of headings

html_theme = "furo"
html_title = f"defocus {version}"
html_static_path = ["site"]
html_css_files = ["site.css"]
html_copy_source = False


def setup(app):
    """Write the pages that come from the code, and join those that lie outside of this folder."""
    site_pages.write(HERE)
    app.connect("source-read", _read)


def _read(app, name, text):
    page = HERE / f"{name}.md"
    if name == "index":
        text[0] = (HERE / "README.md").read_text(encoding="utf-8")
    if not name.startswith("generated/"):
        text[0] = site_pages.relinked(text[0], page, page)
    text[0] += site_pages.navigation(name)
