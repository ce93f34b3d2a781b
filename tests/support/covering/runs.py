"""A case of the covering array, carried out: by the library or by the command."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import defocus
from covering.cases import NOT, Case
from covering.pictures import BOX, POINT, Input, ellipses
from defocus.cli import command

SIGMA = 3.0
_LOOK = ("bokeh", "blades", "highlights", "light", "depth", "ramp", "ground", "grain")
_EDGE = ("fill_holes", "alpha_floor", "threshold", "grow", "feather")
GEOMETRY = ("crop", "canvas", "max_size")
_FINISH = (*_EDGE, *GEOMETRY, "shadow", "background")
_STORAGE = ("quality", "subsampling", "compression", "strip")
_SHAPE_TEXTS = ("grow", "feather", "crop", "canvas", "shadow", "background")
_TEXTS = ("bokeh", "light", "ground", "subsampling", "compression", "strip", *_SHAPE_TEXTS)
_ENDINGS = {"jpeg": "jpg", "jpeg2": "jpg"}
_FULL = {"uint8": 255, "uint16": 65535}


@dataclass(frozen=True)
class Bench:
    """Where cases are carried out: a folder, and in it a network."""

    folder: Path
    segmenter: defocus.Segmenter

    def file(self, name: str, image: Image.Image) -> Path:
        """That image as a file in the folder."""
        path = self.folder / name
        image.save(path)
        return path


class CommandError(Exception):
    """The command gave that exit code, and wrote that."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"exit code {code}: {message}")
        self.code, self.message = code, message


def source(case: Case, picture: Input, bench: Bench) -> Any:
    """The picture, as the case wants it given; a new object each time, except for what is one."""
    given, value = case["given"], picture.value
    if given in ("object", "bytes"):
        return value
    if given == "path":
        path = bench.folder / f"in.{case['kind'].partition('-')[0]}"
        path.write_bytes(value)
        return path if case["scene"] == "black" else str(path)
    if given == "file":
        return io.BytesIO(value)
    if picture.kind.form == "HEIF":
        from pillow_heif import HeifImageFile

        return HeifImageFile(io.BytesIO(value), "")
    return Image.open(io.BytesIO(value))


def hole(size: tuple[int, int]) -> tuple[int, int]:
    """Row and column of the pixel that is missing in the matte."""
    return size[1] // 2, size[0] // 3


def own_matte(size: tuple[int, int]) -> NDArray[np.uint8]:
    """The large ellipse with a soft edge and a hole in it: uint8 H x W."""
    large, _ = ellipses(size)
    matte = np.clip((1.05 - large) * 10, 0, 1)
    matte[hole(size)] = 0
    return np.asarray(np.rint(matte * 255), np.uint8)


def matte_of(case: Case, picture: Input, bench: Bench) -> dict[str, Any]:
    """The keyword that tells where the subject is, if any does."""
    how, matte = case["matte"], own_matte(picture.size)
    if how == "network":
        return {}
    if how == "subject":
        found = defocus.find_subject(
            source(case, picture, bench), segmenter=bench.segmenter, **effort(case)
        )
        return {"subject": found}
    made: dict[str, Any] = {
        "uint8": matte,
        "uint16": matte.astype(np.uint16) * 257,
        "float32": matte.astype(np.float32) / np.float32(255),
        "bool": matte > 127,
        "pil": Image.fromarray(matte),
    }
    return {"matte": made[how] if how in made else bench.file("matte.png", Image.fromarray(matte))}


def effort(case: Case) -> dict[str, Any]:
    """The keyword of the effort, if it is given."""
    return {} if case["effort"] == NOT else {"effort": case["effort"]}


def selection(case: Case, size: tuple[int, int]) -> dict[str, Any]:
    """The keyword of the selection, if it is given."""
    width, height = size
    scale = (width, height) * 2
    chosen: dict[str, Any] = {
        "largest": "largest",
        "point": tuple(share * side for share, side in zip(POINT, scale, strict=False)),
        "box": tuple(share * side for share, side in zip(BOX, scale, strict=True)),
    }
    return {} if case["select"] == NOT else {"select": chosen[case["select"]]}


