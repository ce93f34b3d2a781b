"""The command line as a namespace: the parsers of all commands, and the checks between options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from defocus.cli import flags, frames, models, outputs, serve, values
from defocus.cli.parser import EXIT_CODES, SETTINGS, WRONG_USAGE, Parser, Version, unknown
from defocus.cli.shells import completion
from defocus.cli.streams import write_error

__all__ = ["EXAMPLE_OUTPUTS", "parse", "parsers"]

_EXAMPLES = """\
examples:
  defocus portrait photo.jpg portrait.jpg             blur the background
  defocus portrait photo.jpg soft.jpg -f 1.2          use a faster lens
  defocus portrait photo.jpg mild.jpg --sigma 5       blur by 5 pixels
  defocus portrait photo.jpg disc.jpg --bokeh disc    blur points to discs
  defocus portrait photo.jpg a.jpg --matte matte.png  use your own matte
  defocus cutout photo.jpg                            write photo.cutout.png
  defocus cutout photo.jpg subject.png                transparent background
  defocus cutout photo.jpg b.jpg --background white --crop 10%
  defocus cutout photo.jpg one.png --at 160,120       only the subject there
  defocus mask photo.jpg matte.png                    the matte
  defocus cutout - - < photo.jpg > subject.png        in a pipe
  ... | defocus frames --size 1280x720 | ...          raw video frames
  defocus portrait photos -o portraits                a folder, recursively
  defocus cutout photos -o cut --existing update      only new or changed photos
  defocus models list                                 list the networks
  defocus serve --open                                a page in the browser
"""
_SUMMARIES = {
    "portrait": "keep the subject sharp and blur the background",
    "cutout": "make the background transparent",
    "mask": "write the matte: 8-bit grey, white is subject",
}
EXAMPLE_OUTPUTS = {"portrait": "portrait.jpg", "cutout": "subject.png", "mask": "matte.png"}
_BESIDE = {
    "portrait": "photo.portrait.jpg",
    "cutout": "photo.cutout.png",
    "mask": "photo.mask.png",
}
_INPUTS = (
    "photo to read, and OUT, the file to write; - is standard input or output; without OUT the "
    "result of photo.jpg is {beside} beside it; with -o: photos, folders, and patterns such as "
    "'in/**/*.jpg'"
)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, with IN and OUT as `outputs.sort_out` sets them.  Raises SystemExit."""
    parser, commands = parsers()
    arguments = flags.with_negative(arguments)
    if not arguments:
        write_error(parser.format_help(), end="")
        raise SystemExit(WRONG_USAGE)
    first = next((word for word in arguments if not word.startswith("-")), None)
    if first is not None and first not in commands:
        known = ", ".join(commands)
        parser.error(f"{unknown('command', first, commands)}; commands are {known}")
    options, extra = parser.parse_known_args(arguments)
    command = commands[options.command]
    if options.command in _SUMMARIES:
        outputs.sort_out(options, extra, command)
    elif extra:
        getattr(options, "parser", command).refuse(extra)
    if "sigma" in options and len(values.lens_options(options)) > 1:
        command.error("--sigma replaces the lens; remove it or the lens options")
    if "depth" in options and "ramp" in options:
        command.error("--depth and --ramp both set the distance of the background; remove one")
    return options


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """The parser of the program, and those of its commands."""
    parser = Parser(
        prog="defocus",
        usage="defocus COMMAND [options] ...",
        description="The look of a fast prime lens, for any photograph.",
        epilog=_EXAMPLES + EXIT_CODES,
        **SETTINGS,
    )
    parser.add_argument(
        "--version", action=Version, nargs=0, help="show the version number and exit"
    )
    group = parser.add_subparsers(
        prog="defocus", dest="command", metavar="COMMAND", required=True, title="commands"
    )
    commands = {name: _image_command(group, name) for name in _SUMMARIES}
    commands["frames"] = frames.add_to(group)
    commands["models"] = models.add_to(group)
    commands["serve"] = serve.add_to(group)
    commands["completion"] = completion.add_to(group)
    return parser, commands


def _image_command(group: argparse._SubParsersAction[Parser], name: str) -> Parser:
    examples = [line for line in _EXAMPLES.splitlines() if f"defocus {name} " in line]
    command = group.add_parser(
        name,
        usage=f"defocus {name} [options] IN [OUT]\n       defocus {name} [options] IN... -o OUT",
        help=_SUMMARIES[name],
        description=f"{_SUMMARIES[name].capitalize()}.",
        epilog="\n".join(["examples:", *examples, EXIT_CODES]),
        **SETTINGS,
    )
    command.example = f"{name} photo.jpg {EXAMPLE_OUTPUTS[name]}"
    command.add_argument(
        "inputs", metavar="IN", nargs="*", help=_INPUTS.format(beside=_BESIDE[name])
    )
    command.set_defaults(matte=None)
    if name == "portrait":
        flags.add(command, "lens and look", {**flags.LENS, **flags.GROUND})
    own = {} if name == "mask" else flags.MATTE
    flags.add(command, "subject", flags.SUBJECT | flags.MARKS | own)
    if name == "cutout":
        flags.add(command, "cutout", flags.CUTOUT)
    flags.add(command, "network", flags.NETWORK)
    flags.add(command, "input and output", flags.INPUT_OUTPUT)
    flags.add(command, "many images", flags.MANY)
    flags.add(command, "many machines", flags.RAY)
    return command
