"""Which setting of `save` means something to which format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from defocus.errors import OptionError
from defocus.options import Storage

__all__ = ["check_storage", "fitting"]

# The formats that each setting means something to.
_LOSSY = ("JPEG", "WEBP", "AVIF", "HEIF")
_OF = {
    "subsampling": ("JPEG", "AVIF", "HEIF"),
    "compression": ("PNG",),
}


def check_storage(storage: Storage, form: str) -> None:
    """Refuse what the format, by Pillow's name, has no use for: OptionError."""
    if storage.quality is not None and form not in _LOSSY:
        raise OptionError(
            f"quality={storage.quality} has no meaning for {form}, which loses no detail"
        )
    for name, forms in _OF.items():
        value = getattr(storage, name)
        if value is not None and form not in forms:
            raise OptionError(
                f"{name}={value!r} has no meaning for {form}; it is for {', '.join(forms)}"
            )


def fitting(settings: Mapping[str, Any], form: str) -> dict[str, Any]:
    """Those of `save`'s settings that mean something to the format, by Pillow's name.

    >>> fitting({"quality": 80, "compression": "small", "strip": "gps"}, "PNG")
    {'compression': 'small', 'strip': 'gps'}
    """
    useless = {name for name, forms in _OF.items() if form not in forms}
    if form not in _LOSSY:
        useless.add("quality")
    return {name: value for name, value in settings.items() if name not in useless}
