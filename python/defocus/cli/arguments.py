"""The command line as a namespace: the parsers of the commands, and the checks between options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from defocus.cli import flags, outputs, values
from defocus.cli.parser import EXIT_CODES, SETTINGS, WRONG_USAGE, Parser, Version, unknown
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
_COMMANDS = (*_SUMMARIES, "frames", "models", "serve", "completion")
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
    arguments = flags.with_negative(arguments)
    # Before the command there may be --help, which shows all commands.
    named = arguments[:1] if arguments and arguments[0] in _COMMANDS else _COMMANDS
    parser, commands = parsers(named)
    if not arguments:
        write_error(parser.format_help(), end="")
        raise SystemExit(WRONG_USAGE)
    first = next((word for word in arguments if not word.startswith("-")), None)
    if first is not None and first not in _COMMANDS:
        known = ", ".join(_COMMANDS)
        parser.error(f"{unknown('command', first, _COMMANDS)}; commands are {known}")
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


def parsers(commands: Sequence[str] = _COMMANDS) -> tuple[Parser, dict[str, Parser]]:
    """The parser of the program, which knows these commands, and theirs."""
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
    return parser, {name: _command(group, name) for name in commands}


def _command(group: argparse._SubParsersAction[Parser], name: str) -> Parser:
    if name in _SUMMARIES:
        return _image_command(group, name)
    if name == "frames":
        from defocus.cli.frames import add_to
    elif name == "models":
        from defocus.cli.models import add_to
    elif name == "serve":
        from defocus.cli.serve import add_to
    else:
        from defocus.cli.shells.completion import add_to
    return add_to(group)


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
