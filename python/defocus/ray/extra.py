"""The libraries of the extra `defocus[ray]`, imported at first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from defocus.errors import MissingExtraError

__all__ = ["load"]


def load(name: str) -> Any:
    """A module of Ray or pyarrow.

    Raises MissingExtraError where it cannot be imported.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            f"{name} cannot be imported ({' '.join(str(error).split())}): "
            'pip install "defocus[ray]"'
        ) from error
