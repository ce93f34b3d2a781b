"""The first use in a process: by many threads at once, after a warm-up, and while it forks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from first_uses import USES

HERE = str(Path(__file__).parents[1] / "support")


def run_child(code: str, *arguments: str, timeout: float = 100) -> str:
    """What `code` prints in a fresh process, in which the helpers of the tests can be imported."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": HERE},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("use", USES)
def test_many_threads_at_once(use: str) -> None:
    run_child(f"import first_uses; first_uses.race({use!r})")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_waits_for_every_import() -> None:
    run_child("import first_uses; first_uses.all_held()")


WARM = """
import io, sys
import numpy as np
import defocus

segmenter = defocus.Segmenter("u2netp", threads=2)
segmenter.warmup()
functions = defocus.portrait, defocus.cutout, defocus.find_subject, defocus.save
assert "PIL.Image" in sys.modules and "onnxruntime" in sys.modules
before = set(sys.modules)
from PIL import Image

colours = np.full((700, 900, 3), 40, np.uint8)
colours[200:500, 300:600] = 250
for form, settings in (("JPEG", {"quality": 80}), ("JPEG", {"progressive": True}), ("PNG", {})):
    file = io.BytesIO()
    Image.fromarray(colours).save(file, form, **settings)
    subject = defocus.find_subject(file.getvalue(), segmenter=segmenter)
    assert subject.found
    portrait = defocus.portrait(file.getvalue(), segmenter=segmenter, grain=0.5)
    defocus.save(portrait, io.BytesIO(), format="jpeg")
    defocus.save(defocus.cutout(file.getvalue(), subject=subject), io.BytesIO(), format="png")
print(sorted(set(sys.modules) - before))
"""


def test_after_a_warm_up_nothing_is_imported() -> None:
    assert run_child(WARM).strip() == "[]"
