"""ONNX Runtime without its telemetry.  It is imported late, because the import is slow.

Since 1.29 the official builds start an uploader at import, unless an environment variable is set.
defocus sends nothing, and the threads of the uploader keep a child made by fork from exiting.  A
value that the user has set is kept.

Python executes a module once, so only one thread sets the variable.
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
