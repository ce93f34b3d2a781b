"""The comparison of two builds reports each file that differs."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.package import check_reproducible


def built(folder: Path, contents: bytes = b"1", seconds: int = 0, name: str = "a") -> Path:
    folder.mkdir()
    with tarfile.open(folder / f"{name}.tar.gz", "w") as archive:
        entry = tarfile.TarInfo("a/PKG-INFO")
        entry.size, entry.mtime = len(contents), seconds
        archive.addfile(entry, io.BytesIO(contents))
    with zipfile.ZipFile(folder / f"{name}.whl", "w") as wheel:
        wheel.writestr(zipfile.ZipInfo("a.py", (2020, 1, 1, 0, 0, seconds)), contents)
    return folder


def test_the_same_bytes(tmp_path: Path) -> None:
    assert check_reproducible.compare(built(tmp_path / "1"), built(tmp_path / "2")) == []


@pytest.mark.parametrize(
    ("how", "what"),
    [({"contents": b"2"}, ("a/PKG-INFO", "a.py")), ({"seconds": 2}, ("times", "times"))],
)
def test_what_differs_is_named(tmp_path: Path, how: dict[str, int], what: tuple[str, str]) -> None:
    first, second = built(tmp_path / "1"), built(tmp_path / "2", **how)  # type: ignore[arg-type]
    problems = check_reproducible.compare(first, second)
    assert [name in problem for name, problem in zip(what, problems, strict=True)] == [True, True]


def test_a_file_that_is_missing_or_has_another_name(tmp_path: Path) -> None:
    first = built(tmp_path / "1")
    assert len(check_reproducible.compare(first, built(tmp_path / "2", name="b"))) == 2
    (tmp_path / "3").mkdir()
    assert len(check_reproducible.compare(first, tmp_path / "3")) == 2
    assert len(check_reproducible.compare(tmp_path / "3", tmp_path / "3")) == 2
