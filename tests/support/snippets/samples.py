"""The files and the names that the snippets take for granted."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import defocus
from defocus.models import entry
from defocus.models.weights import locate
from pictures import photographs
from scenes import person

ROOT = Path(__file__).resolve().parents[3]
# What the pages call a photograph of a person, or of a thing.
PEOPLE = ("photo.jpg", "wedding.jpg", "a.jpg", "b.jpg", "c.png", "in/a.jpg", "in/a.tif")
THINGS = ("vase.jpg",)
MANY = ("photos/one.jpg", "photos/more/two.jpg", "wedding/one.jpg", "shop/new/vase.jpg")
TEAM_SCALE = 6


def files(folder: Path) -> None:
    """Write the files."""
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=_no_code)
    for names, source in ((PEOPLE, "astronaut"), (THINGS, "coffee")):
        for name in names:
            _stored(ROOT / "examples" / f"{source}.jpg", folder / name)
    photographs(folder, MANY)
    photo = Image.open(folder / "photo.jpg").convert("RGB")
    photo.resize((TEAM_SCALE * photo.width, TEAM_SCALE * photo.height)).save(folder / "team.jpg")
    pixels = np.asarray(photo)[:240, :320]
    defocus.save(pixels.astype(np.uint16) * 257, folder / "deep.tif")
    defocus.save_frames([pixels, pixels[:, ::-1]], folder / "cat.gif")
    defocus.save_frames([pixels, pixels[:, ::-1]], folder / "scans.tif")
    rows = np.linspace(255, 0, photo.height, dtype=np.uint8)
    Image.fromarray(np.repeat(rows[:, None], photo.width, 1)).save(folder / "depth.png")
    with Image.open(folder / "vase.jpg") as vase:
        Image.fromarray(_disc(*vase.size)).save(folder / "vase-matte.png")
    shutil.copy(locate(entry("u2netp")), folder / "my-network.onnx")
    _with_extras(folder, photo)


def names(folder: Path) -> dict[str, Any]:
    """The names."""
    image, matte = person()
    return {
        "array": image,
        "my_matte": matte,
        "labels": np.where(matte > 127, 3, 0),
        "photo": image,
        "metres": np.linspace(30, 1, image.shape[0])[:, None].repeat(image.shape[1], 1),
        "camera": [image] * 3,
        "show": np.shape,
        "paths": [folder / "photo.jpg", folder / "vase.jpg"],
        "target_of": lambda source: source.with_suffix(".png"),
    }


def _no_code(_folder: str, found: list[str]) -> set[str]:
    return {name for name in found if Path(name).suffix != ".jpg"}


def _stored(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    if target.suffix == source.suffix:
        shutil.copy(source, target)
    else:
        Image.open(source).save(target)


def _disc(width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(y - height / 2, x - width / 2) < min(width, height) / 3
    return np.where(inside, 255, 0).astype(np.uint8)


def _with_extras(folder: Path, photo: Image.Image) -> None:
    """Write the files that need more than the library."""
    if shutil.which("ffmpeg"):
        source = ["-loop", "1", "-i", str(folder / "photo.jpg"), "-frames:v", "3"]
        command = ["ffmpeg", "-loglevel", "error", *source, "-s", "1280x720", "-r", "25"]
        subprocess.run([*command, str(folder / "in.mp4")], check=True)
    try:
        import pillow_heif  # noqa: F401
    except ImportError:
        return
    (folder / "2026").mkdir()
    defocus.save(photo, folder / "2026" / "one.heic")
