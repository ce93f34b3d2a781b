"""How a picture is stored: every setting, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from defocus import checks
from defocus.errors import OptionError
from defocus.io.photo import check_quality

__all__ = ["Compression", "Storage", "Strip", "Subsampling", "fitting"]

Subsampling: TypeAlias = Literal["4:4:4", "4:2:2", "4:2:0"]
Compression: TypeAlias = Literal["fast", "small"]
Strip: TypeAlias = Literal["none", "gps", "all"]

# The formats that each setting means something to.
_LOSSY = ("JPEG", "WEBP", "AVIF", "HEIF")
_OF = {
    "subsampling": ("JPEG", "AVIF", "HEIF"),
    "compression": ("PNG",),
}


@dataclass(frozen=True, kw_only=True)
class Storage:
    """What `save` is asked for beside the format.

    - `quality`: 1 to 100, for JPEG, WebP, AVIF and HEIC; None (default) for the format's default,
      or the source's own.
    - `subsampling`: "4:4:4", "4:2:2" or "4:2:0", how finely JPEG, AVIF and HEIC store colour; None
      (default) for the source's own, or "4:4:4".
    - `compression`: "fast" (default) or "small", for PNG.
    - `strip`: "none" (default), "gps" (where it was taken) or "all" (EXIF, XMP and IPTC whole).

    Raises OptionError or OptionTypeError for a value that is none of these.

    >>> Storage(strip="gps").strip
    'gps'
    """

    quality: int | None = None
    subsampling: Subsampling | None = None
    compression: Compression | None = None
    strip: Strip = "none"

    def __post_init__(self) -> None:
        """Check every value."""
        if self.quality is not None:
            check_quality(self.quality)
        for name, known, empty in (
            ("subsampling", get_args(Subsampling), True),
            ("compression", get_args(Compression), True),
            ("strip", get_args(Strip), False),
        ):
            value = getattr(self, name)
            if not (empty and value is None):
                checks.choice(name, value, known)

    def check_for(self, form: str) -> None:
        """Refuse what the format, by Pillow's name, has no use for: OptionError."""
        if self.quality is not None and form not in _LOSSY:
            raise OptionError(
                f"quality={self.quality} has no meaning for {form}, which loses no detail"
            )
        for name, forms in _OF.items():
            value = getattr(self, name)
            if value is not None and form not in forms:
                raise OptionError(
                    f"{name}={value!r} has no meaning for {form}; it is for {', '.join(forms)}"
                )


def fitting(settings: Mapping[str, Any], form: str) -> dict[str, Any]:
    """Those of `save`'s settings that mean something to the format, by Pillow's name.

    >>> fitting({"quality": 80, "compression": "small", "strip": "gps"}, "PNG")
    {'compression': 'small', 'strip': 'gps'}
    """
    useless = {name for name, forms in _OF.items() if form not in forms}
    if form not in _LOSSY:
        useless.add("quality")
    return {name: value for name, value in settings.items() if name not in useless}
