"""The runner of snippets: what it finds, runs, compares and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from snippets import run, samples
from snippets.fences import Fence, fences

PAGE = """\
# A page

```python
value = 6
```

- In a list:

  ```python
  print(value * 7)
  ```

  <!-- prints -->
  ```text
  4...
  ```

<!-- not run: needs docker -->
<!-- another comment -->
```sh
false
```

<!-- needs: no-such-program -->
```
false
```

```console
$ echo one; exit 3
one
$ echo two
two
```

```python
>>> value
6
```
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(samples, "files", lambda _folder: None)
    monkeypatch.setattr(samples, "names", lambda _folder: {})
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def replaced(page: Path, old: str, new: str) -> None:
    assert old in PAGE
    page.write_text(PAGE.replace(old, new), encoding="utf-8")


def test_the_blocks_of_a_page(page: Path) -> None:
    blocks = fences(page)
    assert [block.language for block in blocks] == [
        *("python", "python", "text", "sh", "sh", "console", "python")
    ]
    assert [block.runs for block in blocks] == [True, True, False, False, False, True, True]
    assert blocks[1] == Fence(page, 10, "python", "print(value * 7)\n", ())
    assert blocks[2].output
    assert blocks[3].reason == "needs docker"
    assert blocks[4].needs == "no-such-program"


def test_a_page_runs(page: Path) -> None:
    assert run.run(page, page.parent) == 4


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("value * 7", "valu * 7", "page.md:10"),
        ("  4...", "  43", "page.md:15"),
        ("<!-- needs: no-such-program -->\n", "", "page.md:25"),
        ("<!-- not run: needs docker -->\n", "", "page.md:20"),
        ("\ntwo", "\nthree", "page.md:30"),
        (">>> value\n6", ">>> value\n7", "page.md:37"),
    ],
)
def test_a_page_that_is_wrong(page: Path, old: str, new: str, place: str) -> None:
    replaced(page, old, new)
    with pytest.raises(run.SnippetError) as caught:
        run.run(page, page.parent)
    name, _, line = place.partition(":")
    assert name in str(caught.value)
    assert line in str(caught.value)


def test_a_service_that_is_called(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "wait_for", lambda *_arguments: None)
    assert "127.0.0.1:8000" not in PAGE
    with run.served(fences(page)) as address:
        assert address == run.SERVICE
    replaced(page, "<!-- needs: no-such-program -->\n```\nfalse", f"```\necho {run.SERVICE}")
    with run.served(fences(page)) as address:
        assert address != run.SERVICE
