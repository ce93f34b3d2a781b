"""Make the pictures of the README and of docs/ from the example photographs.

python -m tools.pictures.make_pictures
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import defocus
from tools.pictures.drawn_scenes import avenue, night

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
GAP = 8  # white pixels between two pictures


def beside(*pictures: Image.Image) -> Image.Image:
    """Several pictures of one height in a row."""
    width = sum(p.width for p in pictures) + GAP * (len(pictures) - 1)
    row = Image.new("RGB", (width, pictures[0].height), "white")
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width + GAP
    return row


def below(rows: list[Image.Image]) -> Image.Image:
    """Several pictures of one width, one below the other."""
    height = sum(row.height for row in rows) + GAP * (len(rows) - 1)
    column = Image.new("RGB", (rows[0].width, height), "white")
    top = 0
    for row in rows:
        column.paste(row, (0, top))
        top += row.height + GAP
    return column


def checkerboard(width: int, height: int, cell: int = 16) -> Image.Image:
    """The ground on which transparency is commonly shown."""
    y, x = np.mgrid[:height, :width] // cell
    return Image.fromarray(np.where((x + y) % 2, 255, 208).astype(np.uint8)).convert("RGB")


def example(name: str) -> Image.Image:
    """A photograph of examples/."""
    photo = Image.open(ROOT / "examples" / f"{name}.jpg")
    photo.load()
    return photo


def before_after(photo: Image.Image, subject: defocus.Subject) -> Image.Image:
    """The picture of the README: an animal and its portrait, a person, her portrait and cutout."""
    raccoon = example("raccoon")
    animal = [raccoon, defocus.portrait(raccoon, bokeh="disc", aperture=1.0)]
    upper = beside(*(picture.crop((300, 0, 1024, 520)) for picture in animal))
    cutout = defocus.cutout(photo, subject=subject)
    shown = checkerboard(*photo.size)
    shown.paste(cutout, mask=cutout)
    portrait = defocus.portrait(photo, subject=subject, bokeh="disc", aperture=1.2)
    edge = (upper.width - 2 * GAP) // 3
    person = (picture.resize((edge, edge)) for picture in (photo, portrait, shown))
    return below([upper, beside(*person)])


def main() -> None:
    """Write docs/images/*.jpg."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    photo = example("astronaut")
    subject = defocus.find_subject(photo)
    defocus.save(before_after(photo, subject), IMAGES / "before-after.jpg", quality=86)
    stops = [defocus.portrait(photo, subject=subject, aperture=n) for n in (4.0, 1.8, 0.9)]
    defocus.save(beside(*stops), IMAGES / "apertures.jpg", quality=90)

    street, matte = (Image.fromarray(array) for array in night())
    figure = np.asarray(matte)
    looks = [
        defocus.portrait(street, matte=figure, sigma=6),
        defocus.portrait(street, matte=figure, sigma=6, bokeh="disc", highlights=0),
        defocus.portrait(street, matte=figure, sigma=6, bokeh="disc"),
        defocus.portrait(street, matte=figure, sigma=6, bokeh="disc", blades=6),
    ]
    defocus.save(beside(street, *looks), IMAGES / "bokeh.jpg", quality=90)

    image, post, depth = avenue()
    tiles = Image.fromarray(image)
    distances = [
        defocus.portrait(tiles, matte=post, sigma=7, bokeh="disc"),
        defocus.portrait(tiles, matte=post, sigma=7, bokeh="disc", depth=depth),
    ]
    defocus.save(beside(tiles, *distances), IMAGES / "depth.jpg", quality=88)


if __name__ == "__main__":
    main()
