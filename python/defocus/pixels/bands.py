"""Bands of rows: temporary arrays stay small and in the cache."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["row_bands"]

_BAND = 1 << 15  # pixels


def row_bands(height: int, width: int) -> Iterator[slice]:
    """Split the rows of an image into bands of about 32768 pixels, from the top.

    >>> list(row_bands(5, 15000))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    rows = max(1, _BAND // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))
