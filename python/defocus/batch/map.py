"""Many images: in parallel, in order, in bounded memory; an error belongs to its image."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import Any, TypeVar, overload

from defocus.batch.pool import Result, run
from defocus.errors import NoSubjectError, OptionError
from defocus.io import decode, maps, results
from defocus.io.canvas.background import Background
from defocus.models.segmenter import Segmenter
from defocus.options import (
    KEYWORDS,
    NoSubject,
    check_keywords,
    check_no_subject,
    check_options,
)
from defocus.options.values import check_function, check_jobs, elements
from defocus.pipeline.cutout import cutout
from defocus.pipeline.find import check_segmenter, find_subject
from defocus.pipeline.portrait import portrait
from defocus.threads import effective_threads

__all__ = ["Result", "map", "share"]

_READERS: dict[str, Callable[..., Any]] = {
    "matte": maps.read_matte,
    "keep": partial(maps.read_matte, name="keep"),
    "remove": partial(maps.read_matte, name="remove"),
    "depth": maps.read_depth,
    "background": Background,
}
_NAMED = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

In = TypeVar("In")
Out = TypeVar("Out")


@overload
def map(
    images: Iterable[In],
    fn: Callable[..., Out],
    *,
    jobs: int | None = ...,
    no_subject: NoSubject = ...,
    **options: Any,
) -> Generator[Result[In, Out], None, None]: ...
@overload
def map(
    images: Iterable[In],
    *,
    jobs: int | None = ...,
    no_subject: NoSubject = ...,
    **options: Any,
) -> Generator[Result[In, Any], None, None]: ...
def map(
    images: Iterable[In],
    fn: Callable[..., Any] = portrait,
    *,
    jobs: int | None = None,
    no_subject: NoSubject = "raise",
    **options: Any,
) -> Generator[Result[In, Any], None, None]:
    """Call `fn` for each image, several at a time; results come in order.

    An error with one image is the `error` of its Result and stops nothing.  An error of `images`
    itself comes after the results of those before.  Results do not depend on `jobs`.  Leaving the
    loop early, or `close()`, ends the threads when they have finished the images at hand.

    Parameters
    ----------
    images : iterable
        What `fn` takes; a generator too.  It is read at most 2 x `jobs` ahead of the results, and
        fewer if these hold 50 megapixels a job: memory is bounded.
    fn : function, default portrait
        `portrait`, `cutout`, `find_subject`, or a function of your own, which is called in threads.
    jobs : int, optional
        Images processed in parallel, at most and by default one per CPU.  Each uses its share of
        the threads, all with one network.
    no_subject : {"raise", "copy", "skip"}, default "raise"
        An image without a subject: a Result with a NoSubjectError, the image unchanged ("copy", for
        `portrait` only), or no Result at all.
    **options
        Keywords of `fn`, the same for every image.  A `matte`, `depth` or `background` is read
        once.  A `segmenter` of your own keeps its own number of threads; `threads=1` is best.

    Returns
    -------
    generator of Result
        One for each image, but for those that are skipped.

    Raises
    ------
    OptionError, OptionTypeError
        Bad `jobs` or `no_subject`, a keyword that `fn` does not take, or a bad option of our own
        functions.

    Examples
    --------
    >>> import numpy as np
    >>> photos = [np.full((4, 4, 3), 90, np.uint8), np.zeros((4, 4, 2), np.uint8)]
    >>> matte = np.full((4, 4), 255, np.uint8)
    >>> [type(result.error).__name__ for result in map(photos, matte=matte, sigma=2)]
    ['NoneType', 'ImageValueError']
    """
    check_jobs(jobs)
    check_function(fn, "expected a function of one image")
    check_no_subject(no_subject)
    if no_subject == "copy" and fn is not portrait:
        raise OptionError(
            'no_subject="copy" is for defocus.portrait only; use "skip", or catch NoSubjectError'
        )
    _check_call(fn, options)
    options = _prepared(fn, options)
    coming = elements("images", images)
    segmenter = options.get("segmenter")
    threads = segmenter.threads if isinstance(segmenter, Segmenter) else 1
    count, each = share(jobs or max(1, effective_threads(None) // effective_threads(threads)), None)
    if segmenter is None and _takes(fn, "segmenter"):
        options = {**options, "segmenter": Segmenter(threads=each)}
    work = _or_copy if no_subject == "copy" else fn
    made = run(coming, lambda image: work(image, **options), jobs=count, ahead=count, weigh=_pixels)
    return _with_subject(made) if no_subject == "skip" else made


def _or_copy(image: Any, **options: Any) -> Any:
    """The portrait, or the photograph itself, as the same kind of image, without a subject."""
    if hasattr(image, "read"):  # it can be read only once
        image = decode.read(image, max_pixels=options.get("max_pixels"))
    try:
        return portrait(image, **options)
    except NoSubjectError:
        return results.unchanged(decode.read(image, max_pixels=options.get("max_pixels")))


def _with_subject(
    found: Generator[Result[In, Out], None, None],
) -> Generator[Result[In, Out], None, None]:
    """The results without those of images that have no subject."""
    try:
        for result in found:
            if not isinstance(result.error, NoSubjectError):
                yield result
    finally:
        found.close()


def share(jobs: int | None, threads: int | None) -> tuple[int, int]:
    """The number of images in parallel, and the threads for each.

    `jobs` None is as many as there are threads; `threads` None is all that the process may use.

    >>> share(1, 1)
    (1, 1)
    """
    total = effective_threads(threads)
    count = total if jobs is None else min(jobs, total)
    return count, total // count


def _check_call(fn: Callable[..., Any], options: dict[str, Any]) -> None:
    """Raise the error of a misspelt keyword once, not for every image."""
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # some builtins have none
        return
    parameters = signature.parameters.values()
    if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
        name = getattr(fn, "__name__", "fn")
        check_keywords(options, [p.name for p in parameters if p.kind in _NAMED], name)
    signature.bind(None, **options)


def _prepared(fn: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    """The options of our own functions, checked; their files are read once for all images."""
    ours = ((portrait, "portrait"), (cutout, "cutout"), (find_subject, "mask"))
    command = next((name for function, name in ours if fn is function), None)
    if command is None:
        return options
    check_segmenter(options.get("segmenter"))
    check_options(command, {name: options[name] for name in KEYWORDS[command] if name in options})
    read = dict(options)
    for name, reader in _READERS.items():
        source = options.get(name)
        if source is not None and not isinstance(source, Background):
            read[name] = reader(source, max_pixels=options.get("max_pixels"))
    return read


def _takes(fn: Callable[..., Any], keyword: str) -> bool:
    try:
        return keyword in inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return False


def _pixels(value: Any) -> int:
    """The number of pixels of an image or array, or that a Subject may hold."""
    size = getattr(value, "size", 0)
    if isinstance(size, tuple) and len(size) == 2:
        return int(size[0]) * int(size[1])
    return int(size) // 3 if isinstance(size, int) else 0
