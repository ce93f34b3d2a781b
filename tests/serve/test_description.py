"""The service keeps to /openapi.json: schemathesis makes requests from it, and judges answers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.serve.process import serving, started, until_ready
from tests.serve.service import encoded, two_subjects

# A picture is a photograph; random bytes would be refused before anything else is looked at.
HOOKS = """
import pathlib
import schemathesis
from hypothesis import strategies
PHOTOGRAPH = strategies.just(pathlib.Path("photograph.png").read_bytes())
schemathesis.openapi.media_type("image/*", PHOTOGRAPH, aliases=["application/octet-stream"])
schemathesis.openapi.format("binary", PHOTOGRAPH)
"""
# An option may not fit the others, the format or the size of the photograph, which no schema says.
CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 422]
"""
CHOICES = "--checks=all --phases=coverage,fuzzing --seed=1 --max-examples=10 --no-shrink --no-color"


@pytest.mark.tools
@pytest.mark.skipif(not shutil.which("schemathesis"), reason="needs schemathesis")
def test_schemathesis_finds_nothing(model: Path, tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS)
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    (tmp_path / "photograph.png").write_bytes(encoded(two_subjects()))
    with started(*serving(model)) as process:
        until_ready(process)
        found = subprocess.run(
            ["schemathesis", "run", f"{process.url}/openapi.json", *CHOICES.split()],
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert found.returncode == 0, found.stdout + found.stderr
