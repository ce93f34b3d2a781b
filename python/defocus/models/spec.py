"""The file, input and output of a network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from defocus.options import network
from defocus.options.network import Activation, Channels

__all__ = ["ModelSpec"]


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One network: its file, its input and its output.

    Its input is one image, 1 x 3 x height x width.  Its outputs are masks, 1 x 1 x height x width.
    Both are float32 or float16, which the file says.  All parameters are keywords, and only `file`
    is required.

    Parameters
    ----------
    file : str or path
        Path of the ONNX file.
    name : str
        Name for messages (default: the name of the file without extension).
    sha256 : str
        SHA-256 of the file in hexadecimal digits, verified at every load (default: not verified).
    md5 : str
        MD5 of the file, for files whose publisher gives no SHA-256.
    licence, source, url : str
        Origin of a network that defocus knows.
    non_commercial : bool
        Whether the licence excludes commercial use (default: False).
    size : int
        Bytes of such a file; 0 if not known.
    memory : int
        Bytes that one process needs with this network, about; 0 if not known.
    input_size : (int, int), optional
        Width and height of the input in pixels (default: as in the file, else 320 x 320).
    short_edge : int, optional
        Short edge of an input that keeps the proportions of the photo, in place of `input_size`.
    multiple : int
        Both edges of such an input are multiples of this (default: 32).
    mean, std : (float, float, float)
        For red, green and blue: the input is (c / divisor - mean) / std (default: those of
        ImageNet).
    divisor : float, optional
        The divisor, such as 255 (default: the largest value of the image, as in U-2-Net).
    channels : str
        Order of the channels of the input: "rgb" or "bgr" (default: "rgb").
    output : str, optional
        Name of the output that is used (default: the first).
    activation : str
        What makes 0..1 of the output: "none", "sigmoid" for logits, or "min-max", which stretches
        each mask to 0..1 and so finds a subject in every photo (default: "none").
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
    md5: str = ""
    licence: str = ""
    source: str = ""
    url: str = ""
    non_commercial: bool = False
    size: int = 0
    memory: int = 0
    input_size: tuple[int, int] | None = None
    short_edge: int | None = None
    multiple: int = 32
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    divisor: float | None = None
    channels: Channels = "rgb"
    output: str | None = None
    activation: Activation = "none"
    subject_threshold: float = 0.5

    def __post_init__(self) -> None:
        """Check every value."""
        self._settle("file", network.check_file(self.file))
        network.check_origin(vars(self))
        network.check_output(self.output, self.activation)
        self._settle("name", self.name or Path(self.file).stem)
        if self.input_size is not None:
            self._settle("input_size", network.input_size(self.input_size))
        network.check_short_edge(self.short_edge, self.multiple, self.input_size)
        network.check_channels(self.channels)
        self._settle("mean", network.three("mean", self.mean, above_zero=False))
        self._settle("std", network.three("std", self.std, above_zero=True))
        network.check_divisor(self.divisor)
        network.check_threshold(self.subject_threshold)

    def _settle(self, field: str, value: object) -> None:
        object.__setattr__(self, field, value)  # the way to set a field of a frozen dataclass
