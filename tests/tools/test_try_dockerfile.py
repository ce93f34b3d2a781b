"""tools/try_dockerfile: what it reads of the Dockerfile, and the whole run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.try_dockerfile.dockerfile import context_files, parse

ROOT = Path(__file__).resolve().parents[2]
TEXT = """\
# A comment.
ARG VERSION=3
FROM base:${VERSION}-full AS build
WORKDIR /source
COPY a.txt folder ./
RUN one \\
    && two "$(three)"
FROM base:$VERSION
ENV PATH=/opt/bin:$PATH NAME="of two"
COPY --from=build /opt /opt
USER 7:8
HEALTHCHECK --interval=3s CMD ["check", "it"]
ENTRYPOINT ["serve"]
"""


def test_the_instructions() -> None:
    image = parse(TEXT)
    build, last = image.stages
    assert (build.base, build.name, last.base) == ("base:3-full", "build", "base:3")
    copy, run = build.steps
    assert (copy.words, copy.directory, copy.user) == (("a.txt", "folder", "./"), "/source", "0:0")
    assert run.words == ("/bin/sh", "-c", 'one      && two "$(three)"')
    assert last.steps[0].source == "build"
    assert last.environment["PATH"].startswith("/opt/bin:/usr/local/bin")
    assert last.environment["NAME"] == "of two"
    assert (last.user, last.entry_point, last.health_check) == ("7:8", ("serve",), ("check", "it"))
    assert image.last is last


def test_an_instruction_that_is_not_known() -> None:
    with pytest.raises(ValueError, match="ONBUILD"):
        parse("FROM base\nONBUILD RUN x\n")


def test_the_files_of_the_context(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("# ours\n*\n!a.txt\n!in\n**/cache\nin/*.so\n")
    for name in ("a.txt", "b.txt", "in/c.py", "in/x.so", "in/cache/d.py", "out/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.as_posix() for path in context_files(tmp_path)] == ["a.txt", "in/c.py"]


def test_our_dockerfile() -> None:
    image = parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    files = {path.as_posix() for path in context_files(ROOT)}
    assert {path.split("/")[0] for path in files} == {
        *(
            "pyproject.toml",
            "CMakeLists.txt",
            "README.md",
            "LICENSE",
            "NOTICE",
            "cpp",
            "docs",
            "licenses",
            "python",
        )
    }
    assert not [path for path in files if path.endswith((".so", ".pyc"))]
    assert image.last.user.split(":")[0].isdigit()
    assert image.last.user != "0:0"
    assert image.last.entry_point[0] == "defocus"
    assert image.last.health_check[0] == "python"


def may_unshare() -> bool:
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.tools
def test_the_image_is_built_and_runs() -> None:
    if not may_unshare():
        pytest.skip("needs root on Linux, and namespaces")
    command = [sys.executable, "-m", "tools.try_dockerfile"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=900)
