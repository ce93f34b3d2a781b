"""A plan of many images, run by Ray Data: read, make, store; every image once, or an error.

Ray repeats the work of a lost worker.  An image whose decoding ends the process would be repeated
without end.  An image that cannot be read would fail the others of its block.  So attempts are
limited, and a block that fails is left out.  Images that are missing at the end run again, each as
a task of its own.  A worker has one task at a time, so a lost worker costs no other image an
attempt.  (An actor, which keeps its network, may have a second batch waiting.)  Images that are
missing after several such attempts are errors.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import socket
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from defocus import errors
from defocus.batch.plan import Job
from defocus.errors import DefocusError, InputNotFoundError, OptionError
from defocus.ray.extra import load
from defocus.ray.files import fetch, located, opened
from defocus.ray.pictures import Pictures, Recipe, store
from defocus.threads import available_threads

__all__ = ["Row", "connected", "error_of", "run"]

_ATTEMPTS = 3  # of a block whose worker is lost, after the first
_ALONE = 3  # attempts of an image as a task of its own
_PER_BLOCK = 16  # pictures that are read, made and, if a worker is lost, repeated together
_MOST_BLOCKS = 10_000
# A worker's share of each of its CPUs, as Ray counts them: what remains reads and stores.
_SHARE, _LIGHT = 0.9, 0.05
_PATIENCE = 10.0  # seconds, with an address
_OBJECT_STORE = 256 << 20  # bytes, of a cluster that is started for one run on this machine


class Row(NamedTuple):
    """The result of a job."""

    job: Job
    status: str
    error: str | None
    warnings: tuple[str, ...]
    seconds: float


def error_of(text: str) -> Exception:
    """The error of a row.  Of other errors than ours only the name of the type is kept.

    >>> error_of("DecodeError: it is empty"), error_of("KeyError: 7")
    (DecodeError('it is empty'), KeyError('7'))
    """
    name, _, message = text.partition(": ")
    found = getattr(errors, name, None)
    if not (isinstance(found, type) and issubclass(found, DefocusError)):
        found = type(name, (Exception,), {})
    error: Exception = found(message)
    return error


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Ray, connected to the cluster at `address`, or to the one that this process already uses.

    "local" starts one for the time of the block, on this machine, without dashboard and telemetry.
    Raises OptionError where there is no Ray or no cluster.
    """
    if address == "local":
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray = load("ray")
    load("ray.data")
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
    """Raise OptionError for an address without an answer; Ray itself would retry for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and port.isascii() and port.isdigit()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise OptionError(
            f"--ray {address!r}: no answer ({error}); expected the address of a head node, as "
            "`ray start --head` prints it"
        ) from error


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
    """Process the jobs on the cluster; yield each once, when it is finished.

    `job.source` is a path in the file system of `source` (an address or folder), `job.target` a
    path below `root`.  Each worker is a process, an actor with
    a network of `threads` threads.  By default there are as many workers as the CPUs allow.
    """
    cpus = int(ray.cluster_resources().get("CPU", 1))
    count = max(1, min(workers or cpus // threads, len(jobs)))
    left = dict.fromkeys(jobs)
    by_source = {job.source: job for job in jobs}
    steps = {"threads": threads, "format": format, "recipe": recipe}
    rows = None
    for attempt in range(1 + _ALONE):
        del rows
        gc.collect()  # lost blocks leave cycles that hold the workers, and so their CPUs
        here = _present(list(left), source) if attempt else list(left)
        if not here:
            break
        most = min(count, len(here))
        given = {**steps, "targets": ray.put({job.source: job.target for job in here})}
        if attempt:
            rows = _alone(_read(ray, here, source, 1), maker, given, most)
        else:
            rows = _read(ray, here, source, _per_block(len(jobs), count))
            workers = ray.data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most)
            rows = _made(rows, maker, given, workers)
        for row in _rows(_step(rows, store, root=root)):
            job = by_source[os.fsdecode(row["path"])]
            if job in left:
                del left[job]
                notes = tuple(row["warnings"])
                yield Row(job, row["status"], row["error"], notes, row["seconds"])
    for job in left:
        yield Row(job, "failed", _lost(job.source, source), (), 0.0)


def _read(ray: Any, jobs: Sequence[Job], source: str, per_block: int) -> Any:
    """The names and bytes of the images as rows.

    Not by Ray's own reader, which takes names for addresses, where some characters mean something.
    """
    pa = load("pyarrow")

    names = [os.fsencode(job.source) for job in jobs]
    blocks = [names[i : i + per_block] for i in range(0, len(names), per_block)]
    rows = ray.data.from_arrow([pa.table({"path": pa.array(b, pa.binary())}) for b in blocks])
    return _step(rows, fetch, source=source)


def _made(rows: Any, maker: type[Pictures], steps: dict[str, Any], workers: Any) -> Any:
    """Make the blocks in actors, each with its network."""
    return _mapped(
        rows,
        maker,
        steps["threads"],
        fn_constructor_kwargs=steps,
        compute=workers,
        ray_remote_args_fn=_bounded,
    )


def _alone(rows: Any, maker: type[Pictures], steps: dict[str, Any], most: int) -> Any:
    """Make each block in a task of its own, at most `most` at once; Ray repeats none."""
    return _mapped(
        rows,
        _one,
        steps["threads"],
        fn_kwargs={"maker": maker, "steps": steps},
        compute=load("ray.data").TaskPoolStrategy(size=most),
        max_retries=0,
    )


def _mapped(rows: Any, function: Callable[..., Any], threads: int, **settings: Any) -> Any:
    with warnings.catch_warnings():
        # Ray 2.60 calls all of its ways to bound attempts deprecated, and has no other yet.
        warnings.simplefilter("ignore")
        return rows.map_batches(
            function,
            batch_format="pyarrow",
            batch_size=None,
            num_cpus=_SHARE * threads,
            **settings,
        )


def _one(batch: Any, *, maker: type[Pictures], steps: dict[str, Any]) -> Any:
    return maker(**steps)(batch)


def _step(rows: Any, function: Callable[..., Any], **settings: Any) -> Any:
    """A step that needs no network; any worker takes it."""
    return rows.map_batches(
        function,
        fn_kwargs=settings,
        batch_format="pyarrow",
        batch_size=None,
        num_cpus=_LIGHT,
    )


def _bounded() -> dict[str, Any]:
    """A lost worker is always replaced, and its work repeated up to `_ATTEMPTS` times."""
    return {"max_restarts": -1, "max_task_retries": _ATTEMPTS}


def _present(jobs: Sequence[Job], source: str) -> list[Job]:
    """The jobs whose files still exist."""
    fs = load("pyarrow.fs")

    filesystem, _ = located(source)
    if filesystem.type_name == "local":  # names may be any bytes
        return [job for job in jobs if Path(job.source).is_file()]
    infos = filesystem.get_file_info([job.source for job in jobs])
    return [j for j, i in zip(jobs, infos, strict=True) if i.type == fs.FileType.File]


def _rows(rows: Any) -> Iterable[dict[str, Any]]:
    """The rows, without the blocks that could not be made."""
    rows.context.max_errored_blocks = -1
    rows.context.enable_progress_bars = False
    try:
        with _quiet("ray.data"):
            for batch in rows.iter_batches(batch_size=None, batch_format="pyarrow"):
                yield from batch.to_pylist()
    except Exception as error:  # an error of Ray about a worker that could not start
        if found := re.search(r"defocus\.errors\.(\w+: .*)", str(error)):
            raise error_of(found[1]) from error
        raise


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a logger of Ray below CRITICAL silent for the time of the block.

    Ray Data logs every step, and each lost block with its traceback, although the block is made
    again.  A handler that keeps the record keeps the workers, too, through the traceback's frames.
    """
    logger = logging.getLogger(name)
    before = logger.level
    if before == logging.CRITICAL:  # by another run, which restores the level
        yield
        return
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _per_block(pictures: int, workers: int) -> int:
    """Images in a block: several blocks for each worker, but not too many in all."""
    return max(min(pictures // (4 * workers), _PER_BLOCK), -(-pictures // _MOST_BLOCKS), 1)


def _lost(path: str, source: str) -> str:
    """Why an image has no result, though it ran alone."""
    filesystem, _ = located(source)
    try:
        with opened(filesystem, path) as file:
            file.read(1)
    except (OSError, ValueError) as error:
        return f"{InputNotFoundError.__name__}: {path!r} cannot be read: {error}; check it"
    return (
        f"{DefocusError.__name__}: {path!r} ended {_ALONE} workers that had nothing else to do, or "
        "they could not start; it may want more memory than a worker has, or be harmful"
    )
