"""Print a digest of each embedded network's mask of a photograph: equal bits, equal digest.

python tools/mask_digest.py PHOTOGRAPH [MODEL]
"""

from __future__ import annotations

import hashlib
import sys

from defocus import Segmenter
from defocus.io import decode
from defocus.models import DEFAULT_MODEL


def main(photograph: str, model: str = DEFAULT_MODEL) -> None:
    segmenter = Segmenter(model)
    mask = segmenter.mask(decode.read(photograph).pixels)
    print(model, hashlib.sha256(mask.tobytes()).hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
