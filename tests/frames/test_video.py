"""Video: order, fading, steadiness, errors in their place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus.errors import ImageTypeError, ImageValueError, OptionError, OptionTypeError
from defocus.frames import smoothing, video
from defocus.frames.prefetch import Prefetch
from defocus.frames.smoothing import FADE, MaskSmoother
from defocus.pixels.samples import Pixels
from scenes import person

Frame = NDArray[np.uint8]
IMAGE, MATTE = person(180, 240)
EMPTY = np.full_like(IMAGE, 90)


class Network(defocus.Segmenter):
    """A network whose subject is brighter than the wall; it counts its runs."""

    def __init__(self, threads: int | None = None) -> None:
        super().__init__(threads=threads)
        self.runs = 0
        self.threads_used: set[int] = set()  # threads

    @property
    def input_size(self) -> tuple[int, int]:
        return 120, 90

    def mask(self, pixels: Pixels) -> NDArray[np.float32]:
        self.runs += 1
        self.threads_used.add(threading.get_ident())
        small = pixels[::2, ::2, 0]
        found: NDArray[np.float32] = np.where(small > 150, np.float32(0.95), np.float32(0.0))
        return found


class Soft(Network):
    """Has doubts everywhere."""

    def mask(self, pixels: Pixels) -> NDArray[np.float32]:
        sure = super().mask(pixels)
        if sure.any():
            sure[0] = np.linspace(0.1, 0.3, sure.shape[1])
        return sure


def noisy(seed: int, image: Frame = IMAGE) -> Frame:
    grain = np.random.default_rng(seed).normal(0, 2, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


# --- prefetch ----------------------------------------------------------------------------------


def test_prefetch_keeps_order_and_holds_few() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for i in range(50):
            taken.append(i)
            yield i

    for threaded in (True, False):
        taken.clear()
        chain = Prefetch(
            Prefetch(source(), lambda x: x * 2, threaded=threaded), str, threaded=threaded
        )
        for i, word in enumerate(chain):
            assert word == str(2 * i)
            assert len(taken) <= i + 6
        assert len(taken) == 50


def test_an_error_comes_after_the_results_before_it() -> None:
    def work(x: int) -> float:
        return 1 / (3 - x)

    for threaded in (True, False):
        stream = Prefetch(iter(range(6)), work, threaded=threaded)
        assert [next(stream) for _ in range(3)] == [1 / 3, 1 / 2, 1]
        with pytest.raises(ZeroDivisionError):
            next(stream)


def test_closing_ends_the_threads_though_input_is_left() -> None:
    before = threading.active_count()
    chain = Prefetch(Prefetch(iter(range(10**9)), abs), abs)
    assert next(chain) == 0
    assert threading.active_count() == before + 2
    chain.close()
    assert threading.active_count() == before
    assert list(chain) == []


# --- steadiness -------------------------------------------------------------------------------


def test_still_parts_are_smoothed_and_moving_parts_are_not() -> None:
    rng = np.random.default_rng(1)
    still = rng.random((3, 60, 80), np.float32)
    moved = still.copy()
    moved[:, :, 40:] = rng.random((3, 60, 40), np.float32)
    old, new = np.full((60, 80), 0.5, np.float32), np.full((60, 80), 1.0, np.float32)
    smoother = MaskSmoother(0.8)
    assert smoother.is_new_scene(still)
    smoother.update(still, old, 1.0)
    # Half of the picture changes: less than a cut.
    smoother._last = still
    smoother._first = False
    smoother.update(moved, new, 1.0)
    assert smoother.map is not None
    assert np.allclose(smoother.map[:, :34], 0.6)
    assert np.allclose(smoother.map[:, 46:], 1.0)


def test_a_cut_forgets() -> None:
    dark, bright = (np.full((3, 60, 80), v, np.float32) for v in (0.1, 0.8))
    smoother = MaskSmoother(0.9)
    smoother.is_new_scene(dark)
    smoother.update(dark, np.zeros((60, 80), np.float32), 1.0)
    assert not smoother.is_new_scene(dark)
    assert smoother.is_new_scene(bright)
    smoother.update(bright, np.ones((60, 80), np.float32), 1.0)
    assert smoother.map is not None
    assert smoother.map.min() == 1.0


def test_masks_of_different_size_are_averaged() -> None:
    still = np.full((3, 90, 120), 0.5, np.float32)
    smoother = MaskSmoother(0.75)
    wanted = 0.0
    for shape, value in (((90, 120), 0.0), ((144, 192), 1.0), ((144, 192), 1.0), ((90, 120), 0.0)):
        smoother.is_new_scene(still)
        smoother.update(still, np.full(shape, value, np.float32), 1.0)
        wanted = 0.75 * wanted + 0.25 * value
        assert smoother.map is not None
        assert smoother.map.shape == shape
        assert smoother.map == pytest.approx(wanted)


def test_the_crop_pass_runs_on_every_frame() -> None:
    frame = np.full((180, 240, 3), 60, np.uint8)
    frame[80:110, 100:120] = 200
    clip = [noisy(seed, frame) for seed in range(3)]
    # The map of the crop pass is finer than the picture that the network sees.
    assert defocus.find_subject(frame, effort="best", segmenter=Network()).map.shape > (90, 120)
    made = list(video.video(clip, effort="best", every=1, segmenter=Network(), sigma=3))
    assert [frame.shape for frame in made] == [(180, 240, 3)] * 3


def test_the_mean_is_a_mean() -> None:
    values = np.random.default_rng(2).random((23, 31), np.float32)
    reach = smoothing._REACH // 2
    padded = np.pad(values, reach, mode="edge")
    for y, x in ((0, 0), (11, 30), (22, 7)):
        expected = padded[y : y + smoothing._REACH, x : x + smoothing._REACH].mean()
        assert smoothing._mean(values)[y, x] == pytest.approx(expected, abs=1e-6)


# --- the flow ---------------------------------------------------------------------------------


def test_one_frame_is_what_portrait_and_cutout_make() -> None:
    subject = defocus.find_subject(IMAGE)
    portrait = next(video.video([IMAGE], sigma=4))
    cutout = next(video.video([IMAGE], defocus.cutout))
    assert np.array_equal(portrait, defocus.portrait(IMAGE, subject=subject, sigma=4))
    assert np.array_equal(cutout, defocus.cutout(IMAGE, subject=subject))


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("defocus.threads.available_threads", lambda: 2)
    clip = [noisy(i) for i in range(7)]
    networks = [Network(threads=threads) for threads in (1, 2)]
    results = [list(video.video(clip, sigma=3, segmenter=network)) for network in networks]
    assert [threading.get_ident() in network.threads_used for network in networks] == [True, False]
    for one, two in zip(*results, strict=True):
        assert np.array_equal(one, two)
    assert [r.shape for r in results[0]] == [IMAGE.shape] * 7


def test_a_portrait_fades_to_the_untouched_frame_and_back() -> None:
    clip = [IMAGE] * 2 + [_hidden()] * (FADE + 2) + [IMAGE] * (FADE + 1)
    result = list(video.video(clip, sigma=6, every=1, segmenter=Network()))
    change = [float(np.abs(r.astype(int) - f).mean()) for r, f in zip(result, clip, strict=True)]
    gone = change[2 : FADE + 4]
    assert gone == sorted(gone, reverse=True)
    assert gone[FADE - 2] < 0.6 * gone[0]
    assert gone[-1] == 0.0
    assert gone[0] > 0.0
    assert np.array_equal(result[FADE + 3], _hidden())
    assert change[-1] == pytest.approx(change[1], rel=0.05)


def _hidden() -> Frame:
    """The subject as dark as the network's limit: it is not seen, yet the scene is the same."""
    return np.where(IMAGE > 150, 150, IMAGE).astype(np.uint8)


