"""The calls of the library change nothing that belongs to the whole process, and print nothing."""

from __future__ import annotations

import subprocess
import sys

CALLS = """
import gc, io, locale, logging, os, signal, sys, threading, warnings
import numpy as np
from PIL import Image, ImageFile
import onnxruntime
import defocus

warnings.simplefilter("ignore", defocus.DefocusWarning)

def state():
    handlers = [signal.getsignal(number) for number in sorted(signal.valid_signals())]
    loggers = {
        name: (logger.level, logger.handlers[:], logger.propagate, logger.disabled)
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and not name.startswith("PIL.")  # made by imports
    }
    return {
        "environment": dict(os.environ),
        "handlers": handlers,
        "loggers": loggers,
        "root": (logging.root.level, logging.root.handlers[:], logging.lastResort),
        "warnings": warnings.filters[:],
        "Pillow": (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, ImageFile.MAXBLOCK),
        "numpy": (np.geterr(), np.get_printoptions()),
        "folder": os.getcwd(),
        "locale": locale.setlocale(locale.LC_ALL),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook),
        "depth": sys.getrecursionlimit(),
        "switch": (sys.getswitchinterval(), gc.isenabled(), gc.get_threshold()),
        "mask": (os.umask(0o22), os.umask(0o22))[1],
        "streams": (sys.stdin, sys.stdout, sys.stderr),
    }

photo = np.full((120, 160, 3), 30, np.uint8)
photo[40:80, 60:100] = 240
before = state()
segmenter = defocus.Segmenter("u2netp")
segmenter.warmup()
files = {}
for name in ("jpeg", "png", "webp", "tiff", "avif"):
    file = io.BytesIO()
    defocus.save(photo, file, format=name)
    files[name] = file.getvalue()
with defocus.stages(lambda name, seconds: None):
    for data in files.values():
        subject = defocus.find_subject(data, segmenter=segmenter)
        defocus.portrait(data, subject=subject, grain=1.0, bokeh="disc")
        defocus.cutout(data, subject=subject, background="white", max_pixels=10**9)
for bad in (b"", b"no image", files["png"][:-40], files["jpeg"][:300]):
    try:
        defocus.portrait(bad, segmenter=segmenter)
    except defocus.DefocusError:
        pass
    else:
        raise AssertionError(bad)
list(defocus.video([photo] * 3, segmenter=segmenter))
list(defocus.map([photo] * 3, segmenter=segmenter))
after = state()
for name, value in before.items():
    assert after[name] == value, name
assert not [name for name in logging.root.manager.loggerDict if name.startswith("defocus")]
assert threading.active_count() == 1
"""


def test_calls_change_no_state_of_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALLS], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