def marks(case: Case, size: tuple[int, int], bench: Bench) -> dict[str, Any]:
    """The keyword of what the user marked, if anything."""
    width, height = size
    x, y = POINT[0] * width, POINT[1] * height
    if case["marks"] == "box":
        left, top, right, bottom = BOX
        return {"box": (left * width, top * height, right * width, bottom * height)}
    if case["marks"] == "point":
        return {"points": [(x, y, True)]}
    if case["marks"] == "keep":
        stroke = np.zeros((height, width), np.uint8)
        stroke[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] = 255
        return {"keep": bench.file("keep.png", Image.fromarray(stroke))}
    return {}


def depth_of(how: str, size: tuple[int, int], bench: Bench) -> Any:
    """A depth map that grows from left to right."""
    width, height = size
    row = np.linspace(40, 250, width).astype(np.uint8)
    grey = Image.fromarray(np.tile(row, (height, 1)))
    if how == "array":
        return np.asarray(grey, np.float32)
    if how == "file":
        return bench.file("depth.png", grey)
    steps = np.unique(row)[::-1]  # number 0 is the farthest
    palette = Image.fromarray(
        np.searchsorted(-steps.astype(int), -np.asarray(grey, int)).astype("u1")
    )
    palette.putpalette([int(step) for step in steps for _ in range(3)])
    return bench.file("palette.png", palette)


def options(case: Case, names: tuple[str, ...], picture: Input, bench: Bench) -> dict[str, Any]:
    """The keywords of these names that the case gives."""
    made: dict[str, Any] = {}
    for name in names:
        value = case[name]
        if value == NOT:
            continue
        if name == "depth":
            made[name] = depth_of(value, picture.size, bench)
        elif value == "picture":
            made[name] = bench.file("behind.png", Image.new("RGB", (40, 50), (30, 90, 200)))
        elif name in _TEXTS:
            made[name] = value
        else:
            made[name] = int(value) if name in ("blades", "quality", "max_size") else float(value)
    return made


def keywords(case: Case, picture: Input, bench: Bench) -> dict[str, Any]:
    """What the case's function takes besides the picture."""
    made = {"segmenter": bench.segmenter, **selection(case, picture.size), **effort(case)}
    made |= marks(case, picture.size, bench)
    function = case["function"]
    if "portrait" in function:
        made |= {"sigma": SIGMA, **options(case, _LOOK, picture, bench)}
    if "cutout" in function or function == "matte-only":
        made |= options(case, _FINISH, picture, bench)
    if function == "matte-only":
        made["matte_only"] = True
    return made | matte_of(case, picture, bench)


def called(case: Case, given: Any, kept: dict[str, Any]) -> Any:
    """What the case's function makes of a picture, in memory."""
    function = case["function"]
    if function == "find":
        return defocus.find_subject(given, **kept)
    if function == "save":
        return given
    fn = defocus.portrait if "portrait" in function else defocus.cutout
    if function.startswith("map"):
        (result,) = defocus.map([given], fn, **kept)
        return result.unwrap()
    if function.startswith("video"):
        *_, last = defocus.video([given, given, given], fn, **kept)
        return last
    return fn(given, **kept)


def stored(case: Case, result: Any, picture: Input, bench: Bench) -> bytes:
    """The result as a file of the case's format."""
    file = io.BytesIO()
    settings = options(case, _STORAGE, picture, bench)
    defocus.save(result, file, format=case["format"], **settings)
    return file.getvalue()


def commanded(case: Case, picture: Input, bench: Bench) -> bytes:
    """The file that the command writes.  Raises CommandError."""
    kept = keywords(case, picture, bench)
    target = bench.folder / f"out.{_ENDINGS.get(case['format'], case['format'])}"
    target.unlink(missing_ok=True)
    words = [case["function"].removeprefix("cli-"), source(case, picture, bench), target]
    if "matte" not in kept:
        words += ["--model", bench.segmenter.spec.file]
    kept |= options(case, _STORAGE, picture, bench)
    if case["select"] == "point":
        kept["at"] = kept.pop("select")
    for name, value in kept.items():
        if name != "segmenter" and value is not None:
            text = ",".join(map(str, value)) if isinstance(value, tuple) else value
            words += [f"--{name.replace('_', '-')}", text]
    message = io.StringIO()
    with contextlib.redirect_stderr(message):
        code = command.main([str(word) for word in words])
    if code:
        raise CommandError(code, message.getvalue().strip())
    return target.read_bytes()
