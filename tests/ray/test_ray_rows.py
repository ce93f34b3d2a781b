"""What a worker of Ray does with a row, and what the command makes of the answer; without Ray."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import defocus
from defocus.batch import job
from defocus.batch.plan import Job
from defocus.cli import ray
from defocus.ray import files
from defocus.ray.pictures import Pictures, Recipe
from defocus.ray.run import Row

JOB = Job("a.png", "a.png")


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return Pictures(Recipe(options={"matte": np.full((8, 8), 255, np.uint8)}))


def outcome(error: str) -> Any:
    return ray._outcome(JOB, Row(JOB, "failed", error, (), 0.0)).error


@pytest.mark.parametrize(
    "bug", [KeyError("x"), MemoryError(), ZeroDivisionError("by 0"), OSError()]
)
def test_a_bug_keeps_its_type_and_is_logged(
    bug: Exception,
    pictures: Pictures,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_arguments: object) -> None:
        raise bug

    monkeypatch.setattr(job, "make", fail)
    made = pictures.row(b"any", "a.png", "a.png")
    assert made.status == "failed"
    assert made.error is not None
    assert made.error.startswith(f"{type(bug).__name__}: ")
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("defocus.ray", logging.ERROR)
    assert record.exc_info is not None
    assert record.exc_info[1] is bug
    assert type(outcome(made.error)).__name__ == type(bug).__name__
    assert not isinstance(outcome(made.error), defocus.DefocusError)


def test_an_error_of_defocus_stays_one_and_is_not_logged(
    pictures: Pictures, caplog: pytest.LogCaptureFixture
) -> None:
    made = pictures.row(b"no picture", "a.png", "a.png")
    assert made.error is not None
    assert type(outcome(made.error)) is defocus.UnknownFormatError
    assert "a.png" in str(outcome(made.error))
    assert not caplog.records


def test_words_of_an_error_fit_into_a_column(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise defocus.DecodeError("\udcff")

    monkeypatch.setattr(job, "make", fail)
    error = pictures.row(b"any", "\udcff.png", None).error
    assert error is not None
    assert error.encode().isascii()


@pytest.mark.ray
@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_files_here_have_names_of_any_bytes(tmp_path: Path, pictures: Pictures) -> None:
    class Local:
        """As pyarrow's file system of this machine, of which only the type counts."""

        type_name = "local"

    names = [os.fsdecode(name) for name in (b"\xff.png", b"new\nline.png", b"sub\xfe/a.png")]
    for name in names:
        files.write(Local(), str(tmp_path / name), b"bytes")
    (tmp_path / "empty.png").touch()
    (tmp_path / "loop.png").symlink_to("loop.png")
    found = files.listed(Local(), str(tmp_path))
    assert found == sorted(str(tmp_path / name) for name in names)
    for path in found:
        with files.opened(Local(), path) as file:
            assert file.read() == b"bytes"
    assert files.listed(Local(), found[0]) == [found[0]]
    assert files.listed(Local(), str(tmp_path / "missing")) == []
    with pytest.raises(defocus.OutputError):
        files.write(Local(), f"{found[0]}/below.png", b"bytes")
