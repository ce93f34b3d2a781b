"""`import defocus` is light."""

from __future__ import annotations

import subprocess
import sys
import sysconfig

import pytest


def test_heavy_modules_load_on_first_use() -> None:
    code = (
        "import sys, defocus\n"
        "heavy = {'onnxruntime', 'PIL', 'scipy', 'cv2', 'importlib.metadata'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "print(defocus.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    import defocus

    assert defocus.__version__ == version("defocus")


def test_public_names_exist() -> None:
    import defocus

    for name in defocus.__all__:
        assert getattr(defocus, name) is not None
    assert sorted(defocus.__all__) == list(defocus.__all__)


GIL = """
import sys, numpy as np
import defocus

photo = np.full((40, 60, 3), 90, np.uint8)
defocus.portrait(photo, matte=photo[..., 0], sigma=3.0)
assert not sys._is_gil_enabled()
"""


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="needs no GIL")
def test_the_extension_leaves_the_gil_off() -> None:
    done = subprocess.run([sys.executable, "-c", GIL], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
