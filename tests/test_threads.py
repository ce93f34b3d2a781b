"""How many threads the process may use, on machines made of files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from defocus import threads
from defocus.errors import OptionError, OptionTypeError
from defocus.threads import available_threads, check_threads, effective_threads


@pytest.fixture
def eight_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def machine(root: Path, cgroup: str, **files: str) -> Path:
    """A root folder with the given `proc/self/cgroup` and files below `sys/fs/cgroup`."""
    for name, text in {"proc/self/cgroup": cgroup, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


@pytest.mark.usefixtures("eight_cpus")
class TestAvailable:
    def test_affinity_alone(self, tmp_path: Path) -> None:
        assert available_threads(tmp_path) == 8

    @pytest.mark.parametrize(
        ("limit", "expected"),
        [
            ("200000 100000\n", 2),
            ("150000 100000\n", 2),  # rounded up
            ("1000 100000\n", 1),
            ("6400000 100000\n", 8),  # more than there are CPUs
            ("max 100000\n", 8),
            ("", 8),
            ("rubbish\n", 8),
            ("100000\n", 8),
            ("100000 0\n", 8),
        ],
    )
    def test_version_2(self, tmp_path: Path, limit: str, expected: int) -> None:
        root = machine(tmp_path, "0::/app\n", **{"sys/fs/cgroup/app/cpu.max": limit})
        assert available_threads(root) == expected

    def test_version_2_group_above_limits_too(self, tmp_path: Path) -> None:
        limits = {"a": "500000 100000", "a/b": "max 100000", "a/b/c": "700000 100000"}
        files = {f"sys/fs/cgroup/{group}/cpu.max": text for group, text in limits.items()}
        assert available_threads(machine(tmp_path, "0::/a/b/c\n", **files)) == 5

    def test_version_2_container_that_sees_its_group_at_the_mount(self, tmp_path: Path) -> None:
        files = {"sys/fs/cgroup/cpu.max": "300000 100000\n"}
        assert available_threads(machine(tmp_path, "0::/docker/0123\n", **files)) == 3

    @pytest.mark.parametrize("mount", ["cpu,cpuacct", "cpu"])
    @pytest.mark.parametrize("group", ["", "docker/0123/"])
    def test_version_1(self, tmp_path: Path, mount: str, group: str) -> None:
        files = {
            f"sys/fs/cgroup/{mount}/{group}cpu.cfs_quota_us": "250000\n",
            f"sys/fs/cgroup/{mount}/{group}cpu.cfs_period_us": "100000\n",
        }
        cgroup = "5:memory:/elsewhere\n3:cpu,cpuacct:/docker/0123\n0::/\n"
        assert available_threads(machine(tmp_path, cgroup, **files)) == 3

    def test_version_1_without_limit(self, tmp_path: Path) -> None:
        files = {
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        }
        assert available_threads(machine(tmp_path, "1:cpu:/\n", **files)) == 8

    @pytest.mark.parametrize("cgroup", ["", "\n", "nonsense\n", "0::\n", "::::\n", "\xff"])
    def test_odd_group_files_set_no_limit(self, tmp_path: Path, cgroup: str) -> None:
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/self/cgroup").write_bytes(cgroup.encode("latin-1"))
        assert available_threads(tmp_path) == 8

    def test_folder_in_place_of_a_file_sets_no_limit(self, tmp_path: Path) -> None:
        root = machine(tmp_path, "0::/\n")
        (root / "sys/fs/cgroup/cpu.max").mkdir(parents=True)
        assert available_threads(root) == 8


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (None, 1)])
def test_systems_without_affinity(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, count: int | None, expected: int
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert available_threads(tmp_path) == expected


def test_this_machine() -> None:
    assert 1 <= available_threads() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("value", [None, 1, 64, np.int64(3)])
def test_good_values(value: int | None) -> None:
    checked = check_threads(value)
    assert checked == value
    assert checked is None or type(checked) is int


@pytest.mark.parametrize("value", [True, False, 2.0, "2", np.bool_(True), [2]])
def test_wrong_types(value: object) -> None:
    with pytest.raises(OptionTypeError, match=r"threads=.* is a .*; threads must be an integer"):
        check_threads(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, -3])
def test_out_of_range(value: int) -> None:
    with pytest.raises(OptionError, match=rf"threads={value} is out of range.*at least 1"):
        check_threads(value)


def test_never_more_than_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "available_threads", lambda: 4)
    assert [effective_threads(n) for n in (None, 1, 4, 5)] == [4, 1, 4, 4]
