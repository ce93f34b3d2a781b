"""Every snippet of README.md and docs/ runs, or says why it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from snippets.fences import PROSE, REASONS, Fence, fences

ROOT = Path(__file__).resolve().parents[2]
FOUND = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
PAGES = sorted(page for page in FOUND if ROOT / "docs" / "generated" not in page.parents)
WITH_CODE = [page for page in PAGES if any(block.code for block in fences(page))]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.docs
@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_the_snippets_run(page: Path, tmp_path: Path) -> None:
    search = [str(ROOT / "tests" / "support"), str(ROOT)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(search),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "snippets.run", str(page)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def blocks() -> list[Fence]:
    return [block for page in PAGES for block in fences(page)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_block_has_a_known_language_and_reason(page: Path) -> None:
    for block in fences(page):
        known = block.code or block.language in PROSE or block.language.startswith("{")
        assert known, f"{block.place}: {block.language}"
        assert block.reason is None or block.reason in REASONS, f"{block.place}: {block.reason}"
        assert not (block.reason and block.needs), block.place


def test_most_blocks_run() -> None:
    code = [block for block in blocks() if block.code]
    reasons = Counter(block.reason for block in code)
    assert {*reasons} - {None} <= {*REASONS}
    assert reasons[None] > 2 / 3 * len(code), reasons
