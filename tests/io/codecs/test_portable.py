"""Portable pictures: plain and raw, of every range, with comments, and PAM."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus.io import decode, maps

BITS = np.array([[0, 1, 0, 1, 1, 0, 0, 1, 1], [1, 0, 0, 0, 1, 1, 1, 0, 1]])
MAXVALS = [1, 2, 100, 254, 255, 256, 1000, 4095, 65534, 65535]


def ramp(most: int, channels: int) -> NDArray[Any]:
    """Samples of 5 x 7 pixels from 0 to `most`."""
    steps = np.linspace(0, most, 5 * 7 * channels).round().astype(np.int64)
    return np.asarray(steps.reshape(5, 7, channels))


def scaled(samples: NDArray[Any], most: int) -> NDArray[Any]:
    """Where they lie among 0..255, or 0..65535."""
    return np.asarray(samples * ((255.0 if most < 256 else 65535.0) / most))


def text(samples: NDArray[np.int64]) -> bytes:
    return b" ".join(b"%d" % number for number in samples.ravel())


def check(data: bytes, samples: NDArray[np.int64], most: int) -> None:
    photo = decode.read(data)
    assert photo.format == "PPM"
    assert photo.pixels.dtype == (np.uint8 if most < 256 else np.uint16)
    assert photo.mode == ("L" if samples.shape[2] < 3 else "RGB")
    exact = scaled(samples, most)
    colours = exact[..., : 1 if samples.shape[2] < 3 else 3]
    got = photo.pixels[..., : colours.shape[2]]
    if samples.shape[2] in (2, 4):
        assert photo.alpha is not None
        assert np.abs(photo.alpha - exact[..., -1]).max() <= 0.5001
        shown = photo.alpha > 0
        assert np.abs(got - colours)[shown].max() <= 0.5001
    else:
        assert photo.alpha is None
        assert np.abs(got - colours).max() <= 0.5001


@pytest.mark.parametrize("most", MAXVALS)
@pytest.mark.parametrize(("plain", "raw", "channels"), [(b"P2", b"P5", 1), (b"P3", b"P6", 3)])
def test_every_range(plain: bytes, raw: bytes, channels: int, most: int) -> None:
    samples = ramp(most, channels)
    head = b"\n7 5\n%d\n" % most
    check(plain + head + text(samples) + b"\n", samples, most)
    check(raw + head + samples.astype(">u2" if most > 255 else "u1").tobytes(), samples, most)


def test_bits() -> None:
    rows = [b"".join(b"%d" % bit for bit in row) for row in BITS]
    packed = np.packbits(BITS.astype(np.uint8), axis=1).tobytes()
    for data in (
        b"P4\n9 2\n" + packed,
        b"P1\n9 2\n" + b"\n".join(rows),
        b"P1 9 2 " + b"".join(rows) + b"\n",
        b"P1\n9 2\n" + b" ".join(rows[0][i : i + 1] for i in range(9)) + b"\n" + rows[1],
        b"P1\r\n# a comment\r\n9\t2\r\n" + rows[0] + b" # the first row, of 1 and 0\r\n" + rows[1],
    ):
        photo = decode.read(data)
        assert photo.mode == "L"
        assert (photo.pixels == 255 * (1 - BITS)[..., np.newaxis]).all()


@pytest.mark.parametrize(
    "head",
    [
        b"P2 7 5 255 ",
        b"P2\n7\n5\n255\n",
        b"P2\r\n7 5\r\n255\r\n",
        b"P2\t\v\f 7 \n\n 5   255\n\n  ",
        b"P2\n# one\n#two\n7 # width\n5#height\n255\n",
        b"P2 #\r7 5\n255 # white\n",
        b"P2#none\n7 5 255\n#1 2 3\n",
        b"P2\n7 5\n" + b"# long\n" * 5000 + b"255\n",
        b"P2\n007 05 0255\n",
    ],
)
def test_whitespace_and_comments(head: bytes) -> None:
    samples = ramp(255, 1)
    for body in (text(samples), text(samples).replace(b" ", b"\n"), text(samples) + b" 9 9 \n"):
        check(head + body, samples, 255)
    commented = text(samples).replace(b" ", b" # 3 4\n", 3)
    check(head + commented + b"# the end", samples, 255)


def test_raw_pixels_that_look_like_comments_and_numbers() -> None:
    samples = np.frombuffer(b"# 1 2\n3\r \t", np.uint8).astype(np.int64).reshape(2, 5, 1)
    check(b"P5 5 2 255\n" + samples.astype(np.uint8).tobytes(), samples, 255)
    check(b"P5 5 2 255#c\n" + samples.astype(np.uint8).tobytes(), samples, 255)


@pytest.mark.parametrize("most", [1, 255, 700, 65535])
@pytest.mark.parametrize(
    ("kind", "channels"),
    [
        ("BLACKANDWHITE", 1),
        ("GRAYSCALE", 1),
        ("GRAYSCALE_ALPHA", 2),
        ("RGB", 3),
        ("RGB_ALPHA", 4),
        *[(None, channels) for channels in (1, 2, 3, 4)],
    ],
)
def test_pam(kind: str | None, channels: int, most: int) -> None:
    samples = ramp(most, channels)
    named = f"TUPLTYPE {kind}\n" if kind else ""
    head = f"P7\n# a comment\nWIDTH 7\nHEIGHT 5\n\nDEPTH {channels}\nMAXVAL {most}\n{named}ENDHDR\n"
    check(head.encode() + samples.astype(">u2" if most > 255 else "u1").tobytes(), samples, most)


@pytest.mark.parametrize("kind", ["CMYK", "RGB", "GRAYSCALE"])
def test_other_kinds_of_pam_are_named(kind: str) -> None:
    head = f"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nTUPLTYPE {kind}\nENDHDR\n"
    with pytest.raises(defocus.ImageTypeError, match=f"4 samples per pixel, kind '{kind}'"):
        decode.read(head.encode() + bytes(16))
    with pytest.raises(defocus.ImageTypeError):
        decode.read(b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 9\nENDHDR\n" + bytes(5))


@pytest.mark.parametrize(
    "data",
    [
        b"P1\n3 2\n0 1 0 1 0",
        b"P1\n3 2\n0 1 2 1 0 1",
        b"P2\n3 2\n255\n1 2 3 4 5",
        b"P2\n3 2\n255\n",
        b"P2\n3 2\n255\n1 2 3 4 5 256",
        b"P2\n3 2\n255\n1 2 3 4 5 -6",
        b"P2\n3 2\n255\n1 2 3 4 5 x",
        b"P2\n3 2\n255\n1 2 3 4 5 99999999999999999999",
        b"P2\n3 2\n0\n1 2 3 4 5 6",
        b"P2\n3 2\n65536\n1 2 3 4 5 6",
        b"P2\n3 0\n255\n",
        b"P2\n3\n",
        b"P2\n-3 2\n255\n1 2 3 4 5 6",
        b"P2\nthree 2\n255\n1 2 3 4 5 6",
        b"P2\n# a comment without an end",
        b"P4\n9 2\n\0\0\0",
        b"P5\n3 2\n255\n12345",
        b"P6\n3 2\n65535\n" + bytes(35),
        b"P7\nWIDTH 3\n",
        b"P7\nWIDTH 3\nHEIGHT 2\nDEPTH 1\nENDHDR\n123456",
        b"P7\nWIDTH 3\nHEIGHT two\nDEPTH 1\nMAXVAL 255\nENDHDR\n123456",
        b"P7\nWIDTH -3\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nENDHDR\n123456",
    ],
)
def test_damage(data: bytes) -> None:
    with pytest.raises(defocus.DecodeError):
        decode.read(data)


@pytest.mark.parametrize("magic", [b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"])
def test_the_size_is_checked_before_anything_is_decoded(magic: bytes) -> None:
    head = magic + b"\n50000 50000\n" + (b"" if magic in (b"P1", b"P4") else b"255\n")
    with pytest.raises(defocus.ImageTooLargeError):
        decode.read(head)
    with pytest.raises(defocus.ImageTooLargeError):
        decode.read(magic + b"\n9 9\n255\n", max_pixels=80)


def test_as_a_matte_and_as_depth() -> None:
    assert maps.read_matte(b"P1 2 1 01").tolist() == [[255, 0]]
    assert maps.read_matte(b"P2 2 1 65535 0 65535").tolist() == [[0, 1]]
    assert maps.read_depth(b"P2 2 1 255 3 200").tolist() == [[3, 200]]
    assert maps.read_depth(b"P2 2 1 65535 3 20000").tolist() == [[3, 20000]]
    assert maps.read_depth(b"P5 2 1 65535\n\0\3\1\0").tolist() == [[3, 256]]


def test_images_that_pillow_opened() -> None:
    """What the caller opens is Pillow's own image, decoded or not."""
    for data in (b"P1 2 1 01", b"P2 2 1 255 9 200", b"P3 1 1 255 1 2 3", b"P4 2 1\n\x40"):
        for loaded in (False, True):
            with Image.open(io.BytesIO(data)) as image:
                if loaded:
                    image.load()
                assert (decode.read(image).pixels == decode.read(data).pixels).all()
    with Image.open(io.BytesIO(b"P3 1 1 65535 1 2 300")) as image:
        assert decode.read(image).pixels.tolist() == [[[1, 2, 300]]]


def test_portraits_and_the_command_line(tmp_path: Any) -> None:
    from defocus.cli.command import main

    samples = ramp(255, 3)
    for name, data in (
        ("a.ppm", b"P3 7 5 255 " + text(samples)),
        ("a.pbm", b"P1 7 5 " + b"01" * 18),
        ("a.pgm", b"P2 7 5 999 " + text(ramp(999, 1))),
        ("a.pam", b"P7\nWIDTH 7\nHEIGHT 5\nDEPTH 3\nMAXVAL 255\nENDHDR\n" + bytes(105)),
    ):
        (tmp_path / name).write_bytes(data)
    Image.new("L", (7, 5), 255).save(tmp_path / "matte.png")
    out = tmp_path / "out"
    inputs = [str(tmp_path / name) for name in ("a.ppm", "a.pbm", "a.pgm", "a.pam")]
    matte = ["--matte", str(tmp_path / "matte.png")]
    for number, name in enumerate(inputs):
        target = tmp_path / f"{number}.png"
        assert main(["portrait", name, str(target), *matte]) == 0
        assert (decode.read(target).pixels == decode.read(name).pixels).all()
    assert not out.exists()
