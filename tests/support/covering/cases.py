"""The parameters of the covering array, and which of their values do not go together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import NamedTuple

from covering.kinds import KINDS
from covering.pairs import Case, Clash, Pair, all_pairs, clashes, completed
from covering.pictures import SCENES, SIZES
from defocus import errors

__all__ = [
    "PARAMETERS",
    "REFUSED",
    "UNFIT",
    "Case",
    "Refusal",
    "case_of",
    "cases",
    "line_of",
    "refused_as",
    "refused_cases",
]

NOT = "-"  # an option that is not given
_ARRAYS = [name for name, kind in KINDS.items() if kind.form == "array"]
_OBJECTS = [name for name, kind in KINDS.items() if kind.form in ("array", "PIL")]
_FILES = [name for name in KINDS if name not in _OBJECTS]

_PORTRAITS = ["portrait", "map-portrait", "video-portrait", "cli-portrait"]
_CUTOUTS = ["cutout", "matte-only", "map-cutout", "video-cutout", "cli-cutout"]
_CLI = ["cli-portrait", "cli-cutout", "cli-mask"]
_VIDEO = ["video-portrait", "video-cutout"]
FUNCTIONS = ["find", *_PORTRAITS, *_CUTOUTS, "cli-mask", "save"]

_LOOK = {
    "bokeh": [NOT, "gaussian", "disc"],
    "blades": [NOT, "7"],
    "highlights": [NOT, "0", "8"],
    "light": [NOT, "linear", "srgb"],
    "depth": [NOT, "array", "file", "palette"],
    "ramp": [NOT, ".2"],
    "ground": [NOT, "auto"],
    "grain": [NOT, "1"],
}
_FINISH = {
    "fill_holes": [NOT, ".05"],
    "alpha_floor": [NOT, ".2"],
    "threshold": [NOT, ".5"],
    "grow": [NOT, "-1"],
    "feather": [NOT, "0.7px"],
    "crop": [NOT, "0", "10%"],
    "canvas": [NOT, "square", "90x120"],
    "max_size": [NOT, "40"],
    "shadow": [NOT, "drop"],
    "background": [NOT, "white", "picture"],
}
_STORAGE = {
    "quality": [NOT, "60"],
    "subsampling": [NOT, "4:4:4", "4:2:0"],
    "compression": [NOT, "small"],
    "strip": [NOT, "gps", "all"],
}
_FORMATS = ["png", "jpeg", "webp", "tiff", "avif", "heic"]
PARAMETERS: dict[str, list[str]] = {
    "kind": list(KINDS),
    "function": FUNCTIONS,
    "given": ["object", "path", "bytes", "file", "opened"],
    "turned": ["1", "3", "5", "6", "8"],
    "profile": [NOT, "own"],
    "scene": list(SCENES),
    "size": list(SIZES),
    # Where the subject comes from; "network" is none of them.
    "matte": ["network", "uint8", "uint16", "float32", "bool", "pil", "path", "subject"],
    "select": [NOT, "largest", "point", "box"],
    "marks": [NOT, "box", "point", "keep"],
    "effort": [NOT, "fast", "best"],
    **_LOOK,
    **_FINISH,
    "format": _FORMATS,
    **_STORAGE,
}


def _but(name: str, *values: str) -> list[str]:
    """All values of a parameter but these."""
    return [value for value in PARAMETERS[name] if value not in values]


def _only(functions: Iterable[str], names: Iterable[str]) -> list[Clash]:
    """These options are for these functions."""
    others = _but("function", *functions)
    return [{"function": others, name: PARAMETERS[name][1:]} for name in names]


_UPRIGHT = [name for name in _FILES if not (KINDS[name].exif or KINDS[name].bare)]
_PLAIN = [name for name, kind in KINDS.items() if kind.profile is None or kind.bare]

# What there is no way to ask for: such cases are not made.
UNFIT: list[Clash] = [
    {"kind": _OBJECTS, "given": _but("given", "object")},
    {"kind": _FILES, "given": ["object"]},
    {"kind": [*_UPRIGHT, *_ARRAYS, "pil-deep", "pil-deep-rgba"], "turned": _but("turned", "1")},
    {"kind": _PLAIN, "profile": ["own"]},
    # Pillow has decoded an opened picture to 8 bits.
    {"kind": [name for name in _FILES if KINDS[name].deep], "given": ["opened"]},
    {"function": _VIDEO, "kind": [name for name in KINDS if name not in _ARRAYS or "16" in name]},
    {"function": _CLI, "kind": _OBJECTS},
    {"function": _CLI, "given": _but("given", "path")},
    # `save` stores what it gets: it neither reads files nor turns.
    {"function": ["save"], "kind": _FILES},
    {"function": [*_VIDEO, "save"], "given": _but("given", "object")},
    {"function": [*_VIDEO, "save"], "turned": _but("turned", "1")},
    {"function": _VIDEO, "profile": ["own"]},
    *_only(_PORTRAITS, _LOOK),
    *_only(_CUTOUTS, _FINISH),
    *({a: _LOOK[a][1:], b: _FINISH[b][1:]} for a in _LOOK for b in _FINISH),
    *_only([name for name in FUNCTIONS if name != "find"], ["format", *_STORAGE]),
    *_only([name for name in FUNCTIONS if name != "save"], ["effort", "select", "marks"]),
    {"function": _VIDEO, "marks": ["box", "point", "keep"]},
    {"function": _CLI, "marks": ["point"]},
    {"function": ["find", "save", "cli-mask"], "matte": _but("matte", "network")},
    {"function": _CLI, "matte": _but("matte", "network", "path")},
    {"function": _CLI, "depth": ["array"]},
    # No format takes both.
    {"quality": ["60"], "compression": ["small"]},
    {"subsampling": _but("subsampling", NOT), "compression": ["small"]},
]


class Refusal(NamedTuple):
    """A contradiction, and the error that says so."""

    rule: Clash
    error: type[errors.DefocusError]


_GIVEN = _but("matte", "network")
_ALPHA = [name for name, kind in KINDS.items() if kind.alpha]
_WITH_ALPHA = ["cutout", "map-cutout", "video-cutout", "cli-cutout"]
_KEEPING = [*_PORTRAITS, "save"]

# What contradicts itself, and has to be refused.
REFUSED: list[Refusal] = [
    Refusal({"bokeh": [NOT, "gaussian"], "blades": ["7"]}, errors.OptionError),
    Refusal({"bokeh": [NOT, "gaussian"], "highlights": ["8"]}, errors.OptionError),
    Refusal({"light": ["srgb"], "highlights": ["8"]}, errors.OptionError),
    Refusal({"depth": _but("depth", NOT), "ramp": [".2"]}, errors.OptionError),
    Refusal({"depth": _but("depth", NOT), "ground": ["auto"]}, errors.OptionError),
    Refusal({"ramp": [".2"], "ground": ["auto"]}, errors.OptionError),
    Refusal({"function": ["video-portrait"], "ground": ["auto"]}, errors.OptionError),
    Refusal({"matte": _GIVEN, "select": _but("select", NOT)}, errors.OptionError),
    Refusal({"matte": _GIVEN, "marks": _but("marks", NOT)}, errors.OptionError),
    Refusal({"select": _but("select", NOT), "marks": _but("marks", NOT)}, errors.OptionError),
    Refusal({"function": _VIDEO, "matte": _GIVEN}, errors.OptionError),
    *(
        Refusal({"function": ["video-cutout"], name: _but(name, NOT)}, errors.OptionError)
        for name in ("crop", "canvas", "max_size")
    ),
    Refusal({"function": ["matte-only"], "shadow": ["drop"]}, errors.OptionError),
    Refusal({"canvas": ["90x120"], "max_size": ["40"]}, errors.OptionError),
    Refusal(
        {"function": ["matte-only"], "background": _but("background", NOT)}, errors.OptionError
    ),
    Refusal({"format": ["png", "tiff"], "quality": ["60"]}, errors.OptionError),
    Refusal(
        {"format": ["png", "webp", "tiff"], "subsampling": _but("subsampling", NOT)},
        errors.OptionError,
    ),
    Refusal({"format": _but("format", "png"), "compression": ["small"]}, errors.OptionError),
    Refusal(
        {"function": _WITH_ALPHA, "background": [NOT], "format": ["jpeg"]},
        errors.UnsupportedFormatError,
    ),
    Refusal(
        {"function": _KEEPING, "kind": _ALPHA, "format": ["jpeg"]}, errors.UnsupportedFormatError
    ),
]


_RULES = [*UNFIT, *(refusal.rule for refusal in REFUSED)]


@cache
def cases() -> tuple[list[Case], set[Pair]]:
    """The cases of the covering array, and the pairs for which there can be none."""
    return all_pairs(PARAMETERS, _RULES)


def refused_as(case: Case) -> type[errors.DefocusError] | None:
    """The error that a case has to be refused with, because it contradicts itself."""
    return next((refusal.error for refusal in REFUSED if clashes(case, [refusal.rule])), None)


def refused_cases() -> list[Case]:
    """For every contradiction and every function in which it can be asked for, a case."""
    made = []
    for refusal, function in product(REFUSED, FUNCTIONS):
        if function not in refusal.rule.get("function", FUNCTIONS):
            continue
        for values in product(*refusal.rule.values()):
            start = dict(zip(refusal.rule, values, strict=True)) | {"function": function}
            others = [rule for rule in _RULES if not clashes(start, [rule])]
            if not clashes(start, UNFIT) and (case := completed(start, PARAMETERS, others)):
                made.append(case)
                break
    return made


def line_of(case: Case) -> str:
    """The case in one line, without what is as usual."""
    return " ".join(f"{n}={case[n]}" for n in PARAMETERS if case[n] != PARAMETERS[n][0])


def case_of(line: str) -> Case:
    """The case of such a line."""
    asked = dict(word.split("=", 1) for word in line.split())
    return {name: asked.get(name, values[0]) for name, values in PARAMETERS.items()}
