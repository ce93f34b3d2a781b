"""What defocus must know of a network to run it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

from defocus import checks
from defocus.errors import OptionError, OptionTypeError

__all__ = ["ModelSpec"]


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One network: where its file is, how it is fed, and how its answer is read.

    Only `file` is needed: a path to an ONNX file of the U-2-Net family, which takes one float32
    image 1 x 3 x height x width and gives maps 1 x 1 x height x width of 0..1.

    - `input_size`: width and height in pixels of the image it takes.  None (the default): as the
      file says, and 320 x 320 where the file leaves that open.
    - `divisor`, `mean`, `std`: what makes the input of red, green and blue, (c / divisor - mean) /
      std.  A `divisor` of None (the default) is the image's largest value, as the authors of
      U-2-Net do; 255 is usual elsewhere.  `mean` and `std` are those of ImageNet by default.
    - `output`: the name of the map to use.  None (the default): the first.
    - `subject_threshold`: where even the largest value of the map is below (0..1, default 0.5),
      the photograph holds no subject.
    - `sha256`: the file's SHA-256, checked at every load.  Empty (the default): not checked.
    - `name`: what messages call it (default: the file's name without extension).
    - `licence`, `source`, `url`, `size`: for those that defocus knows; where the file comes from,
      and how many bytes it has.

    Raises OptionTypeError or OptionError for a field of the wrong type or out of range.

    >>> ModelSpec(file="my-network.onnx", divisor=255.0, mean=(0.5, 0.5, 0.5), std=(1, 1, 1)).name
    'my-network'
    """

    file: str | os.PathLike[str]
    name: str = ""
    sha256: str = ""
    licence: str = ""
    source: str = ""
    url: str = ""
    size: int = 0
    input_size: tuple[int, int] | None = None
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    divisor: float | None = None
    output: str | None = None
    subject_threshold: float = 0.5

    def __post_init__(self) -> None:
        if not isinstance(self.file, (str, os.PathLike)) or not os.fspath(self.file):
            raise OptionTypeError(
                f"file={checks.shown(self.file)} is no path; expected that of an ONNX file"
            )
        self._settle("file", os.fspath(self.file))
        for field in ("name", "sha256", "licence", "source", "url"):
            checks.text(field, getattr(self, field), "expected a string")
        checks.whole("size", self.size, 0, unit="bytes")
        self._settle("name", self.name or Path(self.file).stem)
        if self.sha256 and not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise OptionError(
                f"sha256={checks.shown(self.sha256)} is not 64 lower-case hexadecimal digits"
            )
        if self.output is not None and not isinstance(self.output, str):
            raise checks.refused("output", self.output, "expected a name or None")
        if self.input_size is not None:
            size = _numbers("input_size", self.input_size, 2, "of 1 or more", lambda v: v >= 1)
            if any(value != int(value) for value in size):
                raise OptionError(f"input_size={checks.shown(self.input_size)} is not whole pixels")
            self._settle("input_size", tuple(map(int, size)))
        self._settle("mean", _numbers("mean", self.mean, 3, "", lambda v: True))
        self._settle("std", _numbers("std", self.std, 3, "above 0", lambda v: v > 0.0))
        if self.divisor is not None:
            _numbers("divisor", [self.divisor], 1, "above 0", lambda v: v > 0.0)
        threshold = [self.subject_threshold]
        _numbers("subject_threshold", threshold, 1, "of 0 to 1", lambda v: 0.0 <= v <= 1.0)

    def _settle(self, field: str, value: object) -> None:
        object.__setattr__(self, field, value)  # what a frozen dataclass leaves to its maker


def _numbers(name: str, values: Iterable[Any], count: int, within: str, test: Any) -> Any:
    """`values` as a tuple, all of them real numbers that pass `test`."""
    wanted = f"expected {count} finite number{'s' * (count > 1)} {within}".rstrip()
    try:
        found = tuple(values)
    except TypeError:
        raise OptionTypeError(f"{name}={checks.shown(values)}; {wanted}") from None
    if any(isinstance(value, bool) or not isinstance(value, Real) for value in found):
        raise OptionTypeError(f"{name}={checks.shown(values)}; {wanted}")
    if len(found) != count or not all(abs(value) < 1e300 and test(value) for value in found):
        raise OptionError(f"{name}={checks.shown(values)}; {wanted}")
    return found