def test_a_cutout_fades_to_nothing_and_never_shows_what_is_behind() -> None:
    clip = [IMAGE] * 2 + [_hidden()] * (FADE + 1)
    result = list(video.video(clip, defocus.cutout, every=1, segmenter=Network()))
    peaks = [int(r[..., 3].max()) for r in result]
    assert peaks[1] == 255
    assert peaks[2:] == sorted(peaks[2:], reverse=True)
    assert peaks[-1] == 0
    assert all(r[:10, :10, 3].max() == 0 for r in result)
    on_green = list(video.video(clip, defocus.cutout, background="#00ff00", segmenter=Network()))
    assert np.array_equal(np.unique(on_green[-1].reshape(-1, 3), axis=0), [[0, 255, 0]])


def test_faint_alpha_stays_away_while_a_cutout_fades() -> None:
    clip = [IMAGE] * 2 + [_hidden()] * 3
    for floor, faint in ((None, False), (0, True)):
        options: dict[str, Any] = {"every": 1, "effort": "fast", "alpha_floor": floor}
        made = video.video(clip, defocus.cutout, segmenter=Soft(), **options)
        for result in made:
            alpha = result[..., 3]
            assert ((alpha > 0) & (alpha < 4)).any() == faint


def test_from_the_first_frame_on_there_is_nothing_without_a_subject() -> None:
    assert np.array_equal(next(video.video([EMPTY])), EMPTY)
    assert next(video.video([EMPTY], defocus.cutout))[..., 3].max() == 0


