"""Which network a wrong name means."""

from __future__ import annotations

import re
from collections.abc import Iterable

from defocus.forks import unforked

__all__ = ["meant"]

# What other programs and the authors call a network, in lower case with hyphens.
_OTHER_NAMES = {
    "ben": "ben2",
    "ben2-base": "ben2",
    "birefnet": "birefnet-general",
    "birefnet-lite": "birefnet-general-lite",
    "birefnet-general-bb-swin-v1-tiny": "birefnet-general-lite",
    "birefnet-general-fp16": "birefnet-general",
    "birefnet-hrsod-dhu": "birefnet-hrsod",
    "birefnet-massive-tr-dis5k-tr-tes": "birefnet-massive",
    "bria": "bria-rmbg",
    "bria-rmbg-2-0": "bria-rmbg",
    "dis": "isnet-general-use",
    "human": "u2net_human_seg",
    "isnet": "isnet-general-use",
    "isnet-dis": "isnet-general-use",
    "isnet-general": "isnet-general-use",
    "isnetis": "isnet-anime",
    "modnet-photographic-portrait-matting": "modnet",
    "portrait": "birefnet-portrait",
    "rmbg": "bria-rmbg",
    "rmbg-1-4": "bria-rmbg-1.4",
    "rmbg-2-0": "bria-rmbg",
    "u2net-human": "u2net_human_seg",
    "u2net-lite": "u2netp",
    "u2netp-float": "u2netp",
}


def meant(name: object, known: Iterable[str]) -> str | None:
    """The known name that `name` most probably means, or None.

    >>> meant("isnet_general_use", ["isnet-general-use"])
    'isnet-general-use'
    >>> meant("BiRefNet-general-epoch_244.onnx", ["birefnet-general", "birefnet-dis"])
    'birefnet-general'
    """
    with unforked:
        from difflib import get_close_matches  # only errors need it

    plain = {_plain(each): each for each in known}
    given = _plain(str(name))
    for other, right in _OTHER_NAMES.items():
        if right in plain.values():
            plain.setdefault(other, right)
    near = get_close_matches(given, plain, n=1, cutoff=0.75)
    return plain[near[0]] if near else None


def _plain(name: str) -> str:
    """The name in lower case with hyphens, without the epoch and ending of a file."""
    lower = re.sub("[^a-z0-9]+", "-", name.lower().removesuffix(".onnx"))
    return re.sub("-epoch-[0-9]+$", "", lower).strip("-")
