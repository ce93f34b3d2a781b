"""Kinds of TIFF that Pillow does not open: grey of 16 bits with alpha, and errors for the others.

TIFF 6.0.  Pillow is imported inside the functions.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from defocus.errors import ImageTypeError
from defocus.io.codecs.codec_errors import from_codec

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["check", "grey_with_alpha", "refusal"]

_BITS, _PHOTOMETRIC, _SAMPLES, _SAMPLE_FORMAT = 258, 262, 277, 339
_NUMBERS = {1: "unsigned", 2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
_COLOURS = {0: "grey", 1: "grey", 2: "RGB", 3: "of a palette", 4: "a mask", 5: "CMYK", 6: "YCbCr"}
_COLOURS |= {
    8: "Lab",
    9: "Lab",
    10: "Lab",
    32803: "raw of a sensor",
    32844: "Log L",
    32845: "LogLuv",
}
_SIZE = 32  # bytes of a header, also of BigTIFF


def refusal(tags: Any, name: str) -> ImageTypeError:
    """Return the error that states the kind of image with these tags, and what to do."""
    bits = "/".join(map(str, sorted(set(tags.get(_BITS, (1,))))))
    formats = sorted({_NUMBERS.get(kind, "undefined") for kind in tags.get(_SAMPLE_FORMAT, (1,))})
    stated = tags.get(_PHOTOMETRIC)
    colours = _COLOURS.get(stated, f"of photometric interpretation {stated}")
    return ImageTypeError(
        f"{name} is a TIFF whose pixels are {colours}: {tags.get(_SAMPLES, 1)} x {bits} bits,"
        f" {'/'.join(formats)}; convert it to grey or RGB of 8 or 16 bits first, by its colour"
        " profile if it has one"
    )


def grey_with_alpha(file: IO[bytes]) -> Image.Image | None:
    """Open a grey TIFF of 16 bits with alpha, which only `tiff_reader` decodes; else return None.

    Its first page has to be of that kind; its tags are those of the file.
    """
    from PIL.TiffImagePlugin import TiffImageFile

    class GreyWithAlpha(TiffImageFile):
        """Describes the pixels to Pillow as 8-bit ones, to which it gives the mode LA."""

        def _setup(self) -> None:
            bits = self.tag_v2.get(_BITS)
            if bits != (16, 16):
                super()._setup()
                return
            self.tag_v2[_BITS] = (8, 8)
            super()._setup()
            self.tag_v2[_BITS] = bits

    file.seek(0)
    try:
        image = GreyWithAlpha(file, "")
    except SyntaxError:
        return None
    return image if image.mode == "LA" else None


def check(file: IO[bytes], name: str) -> None:
    """Raise `refusal` if the file is a TIFF whose first directory can be read."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    file.seek(0)
    header = file.read(8)
    if header[2:4] in (b"+\0", b"\0+"):
        header += file.read(8)
    try:
        directory = ImageFileDirectory_v2(header)
        file.seek(directory.next)
        directory.load(file)
        tags = dict(directory)
    except Exception as error:
        if not from_codec(error):
            raise
        return
    if _PHOTOMETRIC in tags:
        raise refusal(tags, name)
