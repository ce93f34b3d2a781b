"""Make the pictures of docs/explanation/gallery.md from the photographs in examples/.

python -m tools.pictures.make_gallery
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageFilter

import defocus
from tools.pictures.make_pictures import IMAGES, ROOT, below, beside

GALLERY = IMAGES / "gallery"
GROUNDS = ("#ffffff", "#000000", "#00a040")
QUALITY = 88
Box = tuple[int, int, int, int]


class Shot(NamedTuple):
    """A photograph and what is found in it."""

    photo: Image.Image
    subject: defocus.Subject

    def portrait(self, **options: Any) -> Image.Image:
        return defocus.portrait(self.photo, subject=self.subject, **options)

    def cutout(self, ground: str) -> Image.Image:
        return defocus.cutout(self.photo, subject=self.subject, background=ground)

    def stretched(self) -> Image.Image:
        """The network's map as today's programs take it: ends stretched, then made larger."""
        map_ = self.subject.map
        codes = np.uint8(255 * (map_ - map_.min()) / (map_.max() - map_.min()) + 0.5)
        return Image.fromarray(codes).resize(self.photo.size, Image.Resampling.BILINEAR)

    def portrait_today(self, sigma: float) -> Image.Image:
        """Blur everything, blend by the mask."""
        blurred = self.photo.filter(ImageFilter.GaussianBlur(sigma))
        return Image.composite(self.photo, blurred, self.stretched())

    def cutout_today(self, ground: str) -> Image.Image:
        """The photograph's own colours through the mask."""
        return Image.composite(
            self.photo, Image.new("RGB", self.photo.size, ground), self.stretched()
        )


def shot(name: str) -> Shot:
    photo = Image.open(ROOT / "examples" / f"{name}.jpg")
    photo.load()
    return Shot(photo, defocus.find_subject(photo))


def enlarged(picture: Image.Image, times: int = 3) -> Image.Image:
    """Every pixel as a square."""
    size = (picture.width * times, picture.height * times)
    return picture.resize(size, Image.Resampling.NEAREST)


def save(name: str, picture: Image.Image) -> None:
    defocus.save(picture, GALLERY / f"{name}.jpg", quality=QUALITY)


def edges(places: list[tuple[Shot, Box]]) -> Image.Image:
    """The photograph, today's portrait and ours, of equal blur, pixel by pixel."""
    rows = []
    for shot, box in places:
        sigma = 0.012 * max(shot.photo.size)
        looks = (shot.photo, shot.portrait_today(sigma), shot.portrait(sigma=sigma))
        rows.append(beside(*(look.crop(box) for look in looks)))
    return below(rows)


def cutouts(places: list[tuple[Shot, Box]]) -> Image.Image:
    """On white, black and green: a row by today's recipe, and one by ours, for each place."""
    rows = []
    for shot, box in places:
        for cut in (shot.cutout_today, shot.cutout):
            rows.append(beside(*(cut(ground).crop(box) for ground in GROUNDS)))
    return below(rows)


def launch() -> Image.Image:
    """A photograph with specular highlights: as it is, by a Gaussian, by discs.

    The network is not sure of the rocket in the whole frame, so it is looked for in a part.
    """
    photo = Image.open(ROOT / "examples" / "rocket.jpg")
    photo.load()
    part = (160, 0, 480, 427)
    matte = np.zeros((photo.height, photo.width), np.float32)
    matte[part[1] : part[3], part[0] : part[2]] = defocus.find_subject(photo.crop(part)).matte
    looks = [
        photo,
        defocus.portrait(photo, matte=matte, sigma=7),
        defocus.portrait(photo, matte=matte, sigma=7, bokeh="disc"),
    ]
    return below([look.crop((0, 250, 640, 427)) for look in looks])


def main() -> None:
    """Write docs/images/gallery/*.jpg."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    raccoon, coffee, cat, astronaut = map(shot, ("raccoon", "coffee", "cat", "astronaut"))
    pair = (raccoon.photo, raccoon.portrait(bokeh="disc", aperture=1.2))
    size = (720, 540)
    save("raccoon", beside(*(p.resize(size, Image.Resampling.LANCZOS) for p in pair)))
    save("coffee", beside(coffee.photo, coffee.portrait(bokeh="disc", aperture=1.2)))
    save("astronaut", beside(astronaut.photo, astronaut.portrait(aperture=1.2)))
    save("launch", launch())
    elephants = shot("elephants")
    standing = (elephants.portrait(), elephants.portrait(ground="auto"))
    save("ground", beside(*(p.crop((80, 280, 680, 680)) for p in standing)))

    ear, hair, rim = (730, 50, 1000, 250), (150, 5, 420, 205), (300, 20, 570, 220)
    places = [(raccoon, ear), (astronaut, hair), (coffee, rim)]
    save("edges", edges(places))
    save("cutouts", cutouts(places))

    green = "#00a040"
    save("failure-cat", beside(cat.photo, cat.portrait(aperture=1.2), cat.cutout(green)))
    helmet = (astronaut.photo, astronaut.portrait(), astronaut.cutout(green))
    save("helmet", beside(*(p.crop((262, 312, 512, 512)) for p in helmet)))
    saucer = (coffee.photo, coffee.cutout_today("#ffffff"), coffee.cutout("#ffffff"))
    save("failure-saucer", beside(*(enlarged(p.crop((410, 85, 500, 155))) for p in saucer)))
    save("failure-foot", beside(*(p.crop((280, 340, 800, 680)) for p in pair)))


if __name__ == "__main__":
    main()
