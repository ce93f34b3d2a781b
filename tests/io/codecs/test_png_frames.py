"""Animated PNG of 16 bits: every frame as the specification composes it, pixel by pixel."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from animated_pngs import BACKGROUND, NONE, OVER, PREVIOUS, SOURCE, Part, animated
from deep_files import chunk
from defocus.io import decode

SIZE = (9, 7)
KEY = 1799  # the transparent sample, in files with tRNS
CANVAS = NDArray[np.float64]


def drawn(
    seed: int,
    channels: int,
    *,
    keyed: bool = False,
    soft: bool = False,
    disposals: tuple[int, ...] = (NONE, BACKGROUND, PREVIOUS),
) -> list[Part]:
    """Six frames of noise: the first whole, the others anywhere."""
    rng = np.random.default_rng(seed)
    parts = []
    for index in range(6):
        width, height = (int(rng.integers(1, side + 1)) for side in SIZE) if index else SIZE
        samples = rng.integers(0, 256, (height, width, channels), np.uint16) * np.uint16(257)
        if soft:
            samples += rng.integers(0, 200, samples.shape, np.uint16)
        elif channels in (2, 4):
            samples[..., -1] = 65535 * rng.integers(0, 2, (height, width))
        if keyed:
            samples[rng.random((height, width)) < 0.4] = KEY
        left, top = SIZE[0] - width, SIZE[1] - height
        parts.append(
            Part(
                samples,
                int(rng.integers(left + 1)),
                int(rng.integers(top + 1)),
                int(rng.choice(disposals)),
                int(rng.choice((SOURCE, OVER))),
                (int(rng.integers(1, 90)), int(rng.choice((0, 100, 1000)))),
            )
        )
    return parts


def composed(parts: list[Part], *, keyed: bool) -> list[CANVAS]:
    """RGBA of every frame, 0..1, one pixel at a time."""
    opaque = not keyed and parts[0].samples.shape[2] in (1, 3)
    canvas = np.zeros((SIZE[1], SIZE[0], 4))
    canvas[..., 3] = opaque
    shown = []
    for index, part in enumerate(parts):
        before = canvas.copy()
        height, width = part.samples.shape[:2]
        for y in range(height):
            for x in range(width):
                place, sample = (part.top + y, part.left + x), part.samples[y, x]
                colour = sample[:3] if len(sample) > 2 else sample[:1].repeat(3)
                alpha = sample[-1] / 65535 if len(sample) in (2, 4) else 1.0
                if keyed and (sample == KEY).all():
                    alpha = 0.0
                if part.blend == OVER:
                    under = canvas[place][3] * (1 - alpha)
                    total = alpha + under
                    if total > 0:
                        mixed = colour / 65535 * alpha + canvas[place][:3] * under
                        canvas[place] = [*(mixed / total), total]
                else:
                    canvas[place] = [*(colour / 65535), alpha]
        shown.append(canvas.copy())
        rows = slice(part.top, part.top + height)
        columns = slice(part.left, part.left + width)
        if part.disposal == PREVIOUS and index:
            canvas[rows, columns] = before[rows, columns]
        elif part.disposal != NONE:
            canvas[rows, columns] = (0, 0, 0, opaque)
    return shown


def key_of(channels: int, sample: int = KEY) -> bytes:
    return chunk(b"tRNS", struct.pack(f">{channels}H", *[sample] * channels))


def rgba(frame: Any) -> CANVAS:
    alpha = np.full(frame.pixels.shape[:2], 65535) if frame.alpha is None else frame.alpha
    return np.asarray(np.dstack([frame.pixels, alpha]) / 65535)


def differs(got: CANVAS, want: CANVAS) -> float:
    """By how many samples of 16 bits they differ where something is visible."""
    visible = want[..., 3] > 0
    alpha = np.abs(got[..., 3] - want[..., 3]).max()
    # The colours of what is nearly transparent are rounded with its alpha.
    weight = np.minimum(want[..., 3:], 1.0)[visible]
    colour = (np.abs(got - want)[visible] * weight).max() if visible.any() else 0.0
    return float(65535 * max(alpha, colour))


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    ("channels", "how"),
    [(1, ""), (2, ""), (3, ""), (4, ""), (1, "keyed"), (3, "keyed"), (2, "soft"), (4, "soft")],
)
def test_every_frame(channels: int, how: str, interlaced: bool) -> None:
    keyed, soft = how == "keyed", how == "soft"
    for seed in range(8):
        parts = drawn(seed, channels, keyed=keyed, soft=soft)
        before = key_of(channels) if keyed else b""
        data = animated(parts, SIZE, plays=seed, interlaced=interlaced, before=before)
        frames = list(decode.frames(data))
        assert len(frames) == len(parts)
        for frame, part, want in zip(frames, parts, composed(parts, keyed=keyed), strict=True):
            assert frame.deep
            assert frame.mode == ("L" if channels < 3 else "RGB")
            assert differs(rgba(frame), want) <= (4 if soft else 0.01)
            time, divisor = part.time
            assert frame.info["duration"] == pytest.approx(1000 * time / (divisor or 100))
            assert frame.info["loop"] == seed


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_frames_are_those_of_8_bits_by_pillow(channels: int) -> None:
    for seed in range(8):
        parts = drawn(seed, channels)
        shallow = [
            Part((p.samples // 257).astype(np.uint8), p.left, p.top, p.disposal, p.blend, p.time)
            for p in parts
        ]
        frames = list(decode.frames(animated(parts, SIZE)))
        for index, frame in enumerate(frames):
            with Image.open(io.BytesIO(animated(shallow, SIZE))) as image:
                image.seek(index)
                assert differs(rgba(frame), np.asarray(image.convert("RGBA")) / 255) < 0.01
                assert frame.info["duration"] == pytest.approx(image.info["duration"])


def test_a_picture_for_those_who_know_no_animations() -> None:
    parts = drawn(3, 4)
    default = np.full((7, 9, 4), 65535, np.uint16)
    data = animated(parts, SIZE, default=default)
    frames = list(decode.frames(data))
    assert len(frames) == len(parts)
    for frame, want in zip(frames, composed(parts, keyed=False), strict=True):
        assert differs(rgba(frame), want) < 0.01
    assert decode.read(data).pixels.min() == 65535  # the first picture of the file


def test_a_pil_image_counts_where_it_stands() -> None:
    parts = drawn(4, 4, disposals=(NONE,))
    for default in (None, np.zeros((7, 9, 4), np.uint16)):
        with Image.open(io.BytesIO(animated(parts, SIZE, default=default))) as image:
            for index, want in enumerate(composed(parts, keyed=False)):
                image.seek(index + (default is not None))
                assert differs(rgba(decode.read(image)), want) < 0.01
            image.seek(2)
            assert len(list(decode.frames(image))) == len(parts)
            assert image.tell() == 2


def test_the_first_frame_is_read_as_before() -> None:
    parts = drawn(5, 3)
    photo = decode.read(animated(parts, SIZE))
    assert photo.frames == 6
    assert (photo.pixels == parts[0].samples).all()
    single = animated(parts[:1], SIZE)
    assert [frame.frames for frame in decode.frames(single)] == [1]


def test_metadata_is_that_of_the_file() -> None:
    dpi = chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1))
    for frame in decode.frames(animated(drawn(6, 3), SIZE, before=dpi)):
        assert frame.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def damaged(**changes: Any) -> bytes:
    parts = drawn(7, 3)
    for name, value in changes.items():
        setattr(parts[2], name, value)
    return animated(parts, SIZE)


@pytest.mark.parametrize(
    "data",
    [
        damaged(left=9),
        damaged(top=2**32 - 1),
        damaged(disposal=3),
        damaged(blend=2),
        damaged(samples=np.zeros((8, 1, 3), np.uint16), left=0, top=0),
        animated(drawn(7, 3), SIZE, count=7),
        animated(drawn(7, 3), SIZE, count=2**31),
        animated(drawn(7, 3), SIZE)[:-300],
    ],
)
def test_damage_is_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(defocus.DecodeError):
        list(decode.frames(data))


def test_parts_in_another_order_are_damage() -> None:
    data = animated(drawn(7, 3), SIZE)
    at = [place for place in range(len(data)) if data[place : place + 4] == b"fdAT"]
    for place, number in ((at[0], 9), (at[1], 0), (at[-1], 1)):
        (length,) = struct.unpack_from(">I", data, place - 4)
        held = struct.pack(">I", number) + data[place + 8 : place + 4 + length]
        changed = data[: place - 4] + chunk(b"fdAT", held) + data[place + 8 + length :]
        with pytest.raises(defocus.DecodeError, match="part"):
            list(decode.frames(changed))


def test_random_damage() -> None:
    good, rng = animated(drawn(8, 4, soft=True), SIZE), np.random.default_rng(8)
    for _ in range(300):
        data = bytearray(good)
        for place in rng.integers(8, len(data), 3):
            data[place] = rng.integers(256)
        cut = int(rng.integers(40, len(data))) if rng.random() < 0.3 else len(data)
        try:
            for frame in decode.frames(bytes(data[:cut])):
                assert frame.size == SIZE
        except defocus.DefocusError:
            pass


def test_only_one_frame_is_read_at_a_time() -> None:
    data = animated(drawn(9, 3), SIZE)
    frames = decode.frames(data[:-300])
    assert next(frames).size == SIZE
    assert decode.count_frames(data[:-300]) == 6


def test_each_frame(tmp_path: Path) -> None:
    parts = drawn(10, 3)
    (tmp_path / "in.png").write_bytes(animated(parts, SIZE))
    frames = list(defocus.each_frame(tmp_path / "in.png"))
    assert [type(frame) for frame in frames] == [defocus.DeepImage] * 6
    for frame, want in zip(frames, composed(parts, keyed=False), strict=True):
        assert isinstance(frame, defocus.DeepImage)
        assert np.abs(frame.samples / 65535 - want[..., :3]).max() < 1e-6


def test_samples_that_are_mixed_are_rounded_to_the_nearest() -> None:
    below = np.array([[[1000, 1001, 1002, 65535]]], np.uint16)
    above = np.array([[[2000, 2000, 2000, 43690]]], np.uint16)  # two thirds
    data = animated([Part(below), Part(above, blend=OVER)], (1, 1))
    first, second = decode.frames(data)
    assert first.pixels.tolist() == [[[1000, 1001, 1002]]]
    assert second.pixels.tolist() == [[[1667, 1667, 1667]]]  # 1666 2/3, 1667 and 1667 1/3
