"""Video with blur that grows with distance, and options that are read once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus.errors import ImageTypeError, ImageValueError, OptionError
from defocus.frames import video
from defocus.frames.smoothing import FADE
from defocus.render import composite
from defocus.render import layers as layers_module
from scenes import person
from tests.frames.test_video import Network, noisy

HEIGHT, WIDTH = 180, 240
IMAGE, _ = person(HEIGHT, WIDTH)
HIDDEN = np.where(IMAGE > 150, 150, IMAGE).astype(np.uint8)  # from `Network`
DEPTH = np.linspace(9, 2, HEIGHT, dtype=np.float32)[:, np.newaxis].repeat(WIDTH, axis=1)
LAYERED: list[dict[str, Any]] = [{"depth": DEPTH}, {"ramp": 0.2}]


def stored() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.rint(DEPTH * 1000).astype(np.uint16)).save(file, "PNG")
    return file.getvalue()


def untouched() -> Iterator[NDArray[np.uint8]]:
    raise AssertionError
    yield IMAGE


@pytest.mark.parametrize("layers", LAYERED)
@pytest.mark.parametrize("effort", ["fast", "good", "best"])
def test_frames_are_what_portrait_makes(layers: dict[str, Any], effort: Any) -> None:
    """The map is the video's, steadied; what is made of it is `portrait`'s."""
    options: dict[str, Any] = {**layers, "sigma": 5, "grain": 1.5, "bokeh": "disc"}
    network = Network(threads=1)
    clip = [noisy(0), noisy(1)]
    made = list(video.video(clip, smooth=0, every=1, effort=effort, segmenter=network, **options))
    for frame, result in zip(clip, made, strict=True):
        finding: Any = "best" if effort == "best" else "fast"
        found = defocus.find_subject(frame, segmenter=network, effort=finding)
        guide = None if effort == "fast" else frame
        subject = defocus.Subject(found.map, found.size, confidence=1.0, guide=guide)
        want = defocus.portrait(frame, subject=subject, effort=effort, segmenter=network, **options)
        assert np.array_equal(result, want)
        assert (result != frame).any()


@pytest.mark.parametrize(
    "more",
    [
        {"every": 1},
        {"every": 3},
        {"smooth": 0.98, "every": 1},
        {"effort": "best", "every": 1},
        {"effort": "best"},
        {"select": "largest"},
        {"light": "srgb", "bokeh": "disc", "blades": 6},
    ],
)
@pytest.mark.parametrize("layers", LAYERED)
def test_depth_with_other_options(layers: dict[str, Any], more: dict[str, Any]) -> None:
    clip = [noisy(i, np.roll(IMAGE, 4 * i, axis=1)) for i in range(5)]
    made = list(video.video(clip, sigma=4, segmenter=Network(threads=2), **layers, **more))
    assert [result.shape for result in made] == [IMAGE.shape] * 5
    assert all((result != frame).any() for result, frame in zip(made, clip, strict=True))


DEPTHS: dict[str, Callable[[Path], Any]] = {
    "array": lambda _: np.rint(DEPTH * 1000),
    "array of another size": lambda _: np.rint(DEPTH * 1000)[::3, ::3],
    "16 bits": lambda _: np.rint(DEPTH * 1000).astype(np.uint16),
    "path": lambda folder: folder / "depth.png",
    "text": lambda folder: str(folder / "depth.png"),
    "bytes": lambda _: stored(),
    "file": lambda _: io.BytesIO(stored()),
    "PIL": lambda _: Image.open(io.BytesIO(stored())),
}


@pytest.mark.parametrize("kind", DEPTHS)
def test_a_depth_of_any_kind_is_read_once(kind: str, tmp_path: Path) -> None:
    (tmp_path / "depth.png").write_bytes(stored())
    clip = [noisy(i) for i in range(3)]
    stream = video.video(clip, sigma=5, depth=DEPTHS[kind](tmp_path), segmenter=Network(threads=1))
    (tmp_path / "depth.png").unlink()
    want = video.video(clip, sigma=5, depth=DEPTH, segmenter=Network(threads=1))
    for one, other in zip(stream, want, strict=True):
        assert np.abs(one.astype(int) - other).mean() < 1.0


def test_a_background_is_read_once() -> None:
    file = io.BytesIO()
    Image.fromarray(IMAGE[::-1]).save(file, "PNG")
    file.seek(0)
    clip, network = [noisy(i) for i in range(3)], Network(threads=1)
    made = list(video.video(clip, defocus.cutout, background=file, segmenter=network))
    want = video.video(clip, defocus.cutout, background=IMAGE[::-1], segmenter=network)
    assert np.array_equal(made, list(want))


@pytest.mark.parametrize("layers", LAYERED)
def test_it_fades_like_any_other(layers: dict[str, Any]) -> None:
    clip = [IMAGE] * 2 + [HIDDEN] * (FADE + 2) + [IMAGE] * (FADE + 1)
    options: dict[str, Any] = {"sigma": 6, "every": 1, "grain": 2.0, **layers}
    made = list(video.video(clip, segmenter=Network(threads=1), **options))
    change = [float(np.abs(r.astype(int) - f).mean()) for r, f in zip(made, clip, strict=True)]
    assert change[2 : FADE + 4] == sorted(change[2 : FADE + 4], reverse=True)
    assert change[FADE + 3] == 0.0
    assert change[-1] == pytest.approx(change[1], rel=0.05)


def test_grain_fades_along() -> None:
    clip = [noisy(0)] * 2 + [np.where(noisy(0) > 150, 150, noisy(0)).astype(np.uint8)] * FADE
    plain, grainy = (
        list(video.video(clip, sigma=6, every=1, segmenter=Network(threads=1), grain=grain))
        for grain in (0.0, 8.0)
    )
    added = [np.abs(g.astype(int) - p).mean() for g, p in zip(grainy, plain, strict=True)]
    assert added[1] > 2.0
    assert added[FADE] < 0.3 * added[1]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 4), (1, 9), (9, 1)])
@pytest.mark.parametrize("effort", ["fast", "good", "best"])
def test_tiny_frames(size: tuple[int, int], effort: Any) -> None:
    class Everywhere(defocus.Segmenter):
        def mask(self, _pixels: Any) -> Any:
            return np.full((320, 320), 0.95, np.float32)

    clip = [np.full((*size, 3), level, np.uint8) for level in (90, 95)]
    depth = np.ones((4 * size[0], 4 * size[1]), np.float32)
    layered: list[dict[str, Any]] = [{"depth": depth}, {"ramp": 0.0}]
    for layers in layered:
        made = list(video.video(clip, effort=effort, segmenter=Everywhere(), **layers))
        assert np.array_equal(made, clip)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"depth": DEPTH, "ramp": 0.3}, OptionError),
        ({"depth": DEPTH, "fn": defocus.cutout}, TypeError),
        ({"ramp": 0.3, "fn": defocus.cutout}, TypeError),
        ({"background": "white", "matte_only": True, "fn": defocus.cutout}, OptionError),
        ({"fill_holes": 2, "fn": defocus.cutout}, OptionError),
        ({"ramp": 1.5}, OptionError),
        ({"depth": np.full((9, 12), -1.0)}, ImageValueError),
        ({"depth": np.ones((9, 12, 3))}, ImageValueError),
        ({"depth": "no such file.png"}, defocus.InputNotFoundError),
        ({"depth": b"no picture"}, defocus.DecodeError),
    ],
)
def test_at_once(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        video.video(untouched(), **options)


def test_no_option_is_tried_on_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a picture was made")

    for name in ("portrait", "cutout"):
        monkeypatch.setattr(composite, name, refuse)
    monkeypatch.setattr(layers_module, "portrait", refuse)
    for fn in (defocus.portrait, defocus.cutout):
        video.video(untouched(), fn)


def test_other_proportions_are_an_error_before_the_first_frame() -> None:
    """Also where the first frames would pass as they are."""
    for first in (IMAGE, HIDDEN):
        stream = video.video([first] * 3, depth=DEPTH[:, ::2], segmenter=Network(threads=1))
        with pytest.raises(ImageValueError):
            next(stream)


def test_a_frame_of_another_size_is_an_error_in_its_place() -> None:
    other = IMAGE[:, : WIDTH // 2]
    stream = video.video([IMAGE, IMAGE, other], depth=DEPTH, segmenter=Network(threads=1))
    assert next(stream).shape == next(stream).shape == IMAGE.shape
    with pytest.raises(ImageValueError):
        next(stream)
    half = IMAGE[::2, ::2]  # of the same proportions
    assert len(list(video.video([IMAGE, half], depth=DEPTH, segmenter=Network(threads=1)))) == 2


def test_frames_of_16_bits_are_refused() -> None:
    with pytest.raises(ImageTypeError):
        next(video.video([IMAGE.astype(np.uint16)], depth=DEPTH))


def test_a_horizon_below_the_feet_is_an_error_at_the_first_subject() -> None:
    network = Network(threads=1)
    stream = video.video([HIDDEN, IMAGE], sigma=8, ramp=1.0, every=1, segmenter=network)
    assert np.array_equal(next(stream), HIDDEN)
    with pytest.raises(OptionError):
        next(stream)


def test_later_frames_without_a_distance_are_blurred_evenly() -> None:
    """A subject that jumps above the horizon, or before a hole of the depth map."""
    jump = np.full_like(IMAGE, 80)
    jump[:40] = IMAGE[40:80]
    hole = DEPTH.copy()
    hole[:60] = 0
    layered: list[dict[str, Any]] = [{"ramp": 0.5}, {"depth": hole}]
    for layers in layered:
        network = Network(threads=1)
        with pytest.raises((OptionError, ImageValueError)):
            list(video.video([jump], sigma=5, segmenter=network, **layers))
        made = list(video.video([IMAGE, jump, IMAGE], sigma=5, segmenter=network, **layers))
        alone = next(video.video([jump], sigma=5, segmenter=network))
        assert np.array_equal(made[1], alone)
        assert np.array_equal(made[0], made[2])
