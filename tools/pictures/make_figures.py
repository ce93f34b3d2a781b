"""Draw the figures of docs/explanation: how matte, blur and light work.

python -m tools.pictures.make_figures
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus import kernels
from tools.pictures.drawn_scenes import night
from tools.pictures.make_gallery import enlarged, shot
from tools.pictures.make_pictures import IMAGES, below, beside

FOLDER = IMAGES / "explanation"
INK, PALE, OURS, OTHER = "#334155", "#94a3b8", "#c2410c", "#2563eb"
TEXT = 'font-family="sans-serif" font-size="13"'
Values = NDArray[np.float64]


def svg(width: int, height: int, parts: list[str]) -> str:
    """A drawing on white."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    ground = f'<rect width="{width}" height="{height}" fill="white"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def line(points: list[tuple[float, float]], colour: str, width: float = 2, more: str = "") -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}"{more}/>'
    )


def label(x: float, y: float, text: str, colour: str = INK, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}" {TEXT}>{text}</text>'


def lens() -> str:
    """Rays of a point in focus, and of one far behind it, through a lens to the sensor."""
    axis, lens_at, sensor, half = 110.0, 330.0, 600.0, 70.0
    far_image = 510.0  # where a far point is sharp: in front of the sensor
    spread = half * (sensor - far_image) / (far_image - lens_at)
    parts = [line([(20, axis), (700, axis)], PALE, 1, ' stroke-dasharray="4 4"')]
    for sign in (-1, 1):
        edge = axis + sign * half
        parts.append(line([(120, axis), (lens_at, edge), (sensor, axis)], OURS))
        meets = axis - sign * spread
        parts.append(line([(20, edge), (lens_at, edge), (sensor, meets)], OTHER))
    parts += [
        f'<ellipse cx="{lens_at}" cy="{axis}" rx="14" ry="{half + 12}" fill="#e2e8f0" '
        f'stroke="{INK}"/>',
        line([(sensor, axis - 85), (sensor, axis + 85)], INK, 4),
        line([(sensor + 12, axis - spread), (sensor + 12, axis + spread)], OTHER, 4),
        f'<circle cx="120" cy="{axis}" r="5" fill="{OURS}"/>',
        label(100, axis + 24, "subject", OURS),
        label(20, axis - half - 10, "light of a far point", OTHER),
        label(lens_at, axis + half + 34, "lens", INK, "middle"),
        label(sensor, axis + 106, "sensor", INK, "middle"),
        label(sensor + 24, axis - 8, "circle of", OTHER),
        label(sensor + 24, axis + 10, "confusion", OTHER),
    ]
    return svg(720, 235, parts)


def edge_profiles() -> dict[str, Values]:
    """Values of one row across the edge of a bright subject before a dark background."""
    width, edge = 240, 120
    alpha = np.clip((edge + 4 - np.arange(width)) / 8, 0, 1)
    subject, background = to_light(225.0), to_light(45.0)
    row = to_values(alpha * subject + (1 - alpha) * background)
    image = np.repeat(np.rint(row).astype(np.uint8)[None, :, None], 60, 0).repeat(3, 2)
    mask = np.repeat(alpha.astype(np.float32)[None], 60, 0)
    plain = kernels.portrait_stage(image, mask, 12, masked=False, light="srgb")
    ours = defocus.portrait(image, matte=mask, sigma=12)
    return {
        "photograph": image[30, :, 0].astype(float),
        "everything blurred, then blended": plain[30, :, 0].astype(float),
        "defocus.portrait": ours[30, :, 0].astype(float),
    }


def to_light(values: Any) -> Any:
    """The share of light of sRGB values."""
    share = np.asarray(values) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def to_values(light: Any) -> Values:
    """The sRGB values of shares of light."""
    small, large = 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055
    return np.asarray(255 * np.where(light <= 0.0031308, small, large))


def profile() -> str:
    """The edge as a curve for each way to blur."""
    left, bottom, wide, high = 60, 250, 2.6, 0.85
    parts = [
        line([(left, 20), (left, bottom), (left + 240 * wide, bottom)], PALE, 1),
        *(label(left - 8, bottom - v * high + 4, str(v), INK, "end") for v in (0, 100, 200)),
        label(left + 8, bottom + 20, "subject"),
        label(left + 240 * wide, bottom + 20, "background", INK, "end"),
    ]
    for number, (name, values) in enumerate(edge_profiles().items()):
        colour = (PALE, OTHER, OURS)[number]
        points = [(left + x * wide, bottom - v * high) for x, v in enumerate(values)]
        parts.append(line(points, colour, 3 - number / 2))
        parts.append(label(left + 370, 40 + 22 * number, name, colour))
    return svg(720, 280, parts)


def mattes() -> Image.Image:
    """The photograph, the stretched mask and the matte of an ear and of hair."""
    rows = []
    for name, box in (("raccoon", (880, 80, 980, 150)), ("astronaut", (250, 20, 350, 90))):
        seen = shot(name)
        matte = Image.fromarray(np.rint(255 * seen.subject.matte).astype(np.uint8))
        looks = (seen.photo, seen.stretched().convert("RGB"), matte.convert("RGB"))
        rows.append(beside(*(enlarged(look.crop(box)) for look in looks)))
    return below(rows)


def light() -> Image.Image:
    """A street at night: the photograph, blurred as 8-bit values, and as light."""
    street, matte = (Image.fromarray(array) for array in night())
    figure = np.asarray(matte)
    options: dict[str, Any] = {"matte": figure, "sigma": 8, "bokeh": "disc", "highlights": 0}
    looks = [defocus.portrait(street, **options, light=kind) for kind in ("srgb", "linear")]
    return beside(street, *looks)


def main() -> None:
    """Write docs/images/explanation."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "lens.svg").write_text(lens(), encoding="utf-8")
    (FOLDER / "profile.svg").write_text(profile(), encoding="utf-8")
    defocus.save(mattes(), FOLDER / "matte.jpg", quality=88)
    defocus.save(light(), FOLDER / "light.jpg", quality=88)


if __name__ == "__main__":
    main()
