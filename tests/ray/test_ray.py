"""On a Ray cluster of this machine: every picture once, whatever happens to the workers.

Not in the default suite: pip install ".[ray]", then pytest -m ray.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.batch.plan import Job
from defocus.cli import command
from defocus.errors import OptionError
from scenes import person

pytestmark = [
    pytest.mark.ray,
    # Ray's own threads and sockets are closed when it is.
    pytest.mark.filterwarnings("default"),
]
IMAGE, _ = person(180, 240)


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A cluster of this machine: small, without dashboard and telemetry."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray = pytest.importorskip("ray")
    # Workers cannot import this module: what is defined here travels by value.
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=128 << 20,
            log_to_driver=False,
        )
        yield ray
        ray.shutdown()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of folders with 24 different pictures."""
    for i in range(24):
        folder = tmp_path / "in" / f"day {i % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        image = IMAGE.copy()
        image[:8, :8] = (10 * i, 255 - 10 * i, i)
        Image.fromarray(image).save(folder / f"ä{i:02}.png")
    return tmp_path / "in"


def expected(photos: Path, **options: Any) -> dict[str, str]:
    """The digest of each result's pixels, as one process makes them."""
    found = {}
    for path in sorted(photos.rglob("*.png")):
        pixels = np.asarray(defocus.portrait(str(path), **options))
        found[path.relative_to(photos).as_posix()] = hashlib.sha256(pixels.tobytes()).hexdigest()
    return found


def results(out: Path) -> dict[str, str]:
    found = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        with Image.open(path) as image:
            digest = hashlib.sha256(np.asarray(image).tobytes()).hexdigest()
        found[path.relative_to(out).as_posix()] = digest
    return found


