"""From a file to its subject: decoding, and building the network meanwhile."""

from __future__ import annotations

import io
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus import threads
from defocus.io import orient
from defocus.options import Effort
from defocus.pipeline.find import read_and_find

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "astronaut.jpg"
WIDTH, HEIGHT = 1413, 1301

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


@pytest.fixture(scope="module")
def segmenter() -> defocus.Segmenter:
    return defocus.Segmenter("u2netp")


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets things run side by side on a machine with one CPU, too."""
    monkeypatch.setattr(threads, "available_threads", lambda: 2)


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


@pytest.mark.parametrize(
    ("effort", "how"),
    [
        ("fast", {}),
        ("best", {}),
        ("good", {"progressive": True}),
        ("good", {"mode": "L"}),
        ("good", {"orientation": 6}),
    ],
)
def test_a_file_its_image_and_its_array_have_one_mask(effort: Effort, how: dict[str, Any]) -> None:
    segmenter = defocus.Segmenter("u2netp")
    data = stored(**how)
    photo, subject = read_and_find(data, segmenter=segmenter, effort=effort)
    image = Image.open(io.BytesIO(data))
    for source in (photo.pixels, image):
        other = defocus.find_subject(source, segmenter=segmenter, effort=effort)
        assert (other.mask == subject.mask).all()
        assert other.warnings == subject.warnings
    assert subject.size == (WIDTH, HEIGHT)


@pytest.mark.usefixtures("two_threads")
def test_the_number_of_threads_does_not_matter(segmenter: defocus.Segmenter) -> None:
    data = stored()
    one = masks(data, defocus.Segmenter("u2netp", threads=1))
    assert (one == masks(data, segmenter)).all()


def test_one_thread_is_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise AssertionError("started a thread")

    segmenter = defocus.Segmenter("u2netp", threads=1)
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
def test_a_network_is_built_while_a_file_is_decoded(
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
    result.send(masks(data, defocus.Segmenter("u2netp")).tobytes())


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
