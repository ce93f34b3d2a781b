"""Images as rows of a Ray Data set: a stateful callable for `map_batches`, and a step that stores.

    import ray
    from defocus.ray import Pictures, Recipe

    rows = ray.data.read_binary_files("s3://bucket/photos", include_paths=True)
    rows = rows.map_batches(
        Pictures,
        fn_constructor_kwargs={"recipe": Recipe(options={"aperture": 1.4})},
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=8),
        num_cpus=1,
    )

It needs Ray Data on every node: `pip install "defocus[ray]"`.  See docs/how-to/ray.md.
"""

from __future__ import annotations

import io
import logging
import posixpath
import threading
import time
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

from defocus.batch import job
from defocus.batch.recipe import Recipe
from defocus.errors import DefocusError, DefocusWarning, NoSubjectError, OptionError
from defocus.io import decode, formats, results, save
from defocus.models.segmenter import Segmenter
from defocus.options.values import check_targets, instance
from defocus.ray import files
from defocus.ray.extra import load

__all__ = ["Pictures", "Recipe", "store"]

Table: TypeAlias = Any  # pyarrow.Table, which is loaded at first use

_log = logging.getLogger("defocus.ray")


class _Result(NamedTuple):
    """The result of a row."""

    bytes: bytes | None
    status: str
    error: str | None
    warnings: list[str]
    seconds: float


class Pictures:
    """Makes an image of every row; for `map_batches` of Ray Data.

    One object lives in each worker of Ray, with its network.  It is called with a batch of rows, a
    pyarrow Table or a dict of arrays.  The column "bytes" holds encoded images; without it, "path"
    says where they are.  It returns a pyarrow Table with all columns of the batch and

    - "bytes": the result, null where there is none,
    - "status": "done", "copied", "no_subject" or "failed",
    - "error": null, or the type and message of the error,
    - "warnings": a list of sentences,
    - "seconds": how long it took.

    Names that are not UTF-8 are bytes in binary columns, "path" and "target" alike.  An error that
    is not a DefocusError keeps its type, and the logger "defocus.ray" gets its traceback.  One
    image is decoded at a time; of the others a batch holds the encoded bytes.

    Parameters
    ----------
    recipe : Recipe, optional
        What to make: `Recipe(command="cutout", options={"crop": "10%"})`.
    format : str, optional
        The format of the results, as `save` takes it.  By default that of the "target" of a row, or
        of the photograph, or PNG.
    threads : int, default 1
        Threads of the network if `recipe` has no segmenter; give Ray the same number as `num_cpus`.
    targets : mapping or reference of Ray to one, optional
        The "target" for each "path", for rows without such a column.

    Raises
    ------
    OptionTypeError, UnsupportedFormatError
        Bad arguments.
    ModelError, MissingLibraryError
        A worker cannot have its network.
    MissingExtraError
        `defocus[ray]` is not installed.

    Examples
    --------
    >>> rows = {"bytes": [b"no picture"], "id": [7]}
    >>> Pictures(Recipe(options={"sigma": 3})).row(rows["bytes"][0], "", None).status
    'failed'
    """

    def __init__(
        self,
        recipe: Recipe | None = None,
        *,
        format: str | None = None,
        threads: int = 1,
        targets: Any = None,
    ) -> None:
        from dataclasses import replace

        recipe = Recipe() if recipe is None else recipe
        instance("recipe", recipe, Recipe, "a defocus.ray.Recipe")
        if format is not None:
            formats.format_of("", format)
        check_targets(targets)
        segmenter = recipe.segmenter or Segmenter(threads=threads)
        segmenter.build()
        self._recipe = replace(recipe, segmenter=segmenter)
        self._format = format
        if targets is not None and not isinstance(targets, Mapping):
            targets = load("ray").get(targets)
        self._targets: Mapping[str, str] = targets or {}

    def __call__(self, batch: Any) -> Table:
        """Make the images of a batch."""
        pa = load("pyarrow")

        rows = batch if isinstance(batch, pa.Table) else pa.table(dict(batch))
        if not {"bytes", "path"} & {*rows.column_names}:
            raise OptionError(
                f"a batch has the columns {rows.column_names}; expected 'bytes' or 'path' among "
                "them, as ray.data.read_binary_files(..., include_paths=True) gives"
            )
        cells: list[Any] = [None] * len(rows)
        if "bytes" in rows.column_names:
            cells, rows = rows["bytes"], rows.drop_columns(["bytes"])
        if self._targets and "target" not in rows.column_names:
            targets = [self._targets.get(path) for path in files.names(rows["path"])]
            rows = rows.append_column("target", files.column(targets, like=rows["path"]))
        try:
            results = self._results(rows, cells)
        except Exception as error:  # else Ray takes the worker for lost
            results = [_Result(None, "failed", _described(error, str(error)), [], 0.0)] * len(cells)
        for name, kind in _kinds().items():
            rows = rows.append_column(name, pa.array([getattr(r, name) for r in results], kind))
        return rows

    def _results(self, rows: Table, cells: Collection[Any]) -> list[_Result]:
        paths, targets = (
            files.names(rows[name]) if name in rows.column_names else [empty] * len(cells)
            for name, empty in (("path", ""), ("target", None))
        )
        held = (None if cell is None else cell.as_py() for cell in cells)
        return [self.row(*given) for given in zip(held, paths, targets, strict=True)]

    def row(self, data: bytes | None, path: str, target: str | None) -> _Result:
        """Make one image; an error is in the result."""
        start = time.perf_counter()

        def result(
            status: str,
            data: bytes | None,
            *,
            error: Exception | None = None,
            notes: tuple[str, ...] = (),
        ) -> _Result:
            described = None
            if error is not None:
                message = str(error).replace("<bytes>", repr(path) if path else "the picture")
                described = _described(error, message)
            printable = [_printable(note) for note in notes]
            return _Result(data, status, described, printable, time.perf_counter() - start)

        try:
            data = files.read(path) if data is None else data
            with _collected_warnings() as caught:
                try:
                    made = job.make(data, self._recipe)
                except NoSubjectError as error:
                    if self._recipe.no_subject != "copy":
                        return result("no_subject", None, error=error)
                    stored = self._copied(data, path, target)
                    return result("copied", stored, notes=tuple(caught))
                stored = self._encoded(made.picture, self._form(target, made.photo.format))
            return result("done", stored, notes=(*made.warnings, *caught))
        except Exception as error:
            return result("failed", None, error=error)

    def _copied(self, data: bytes, path: str, target: str | None) -> bytes:
        photo = decode.read(data, max_pixels=self._recipe.max_pixels)
        form = self._form(target, photo.format)
        same = target is None or _suffix(path) == _suffix(target)
        if same and form.upper() == (photo.format or "") and not self._recipe.reencodes:
            return data
        return self._encoded(results.unchanged(photo), form)

    def _form(self, target: str | None, own: str | None) -> str:
        if self._format is not None:
            return self._format
        if target:
            return _suffix(target)[1:]
        known = own in formats.FORMATS and self._recipe.command == "portrait"
        return str(own).lower() if known else "png"

    def _encoded(self, picture: Any, form: str) -> bytes:
        # Some images of a batch are JPEG, others PNG.
        settings = formats.fitting(self._recipe.saving, formats.format_of("", form))
        file = io.BytesIO()
        save.save(picture, file, **{**settings, "format": form})
        return file.getvalue()


@contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    """A list that collects the DefocusWarnings of this thread."""
    caught: list[str] = []
    own, show = threading.get_ident(), warnings.showwarning

    def hear(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if threading.get_ident() == own and issubclass(category, DefocusWarning):
            caught.append(str(message))
        else:
            show(message, category, *where, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", DefocusWarning)
        warnings.showwarning = hear
        yield caught


def store(batch: Table, *, root: str) -> Table:
    """Write the "bytes" of each row to its "target" below `root`.

    A file appears whole or not at all.  A row that is stored twice, because Ray had to repeat it,
    gives the same file.  A row that cannot be stored gets the status "failed" and an "error".

    Parameters
    ----------
    batch : pyarrow.Table
        Rows of `Pictures`.
    root : str
        A folder, the same one on every node, or an address such as "s3://bucket/out".

    Returns
    -------
    pyarrow.Table
        The rows without "bytes".

    Raises
    ------
    OptionError
        The address cannot be used.
    MissingExtraError
        `defocus[ray]` is not installed.
    """
    pa = load("pyarrow")

    filesystem, base = files.located(root)
    status, errors = batch["status"].to_pylist(), batch["error"].to_pylist()
    cells = zip(batch["bytes"], files.names(batch["target"]), strict=True)
    for index, (data, target) in enumerate(cells):
        if data.is_valid:
            try:
                files.write(filesystem, f"{base}/{target}", data.as_buffer())
            except Exception as error:
                status[index], errors[index] = "failed", _described(error, str(error))
    rows = batch.drop_columns(["bytes", "status", "error"])
    rows = rows.append_column("status", pa.array(status, pa.string()))
    return rows.append_column("error", pa.array(errors, pa.string()))


def _kinds() -> dict[str, Any]:
    pa = load("pyarrow")

    return {
        "bytes": pa.large_binary(),
        "status": pa.string(),
        "error": pa.string(),
        "warnings": pa.list_(pa.string()),
        "seconds": pa.float64(),
    }


def _described(error: Exception, message: str) -> str:
    """The type and message of an error.  The traceback of other errors than ours is logged."""
    if not isinstance(error, DefocusError):
        _log.error("unexpected error", exc_info=error)
    return f"{type(error).__name__}: {_printable(message)}"


def _printable(text: str) -> str:
    """The text with escapes for what a column of strings (UTF-8) cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _suffix(path: str) -> str:
    return posixpath.splitext(path)[1].lower()
