"""`defocus frames` as a real process in real pipes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.frames.rawvideo import IN_FLIGHT
from scenes import person

HEIGHT, WIDTH = 90, 120
IMAGE, _ = person(HEIGHT, WIDTH)
SIZE = f"{WIDTH}x{HEIGHT}"
CLIP = [np.roll(IMAGE, i, axis=1) for i in range(IN_FLIGHT + 4)]
RAW = b"".join(frame.tobytes() for frame in CLIP)
# The small network: each process builds its own.
COMMAND = [sys.executable, "-m", "defocus", "frames", "--size", SIZE, "--model", "u2netp"]
SMALL = defocus.Segmenter("u2netp")


def run(*arguments: str, raw: bytes = RAW) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], input=raw, capture_output=True, timeout=120)


def frames(raw: bytes, channels: int = 3) -> Any:
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, channels)


def test_frames_equal_those_of_the_library() -> None:
    done = run("--sigma", "3", "--every", "1", "--smooth", "0")
    assert done.returncode == 0
    expected = list(defocus.video(CLIP, sigma=3, every=1, smooth=0.0, segmenter=SMALL))
    assert np.array_equal(frames(done.stdout), expected)
    last = done.stderr.decode().splitlines()[-1]  # a slow machine also reports before
    assert last.startswith(f"defocus: info: {len(CLIP)} frames in ")
    assert last.endswith(" frames/s")


def test_pixel_formats_of_cutouts_and_input() -> None:
    clip = np.array(CLIP[:3])
    done = run("--cutout", "-q", raw=clip.tobytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert np.array_equal(
        frames(done.stdout, 4), list(defocus.video(clip, defocus.cutout, segmenter=SMALL))
    )
    four = np.concatenate([clip, np.full_like(clip[..., :1], 7)], axis=3)
    done = run("--cutout", "-q", "--background", "white", "--pixels", "rgba", raw=four.tobytes())
    expected = list(defocus.video(clip, defocus.cutout, background="white", segmenter=SMALL))
    assert np.array_equal(frames(done.stdout), expected)


def test_depth_and_ramp(tmp_path: Path) -> None:
    depth = np.linspace(60000, 9000, HEIGHT).astype(np.uint16)[:, np.newaxis].repeat(WIDTH, axis=1)
    Image.fromarray(depth).save(tmp_path / "depth.png")
    Image.fromarray(np.ascontiguousarray(depth[::2, ::2])).save(tmp_path / "small.png")
    Image.fromarray(np.ascontiguousarray(depth[:, ::2])).save(tmp_path / "narrow.png")
    raw = b"".join(frame.tobytes() for frame in CLIP[:3])
    cases: list[tuple[list[str], dict[str, Any]]] = [
        (["--depth", str(tmp_path / "depth.png")], {"depth": depth}),
        (["--depth", str(tmp_path / "small.png")], {"depth": depth[::2, ::2]}),
        (["--ramp", "0.2", "--effort", "best", "--grain", "1"], {"ramp": 0.2, "grain": 1.0}),
    ]
    for arguments, options in cases:
        done = run("-q", "--sigma", "3", *arguments, raw=raw)
        assert (done.returncode, done.stderr) == (0, b"")
        effort: Any = "best" if "best" in arguments else "good"
        expected = list(defocus.video(CLIP[:3], sigma=3, effort=effort, segmenter=SMALL, **options))
        assert np.array_equal(frames(done.stdout), expected)
    done = run("--depth", str(tmp_path / "narrow.png"), raw=raw)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1
    assert b"120 x 90" in done.stderr


def test_a_truncated_stream_is_an_error_after_all_whole_frames() -> None:
    raw = RAW[: 3 * len(CLIP[0].tobytes()) + 1234]
    done = run("--threads", "1", raw=raw)
    assert done.returncode == 1
    assert len(frames(done.stdout)) == 3
    assert f"ends within frame 4: 1234 of the {CLIP[0].size} bytes" in done.stderr.decode()


def test_an_empty_stream_is_an_error() -> None:
    done = run(raw=b"")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"the stream is empty" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "12"], "size '12' is not valid"),
        (["--size", "0x9"], "size '0x9' is not valid"),
        (["--size", "99999999x99999999"], "is not valid"),
        (["--size", f"{'9' * 5000}x9"], "is not valid"),  # Python converts at most 4300 digits
        (["--every", "9" * 5000], "every"),
        (["--pixels", "yuv"], "rgb24 or rgba"),
        (["--every", "some"], "every='some'"),
        (["--smooth", "2"], "smooth=2.0"),
        (["--background", "white"], "--background is for cutouts"),
        (["--cutout", "--aperture", "2"], "--aperture is for portraits"),
        (["--cutout", "--ramp", ".2"], "--ramp is for portraits"),
        (["--depth", "a.png", "--ramp", ".2"], "--depth and --ramp"),
        (["--cutout", "--crop", "1"], "--crop"),
        (["--cutout", "--canvas", "square"], "--canvas"),
        (["--sigma", "3", "-f", "2"], "--sigma replaces the lens"),
        (["extra"], "unexpected argument"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]) -> None:
    from defocus.cli import command

    assert command.main(["frames", "--size", SIZE, *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_a_closed_output_pipe_ends_it_without_a_message() -> None:
    process = subprocess.Popen(
        [*COMMAND, "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    feeder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; [sys.stdout.buffer.write(b'z' * 999) for _ in iter(int, 1)]",
        ],
        stdout=process.stdin,
        stderr=subprocess.DEVNULL,
    )  # frames without end
    process.stdin.close()
    assert len(process.stdout.read(3 * WIDTH * HEIGHT)) == 3 * WIDTH * HEIGHT
    process.stdout.close()
    try:
        assert process.wait(60) == 1
        assert process.stderr.read() == b""
        feeder.wait(60)  # its reader is closed too
    finally:
        for one in (process, feeder):
            one.kill()
            one.wait()
        process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_ends_it_while_it_waits_for_input() -> None:
    process = subprocess.Popen(
        [*COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(CLIP[0].tobytes() * 2)
    process.stdin.flush()
    assert len(process.stdout.read(3 * WIDTH * HEIGHT)) == 3 * WIDTH * HEIGHT
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    assert process.wait(30) == 130
    assert time.monotonic() - start < 10
    process.stdin.close()
    rest = process.stdout.read()
    process.stdout.close()
    assert len(rest) % (3 * WIDTH * HEIGHT) == 0
    assert process.stderr
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_between_two_ffmpegs(tmp_path: Path) -> None:
    raw, film, blurred = (str(tmp_path / name) for name in ("in.rgb", "in.mkv", "out.mkv"))
    Path(raw).write_bytes(RAW)
    video = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", SIZE]
    base = ["ffmpeg", "-v", "error", "-y"]
    subprocess.run([*base, *video, "-i", raw, "-c:v", "ffv1", film], check=True)
    decoder = subprocess.Popen(
        [*base, "-i", film, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], stdout=subprocess.PIPE
    )
    flow = subprocess.Popen(
        [*COMMAND, "-q", "--sigma", "3"], stdin=decoder.stdout, stdout=subprocess.PIPE
    )
    subprocess.run(
        [*base, *video, "-i", "-", "-c:v", "ffv1", blurred], stdin=flow.stdout, check=True
    )
    assert (decoder.wait(60), flow.wait(60)) == (0, 0)
    for pipe in (decoder.stdout, flow.stdout):
        assert pipe
        pipe.close()
    shown = subprocess.run(
        [*base, "-i", blurred, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True,
        check=True,
    )
    result = frames(shown.stdout)
    assert len(result) == len(CLIP)
    # ffv1 keeps what it is given; yuv or bgr0 is its own business, hence the levels.
    expected = list(defocus.video(CLIP, sigma=3, segmenter=SMALL))
    assert np.abs(result.astype(int) - expected).mean() < 2.0
