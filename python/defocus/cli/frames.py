"""The command `defocus frames`: raw video in on standard input, out on standard output."""

from __future__ import annotations

import argparse
import io
import sys
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from defocus.cli import lens_flags, subject_flags
from defocus.cli.parser import Parser, say
from defocus.cli.streams import piped
from defocus.errors import OptionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["add_to", "run"]

_EVERY = 5.0  # seconds between two reports
_EPILOG = """\
examples:
  ffmpeg -i in.mp4 -f rawvideo -pix_fmt rgb24 - |
    defocus frames --size 1280x720 |
    ffmpeg -f rawvideo -pix_fmt rgb24 -s 1280x720 -r 25 -i - out.mp4
  ... | defocus frames --size 1280x720 --cutout | ... -pix_fmt rgba ...
  ... | defocus frames --size 1280x720 --cutout --background green | ...

A portrait's frames and those with a background come out as rgb24, a cutout's as rgba.

exit codes:
  0    done
  1    the stream is empty or ends within a frame, or nobody reads what comes out
  2    wrong usage: an unknown option, or a value out of range
  130  interrupted
"""


def add_to(group: Any, common: dict[str, Any]) -> Parser:
    """Add the command to the others and give its parser."""
    video: Parser = group.add_parser(
        "frames",
        help="raw video frames from standard input to standard output",
        description="Blur or remove the background of raw video frames, in a pipe.",
        epilog=_EPILOG,
        **common,
    )
    video.example = "frames --size 1280x720 < in.rgb > out.rgb"
    add = video.add_argument
    add("--size", metavar="WxH", required=True, help="width and height of the frames in pixels")
    add("--pixels", metavar="NAME", default="rgb24", help="what comes in: rgb24 or rgba (rgb24)")
    add("--cutout", action="store_true", help="make the background transparent: rgba comes out")
    add("--smooth", metavar="X", type=float, help="steadiness where nothing moves, 0 to .98 (.8)")
    add(
        "--every", metavar="K", default="auto", help="look at every K-th frame only, or auto (auto)"
    )
    lens_flags.add_lens(video)
    subject_flags.add_select(video)
    subject_flags.add_finish(video)
    lens_flags.add_network(video)
    add("-q", "--quiet", action="store_true", help="no frame rate, no warnings")
    return video


def run(options: argparse.Namespace) -> None:
    """Process the stream.  Raises DefocusError."""
    from defocus.frames import rawvideo, video
    from defocus.io import maps
    from defocus.pipeline.pipeline import Segmenter, cutout, portrait
    from defocus.render import layers

    if options.quiet:
        warnings.simplefilter("ignore")
    size = rawvideo.parse_size(options.size)
    lens, ending = lens_flags.lens_options(options), subject_flags.finish_options(options)
    _check_together(options, lens, ending)
    if "depth" in lens:
        lens["depth"] = maps.read_depth(lens["depth"])
        layers.check_depth(lens["depth"], size)
    model = [] if options.model is None else [options.model]
    source = rawvideo.read(_pipe(0, "r", "in"), size, options.pixels)
    target = _pipe(1, "w", "out")
    stream = video.video(
        source,
        cutout if options.cutout else portrait,
        smooth=video.SMOOTH if options.smooth is None else options.smooth,
        every=_every(options.every),
        effort=options.effort,
        segmenter=Segmenter(*model, threads=options.threads, providers=options.providers),
        **subject_flags.select_options(options),
        **lens,
        **ending,
    )
    with closing(_reported(stream, quiet=options.quiet)) as reported:
        for frame in reported:
            rawvideo.write(target, frame)


def _check_together(
    options: argparse.Namespace, lens: dict[str, Any], ending: dict[str, Any]
) -> None:
    for given, wrong in ((lens, options.cutout), (ending, not options.cutout)):
        if given and wrong:
            flag = "--" + next(iter(given)).replace("_", "-")
            raise OptionError(
                f"{flag} is for {'portraits' if options.cutout else 'cutouts'}; drop "
                f"it or {'drop' if options.cutout else 'add'} --cutout"
            )


def _every(word: str) -> Any:
    """What --every asks for; `video` refuses what is no number."""
    return int(word) if word.isascii() and word.isdigit() else word


def _pipe(number: int, mode: str, name: str) -> io.FileIO:
    """Standard input or output without Python's buffer, whose lock a thread could take along."""
    stream = sys.stdin if mode == "r" else sys.stdout
    piped(stream, f"standard {name}put", "pipe raw frames through it")
    return io.FileIO(number, mode + "b", closefd=False)


def _reported(stream: Iterator[NDArray[np.uint8]], *, quiet: bool) -> Generator[NDArray[np.uint8]]:
    """The frames; and on stderr, from time to time and at the end, how many a second."""
    count, start = 0, time.monotonic()
    told, then = 0, start
    try:
        for frame in stream:
            yield frame
            count += 1
            now = time.monotonic()
            if not quiet and now - then >= _EVERY:
                rate = (count - told) / (now - then)
                say("info", f"{count} frames, {rate:.1f} a second")
                told, then = count, now
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()
        if not quiet and count:
            seconds = max(time.monotonic() - start, 1e-9)
            rate = count / seconds
            say("info", f"{count} frames in {seconds:.1f} seconds, {rate:.1f} a second")
