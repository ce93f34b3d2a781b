"""`import defocus` is light."""

from __future__ import annotations

import subprocess
import sys


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
