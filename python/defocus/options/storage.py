"""How an image is encoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from defocus.options import checks

__all__ = ["Compression", "Storage", "Strip", "Subsampling"]

Subsampling: TypeAlias = Literal["4:4:4", "4:2:2", "4:2:0"]
Compression: TypeAlias = Literal["fast", "small"]
Strip: TypeAlias = Literal["none", "gps", "all"]


@dataclass(frozen=True, kw_only=True)
class Storage:
    """What `save` takes beside the format.

    Parameters
    ----------
    quality : int, optional
        1 to 100, for JPEG, WebP, AVIF and HEIC.  The default is that of the source or format.
    subsampling : {"4:4:4", "4:2:2", "4:2:0"}, optional
        How finely JPEG, AVIF and HEIC store colour.  The default is that of the source, or "4:4:4".
    compression : {"fast", "small"}, optional
        Of PNG.  The default is "fast".
    strip : {"none", "gps", "all"}, default "none"
        What to leave out: nothing, the position, or all of EXIF, XMP and IPTC.

    Raises
    ------
    OptionError, OptionTypeError
        A value is none of these.

    Examples
    --------
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
            checks.whole("quality", self.quality, 1, 100)
        if self.subsampling is not None:
            checks.choice("subsampling", self.subsampling, get_args(Subsampling))
        if self.compression is not None:
            checks.choice("compression", self.compression, get_args(Compression))
        checks.choice("strip", self.strip, get_args(Strip))
