"""A plan of many pictures, run by Ray Data: read, make, store; every picture once, or an error.

Ray repeats what a lost worker was at.  A picture whose worker is lost each time, because decoding
it takes the process down, would be repeated for ever, and one that cannot be read would take the
others of its block along: so attempts are bounded, a block that fails is left out, and what is
missing at the end runs again, each picture by itself.  What is missing then is an error.
"""

from __future__ import annotations

import logging
import os
import posixpath
import re
import socket
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from defocus import errors
from defocus.batch import plan
from defocus.batch.inputs import Input
from defocus.batch.plan import Job, Plan
from defocus.errors import DefocusError, InputNotFoundError, OptionError
from defocus.io.extensions import is_picture
from defocus.options import Existing, SameName
from defocus.ray.extra import load
from defocus.ray.files import fetch, listed, located, opened
from defocus.ray.pictures import Pictures, Recipe, store
from defocus.threads import available_threads

__all__ = ["Row", "connected", "error_of", "is_address", "plan_remote", "run"]

_ATTEMPTS = 3  # of a block whose worker is lost, after the first
_PER_BLOCK = 16  # pictures that are read, made and, if a worker is lost, repeated together
_MOST_BLOCKS = 10_000
# A worker's share of each of its CPUs, as Ray counts them: what remains reads and stores.
_SHARE, _LIGHT = 0.9, 0.05
_PATIENCE = 10.0  # seconds, with an address
_OBJECT_STORE = 256 << 20  # bytes, of a cluster that is started for one run on this machine


class Row(NamedTuple):
    """What became of a job."""

    job: Job
    status: str
    error: str | None
    warnings: tuple[str, ...]
    seconds: float


def is_address(word: str) -> bool:
    """Whether a file system other than this machine's is meant.

    >>> is_address("s3://bucket/photos"), is_address("photos")
    (True, False)
    """
    return "://" in word


def error_of(told: str) -> Exception:
    """The error that a row tells of; of one that is not of defocus, only the type's name is kept.

    >>> error_of("DecodeError: it is empty"), error_of("KeyError: 7")
    (DecodeError('it is empty'), KeyError('7'))
    """
    name, _, message = told.partition(": ")
    found = getattr(errors, name, None)
    if not (isinstance(found, type) and issubclass(found, DefocusError)):
        found = type(name, (Exception,), {})
    error: Exception = found(message)
    return error


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Ray, connected to the cluster at `address`; one that this process is connected to serves.

    "local" starts one for the time of the block, on this machine, without dashboard and telemetry.
    Raises OptionError where there is no Ray or no cluster.
    """
    if address == "local":
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray = load("ray")
    load("ray.data")
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # it tells of every step
    if ray.is_initialized():
        yield ray
        return
    _check_answers(address)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    own: dict[str, Any] = {
        "num_cpus": available_threads(),
        "include_dashboard": False,
        "object_store_memory": _OBJECT_STORE,
    }
    try:
        ray.init(address=address, **quiet, **(own if address == "local" else {}))
    except (OSError, ValueError, RuntimeError) as error:
        raise OptionError(
            f"--ray {address!r}: no cluster is found there ({str(error).splitlines()[0]}); "
            "expected local, auto, ray://HOST:PORT or HOST:PORT"
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_answers(address: str) -> None:
    """Refuse an address where nobody answers: Ray itself would go on asking for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and port.isascii() and port.isdigit()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise OptionError(
            f"--ray {address!r}: nobody answers there ({error}); expected the address of a "
            "cluster's head node, as `ray start --head` tells it"
        ) from error


def plan_remote(
    inputs: Sequence[str],
    out: str,
    *,
    command: str,
    format: str | None,
    existing: Existing,
    same_name: SameName,
) -> Plan:
    """What `plan` does for folders, for addresses: one listing of IN, one of OUT."""
    if len(inputs) != 1:
        raise OptionError(f"{len(inputs)} IN are given; expected one address or folders of files")
    if existing not in ("skip", "overwrite"):
        raise OptionError(f"--existing {existing} is for folders; expected skip or overwrite")
    source, base = located(inputs[0])
    target, root = located(out)
    same = source.equals(target)
    made = Plan()
    for path in listed(source, base):
        place = posixpath.relpath(path, base) if path != base else posixpath.basename(path)
        if same and f"{path}/".startswith(f"{root}/"):
            continue
        if is_picture(path) and not any(p.startswith(".") for p in place.split("/")):
            made.inputs.found.append(Input(path, place))
        else:
            made.inputs.others[posixpath.splitext(path)[1].lower() or "no extension"] += 1
    if same and root == base:
        raise OptionError(f"OUT {out!r} is IN itself; name another, lest originals get lost")
    places = plan.named(made.inputs.found, command=command, format=format, same_name=same_name)
    there = set(listed(target, root)) if existing == "skip" else set()
    for found, place in zip(made.inputs.found, places, strict=True):
        job = Job(found.path, place)
        (made.done if f"{root}/{place}" in there else made.jobs).append(job)
    return made


