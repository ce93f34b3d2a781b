"""The keywords of `portrait` and `cutout` for type checkers: each name and type stands once."""

from __future__ import annotations

from typing import TypedDict

from defocus.io.canvas.background import Background, BackgroundSource
from defocus.io.maps import MapSource
from defocus.models.segmenter import Segmenter
from defocus.options import (
    Align,
    Bokeh,
    Box,
    CanvasSource,
    Effort,
    Finish,
    Ground,
    Length,
    Lens,
    Light,
    Look,
    Points,
    Select,
    ShadowSource,
    Sides,
)
from defocus.subject.subject import Subject

__all__ = ["CutoutKeywords", "PortraitKeywords"]


class _SubjectKeywords(TypedDict, total=False):
    matte: MapSource | None
    subject: Subject | None
    box: Box | None
    points: Points
    keep: MapSource | None
    remove: MapSource | None
    select: Select
    effort: Effort
    segmenter: Segmenter | None
    max_pixels: int | None


class PortraitKeywords(_SubjectKeywords, total=False):
    """What `portrait` takes beside the image."""

    lens: Lens | None
    aperture: float | None
    sigma: float | None
    focal_length: float | None
    distance: float | None
    look: Look | None
    bokeh: Bokeh | None
    blades: int | None
    highlights: float | None
    light: Light | None
    ramp: float | None
    ground: Ground | None
    grain: float | None
    depth: MapSource | None


class CutoutKeywords(_SubjectKeywords, total=False):
    """What `cutout` takes beside the image."""

    background: BackgroundSource | Background | None
    finish: Finish | None
    fill_holes: float | None
    alpha_floor: float | None
    threshold: float | None
    grow: Length | None
    feather: Length | None
    crop: Sides | None
    canvas: CanvasSource | None
    fill: float | None
    align: Align | None
    max_size: int | None
    shadow: ShadowSource | None
    matte_only: bool | None
