"""The same table through exiftool and ImageMagick: `pytest -m tools`, where they are installed."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
import hiding_places
from defocus.io.colour.to_srgb import srgb_profile
from file_table import INKS, P3, ROWS, SIZE, Row, stored
from profiles import inks

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(
        not (shutil.which("exiftool") and shutil.which("identify")),
        reason="needs exiftool and ImageMagick",
    ),
]
ALL = np.full(SIZE[::-1], 255, np.uint8)
TITLE = b'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">the title</rdf:li></rdf:Alt></dc:title>'
EXTENSIONS = {"JPEG": "jpg", "HEIF": "heic"}


def tags(*paths: Path) -> list[dict[str, Any]]:
    """The tags of files as exiftool reads them, by family and name, as numbers."""
    command = ["exiftool", "-json", "-n", "-G1", "-a", *map(str, paths)]
    found: list[dict[str, Any]] = json.loads(subprocess.check_output(command))
    return found


def magick(*arguments: object) -> str:
    return subprocess.run(
        list(map(str, arguments)), check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_exiftool_agrees(row: Row, tmp_path: Path) -> None:
    if row.form == "HEIF" and find_spec("pillow_heif") is None:
        pytest.skip("needs pillow-heif")
    if row.form in ("GIF", "BMP", "PPM"):
        pytest.skip("holds no metadata")
    paths, strips = [], []
    name, (profile, _) = list(row.profiles().items())[-1]
    for orientation in row.orientations():
        result = defocus.portrait(stored(row, orientation, profile), matte=ALL)
        for strip in ("none", "gps", "all"):
            extension = EXTENSIONS.get(row.out_form, row.out_form.lower())
            path = tmp_path / f"{orientation}-{strip}.{extension}"
            defocus.save(result, path, strip=strip)
            paths.append(path)
            strips.append(strip)
    for path, strip, tags_of_file in zip(paths, strips, tags(*paths), strict=True):
        where = f"{row}, {path.name}"
        values = {key.split(":")[-1]: value for key, value in tags_of_file.items()}
        width, height = values["ImageWidth"], values["ImageHeight"]
        assert (width, height) == SIZE, where
        assert values.get("Orientation", 1) == 1, where
        assert values.get("Rotation", 0) == 0, where
        assert ("Make" in values) == (strip != "all"), where
        located = [key for key in tags_of_file if "GPS" in key.upper()]
        assert bool(located) == (strip == "none"), (where, located)
        if name in ("P3", "sRGB", "inks"):
            assert values["ColorSpaceData"] == "RGB ", where
        assert "Warning" not in values or "minor" in values["Warning"].lower(), (where, values)
        if row.form in ("JPEG", "PNG", "TIFF"):
            unit = {"PNG": 39.3701}.get(row.out_form, 1)
            found: float = values.get("XResolution") or values["PixelsPerUnitX"]
            assert found == pytest.approx(300 * (unit if found > 1000 else 1), rel=0.01), where


@pytest.mark.parametrize(
    ("form", "mode", "profile"),
    [("TIFF", "CMYK", INKS), ("JPEG", "CMYK", INKS), ("PNG", "RGB", P3), ("JPEG", "RGB", P3)],
)
def test_imagemagick_sees_the_same_colours(
    form: str, mode: str, profile: bytes, tmp_path: Path
) -> None:
    """Both files turned into sRGB by ImageMagick: the source's colours are the result's."""
    row = next(row for row in ROWS if (row.form, row.mode) == (form, mode))
    source, target = tmp_path / f"in.{form.lower()}", tmp_path / "out.png"
    source.write_bytes(stored(row, 1, profile))
    (tmp_path / "srgb.icc").write_bytes(srgb_profile())
    defocus.save(defocus.portrait(source, matte=ALL), target)
    for path in (source, target):
        magick(
            *("convert", path, "-intent", "relative", "-black-point-compensation"),
            *("-profile", tmp_path / "srgb.icc", "-depth", 8, f"png24:{path}.srgb.png"),
        )
    compared = subprocess.run(
        ["compare", "-metric", "MAE", f"{source}.srgb.png", f"{target}.srgb.png", "null:"],
        capture_output=True,
        text=True,
        check=False,
    )
    mean_error = float(compared.stderr.split("(")[1].rstrip(")\n"))
    assert mean_error < 1.0 / 255, compared.stderr
    reference, ours = (Image.open(f"{path}.srgb.png").convert("RGB") for path in (source, target))
    away = np.abs(np.asarray(reference, np.int16) - np.asarray(ours)).max()
    assert away <= 3


def test_imagemagick_converts_inks_alike(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 48, 4), np.uint8)
    source, target = tmp_path / "in.tif", tmp_path / "out.png"
    Image.fromarray(noise, "CMYK").save(source, icc_profile=inks(black=12.0))
    (tmp_path / "srgb.icc").write_bytes(srgb_profile())
    defocus.save(defocus.portrait(source, matte=np.full((32, 48), 255, np.uint8)), target)
    magick(
        *("convert", source, "-intent", "relative", "-black-point-compensation"),
        *("-profile", tmp_path / "srgb.icc", "-depth", 8, f"png24:{tmp_path}/theirs.png"),
    )
    theirs = np.asarray(Image.open(tmp_path / "theirs.png").convert("RGB"), np.int16)
    assert np.abs(theirs - np.asarray(Image.open(target))).max() <= 2


@pytest.mark.parametrize("form", ["jpg", "png", "webp", "tif", "avif", "heic"])
@pytest.mark.parametrize("order", "<>")
def test_exiftool_reads_all_that_is_kept(form: str, order: str, tmp_path: Path) -> None:
    if form == "heic" and find_spec("pillow_heif") is None:
        pytest.skip("needs pillow-heif")
    maker = "Canon" if order == "<" else "Minolta"
    made, _ = hiding_places.note(maker, hiding_places.JPEG)
    block = hiding_places.exif(
        lambda place: made(place) if order == "<" else b"a note that is only text",
        order,
        main=[(0x0112, 3, struct.pack(order + "H", 6))],
        inner=[(0xA002, 3, struct.pack(order + "H", 9)), (0xA003, 4, struct.pack(order + "I", 9))],
        second=[(0x0201, 4, struct.pack(order + "I", 8)), (0x0202, 4, bytes(4))],
    )
    captions = b"\x1c\x02\x00\0\x02\0\x04\x1c\x02\x05\0\x07a title"
    series = hiding_places.resources((0x0404, captions), (1036, hiding_places.JPEG))
    motion = b' xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1"'
    source = hiding_places.jpeg(
        hiding_places.segment(0xE1, block),
        hiding_places.segment(
            0xE1, b"http://ns.adobe.com/xap/1.0/\0" + hiding_places.xmp(motion, TITLE)
        ),
        hiding_places.segment(0xED, b"Photoshop 3.0\0" + series),
    )
    path = tmp_path / f"out.{form}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", defocus.DefocusWarning)
        defocus.save(defocus.portrait(source, matte=ALL.T), path)
    (tags_of_file,) = tags(path)
    values = {key.split(":")[-1]: value for key, value in tags_of_file.items()}
    assert values["Make"] == "Me!"
    assert values["DateTimeOriginal"] == "2024:02:29 12:00:00"
    assert (values["ExifImageWidth"], values["ExifImageHeight"]) == SIZE[::-1]
    assert tags_of_file["XMP-dc:Title"] == "the title"
    assert "XMP-GCamera:MotionPhoto" not in tags_of_file
    assert tags_of_file.get("IPTC:ObjectName") == (
        "a title" if form in ("jpg", "png", "tif") else None
    )
    assert not any("humbnail" in key or "Preview" in key or "Error" in key for key in tags_of_file)
    assert not {"Warning"} & set(values), tags_of_file
    report = subprocess.check_output(["exiftool", "-validate", "-warning", "-a", "-G1", str(path)])
    odd = [line for line in report.decode().splitlines() if "]Warning:" in line.replace(" ", "")]
    # Tags that the source lacked are not added.  Pillow reads IPTC in a TIFF with the
    # type that libtiff writes, not with the one that exiftool expects.
    usual = ("Missing required", "[minor]", "IPTC-NAA")
    odd = [line for line in odd if not any(part in line for part in usual)]
    assert not odd
