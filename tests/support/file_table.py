"""Every format, mode, orientation and colour profile that goes in, and what should come out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from defocus.io.colour.to_srgb import srgb_profile
from profiles import grey, inks, wide

SIZE = (96, 64)
P3, INKS, GREY = wide("Display P3"), inks(), grey()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'

# What goes in: format, mode, and Pillow's settings for it.  What comes out of `portrait`, stored in
# that format or, where defocus writes none (->), in another: mode, and how far a code may be off.
#
#   format  mode in   -> out   mode out  off
_TABLE = """
    JPEG    L         -> JPEG  L         3
    JPEG    RGB       -> JPEG  RGB       6
    JPEG    CMYK      -> JPEG  RGB       8
    PNG     1         -> PNG   L         0
    PNG     L         -> PNG   L         0
    PNG     LA        -> PNG   LA        0
    PNG     P         -> PNG   RGB       0
    PNG     P+tRNS    -> PNG   RGBA      0
    PNG     RGB       -> PNG   RGB       0
    PNG     RGB+tRNS  -> PNG   RGBA      0
    PNG     RGBA      -> PNG   RGBA      0
    WEBP    RGB       -> WEBP  RGB       8
    WEBP    RGBA      -> WEBP  RGBA      8
    TIFF    1         -> TIFF  L         0
    TIFF    L         -> TIFF  L         0
    TIFF    LA        -> TIFF  LA        0
    TIFF    P         -> TIFF  RGB       0
    TIFF    RGB       -> TIFF  RGB       0
    TIFF    RGBA      -> TIFF  RGBA      0
    TIFF    CMYK      -> TIFF  RGB       2
    TIFF    LAB       -> TIFF  RGB       4
    AVIF    RGB       -> AVIF  RGB       8
    AVIF    RGBA      -> AVIF  RGBA      8
    HEIF    L         -> HEIF  L         6
    HEIF    RGB       -> HEIF  RGB       8
    HEIF    RGBA      -> HEIF  RGBA      8
    GIF     P         -> PNG   RGB       0
    GIF     P+tRNS    -> PNG   RGBA      0
    BMP     1         -> PNG   L         0
    BMP     RGB       -> PNG   RGB       0
    PPM     L         -> PNG   L         0
    PPM     RGB       -> PNG   RGB       0
