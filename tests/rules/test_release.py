"""The release workflow: every action has a version, and only one job may publish."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
JOBS = dict(re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", WORKFLOW.split("jobs:\n")[1], re.M))


def test_every_action_has_a_version() -> None:
    actions = re.findall(r"uses: (\S+)", WORKFLOW)
    assert len(actions) > 5
    assert all(re.fullmatch(r"[\w/-]+@(v\d[\d.]*|release/v\d)", action) for action in actions)


def test_only_the_last_job_may_publish() -> None:
    assert set(JOBS) == {"sdist", "wheels", "publish"}
    assert [name for name, text in JOBS.items() if "write" in text] == ["publish"]
    assert "needs: [sdist, wheels]" in JOBS["publish"]
    assert re.search(r"^permissions:\n  contents: read\n\n", WORKFLOW, re.M)


def test_each_platform_of_the_wheels_has_a_runner() -> None:
    runners = re.search(r"runner: \[(.*)\]", JOBS["wheels"])
    assert runners is not None
    assert {name.split("-")[0] for name in runners[1].split(", ")} == {"ubuntu", "macos", "windows"}
    assert "ubuntu-24.04-arm" in runners[1].split(", ")