def test_the_command_gives_what_one_machine_gives(
    ray: Any, photos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["portrait", str(photos), "-o", str(out), "--sigma", "4"]
    (photos / "bad.png").write_bytes(b"no picture")
    (photos / "notes.txt").write_text("hello")
    assert command.main([*arguments, "--ray", "auto", "--json"]) == 1
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (photos / "bad.png").unlink()
    assert results(out) == expected(photos, sigma=4)
    assert Counter(row["status"] for row in rows[:-1]) == {"done": 24, "failed": 1}
    bad = next(row for row in rows if row.get("status") == "failed")
    assert bad["error"]["code"] == "unknown_format"
    assert "bad.png" in bad["error"]["message"]
    # Again: nothing is left to do, and nothing is done.
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    assert command.main([*arguments, "--ray", "auto"]) == 0
    assert times == {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}


def test_two_pictures_of_one_result_are_refused_before_any_work(
    ray: Any, photos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first = next(photos.rglob("*.png"))
    shutil.copy(first, first.with_suffix(".gif"))
    code = command.main(["portrait", str(photos), "-o", str(tmp_path / "out"), "--ray", "auto"])
    assert code == 2
    assert "would share results" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def _jobs(photos: Path) -> list[Job]:
    paths = sorted(photos.rglob("*.png"))
    return [Job(str(path), path.relative_to(photos).as_posix()) for path in paths]


def _slow() -> Any:
    from defocus.ray.pictures import Pictures

    class Slow(Pictures):
        """Leaves time to be killed, and tells who it is."""

        def row(self, data: Any, path: str, target: Any) -> Any:
            with (Path(path).parents[2] / "pids").open("a") as file:
                file.write(f"{os.getpid()}\n")
            time.sleep(0.3)
            return super().row(data, path, target)

    return Slow


def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    ray: Any, photos: Path, tmp_path: Path
) -> None:
    from defocus.ray.pictures import Recipe
    from defocus.ray.run import run

    out, pids = tmp_path / "out", tmp_path / "pids"
    killed: list[int] = []

    def kill() -> None:
        while not pids.exists() or len(pids.read_text().split()) < 5:
            time.sleep(0.05)
        killed.append(int(pids.read_text().split()[-1]))
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    rows = list(
        run(
            ray,
            _jobs(photos),
            Recipe(options={"sigma": 4}),
            source=str(photos),
            root=str(out),
            maker=_slow(),
        )
    )
    killer.join(10)
    assert killed
    workers = pids.read_text().split()
    assert len(set(workers)) >= 2, "several workers, or one and its replacement"
    assert len(workers) > 24, "what the killed one was at is done again"
    assert Counter(row.job.source for row in rows) == Counter(j.source for j in _jobs(photos))
    assert {row.status for row in rows} == {"done"}
    assert results(out) == expected(photos, sigma=4)


DEADLY = {"ä07.png", "ä09.png", "ä20.png"}


def _deadly() -> Any:
    from defocus.ray.pictures import Pictures

    class Deadly(Pictures):
        """Three pictures take the process down, as a decoder's bug may, when others wait."""

        def row(self, data: Any, path: str, target: Any) -> Any:
            if Path(path).name in DEADLY:
                time.sleep(0.2)
                os.kill(os.getpid(), signal.SIGKILL)
            return super().row(data, path, target)

    return Deadly


def test_pictures_that_kill_workers_are_errors_and_the_only_ones(
    ray: Any, photos: Path, tmp_path: Path
) -> None:
    from defocus.ray.pictures import Recipe
    from defocus.ray.run import run

    out, jobs = tmp_path / "out", _jobs(photos)
    gone = Job(str(photos / "gone.png"), "gone.png")
    rows = list(
        run(
            ray,
            [*jobs, gone],
            Recipe(options={"sigma": 4}),
            source=str(photos),
            root=str(out),
            maker=_deadly(),
        )
    )
    assert Counter(r.job.source for r in rows) == Counter(j.source for j in [*jobs, gone])
    failed = {Path(row.job.source).name: row.error for row in rows if row.status == "failed"}
    assert set(failed) == {*DEADLY, "gone.png"}
    assert all("ended 3 workers" in str(failed[name]) for name in DEADLY)
    assert "cannot be read" in str(failed["gone.png"])
    good = {n: d for n, d in expected(photos, sigma=4).items() if Path(n).name not in DEADLY}
    assert results(out) == good


def test_as_a_callable_of_map_batches(ray: Any, photos: Path) -> None:
    from defocus.ray.pictures import Pictures, Recipe

    (photos / "bad.png").write_bytes(b"")
    rows = ray.data.read_binary_files(str(photos), include_paths=True, override_num_blocks=4)
    made = rows.map_batches(
        Pictures,
        fn_constructor_kwargs={"recipe": Recipe(command="cutout"), "format": "webp"},
        compute=ray.data.ActorPoolStrategy(size=1),
        num_cpus=0.9,
    ).take_all()
    assert len(made) == 25
    failed = [row for row in made if row["status"] == "failed"]
    assert [Path(row["path"]).name for row in failed] == ["bad.png"]
    assert failed[0]["bytes"] is None
    assert failed[0]["error"].startswith("DecodeError: ")
    assert all(row["bytes"][:4] == b"RIFF" for row in made if row["status"] == "done")
    assert all(row["error"] is None for row in made if row["status"] == "done")


ODD = [b"\xff\xfe.png", b"new\nline.png", "\N{DOG FACE}.png".encode(), b"sub\xff/-dash.png"]
ODD += [b"_MG_1.png", b"a#b.png", b"50%20.png", b"who?.png", b"a:b.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
@pytest.mark.parametrize("addresses", [False, True])
def test_names_of_any_bytes(
    ray: Any, addresses: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in", tmp_path / os.fsdecode(b"out\xff" if not addresses else b"out")
    for name in map(os.fsdecode, ODD):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(IMAGE).save(source / name)
    (source / os.fsdecode(b"bad\xff.png")).write_bytes(b"no picture")
    ends = [f"file://{source}", f"file://{out}"] if addresses else [str(source), str(out)]
    arguments = ["portrait", ends[0], "-o", ends[1], "--sigma", "4", "--ray", "auto"]
    assert command.main([*arguments, "--json"]) == 1
    captured = capfd.readouterr()
    rows = [json.loads(line) for line in captured.out.splitlines()]
    assert Counter(row["status"] for row in rows[:-1]) == {"done": len(ODD), "failed": 1}
    bad = next(row for row in rows if row.get("status") == "failed")
    assert bad["error"]["code"] == "unknown_format"
    assert os.fsencode(bad["in"]).endswith(b"bad\xff.png")
    assert captured.err.replace("\n", "").isprintable()
    assert set(results(out)) == set(map(os.fsdecode, ODD))
    (source / os.fsdecode(b"bad\xff.png")).unlink()
    assert set(results(out).values()) == set(expected(source, sigma=4).values())


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have the command use another class than Pictures."""
    from defocus.ray import run as run_module

    return lambda kind: monkeypatch.setitem(run_module.run.__kwdefaults__ or {}, "maker", kind)


def _buggy() -> Any:
    from defocus.ray.pictures import Pictures

    class Buggy(Pictures):
        def _form(self, target: Any, own: Any) -> str:
            raise ZeroDivisionError("a bug")

    return Buggy


def _broken() -> Any:
    from defocus.ray.pictures import Pictures

    class Broken(Pictures):
        def row(self, data: Any, path: str, target: Any) -> Any:
            raise ZeroDivisionError("a bug")

    return Broken


def _unready() -> Any:
    from defocus.ray.pictures import Pictures

    class Unready(Pictures):
        def __init__(self, *_arguments: Any, **_options: Any) -> None:
            raise defocus.ModelMissingError("not on this node")

    return Unready


def test_a_worker_that_cannot_begin_is_told_as_it_is(
    ray: Any, photos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], maker: Any
) -> None:
    maker(_unready())
    one = str(next(photos.rglob("*.png")))
    assert command.main(["portrait", one, "-o", str(tmp_path / "out"), "--ray", "auto"]) == 1
    assert "defocus: error: not on this node\n" in capfd.readouterr().err


@pytest.mark.parametrize("kind", [_buggy, _broken])
def test_a_bug_is_no_error_of_defocus(
    kind: Any,
    ray: Any,
    photos: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    maker: Any,
) -> None:
    maker(kind())
    one = str(next(photos.rglob("*.png")))
    call = ["portrait", one, "-o", str(tmp_path / "out"), "--ray", "auto"]
    assert command.main([*call, "--json", "--sigma", "4"]) == 1
    captured = capfd.readouterr()
    row = json.loads(captured.out.splitlines()[0])
    assert row["error"] == {"type": "ZeroDivisionError", "code": "internal", "message": "a bug"}
    assert "ZeroDivisionError: a bug; the log of its worker" in captured.err


def test_without_bytes_the_path_is_read() -> None:
    pa = pytest.importorskip("pyarrow")
    from defocus.ray.pictures import Pictures, Recipe

    make = Pictures(Recipe(options={"sigma": 3}))
    made = make(pa.table({"path": ["/nowhere/a.jpg"], "id": [5]}))
    assert made["status"].to_pylist() == ["failed"]
    assert made["error"].to_pylist()[0].startswith("InputNotFoundError: ")
    assert made["id"].to_pylist() == [5]
    with pytest.raises(OptionError, match="expected 'bytes' or 'path'"):
        make(pa.table({"id": [5]}))


def test_addresses_are_planned_like_folders(photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from defocus.batch import plan
    from defocus.ray.plan import plan_remote

    how: Any = {"command": "cutout", "format": None, "existing": "skip", "same_name": "error"}
    out = tmp_path / "out"
    (out / "day 1").mkdir(parents=True)
    (out / "day 1" / "ä01.png").write_bytes(b"there")
    far = plan_remote([f"file://{photos}"], f"file://{out}", **how)
    near = plan.plan([str(photos)], str(out), **how)
    assert {(j.source, str(out / j.target)) for j in far.jobs} == {
        (j.source, j.target) for j in near.jobs
    }
    assert len(far.jobs) == 23
    assert [j.target for j in far.done] == ["day 1/ä01.png"]


def test_one_picture_is_not_for_a_cluster(
    photos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = str(next(photos.rglob("*.png")))
    assert command.main(["portrait", one, str(tmp_path / "a.png"), "--ray", "auto"]) == 2
    assert "name a folder for the results with -o" in capfd.readouterr().err


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9", "127.0.0.1:99999"])
def test_an_address_of_no_cluster_is_told_at_once(address: str) -> None:
    from defocus.ray.run import _check_answers

    with pytest.raises(OptionError, match="no answer"):
        _check_answers(address)
