"""`portrait`, `cutout`, `find_subject` and `save` as coroutines, for programs on asyncio.

Each call runs in a thread of the default executor of its event loop (`loop.set_default_executor`),
so that the loop is never blocked.  Of a cancelled call the thread ends after its present stage
(`defocus.stages`); one that still waits for a thread does not begin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast, overload

import numpy as np
from numpy.typing import NDArray

from defocus.io import save as saving
from defocus.io.maps import MapSource
from defocus.io.open import ImageSource, Source
from defocus.io.pillow import Image
from defocus.io.save import Target
from defocus.models.segmenter import Segmenter
from defocus.options import Box, Compression, Effort, Points, Select, Strip, Subsampling
from defocus.pipeline import cutout as cutouts
from defocus.pipeline import find
from defocus.pipeline import portrait as portraits
from defocus.pixels.arrays import SupportsArray
from defocus.subject.subject import Subject
from defocus.timing import Stopped, stages

if TYPE_CHECKING:
    from defocus.pipeline.keywords import CutoutKeywords, PortraitKeywords

__all__ = ["cutout", "find_subject", "portrait", "save"]

_Sample = TypeVar("_Sample", np.uint8, np.uint16, np.float16, np.float32, np.float64)
_Result = TypeVar("_Result")


@overload
async def portrait(
    image: NDArray[_Sample], **options: Unpack[PortraitKeywords]
) -> NDArray[_Sample]: ...
@overload
async def portrait(image: SupportsArray, **options: Unpack[PortraitKeywords]) -> NDArray[Any]: ...
@overload
async def portrait(image: Source, **options: Unpack[PortraitKeywords]) -> Image.Image: ...
async def portrait(image: ImageSource, **options: Any) -> Image.Image | NDArray[Any]:
    """Keep the subject sharp and blur the background: `defocus.portrait` in a thread.

    It takes, returns and raises what `defocus.portrait` does.

    Examples
    --------
    >>> import asyncio
    >>> photo, matte = np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6), np.uint8)
    >>> asyncio.run(portrait(photo, matte=matte)).shape
    (4, 6, 3)
    """
    return await _in_thread(lambda: portraits.portrait(cast("Any", image), **options))


@overload
async def cutout(
    image: NDArray[_Sample], **options: Unpack[CutoutKeywords]
) -> NDArray[_Sample]: ...
@overload
async def cutout(image: SupportsArray, **options: Unpack[CutoutKeywords]) -> NDArray[Any]: ...
@overload
async def cutout(image: Source, **options: Unpack[CutoutKeywords]) -> Image.Image: ...
async def cutout(image: ImageSource, **options: Any) -> Image.Image | NDArray[Any]:
    """Make the background transparent, or replace it: `defocus.cutout` in a thread.

    It takes, returns and raises what `defocus.cutout` does.

    Examples
    --------
    >>> import asyncio
    >>> photo, matte = np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6), np.uint8)
    >>> asyncio.run(cutout(photo, matte=matte)).shape
    (4, 6, 4)
    """
    return await _in_thread(lambda: cutouts.cutout(cast("Any", image), **options))


async def find_subject(
    image: ImageSource,
    *,
    box: Box | None = None,
    points: Points = (),
    keep: MapSource | None = None,
    remove: MapSource | None = None,
    start: Subject | None = None,
    select: Select = "all",
    effort: Effort = "good",
    segmenter: Segmenter | None = None,
    max_pixels: int | None = None,
) -> Subject:
    """Find what a photograph is of: `defocus.find_subject` in a thread.

    It takes, returns and raises what `defocus.find_subject` does.  The `matte` and the `box` of the
    Subject are computed here already, so that the event loop does not wait for them.

    Examples
    --------
    >>> import asyncio
    >>> asyncio.run(find_subject(np.zeros((48, 64, 3), np.uint8))).found
    False
    """

    def work() -> Subject:
        subject = find.find_subject(
            image,
            box=box,
            points=points,
            keep=keep,
            remove=remove,
            start=start,
            select=select,
            effort=effort,
            segmenter=segmenter,
            max_pixels=max_pixels,
        )
        subject.box  # noqa: B018
        return subject

    return await _in_thread(work)


async def save(
    image: Image.Image | NDArray[Any] | SupportsArray,
    target: Target,
    *,
    format: str | None = None,
    quality: int | None = None,
    subsampling: Subsampling | None = None,
    compression: Compression | None = None,
    strip: Strip = "none",
    threads: int | None = None,
) -> None:
    """Save an image with its metadata: `defocus.save` in a thread.

    It takes and raises what `defocus.save` does.  If the call is cancelled before the image is
    encoded, nothing is written.

    Examples
    --------
    >>> import asyncio, io
    >>> file = io.BytesIO()
    >>> asyncio.run(save(np.zeros((2, 3, 3), np.uint8), file, format="png"))
    >>> file.getvalue()[:4]
    b'\\x89PNG'
    """
    await _in_thread(
        lambda: saving.save(
            image,
            target,
            format=format,
            quality=quality,
            subsampling=subsampling,
            compression=compression,
            strip=strip,
            threads=threads,
        )
    )


async def _in_thread(function: Callable[[], _Result]) -> _Result:
    """The result of `function`, which runs in a thread and in a copy of the caller's context."""
    cancelled = False

    def check(name: str, seconds: float) -> None:
        if cancelled:
            raise Stopped

    def work() -> _Result | None:
        try:
            with stages(check):
                return function()
        except Stopped:  # nobody waits for the result
            return None

    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(None, copy_context().run, work)
    try:
        return cast("_Result", await future)
    finally:
        cancelled = True  # without effect after the end
