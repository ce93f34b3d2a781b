"""AVIF and HEIC are distinguished by all of their brands, whichever comes first."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from PIL import Image, features

import defocus
from defocus.io import decode
from defocus.io.codecs import boxes

HEIC = [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"]


def start(major: bytes, *compatible: bytes) -> bytes:
    body = b"ftyp" + major + bytes(4) + b"".join(compatible)
    return (4 + len(body)).to_bytes(4, "big") + body


def kind(data: bytes) -> str | None:
    return boxes.kind(io.BytesIO(data))


def test_the_major_brand_decides_if_it_names_a_coding() -> None:
    for brand in HEIC:
        assert kind(start(brand, b"mif1", b"avif")) == "HEIF"
    for brand in (b"avif", b"avis"):
        assert kind(start(brand, b"mif1", b"heic")) == "AVIF"


@pytest.mark.parametrize("major", [b"mif1", b"msf1", b"mif2", b"miaf", b"MiHB", b"MA1B"])
def test_else_a_compatible_one(major: bytes) -> None:
    for brand in HEIC:
        assert kind(start(major, b"mif1", b"miaf", brand)) == "HEIF"
    for brand in (b"avif", b"avis"):
        assert kind(start(major, b"msf1", b"iso8", brand, b"miaf")) == "AVIF"


def test_files_whose_brands_name_no_coding() -> None:
    assert kind(start(b"mif1")) == "HEIF"
    assert kind(start(b"msf1", b"iso8")) == "HEIF"
    assert kind(start(b"isom", b"mp42", b"avc1")) is None
    assert kind(start(b"qt  ")) is None


def test_damaged_starts() -> None:
    good = start(b"mif1", b"mif1", b"heic")
    assert kind(b"") is None
    assert kind(good[:11]) is None
    assert kind(good[:13]) == "HEIF"
    for length in (0, 1, 15, 2**32 - 1):
        assert kind(length.to_bytes(4, "big") + good[4:]) == "HEIF"
    # Only a limited part of a box is read, whatever length it states.
    file = io.BytesIO((2**32 - 1).to_bytes(4, "big") + b"ftypXXXX" + bytes(1 << 20) + b"heic")
    assert boxes.kind(file) is None
    assert file.tell() < 1 << 13


@pytest.mark.parametrize("major", [b"mif1", b"msf1", b"heim", b"hevc", b"MiHB"])
def test_without_the_extra_the_advice_is_for_every_heic(
    major: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    for data in (start(major, b"mif1", b"heic"), start(major, b"msf1", b"hevc", b"iso8")):
        with pytest.raises(defocus.MissingExtraError):
            decode.read(data + bytes(30))


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
@pytest.mark.parametrize("major", [b"mif1", b"msf1", b"miaf", b"MA1B"])
def test_avif_of_any_major_brand(major: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 90, 30)).save(file, "AVIF")
    data = file.getvalue()
    photo = decode.read(data[:8] + major + data[12:])
    assert photo.format == "AVIF"
    assert np.abs(photo.pixels.astype(int) - (200, 90, 30)).max() < 6
    with pytest.raises(defocus.DecodeError):
        decode.read(start(major, b"avif") + bytes(30))


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_a_pillow_without_avif_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    Image.init()
    for entry in (None, (lambda *_: None, lambda _: "built without")):
        with monkeypatch.context() as patch:
            if entry is None:
                patch.delitem(Image.OPEN, "AVIF")
            else:
                patch.setitem(Image.OPEN, "AVIF", entry)
            with pytest.raises(defocus.DecodeError, match="update Pillow"):
                decode.read(start(b"mif1", b"avif") + bytes(30))


def test_of_a_profile_only_its_kind_is_read() -> None:
    class Counting(io.BytesIO):
        most = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.most = max(self.most, size or 0)
            return super().read(size)

    def box(name: bytes, content: bytes) -> bytes:
        return (8 + len(content)).to_bytes(4, "big") + name + content

    profile = box(b"colr", b"rICC" + bytes(100_000))
    stated = box(b"colr", b"nclx\0\x09\0\x10\0\x09\x80")
    links = box(b"ipma", bytes(7) + b"\1" + b"\0\1\3\1\1\2")
    inner = box(b"iprp", box(b"ipco", profile + stated) + links)
    file = Counting(box(b"meta", bytes(4) + box(b"pitm", b"\0\0\0\0\0\1") + inner))
    assert boxes.colour_numbers(file) == (9, 16)
    assert file.most < 100
