"""Raw frames in pipes that another process has made non-blocking."""

from __future__ import annotations

import io
import os
import sys
import threading

import numpy as np
import pytest

from defocus.frames import rawvideo


@pytest.mark.skipif(sys.platform == "win32", reason="has no such pipes")
def test_pipes_that_do_not_block_are_waited_for() -> None:
    clip = np.random.default_rng(1).integers(0, 256, (60, 24, 32, 3), dtype=np.uint8)
    reading, writing = os.pipe()  # holds fewer than all frames
    for end in (reading, writing):
        os.set_blocking(end, False)

    def send() -> None:
        with io.FileIO(writing, "wb") as file:
            for frame in clip:
                rawvideo.write(file, frame)

    sender = threading.Thread(target=send)
    with io.FileIO(reading, "rb") as file:
        frames = rawvideo.read(file, (32, 24))
        timer = threading.Timer(0.05, sender.start)  # the pipe is empty at first
        timer.start()
        got = [frame.copy() for frame in frames]
    timer.join()
    sender.join()
    assert np.array_equal(got, clip)