"""
_UNTURNED = ("GIF", "BMP", "PPM")  # formats without EXIF and colour profiles
_BACK = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how an upright picture is stored


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    form: str
    mode: str
    out_form: str
    out_mode: str
    off: float

    def __str__(self) -> str:
        return f"{self.form}-{self.mode}"

    def profiles(self) -> dict[str, tuple[bytes | None, bytes | None]]:
        """Name: profile in, profile that should come out."""
        own = self.mode.split("+")[0]
        if own in ("CMYK", "LAB"):
            inked = {"inks": (INKS, srgb_profile())} if own == "CMYK" else {}
            return {"none": (None, srgb_profile()), **inked}
        if self.form in _UNTURNED:
            return {"none": (None, None)}
        if self.out_mode[0] == "L":
            has_grey = self.form in ("PNG", "TIFF", "JPEG")
            return {"none": (None, None), **({"grey": (GREY, GREY)} if has_grey else {})}
        return {
            "none": (None, None),
            "sRGB": (srgb_profile(), srgb_profile()),
            "P3": (P3, P3),
        }

    def orientations(self) -> range:
        """Those that a file of the format may state."""
        return range(1, 2 if self.form in _UNTURNED else 9)


ROWS = [
    Row(form, mode, out_form, out_mode, float(off))
    for form, mode, _, out_form, out_mode, off in map(str.split, _TABLE.strip().splitlines())
]


def upright(row: Row) -> Image.Image:
    """Four quadrants, no two alike, in the mode of the row; some of it transparent."""
    codes = [[[200, 40, 40], [40, 180, 60]], [[50, 60, 210], [230, 220, 90]]]
    colour = Image.fromarray(np.array(codes, np.uint8).repeat(32, 0).repeat(48, 1))
    mode, _, keyed = row.mode.partition("+")
    if mode == "1":
        return colour.convert("L").point(lambda code: 255 * (code > 100)).convert("1")
    if mode == "CMYK":
        return colour.convert("CMYK").point(lambda code: code // 2)
    if mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        made = ImageCms.profileToProfile(
            colour, ImageCms.createProfile("sRGB"), lab, outputMode="LAB"
        )
        assert made is not None
        return made
    image = colour.convert("P", palette=Image.Palette.ADAPTIVE) if mode == "P" else colour
    if keyed and mode == "P":
        image.info["transparency"] = image.getpixel((0, 0))
    elif keyed:
        image.info["transparency"] = (200, 40, 40)
    if mode in ("RGBA", "LA"):
        image = image.convert(mode)
        image.putalpha(Image.linear_gradient("L").resize(SIZE).point(lambda code: code | 1))
    return image if mode == "P" else image.convert(mode)


def stored(row: Row, orientation: int, profile: bytes | None) -> bytes:
    """The picture in a file that says how it is to be turned; with maker, resolution and XMP."""
    image = upright(row)
    if orientation in _BACK:
        kept = dict(image.info)
        image = image.transpose(Image.Transpose(_BACK[orientation]))
        image.info = kept
    settings: dict[str, Any] = {"quality": 97} if row.form in ("JPEG", "WEBP", "AVIF") else {}
    if "transparency" in image.info and row.form != "GIF":
        settings["transparency"] = image.info["transparency"]
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Maker"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    if row.form not in _UNTURNED:
        settings["exif"] = exif.tobytes()
    if row.form in ("JPEG", "WEBP", "AVIF"):
        settings["xmp"] = XMP
    if row.form in ("JPEG", "PNG", "TIFF"):
        settings["dpi"] = (300, 300)
    if profile is not None:
        settings["icc_profile"] = profile
    file = io.BytesIO()
    if row.form == "HEIF":
        import pillow_heif

        image.info.pop("icc_profile", None)
        pillow_heif.from_pillow(image).save(file, quality=97, chroma=444, **settings)
    else:
        image.save(file, row.form, **settings)
    return file.getvalue()


def expected(row: Row, profile: bytes | None) -> Image.Image:
    """The upright picture as its owner sees it: in the mode that should come out."""
    image = upright(row)
    if image.mode == "CMYK" and profile is not None:
        made = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
        assert made is not None
        return made
    if image.mode == "LAB":
        return upright(Row("PNG", "RGB", "PNG", "RGB", 0))
    return image.convert(row.out_mode)


def problems(row: Row, data: bytes, profile: bytes | None, want: Image.Image) -> Iterator[str]:
    """What Pillow, as a reader who does not know defocus, finds wrong with the result."""
    if row.out_form == "HEIF":
        from pillow_heif import HeifImageFile

        image: Image.Image = HeifImageFile(io.BytesIO(data), "")
    else:
        image = Image.open(io.BytesIO(data))
    if image.format != row.out_form:
        yield f"the format is {image.format}"
    turned = ImageOps.exif_transpose(image)
    if image.size != SIZE or turned.tobytes() != image.tobytes():
        yield "it is not upright"
    if image.getexif().get(0x0112, 1) != 1:
        yield f"it says orientation {image.getexif()[0x0112]}"
    if image.mode != row.out_mode:
        yield f"the mode is {image.mode}"
    if image.info.get("icc_profile") != profile:
        yield "the profile is another"
    if row.form not in _UNTURNED:
        if image.getexif().get(0x010F) != "Maker":
            yield "the maker is gone"
        if not image.getexif().get_ifd(0x8825):
            yield "the position is gone"
    if row.form in ("JPEG", "WEBP", "AVIF") and image.info.get("xmp") != XMP:
        yield "XMP is gone"
    if row.form in ("JPEG", "PNG", "TIFF"):
        resolution = image.info.get("dpi", (0, 0))
        if any(abs(float(dots) - 300) > 0.1 for dots in resolution):
            yield f"the resolution is {resolution}"
    # Of invisible pixels the colour may be any; a lossy format is off at the quadrants' edges.
    got, exact = (np.asarray(i.convert("RGBA"), np.float64) for i in (image, want))
    seen = exact[..., 3] > 0
    away = np.abs(got - exact)[seen].max(axis=-1) if seen.any() else np.zeros(1)
    if np.quantile(away, 0.75) > row.off or np.abs(got[..., 3] - exact[..., 3]).max() > 12:
        yield f"colours are {np.quantile(away, 0.75):.1f} off, {row.off} allowed"
