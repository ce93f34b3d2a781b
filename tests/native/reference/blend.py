"""Alpha arithmetic, real-valued."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def blend(
    foreground: NDArray[Any], background: NDArray[Any], alpha: NDArray[Any]
) -> NDArray[np.float64]:
    """I = alpha F + (1 - alpha) B for H x W x 3 (or n x 3) and alpha without channels."""
    a = np.asarray(alpha, np.float64)[..., np.newaxis]
    return a * np.asarray(foreground, np.float64) + (1.0 - a) * np.asarray(background, np.float64)
