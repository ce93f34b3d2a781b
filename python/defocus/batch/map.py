"""Many pictures: several at a time, in order, in bounded memory, each error with its picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar, overload

from defocus import checks
from defocus.batch.pool import Result, run
from defocus.io import maps
from defocus.io.background import Background
from defocus.options import KEYWORDS, check_options
from defocus.pipeline.find import check_segmenter
from defocus.pipeline.pipeline import Segmenter, cutout, find_subject, portrait
from defocus.threads import effective_threads

__all__ = ["Result", "map", "share"]

_READERS: dict[str, Callable[..., Any]] = {
    "matte": maps.read_matte,
    "depth": maps.read_depth,
    "background": Background,
}
_NAMED = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

In = TypeVar("In")
Out = TypeVar("Out")


@overload
def map(
    images: Iterable[In], fn: Callable[..., Out], *, jobs: int | None = ..., **options: Any
) -> Generator[Result[In, Out], None, None]: ...
@overload
def map(
    images: Iterable[In], *, jobs: int | None = ..., **options: Any
) -> Generator[Result[In, Any], None, None]: ...
def map(
    images: Iterable[In],
    fn: Callable[..., Any] = portrait,
    *,
    jobs: int | None = None,
    **options: Any,
) -> Generator[Result[In, Any], None, None]:
    """`fn` of each image, `jobs` at a time: an iterator of a `Result` for each, in their order.

    `images` is any iterable of what `fn` takes, a generator too.  It is asked for the next one only
    as results are taken, and is at most 2 x `jobs` ahead of them, or as many as 50 megapixels a job
    allow: memory is bounded, however many there are.  `fn` is `portrait` (default), `cutout`,
    `find_subject`, or a function of yours, which is called in threads; `options` are its keywords,
    the same for every image.  Results are those of calling it in a loop, whatever `jobs` is.

    `jobs` (default None: as many as this process may use threads, which is also the upper limit)
    pictures are at work at once, each on its share of these threads, all with one network.  A
    `segmenter` of your own keeps its own number of threads; give it `threads=1` for throughput.

    What goes wrong with one image is the `error` of its Result and stops nothing; `unwrap()` raises
    it.  What `images` itself raises comes after the results of those before.  Leaving the loop
    early, or `close()`, ends the threads once they are done with the pictures they are at.

    Raises OptionTypeError or OptionError for bad `jobs`, OptionTypeError for a keyword that `fn`
    does not take, which names the closest that it does; and what `portrait` and `cutout` raise for
    their options, of which a `matte`, `depth` or `background` is read once for all images.

    >>> import numpy as np
    >>> photos = [np.full((4, 4, 3), 90, np.uint8), np.zeros((4, 4), np.uint8)]
    >>> matte = np.full((4, 4), 255, np.uint8)
    >>> [type(result.error).__name__ for result in map(photos, matte=matte, sigma=2)]
    ['NoneType', 'ImageValueError']
    """
    if jobs is not None:
        checks.whole("jobs", jobs, 1)
    if not callable(fn):
        raise checks.refused("fn", fn, "expected a function of one image")
    _check_call(fn, options)
    options = _prepared(fn, options)
    coming = checks.each("images", images, "expected an iterable of images")
    segmenter = options.get("segmenter")
    threads = segmenter.threads if isinstance(segmenter, Segmenter) else 1
    count, each = share(jobs or max(1, effective_threads(None) // effective_threads(threads)), None)
    if segmenter is None and _takes(fn, "segmenter"):
        options = {**options, "segmenter": Segmenter(threads=each)}
    return run(coming, lambda image: fn(image, **options), jobs=count, ahead=count, weigh=_pixels)


def share(jobs: int | None, threads: int | None) -> tuple[int, int]:
    """How many pictures are at work at once, and the threads that each may use.

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
        checks.keywords(options, [p.name for p in parameters if p.kind in _NAMED], name)
    signature.bind(None, **options)


def _prepared(fn: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    """Options of our own functions: checked, and what they name read once for all images."""
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
    """The pixels of a picture or array; of a Subject those that it may hold."""
    size = getattr(value, "size", 0)
    if isinstance(size, tuple) and len(size) == 2:
        return int(size[0]) * int(size[1])
    return int(size) // 3 if isinstance(size, int) else 0
