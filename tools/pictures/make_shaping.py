"""Draw docs/images/shaping.jpg: the presets of docs/how-to/shaping.md.

python -m tools.pictures.make_shaping
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

import defocus

ROOT = Path(__file__).resolve().parents[2]
SIDE, GAP = 360, 12
PRESETS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"canvas": (1000, 1000), "fill": 0.85, "background": "white"}, "white"),
    (
        {
            "canvas": "square",
            "fill": 0.85,
            "threshold": 0.5,
            "shadow": "drop offset=0,0 blur=0 spread=2% opacity=1 colour=white",
        },
        "#5b8a72",
    ),
    ({"canvas": "square", "fill": 0.8, "shadow": "drop offset=2%,3% blur=3%"}, "#e4e4e4"),
    ({"canvas": "square", "fill": 0.85, "feather": "3%"}, "#c9b8a8"),
)


def main() -> None:
    """Draw them side by side."""
    photo = ROOT / "examples" / "coffee.jpg"
    subject = defocus.find_subject(photo, effort="best")
    size = (len(PRESETS) * (SIDE + GAP) - GAP, SIDE)
    sheet = Image.new("RGB", size, "white")
    for number, (options, behind) in enumerate(PRESETS):
        made = defocus.cutout(photo, subject=subject, **options).convert("RGBA")
        made = made.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        ground = Image.new("RGBA", made.size, behind)
        sheet.paste(Image.alpha_composite(ground, made), (number * (SIDE + GAP), 0))
    sheet.save(ROOT / "docs" / "images" / "shaping.jpg", quality=88)


if __name__ == "__main__":
    main()
