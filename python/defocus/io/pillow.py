"""Pillow, loaded completely at its first use, and its own limit on pixels.

The limit, `PIL.Image.MAX_IMAGE_PIXELS`, belongs to the process and is never changed.  Where Pillow
would apply it, the size is checked here before.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any

from defocus.forks import unforked
from defocus.io.codecs import deflate  # noqa: F401  # registers its step of the warm-up
from defocus.warmup import at_warmup

if TYPE_CHECKING:
    from PIL import Image
else:

    class _Lazy:
        """Stands for `PIL.Image` in annotations, and loads it when somebody evaluates them."""

        __slots__ = ()

        def __getattr__(self, name: str) -> Any:
            load()
            from PIL import Image

            return getattr(Image, name)

    Image = _Lazy()

__all__ = ["Image", "hard_limit", "load", "make_room", "unchecked_webp", "webp_size"]

_WIDTH, _LENGTH = 256, 257  # tags of TIFF
_WEBP_HEADER = 30  # bytes
_loaded = False


@at_warmup
def load() -> None:
    """Import all parts of Pillow that are used here, once.

    Code that imports such a part later finds it complete, even if other threads import it too.
    """
    global _loaded
    if _loaded:
        return
    with unforked:
        from PIL import Image

        Image.preinit()  # first, so that Pillow's order of formats stays
        from PIL import (  # noqa: F401
            AvifImagePlugin,
            ImageChops,
            ImageCms,
            ImageColor,
            ImageFile,
            ImageOps,
            ImagePalette,
            MpoImagePlugin,
            TiffImagePlugin,
            WebPImagePlugin,
        )

        # Subclasses of classes of Pillow's.
        from defocus.io.codecs import deep_image, portable  # noqa: F401
    _loaded = True


def hard_limit() -> int | None:
    """Return the largest number of pixels of an image in a file, if the caller sets no limit."""
    from PIL import Image

    most = Image.MAX_IMAGE_PIXELS
    return most and 2 * most


def make_room(image: Image.Image) -> None:
    """Allocate the pixels of a TIFF above Pillow's own limit.

    Pillow would allocate them when it decodes, but applies its limit there.
    """
    from PIL import Image

    core: Any = vars(Image)["core"]
    tags: Any = getattr(image, "tag_v2", {})  # other formats have no tags
    limit = Image.MAX_IMAGE_PIXELS
    if limit is None or image.width * image.height <= limit:
        return
    if _WIDTH not in tags or not getattr(image, "tile", ()):
        return
    # The size of the image is that after its orientation is applied.
    image.im = core.new(image.mode, (tags[_WIDTH], tags[_LENGTH]))


def webp_size(header: bytes) -> tuple[int, int] | None:
    """Return width and height from the first 30 bytes of a WebP, or None.

    WebP container specification; RFC 6386, 9.1; WebP lossless bitstream specification, section 3.
    """
    if len(header) < _WEBP_HEADER or header[:4] != b"RIFF" or header[8:12] != b"WEBP":
        return None
    kind = header[12:16]
    if kind == b"VP8L":
        bits = int.from_bytes(header[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    whole, lossy = (int.from_bytes(header[at : at + 3], "little") for at in (24, 26))
    if kind == b"VP8X":
        return whole + 1, int.from_bytes(header[27:30], "little") + 1
    if kind == b"VP8 ":
        return lossy & 0x3FFF, int.from_bytes(header[28:30], "little") & 0x3FFF
    return None


def unchecked_webp(file: IO[bytes]) -> IO[bytes]:
    """Return the file in memory, so that Pillow's WebP class opens it without a check of the size.

    That class checks the size in its first `read`, and only if that returns the complete header.
    """
    return _ShortAtFirst(file.read())


class _ShortAtFirst(io.BytesIO):
    """A file whose first read is short, which is legal."""

    def read(self, size: int | None = -1, /) -> bytes:
        first = self.tell() == 0 and size is not None and size > 0
        return super().read(min(size or 0, 16) if first else size)
