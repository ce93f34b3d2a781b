"""The file, input and output of a network."""

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
    """One network of the U-2-Net family: its file, its input and its output.

    Its input is one float32 image, 1 x 3 x height x width.  Its outputs are masks, 1 x 1 x height x
    width, 0..1.  All parameters are keywords, and only `file` is required.

    Parameters
    ----------
    file : str or path
        Path of the ONNX file.
    name : str
        Name for messages (default: the name of the file without extension).
    sha256 : str
        SHA-256 of the file in hexadecimal digits, verified at every load (default: not verified).
    licence, source, url : str
        Origin of a network that defocus knows.
    size : int
        Bytes of such a file; 0 if not known.
    input_size : (int, int), optional
        Width and height of the input in pixels (default: as in the file, else 320 x 320).
    mean, std : (float, float, float)
        For red, green and blue: the input is (c / divisor - mean) / std (default: those of
        ImageNet).
    divisor : float, optional
        The divisor, such as 255 (default: the largest value of the image, as in U-2-Net).
    output : str, optional
        Name of the output that is used (default: the first).
    subject_threshold : float
        A mask whose maximum is below has no subject; 0 to 1 (default: 0.5).

    Raises
    ------
    OptionTypeError
        If a value has the wrong type.
    OptionError
        If a value is out of range.

    Examples
    --------
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
        object.__setattr__(self, field, value)  # the way to set a field of a frozen dataclass


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
