"""The kinds of input of the covering array."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from profiles import grey, inks, wide

P3, INKS, GREY = wide("Display P3"), inks(), grey()


@dataclass(frozen=True)
class Kind:
    """One kind of input: `form` is Pillow's name of the file format, empty for what is in memory.

    `mode` is Pillow's; `result` the mode of what `portrait` makes of it.
    """

    form: str
    mode: str
    result: str = "RGB"
    deep: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def exif(self) -> bool:
        """Whether it holds EXIF."""
        return self.form not in ("GIF", "BMP", "PPM", "array") and not self.bare

    @property
    def bare(self) -> bool:
        """Whether it is a file of 16 bits that is written here, with an orientation only."""
        return self.deep and self.form == "TIFF"

    @property
    def dpi(self) -> bool:
        """Whether it holds a resolution."""
        return self.form in ("JPEG", "PNG", "TIFF", "PIL") and not self.bare

    @property
    def xmp(self) -> bool:
        """Whether it holds XMP."""
        return self.form in ("JPEG", "WEBP", "AVIF", "PIL")

    @property
    def alpha(self) -> bool:
        """Whether some of it is transparent."""
        return self.result in ("LA", "RGBA")

    @property
    def grey(self) -> bool:
        """Whether it is grey."""
        return self.result[0] == "L"

    @property
    def profile(self) -> bytes | None:
        """The colour profile that it carries, if any is asked for."""
        if not self.exif:
            return None
        if self.grey:
            return None if self.form in ("WEBP", "AVIF", "HEIF") else GREY
        return INKS if self.mode == "CMYK" else P3


KINDS = {
    "jpeg": Kind("JPEG", "RGB", settings={"quality": 92}),
    "jpeg-420": Kind("JPEG", "RGB", settings={"quality": 80, "subsampling": 2}),
    "jpeg-progressive": Kind("JPEG", "RGB", settings={"progressive": True}),
    "jpeg-cmyk": Kind("JPEG", "CMYK"),
    "jpeg-grey": Kind("JPEG", "L", "L"),
    "png": Kind("PNG", "RGB"),
    "png-grey": Kind("PNG", "L", "L"),
    "png-la": Kind("PNG", "LA", "LA"),
    "png-rgba": Kind("PNG", "RGBA", "RGBA"),
    "png-palette": Kind("PNG", "P"),
    "png-palette-alpha": Kind("PNG", "PA", "RGBA"),
    "png-1bit": Kind("PNG", "1", "L"),
    "png-16": Kind("PNG", "RGB", deep=True),
    "png-16-grey": Kind("PNG", "L", "L", deep=True),
    "png-16-rgba": Kind("PNG", "RGBA", "RGBA", deep=True),
    "webp": Kind("WEBP", "RGB", settings={"quality": 92}),
    "webp-rgba": Kind("WEBP", "RGBA", "RGBA", settings={"lossless": True}),
    "gif": Kind("GIF", "P"),
    "gif-frames": Kind("GIF", "P"),
    "tiff": Kind("TIFF", "RGB"),
    "tiff-cmyk": Kind("TIFF", "CMYK"),
    "tiff-la": Kind("TIFF", "LA", "LA"),
    "tiff-16": Kind("TIFF", "RGB", deep=True),
    "avif": Kind("AVIF", "RGB", settings={"quality": 92}),
    "heic": Kind("HEIF", "RGB", settings={"quality": 92}),
    "heic-rgba": Kind("HEIF", "RGBA", "RGBA", settings={"quality": 92}),
    "bmp": Kind("BMP", "RGB"),
    "ppm": Kind("PPM", "RGB"),
    "array": Kind("array", "RGB"),
    "array-16": Kind("array", "RGB", deep=True),
    "array-strided": Kind("array", "RGB"),
    "array-16-strided": Kind("array", "RGB", deep=True),
    "pil-l": Kind("PIL", "L", "L"),
    "pil-la": Kind("PIL", "LA", "LA"),
    "pil-p": Kind("PIL", "P"),
    "pil-rgb": Kind("PIL", "RGB"),
    "pil-rgba": Kind("PIL", "RGBA", "RGBA"),
    "pil-cmyk": Kind("PIL", "CMYK"),
    "pil-i16": Kind("PIL", "I;16", "L", deep=True),
    "pil-1": Kind("PIL", "1", "L"),
    "pil-deep": Kind("PIL", "RGB", deep=True),
    "pil-deep-rgba": Kind("PIL", "RGBA", "RGBA", deep=True),
}
