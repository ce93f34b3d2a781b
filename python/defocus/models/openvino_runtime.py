"""OpenVINO without its telemetry.  It is an extra, and imported late, because the import is slow.

`import openvino` writes an identifier to the home folder and sends an event, unless the variable CI
is "true".  defocus sends nothing.  A value that the user has set comes back after the import.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from defocus.errors import MissingExtraError
from defocus.forks import unforked

__all__ = ["import_openvino"]

_NO_TELEMETRY = "CI"
_setting = threading.Lock()  # only one thread sets the variable


def import_openvino() -> ModuleType:
    """OpenVINO.  Raises MissingExtraError if it cannot be imported."""
    try:
        with unforked, _setting, _no_telemetry():
            import openvino

            if not hasattr(openvino, "Core"):  # an empty folder of that name
                raise ImportError(f"{openvino} is not the package")
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise MissingExtraError(
            f"OpenVINO, which should run the network, cannot be imported ({reason}); "
            'install it: pip install "defocus[openvino]"'
        ) from error
    module: ModuleType = openvino
    return module


@contextmanager
def _no_telemetry() -> Iterator[None]:
    """Set the variable, unless the module is imported already."""
    if "openvino" in sys.modules:
        yield
        return
    before = os.environ.get(_NO_TELEMETRY)
    os.environ[_NO_TELEMETRY] = "true"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_NO_TELEMETRY, None)
        else:
            os.environ[_NO_TELEMETRY] = before
