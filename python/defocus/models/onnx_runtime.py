"""ONNX Runtime, imported late because that is slow, and without its telemetry.

From 1.29 on the official builds start an uploader when they are imported, unless a variable is set
at that moment.  defocus works offline and sends nothing; the uploader's threads also keep a process
made by fork from ever exiting.  A value of the user's own stays.

Python executes a module once, also for several threads: only one of them sets the variable.
"""

from __future__ import annotations

import os

from defocus.errors import MissingLibraryError

__all__ = ["onnxruntime"]

_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"

_before = os.environ.get(_NO_TELEMETRY)
os.environ.setdefault(_NO_TELEMETRY, "1")
try:
    import onnxruntime  # type: ignore[import-untyped]  # it has no stubs
except ImportError as error:
    _reason = " ".join(str(error).split())
    raise MissingLibraryError(
        f"ONNX Runtime, which runs the network, cannot be imported ({_reason}); install it: pip"
        " install onnxruntime, or the package of it for your device"
    ) from error
finally:
    if _before is None:
        os.environ.pop(_NO_TELEMETRY, None)
