"""What a fresh process may do first: run by children of test_first_use.py, without Pillow as yet.

A module of the library is imported by each use, as a caller's own code would be.
"""

from __future__ import annotations

import atexit
import importlib.machinery
import io
import os
import signal
import struct
import sys
import tempfile
import threading
import time
import traceback
import types
import zlib
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import numpy as np

from tiny_network import tiny_network

SIDE = 64
ONES = np.full((SIDE, SIDE), 255, np.uint8)
ROOTS = ("PIL", "onnxruntime", "pillow_heif", "pi_heif", "defocus", "numpy", "concurrent")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = b"".join(
    (
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress((b"\0" + bytes(range(3 * SIDE))) * SIDE)),
        _chunk(b"IEND", b""),
    )
)


FOLDER = tempfile.TemporaryDirectory()
atexit.register(FOLDER.cleanup)
NETWORK = Path(FOLDER.name, "tiny.onnx")
NETWORK.write_bytes(tiny_network())


def _segmenter() -> Any:
    import defocus

    return defocus.Segmenter(defocus.ModelSpec(file=NETWORK, subject_threshold=0.0))


# --- the uses -------------------------------------------------------------------------------------


def portrait() -> None:
    import defocus

    assert defocus.portrait(PNG, matte=ONES).size == (SIDE, SIDE)


def cutout() -> None:
    import defocus

    assert defocus.cutout(PNG, matte=ONES).size == (SIDE, SIDE)


def find_subject() -> None:
    import defocus

    assert defocus.find_subject(PNG, segmenter=_segmenter()).size == (SIDE, SIDE)


def save() -> None:
    import defocus

    for form in ("jpeg", "png", "webp", "tiff"):
        for dtype in (np.uint8, np.uint16):
            defocus.save(np.zeros((600, 700, 3), dtype), io.BytesIO(), format=form)


def own_matte() -> None:
    import defocus

    photo: Any = np.zeros((SIDE, SIDE, 3), np.uint8)
    assert defocus.portrait(photo, matte=PNG, depth=ONES).shape == photo.shape


def frames() -> None:
    import defocus

    file = io.BytesIO()
    shades = [np.full((9, 8, 3), shade, np.uint8) for shade in (0, 99)]
    defocus.save_frames(shades, file, format="gif")
    assert len(list(defocus.each_frame(file.getvalue()))) == 2


def background() -> None:
    import defocus

    colour: Any = "white"
    for new in (colour, PNG):
        assert defocus.cutout(PNG, matte=ONES, background=new).size == (SIDE, SIDE)


def map_() -> None:
    import defocus

    for result in defocus.map([PNG] * 6, matte=ONES):
        result.unwrap()


def video() -> None:
    import defocus

    pictures = [np.zeros((SIDE, SIDE, 3), np.uint8)] * 3
    assert len(list(defocus.video(pictures, segmenter=_segmenter()))) == 3


def watch() -> None:
    """The command, on a folder that is empty at first."""
    from functools import partial

    from defocus.batch import watch as watching
    from defocus.cli import command

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job has none
    vars(watching)["watch"] = partial(watching.watch, interval=0.05, settled=0.1)
    root = Path(tempfile.mkdtemp(dir=FOLDER.name))
    source, target = root / "in", root / "out"
    source.mkdir()

    def bring() -> None:
        time.sleep(0.2)
        for number in range(6):
            (source / f"{number}.png").write_bytes(PNG)
        end = time.monotonic() + 20
        while len(list(target.glob("[0-9]*"))) < 6 and time.monotonic() < end:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=bring, daemon=True).start()
    words = ["mask", "--watch", str(source), "-o", str(target), "-q", "--model", str(NETWORK)]
    assert command.main(words) == 130
    assert len(list(target.glob("[0-9]*"))) == 6


USES: dict[str, Callable[[], None]] = {
    "portrait": portrait,
    "cutout": cutout,
    "find_subject": find_subject,
    "save": save,
    "own_matte": own_matte,
    "frames": frames,
    "background": background,
    "map": map_,
    "video": video,
    "watch": watch,
}


# --- how imports are made slow, or listed ---------------------------------------------------------


class Imports(MetaPathFinder):
    """Tells `before` of each module that is about to be executed, when it is in sys.modules."""

    def __init__(self, before: Callable[[str], None]) -> None:
        self.before = before

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                self.before(name)
                execute(module)

            loader.exec_module = exec_module
        return spec


def race(use: str) -> None:
    """Eight threads make the same first use, while Pillow's modules take long to import."""
    vars(os)["sched_getaffinity"] = lambda _: set(range(8))
    sys.meta_path.insert(0, Imports(lambda name: time.sleep(0.02 * name.startswith("PIL."))))
    assert "PIL" not in sys.modules
    if use == "watch":  # threads of its own
        return watch()
    start, failed = threading.Barrier(8), []

    def run() -> None:
        start.wait()
        try:
            USES[use]()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return None


def all_held() -> None:
    """No import that a use makes happens while another thread could fork.

    Each use is the first in a child of its own.
    """
    for use in USES:
        if use == "watch":  # the command forks nothing
            continue
        child = os.fork()
        if child == 0:
            try:
                held(use)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0, use


def held(use: str) -> None:
    import defocus

    loose: list[str] = []
    loads: list[str] = []

    def before(name: str) -> None:
        loads.append(name)
        if not vars(defocus)["_unforked"].here:
            loose.append(name)

    sys.meta_path.insert(0, Imports(before))
    USES[use]()
    assert loads
    assert not loose, loose
