"""portrait, cutout and find_subject as their users call them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from scenes import person, textured

PHOTO = Path(__file__).resolve().parents[2] / "examples" / "astronaut.jpg"


@pytest.fixture(scope="module")
def segmenter() -> defocus.Segmenter:
    return defocus.Segmenter()


def sharpness(pixels: NDArray[np.uint8], where: NDArray[np.bool_]) -> float:
    """Mean difference of neighbours, inside `where`."""
    steps = np.abs(np.diff(pixels.astype(int), axis=1)).sum(axis=-1)
    return float(steps[where[:, 1:]].mean())


def test_the_main_job_on_a_real_photograph(segmenter: defocus.Segmenter) -> None:
    image = np.asarray(Image.open(PHOTO))
    subject = defocus.find_subject(image, segmenter=segmenter)
    assert subject.found
    assert subject.confidence > 0.5
    face, helmet, flag, shuttle = (100, 220), (430, 400), (60, 30), (150, 420)
    assert subject.matte[face] == 1.0
    assert subject.matte[helmet] > 0.9
    assert subject.matte[flag] == subject.matte[shuttle] == 0.0
    result = defocus.portrait(image, segmenter=segmenter, sigma=8)
    sure, away = subject.matte == 1.0, subject.matte == 0.0
    assert 0.4 < sure.mean() < 0.6
    assert (result[sure] == image[sure]).all()
    assert sharpness(result, away) < 0.5 * sharpness(image, away)


def test_one_inference_serves_all(segmenter: defocus.Segmenter) -> None:
    image, _ = person()
    subject = defocus.find_subject(image, segmenter=segmenter)
    for call in (defocus.portrait, defocus.cutout):
        alone = call(image, segmenter=segmenter)
        assert (call(image, subject=subject) == alone).all()
    # The full-size matte, given as the caller's own, is what the fused path interpolates (to
    # 1/16384).
    fused = defocus.portrait(image, subject=subject).astype(int)
    own = defocus.portrait(image, matte=subject.matte).astype(int)
    assert np.abs(fused - own).max() <= 1
    alpha = defocus.cutout(image, subject=subject, alpha_floor=0)[..., 3]
    assert np.abs(alpha - 255.0 * subject.matte).max() <= 0.53


def test_calls_share_a_default_session() -> None:
    from defocus.pipeline.find import default_segmenter

    assert default_segmenter() is default_segmenter()


def test_a_matte_skips_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the network ran")

    monkeypatch.setattr(defocus.Segmenter, "mask", refuse)
    image = textured(50, 60)
    matte = np.zeros((50, 60), np.uint8)
    matte[10:40, 20:50] = 255
    result = defocus.portrait(image, matte=matte, sigma=4)
    assert (result[matte == 255] == image[matte == 255]).all()
    same = defocus.portrait(image, matte=(matte / np.float32(255)).astype(np.float32), sigma=4)
    assert (result == same).all()
    rgba = defocus.cutout(image, matte=matte)
    assert (rgba[..., :3] == image).all()
    assert (rgba[..., 3] == matte).all()


@pytest.mark.parametrize("sigma", [2.5, 12])
def test_no_red_leaks_from_a_red_subject(sigma: float) -> None:
    image = np.full((150, 200, 3), 128, np.uint8)
    matte = np.zeros((150, 200), np.uint8)
    y, x = np.mgrid[:150, :200]
    disc = np.hypot(x - 100, y - 75) < 40
    image[disc], matte[disc] = (250, 10, 10), 255
    result = defocus.portrait(image, matte=matte, sigma=sigma).astype(int)
    assert np.abs(result[~disc] - 128).max() <= 1
    assert (result[disc] == (250, 10, 10)).all()


def as_path(image: Image.Image, folder: Path) -> Any:
    image.save(folder / "in.png")
    return folder / "in.png"


def as_text(image: Image.Image, folder: Path) -> Any:
    return str(as_path(image, folder))


def as_bytes(image: Image.Image, folder: Path) -> Any:
    return as_path(image, folder).read_bytes()


def as_file(image: Image.Image, folder: Path) -> Any:
    return io.BytesIO(as_bytes(image, folder))


def as_pil(image: Image.Image, _: Path) -> Any:
    return image


@pytest.mark.parametrize("pack", [as_path, as_text, as_bytes, as_file, as_pil])
def test_every_kind_of_input_gives_the_same_picture(pack: Any, tmp_path: Path) -> None:
    image, matte = person(60, 80)
    want = defocus.portrait(image, matte=matte)
    assert isinstance(want, np.ndarray)
    got = defocus.portrait(pack(Image.fromarray(image), tmp_path), matte=matte)
    assert isinstance(got, Image.Image)
    assert (np.asarray(got) == want).all()
    rgba = defocus.cutout(pack(Image.fromarray(image), tmp_path), matte=matte)
    assert isinstance(rgba, Image.Image)
    assert rgba.mode == "RGBA"


def test_strided_and_read_only_arrays() -> None:
    base = textured(60, 80, seed=4)
    matte = np.zeros((60, 80), np.uint8)
    matte[20:50, 10:30] = 255
    base.setflags(write=False)
    for view, own in (
        (base, matte),
        (base[::-1], matte[::-1]),
        (base[:, ::-1], matte[:, ::-1]),
        (base[..., ::-1], matte),
        (base[::2, 5:70:3], matte[::2, 5:70:3]),
    ):
        before = base.tobytes()
        want = defocus.portrait(np.ascontiguousarray(view), matte=np.ascontiguousarray(own))
        assert (defocus.portrait(view, matte=own) == want).all()
        assert defocus.cutout(view, matte=own).shape == (*view.shape[:2], 4)
        assert base.tobytes() == before
        assert defocus.find_subject(view).matte.shape == view.shape[:2]


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 3)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    image = textured(*size)
    assert defocus.find_subject(image).matte.shape == size
    matte = np.zeros(size, np.uint8)
    assert defocus.portrait(image, matte=matte).shape == image.shape
    assert defocus.cutout(image, matte=matte).shape == (*size, 4)


def test_no_subject_is_said_and_not_invented() -> None:
    image = np.full((64, 64, 3), 127, np.uint8)
    subject = defocus.find_subject(image)
    assert not subject.found
    assert (subject.matte == 0).all()
    for call in (defocus.portrait, defocus.cutout):
        with pytest.raises(defocus.NoSubjectError):
            call(image)
        with pytest.raises(defocus.NoSubjectError):
            call(image, subject=subject)


def test_the_lens_scales_with_the_image() -> None:
    image, matte = person(120, 160)
    lens = defocus.portrait(image, matte=matte, aperture=2.0, focal_length=85, distance=2.0)
    c = 85**2 / (2.0 * (2000 - 85))
    same = defocus.portrait(image, matte=matte, sigma=c / 36 * 160 / 4)
    assert (lens == same).all()


def test_bad_arguments() -> None:
    image, matte = person(40, 50)
    subject = defocus.find_subject(image)
    other, _ = person(50, 40)
    cases: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"matte": matte, "subject": subject}, defocus.OptionError, "both"),
        ({"subject": matte}, defocus.OptionTypeError, "find_subject"),
        ({"segmenter": "u2netp"}, defocus.OptionTypeError, "Segmenter"),
        ({"matte": matte[1:]}, defocus.ImageValueError, "matte"),
        ({"apperture": 2}, TypeError, "apperture"),
    ]
    for arguments, error, match in cases:
        for call in (defocus.portrait, defocus.cutout):
            with pytest.raises(error, match=match):
                call(image, **arguments)
    with pytest.raises(defocus.ImageValueError, match="this image"):
        defocus.portrait(other, subject=subject)
    with pytest.raises(defocus.OptionError, match="aperture"):
        defocus.portrait(image, aperture=0)
    with pytest.raises(TypeError):
        defocus.portrait(image, 2.0)  # type: ignore[call-overload]


def test_options_are_checked_before_the_picture_is_read(tmp_path: Path) -> None:
    with pytest.raises(defocus.OptionError):
        defocus.portrait(tmp_path / "missing.jpg", sigma=-1)


@pytest.mark.parametrize("call", [defocus.portrait, defocus.cutout])
def test_a_segmenters_threads_bound_the_pixel_work(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from defocus import _native

    asked: list[int] = []

    def spy(name: str) -> None:
        real = getattr(_native, name)

        def record(*arguments: Any, threads: int, **more: Any) -> Any:
            asked.append(threads)
            return real(*arguments, threads=threads, **more)

        monkeypatch.setattr(_native, name, record)

    spy("portrait")
    spy("cutout")
    monkeypatch.setattr("defocus.threads.available_threads", lambda: 4)
    image, matte = person(40, 50)
    call(image, matte=matte)
    call(image, matte=matte, segmenter=defocus.Segmenter(threads=1))
    call(image, matte=matte, segmenter=defocus.Segmenter(threads=3))
    assert asked == [4, 1, 3]
