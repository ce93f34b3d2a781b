"""OpenVINO without its telemetry.  It is imported late, because the import is slow.

`import openvino` writes an identifier to the home folder and sends an event, unless the variable CI
is "true".  defocus sends nothing.  A value that the user has set comes back after the import.

Python executes a module once, so only one thread sets the variable.
"""

from __future__ import annotations

import os

from defocus.errors import MissingExtraError

__all__ = ["openvino"]

_NO_TELEMETRY = "CI"

_before = os.environ.get(_NO_TELEMETRY)
os.environ[_NO_TELEMETRY] = "true"
try:
    import openvino  # type: ignore[import-not-found, unused-ignore]  # an extra
except ImportError as error:
    _reason = " ".join(str(error).split())
    raise MissingExtraError(
        f"OpenVINO, which should run the network, cannot be imported ({_reason}); "
        'install it: pip install "defocus[openvino]"'
    ) from error
finally:
    if _before is None:
        os.environ.pop(_NO_TELEMETRY, None)
    else:
        os.environ[_NO_TELEMETRY] = _before
