"""What a frozen program with defocus needs and PyInstaller does not see by itself.

The networks, and the modules that are imported by names which are only known at run time.  The
hooks of Pillow and onnxruntime do the same for their plugins and libraries.
"""

from __future__ import annotations

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_submodules,
    get_module_file_attribute,
)

datas = collect_data_files("defocus", includes=["**/*.onnx"])
hiddenimports = collect_submodules("defocus", filter=lambda name: "_pyinstaller" not in name)
hiddenimports += collect_submodules("isal")  # its extensions import each other
# Beside the sources in a wheel, but elsewhere in an editable install, where it is not seen.
binaries = [(get_module_file_attribute("defocus._native"), "defocus")]
# A cluster runs Python, not frozen programs.
excludedimports = ["ray", "pyarrow"]
