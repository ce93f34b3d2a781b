"""Which half of all photographs the embedded networks may have seen while they were made."""

from __future__ import annotations

import hashlib


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def calibrates(digest: str) -> bool:
    """Whether a photograph file with this SHA-256 serves for calibration; else it judges."""
    return int(digest, 16) % 2 == 0