def run(
    ray: Any,
    jobs: Sequence[Job],
    recipe: Recipe,
    *,
    source: str,
    root: str,
    threads: int = 1,
    workers: int | None = None,
    format: str | None = None,
    maker: type[Pictures] = Pictures,
) -> Generator[Row]:
    """Do the jobs on the cluster, and give each once, as it is done.

    `job.source` is a path in the file system of `source` (an address or folder), `job.target` a
    path below `root`.  Each worker, an actor with a network of `threads` threads, is one process;
    there are `workers`, by default as many as the cluster has CPUs for.
    """
    cpus = int(ray.cluster_resources().get("CPU", 1))
    count = max(1, min(workers or cpus // threads, len(jobs)))
    left = dict.fromkeys(jobs)
    by_source = {job.source: job for job in jobs}
    steps = {"threads": threads, "format": format, "recipe": recipe}
    for alone in (False, True):
        here = _present(list(left), source) if alone else list(left)
        if not here:
            break
        most = min(count, len(here))
        names = ray.put({job.source: job.target for job in here})
        rows = _made(
            _read(ray, here, source, 1 if alone else _per_block(len(jobs), count)),
            maker,
            {**steps, "targets": names},
            ray.data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most),
            threads,
        )
        for told in _told(_step(rows, store, root=root)):
            job = by_source[os.fsdecode(told["path"])]
            if job in left:
                del left[job]
                notes = tuple(told["warnings"])
                yield Row(job, told["status"], told["error"], notes, told["seconds"])
    for job in left:
        yield Row(job, "failed", _lost(job.source, source), (), 0.0)


def _read(ray: Any, jobs: Sequence[Job], source: str, per_block: int) -> Any:
    """The pictures' names and bytes as rows.

    Not by Ray's own reader, which takes names for addresses, where some characters mean something.
    """
    pa = load("pyarrow")

    names = [os.fsencode(job.source) for job in jobs]
    blocks = [names[i : i + per_block] for i in range(0, len(names), per_block)]
    rows = ray.data.from_arrow([pa.table({"path": pa.array(b, pa.binary())}) for b in blocks])
    return _step(rows, fetch, source=source)


def _made(
    rows: Any, maker: type[Pictures], steps: dict[str, Any], workers: Any, threads: int
) -> Any:
    with warnings.catch_warnings():
        # Ray 2.60 calls both of its ways to bound attempts deprecated, and has no other yet.
        warnings.simplefilter("ignore")
        return rows.map_batches(
            maker,
            fn_constructor_kwargs=steps,
            batch_format="pyarrow",
            batch_size=None,
            compute=workers,
            num_cpus=_SHARE * threads,
            ray_remote_args_fn=_bounded,
        )


def _step(rows: Any, function: Callable[..., Any], **settings: Any) -> Any:
    """What needs no network is done by whoever has a moment."""
    return rows.map_batches(
        function,
        fn_kwargs=settings,
        batch_format="pyarrow",
        batch_size=None,
        num_cpus=_LIGHT,
    )


def _bounded() -> dict[str, Any]:
    """How often a worker that is lost is replaced (always), and what it was at repeated."""
    return {"max_restarts": -1, "max_task_retries": _ATTEMPTS}


def _present(jobs: Sequence[Job], source: str) -> list[Job]:
    """Those whose files are still there."""
    fs = load("pyarrow.fs")

    filesystem, _ = located(source)
    if filesystem.type_name == "local":  # whose names may be any
        return [job for job in jobs if Path(job.source).is_file()]
    infos = filesystem.get_file_info([job.source for job in jobs])
    return [j for j, i in zip(jobs, infos, strict=True) if i.type == fs.FileType.File]


def _told(rows: Any) -> Iterable[dict[str, Any]]:
    """The rows, without the blocks that could not be made."""
    rows.context.max_errored_blocks = -1
    rows.context.enable_progress_bars = False
    try:
        for batch in rows.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield from batch.to_pylist()
    except Exception as error:  # Ray's, about a worker that could not begin
        if found := re.search(r"defocus\.errors\.(\w+: .*)", str(error)):
            raise error_of(found[1]) from error
        raise


def _per_block(pictures: int, workers: int) -> int:
    """So many that every worker gets several blocks, and the cluster not too many in all."""
    return max(min(pictures // (4 * workers), _PER_BLOCK), -(-pictures // _MOST_BLOCKS), 1)


def _lost(path: str, source: str) -> str:
    """Why a picture by itself came to nothing."""
    filesystem, _ = located(source)
    try:
        with opened(filesystem, path) as file:
            file.read(1)
    except (OSError, ValueError) as error:
        return f"{InputNotFoundError.__name__}: {path!r} cannot be read: {error}; check it"
    return (
        f"{DefocusError.__name__}: {path!r} ended {_ATTEMPTS + 1} workers, one after the other; "
        "it may want more memory than a worker has, or be harmful"
    )