def test_the_network_runs_only_on_frames_with_motion() -> None:
    clip = [noisy(i) for i in range(9)]
    for every, runs in ((1, 9), (3, 3), ("auto", 3)):
        network = Network()
        list(video.video(clip, every=every, segmenter=network))  # type: ignore[arg-type]
        assert network.runs == runs, every
    network = Network()
    jumps = [np.roll(IMAGE, 30 * i, axis=1) for i in range(9)]
    list(video.video(jumps, segmenter=network))
    assert network.runs == 9


def test_the_network_runs_on_the_first_frame_after_a_cut() -> None:
    network, other = Network(), 255 - IMAGE
    result = list(video.video([IMAGE, other], every=100, sigma=5, segmenter=network))
    assert network.runs == 2
    alone = next(video.video([other], sigma=5, segmenter=Network()))
    assert np.array_equal(result[1], alone)


def test_frames_are_neither_changed_nor_shared() -> None:
    clip = [IMAGE.copy(), EMPTY.copy()]
    for result, frame, kept in zip(video.video(clip), clip, (IMAGE, EMPTY), strict=True):
        assert np.array_equal(frame, kept)
        assert not np.shares_memory(result, frame)


def test_a_selection_without_a_subject_is_no_subject() -> None:
    assert np.array_equal(next(video.video([IMAGE], select=(2, 2))), IMAGE)


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"smooth": 1.0}, OptionError),
        ({"smooth": "much"}, OptionTypeError),
        ({"every": 0}, OptionError),
        ({"every": "often"}, OptionError),
        ({"every": 2.0}, OptionTypeError),
        ({"fn": len}, OptionTypeError),
        ({"sigma": -1}, OptionError),
        ({"crop": "10%", "fn": defocus.cutout}, OptionError),
        ({"matte": MATTE}, OptionError),
        ({"background": "no colour", "fn": defocus.cutout}, defocus.DefocusError),
        ({"unheard_of": 1}, TypeError),
        ({"select": "some"}, OptionError),
        ({"segmenter": "u2net"}, OptionTypeError),
    ],
)
def test_bad_options_are_refused_before_the_first_frame(
    options: dict[str, Any], error: type[Exception]
) -> None:
    def untouched() -> Iterator[Frame]:
        raise AssertionError
        yield IMAGE

    with pytest.raises(error):
        video.video(untouched(), **options)


def test_a_bad_frame_is_an_error_after_the_good_ones() -> None:
    for bad, error in ((IMAGE[..., 0], ImageValueError), ("frame", ImageTypeError)):
        stream = video.video([IMAGE, IMAGE, bad, IMAGE], segmenter=Network())  # type: ignore[list-item]
        assert next(stream).shape == next(stream).shape == IMAGE.shape
        with pytest.raises(error):
            next(stream)


def test_frames_of_16_bits_are_refused_with_a_conversion() -> None:
    deep = np.full((4, 5, 3), 65535, np.uint16)
    with pytest.raises(defocus.ImageTypeError, match=r"\(image / 257\).*numpy\.uint8") as caught:
        next(defocus.video([deep]))  # type: ignore[list-item]
    assert "uint16)" not in str(caught.value)
