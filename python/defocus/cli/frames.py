"""The command `defocus frames`: raw video in on standard input, out on standard output."""

from __future__ import annotations

import argparse
import io
import itertools
import re
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from defocus.cli import flags, values
from defocus.cli.parser import SETTINGS, Parser
from defocus.cli.progress import Meter
from defocus.cli.streams import binary, report
from defocus.errors import OptionError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["add_to", "run"]

_EPILOG = """\
examples:
  ffmpeg -i in.mp4 -f rawvideo -pix_fmt rgb24 - |
    defocus frames --size 1280x720 |
    ffmpeg -f rawvideo -pix_fmt rgb24 -s 1280x720 -r 25 -i - out.mp4
  ... | defocus frames --size 1280x720 --cutout | ... -pix_fmt rgba ...
  ... | defocus frames --size 1280x720 --cutout --background green | ...
  ... | defocus frames --size 1280x720 --cutout -o out-%03d.png

The output is rgba for a cutout without --background, else rgb24.

exit codes:
  0    success
  1    the input is empty or ends within a frame, or a frame was not written
  2    wrong usage: an unknown option, or a value out of range
  130  interrupted
"""


def add_to(group: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command to the others; its parser."""
    command = group.add_parser(
        "frames",
        usage="defocus frames --size WxH [options] < IN > OUT\n"
        "       defocus frames --size WxH [options] -o NAME < IN",
        help="process raw video frames from standard input",
        description="Blur or remove the background of raw video frames.",
        epilog=_EPILOG,
        **SETTINGS,
    )
    command.example = "frames --size 1280x720 < in.rgb > out.rgb"
    flags.add(command, "video", flags.FRAMES)
    flags.add(command, "lens and look", flags.LENS)
    flags.add(command, "subject", flags.SUBJECT)
    flags.add(command, "cutout", flags.FRAME_CUTOUT)
    flags.add(command, "network", flags.NETWORK)
    return command


def run(options: argparse.Namespace) -> None:
    """Process the stream.  Raises DefocusError."""
    from defocus.frames import rawvideo, video
    from defocus.io import maps
    from defocus.models.segmenter import Segmenter
    from defocus.pipeline.cutout import cutout
    from defocus.pipeline.portrait import portrait
    from defocus.render import layers

    size = rawvideo.parse_size(options.size)
    blur = {**values.lens_options(options), **values.look_options(options)}
    if "depth" in options:
        blur["depth"] = options.depth
    cut = values.cutout_options(options)
    _check_command(options, blur, cut)
    if "depth" in blur:
        blur["depth"] = maps.read_depth(blur["depth"])
        layers.check_depth(blur["depth"], size)
    model = [] if options.model is None else [options.model]
    write = _writer(options)
    source = rawvideo.read(_pipe(0, "r", "in"), size, options.pixels)
    stream = video.video(
        source,
        cutout if options.cutout else portrait,
        smooth=video.SMOOTH if options.smooth is None else options.smooth,
        every=_every(options.every),
        effort=options.effort,
        segmenter=Segmenter(*model, threads=options.threads, providers=options.providers),
        **values.select_options(options),
        **blur,
        **cut,
    )
    with closing(_reported(stream, quiet=options.quiet)) as reported:
        for frame in reported:
            write(frame)


def _writer(options: argparse.Namespace) -> Callable[[NDArray[np.uint8]], None]:
    """What writes the next frame: to standard output, or to a file of its own."""
    from defocus.batch import names, numbers
    from defocus.frames import rawvideo
    from defocus.io import save

    if options.output is None:
        if "existing" in options:
            raise OptionError("--existing is for files; name them with -o")
        return partial(rawvideo.write, _pipe(1, "w", "out"))
    name = numbers.parse(options.output)
    if isinstance(name, str):
        raise OptionError(
            f"OUT {options.output!r} has no field for the number of a frame; expected a name such "
            f"as {numbers.EXAMPLE!r}"
        )
    names.check_frames(name, vars(options).get("existing", "error"))
    opaque = not options.cutout or "background" in options
    save.check_target(name.of(1), needs_alpha=not opaque)
    count = itertools.count(1)
    return lambda frame: save.save(frame, name.of(next(count)))


def _check_command(options: argparse.Namespace, blur: dict[str, Any], cut: dict[str, Any]) -> None:
    """Refuse the options of the other command: OptionError."""
    for given, wrong in ((blur, options.cutout), (cut, not options.cutout)):
        if given and wrong:
            flag = "--" + next(iter(given)).replace("_", "-")
            raise OptionError(
                f"{flag} is for {'portraits' if options.cutout else 'cutouts'}; remove "
                f"it or {'remove' if options.cutout else 'add'} --cutout"
            )


def _every(text: str) -> Any:
    """The value of --every; `video` refuses anything but a number or "auto"."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else text


def _pipe(number: int, mode: str, name: str) -> io.FileIO:
    """Standard input or output without Python's buffer, whose lock a waiting thread would hold."""
    stream = sys.stdin if mode == "r" else sys.stdout
    binary(stream, f"standard {name}put", "pipe raw frames through it")
    return io.FileIO(number, mode + "b", closefd=False)


def _reported(stream: Iterator[NDArray[np.uint8]], *, quiet: bool) -> Generator[NDArray[np.uint8]]:
    """The frames.  Reports the frame rate from time to time, and at the end."""
    meter = Meter(unit=" frames", redraw=False)
    try:
        for frame in stream:
            yield frame
            meter.advance()
            if not quiet:
                meter.show()
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()
        if not quiet and meter.count:
            seconds = max(meter.seconds, 1e-9)
            rate = meter.count / seconds
            report("info", f"{meter.count} frames in {seconds:.1f} s, {rate:.1f} frames/s")
