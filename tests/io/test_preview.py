"""Large JPEGs: the network gets a preview while the photograph is being decoded."""

from __future__ import annotations

import io
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus import threads
from defocus.io import decode, orient
from defocus.pipeline.find import read_and_find

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "astronaut.jpg"
WIDTH, HEIGHT = 1413, 1301  # no multiples of 8: the scaled pixels reach beyond the picture

Mask = NDArray[np.float32]


@cache
def stored(form: str = "JPEG", *, mode: str = "RGB", orientation: int = 1, **more: Any) -> bytes:
    """The example, enlarged, as a file that `orientation` turns upright."""
    image = Image.open(EXAMPLE).resize((WIDTH, HEIGHT)).convert(mode)
    exif = Image.Exif()
    if orientation > 1:
        # What undoes the turn is its inverse: 6 and 8 undo each other, the rest themselves.
        turn = orient._TURNS[{6: 8, 8: 6}.get(orientation, orientation)]
        image = image.transpose(Image.Transpose(turn))
        exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, form, exif=exif, **{"quality": 92, **more})
    return file.getvalue()


def preview_of(data: bytes, size: tuple[int, int] = (320, 320)) -> decode.Preview | None:
    with decode.opened(data) as picture:
        return picture.preview(size)


@pytest.fixture(scope="module")
def segmenter() -> defocus.Segmenter:
    return defocus.Segmenter()


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets things run side by side on a machine with one CPU, too."""
    monkeypatch.setattr(threads, "available_threads", lambda: 2)


# --- the preview itself -----------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_the_photograph_upright_and_small(orientation: int) -> None:
    data = stored(orientation=orientation)
    preview = preview_of(data, (300, 260))
    assert preview is not None
    assert preview.size == (WIDTH, HEIGHT)
    photo = decode.read(data)
    assert photo.size == (WIDTH, HEIGHT)
    want = Image.fromarray(photo.pixels).resize((300, 260), Image.Resampling.BILINEAR)
    difference = np.abs(preview.pixels().astype(int) - np.asarray(want))
    assert difference.mean() < 0.6
    # Not half a pixel off at the far edges, where scaled pixels beyond the picture would shift it.
    assert difference[-20:].mean() < 0.8
    assert difference[:, -20:].mean() < 0.8


def test_grey_becomes_rgb() -> None:
    preview = preview_of(stored(mode="L"))
    assert preview is not None
    pixels = preview.pixels()
    assert pixels.shape == (320, 320, 3)
    assert (pixels == pixels[..., :1]).all()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(partial(stored, progressive=True), id="progressive"),
        pytest.param(partial(stored, "PNG"), id="PNG"),
        pytest.param(partial(stored, "WEBP"), id="WebP"),
        pytest.param(partial(stored, mode="CMYK"), id="CMYK"),
        pytest.param(EXAMPLE.read_bytes, id="small"),
    ],
)
def test_what_has_none(data: Callable[[], bytes]) -> None:
    assert preview_of(data()) is None


def test_arrays_images_and_photos_have_none() -> None:
    image = Image.open(io.BytesIO(stored()))
    for source in (np.zeros((1300, 1300, 3), np.uint8), image, decode.read(stored())):
        with decode.opened(source) as picture:
            assert picture.preview((320, 320)) is None


def test_a_truncated_file_is_an_error_in_both() -> None:
    data = stored()[:-20_000]
    preview = preview_of(data)
    assert preview is not None
    with pytest.raises(defocus.DecodeError, match=r"<bytes> cannot be decoded: .*truncated"):
        preview.pixels()
    with pytest.raises(defocus.DecodeError, match=r"<bytes> cannot be decoded: .*truncated"):
        decode.read(data)


# --- in the flow ------------------------------------------------------------------------------


def masks(source: Any, segmenter: defocus.Segmenter) -> Mask:
    return read_and_find(source, segmenter=segmenter)[1].mask


def test_path_bytes_and_file_give_the_same(segmenter: defocus.Segmenter, tmp_path: Path) -> None:
    path = tmp_path / "in.jpg"
    path.write_bytes(data := stored())
    want = defocus.portrait(path, segmenter=segmenter)
    subject = defocus.find_subject(path, segmenter=segmenter)
    assert subject.size == (WIDTH, HEIGHT)
    for source in (data, bytearray(data), io.BytesIO(data), str(path)):
        assert defocus.portrait(source, segmenter=segmenter).tobytes() == want.tobytes()
    assert defocus.portrait(path, subject=subject).tobytes() == want.tobytes()


def test_the_mask_is_nearly_that_of_the_whole(segmenter: defocus.Segmenter) -> None:
    data = stored()
    small = masks(data, segmenter)
    whole = masks(Image.open(io.BytesIO(data)), segmenter)
    assert np.abs(small - whole).mean() < 0.008


@pytest.mark.usefixtures("two_threads")
def test_the_number_of_threads_does_not_matter(segmenter: defocus.Segmenter) -> None:
    data = stored()
    one = masks(data, defocus.Segmenter(threads=1))
    assert (one == masks(data, segmenter)).all()


def test_a_fast_find_subject_does_not_decode_the_whole(
    segmenter: defocus.Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("decoded the whole")

    data = stored(orientation=6)
    want = read_and_find(data, effort="fast", segmenter=segmenter)[1].matte
    monkeypatch.setattr(decode, "_photo", refuse)
    subject = defocus.find_subject(data, effort="fast", segmenter=segmenter)
    assert (subject.matte == want).all()
    assert subject.size == (WIDTH, HEIGHT)


def meet(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Makes the decoder and the network wait for each other; gives the threads they run in."""
    both, names = threading.Barrier(2, timeout=20), list[str]()
    photo, mask = decode._photo, defocus.Segmenter.mask

    def waiting(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            names.append(threading.current_thread().name)
            both.wait()
            return real(*arguments)

        return run

    monkeypatch.setattr(decode, "_photo", waiting(photo))
    monkeypatch.setattr(defocus.Segmenter, "mask", waiting(mask))
    return names


@pytest.mark.usefixtures("two_threads")
def test_they_run_at_the_same_time(
    segmenter: defocus.Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = meet(monkeypatch)
    before = threading.active_count()
    read_and_find(stored(), segmenter=segmenter, effort="fast")
    assert sorted(names) == ["MainThread", "defocus"]
    assert threading.active_count() == before


def test_one_thread_is_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise AssertionError("started a thread")

    segmenter = defocus.Segmenter(threads=1)
    segmenter.warmup()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert masks(stored(), segmenter).max() > 0.9


@pytest.mark.usefixtures("two_threads")
def test_pillows_guard_is_not_for_bands(
    segmenter: defocus.Segmenter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    result = defocus.portrait(stored(), segmenter=segmenter, max_pixels=2_000_000)
    for name in ("out.jpg", "out.png"):
        defocus.save(result, tmp_path / name)
    assert Image.MAX_IMAGE_PIXELS == 1000


@pytest.mark.usefixtures("two_threads")
def test_where_no_thread_can_be_had(
    segmenter: defocus.Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    want = masks(stored(), segmenter)
    monkeypatch.setattr(threading.Thread, "start", fail)
    assert (masks(stored(), segmenter) == want).all()


@pytest.mark.usefixtures("two_threads")
def test_errors_are_those_of_the_decoder_first(
    segmenter: defocus.Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise defocus.ModelError("no network today")

    before = threading.active_count()
    for call in (defocus.portrait, defocus.cutout, defocus.find_subject):
        with pytest.raises(defocus.DecodeError, match="truncated"):
            call(stored()[:-20_000], segmenter=segmenter)
    monkeypatch.setattr(defocus.Segmenter, "mask", fail)
    for call in (defocus.portrait, defocus.cutout, defocus.find_subject):
        with pytest.raises(defocus.ModelError, match="today"):
            call(stored(), segmenter=segmenter)
    with pytest.raises(defocus.DecodeError, match="truncated"):
        defocus.portrait(stored()[:-20_000], segmenter=segmenter)
    with pytest.raises(defocus.ImageTooLargeError, match="limit is 1000"):
        defocus.portrait(stored(), segmenter=segmenter, max_pixels=1000)
    with pytest.raises(defocus.ImageTypeError, match="HSV"):
        defocus.portrait(Image.new("HSV", (9, 9)), segmenter=segmenter)
    assert threading.active_count() == before


@pytest.mark.usefixtures("two_threads")
def test_a_network_is_built_while_a_file_without_preview_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = list[str]()
    build = defocus.Segmenter.build

    def watched(segmenter: defocus.Segmenter) -> None:
        names.append(threading.current_thread().name)
        build(segmenter)

    monkeypatch.setattr(defocus.Segmenter, "build", watched)
    segmenter = defocus.Segmenter()
    assert not segmenter.built
    read_and_find(EXAMPLE, segmenter=segmenter)
    assert segmenter.built
    read_and_find(EXAMPLE, segmenter=segmenter)
    assert names == ["defocus", "MainThread"]


@pytest.mark.usefixtures("two_threads")
def test_many_callers_at_once(segmenter: defocus.Segmenter) -> None:
    data = stored()
    want = masks(data, segmenter)
    with ThreadPoolExecutor(4) as pool:
        for mask in pool.map(lambda _: masks(data, segmenter), range(4)):
            assert (mask == want).all()


def child(data: bytes, result: Any) -> None:
    result.send(masks(data, defocus.Segmenter()).tobytes())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_after_a_fork(segmenter: defocus.Segmenter) -> None:
    data = stored()
    want = masks(data, segmenter)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=child, args=(data, sender))
    process.start()
    assert receiver.poll(60)
    assert receiver.recv() == want.tobytes()
    process.join(20)
    assert process.exitcode == 0
