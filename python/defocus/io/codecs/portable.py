"""Netpbm images: PBM, PGM and PPM, plain (text) and raw, and PAM (netpbm's manual pages).

Pillow does not read PAM, and reads samples with other ranges than 0..255 one at a time.
"""

from __future__ import annotations

import re
from typing import IO, Any, NamedTuple

import numpy as np
from PIL import ImageFile

from defocus.errors import ImageTypeError
from defocus.pixels.samples import Pixels, to_bytes

__all__ = ["PortableImage", "identify", "is_portable", "samples_of"]

_PLAIN = (b"P1", b"P2", b"P3")
_CHANNELS = {b"P1": 1, b"P2": 1, b"P3": 3, b"P4": 1, b"P5": 1, b"P6": 3}
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# PAM kinds with their samples per pixel.  Without a kind the number of samples decides.
_KINDS = {b"BLACKANDWHITE": 1, b"GRAYSCALE": 1, b"RGB": 3}
_KINDS |= {kind + b"_ALPHA": count + 1 for kind, count in _KINDS.items()}
_HEADER = 1 << 16  # the largest header in bytes, with comments
_SPACE = rb"(?:[ \t\n\v\f\r]|#[^\r\n]*[\r\n])"


class _Header(NamedTuple):
    """`most` is the sample of white; the pixels begin at `start`."""

    magic: bytes
    width: int
    height: int
    channels: int
    most: int
    start: int


class PortableImage(ImageFile.ImageFile):
    """A Netpbm image as Pillow's image, of which only the header is read until it is loaded.

    The mode is I;16 for grey above 8 bits; colours above 8 bits are shown as 8.  `most` is the
    sample of white in the file.
    """

    format = "PPM"
    format_description = "Netpbm portable picture"
    most = 255

    def _open(self) -> None:
        assert self.fp is not None
        self._header = header = _header(self.fp)
        deep_grey = header.most > 255 and header.channels == 1
        self._mode = "I;16" if deep_grey else _MODES[header.channels]
        self._size = (header.width, header.height)
        self.most = header.most
        self.tile = []

    def load(self) -> Any:
        """Decode the pixels, once."""
        if self._im is None:
            shown = self.samples()
            if self.mode != "I;16":
                shown = to_bytes(shown)
            self.load_prepare()
            self.frombytes(np.ascontiguousarray(shown).tobytes())
        return super().load()

    def samples(self) -> Pixels:
        """Return the image, height x width x channels: uint16 0..65535 if `most` is above 255."""
        assert self.fp is not None
        return _samples(self.fp, self._header)


def is_portable(prefix: bytes) -> bool:
    """Return whether a file that begins with `prefix` is a Netpbm image."""
    return re.match(rb"P[1-6][\s#]|P7\n", prefix) is not None


def identify(file: IO[bytes]) -> PortableImage:
    """Parse the header of the image that begins at the position of the file.

    Raises SyntaxError for damage, and ImageTypeError for kinds that are not supported.
    """
    _header(file)  # Pillow's own classes would turn any TypeError into a SyntaxError
    file.seek(0)
    return PortableImage(file, "")


def samples_of(file: IO[bytes]) -> Pixels:
    """Return the samples of the image at the start of the file, as `PortableImage.samples`."""
    file.seek(0)
    return _samples(file, _header(file))


def _header(file: IO[bytes]) -> _Header:
    """Parse a header.  Raises SyntaxError for damage, ImageTypeError for other kinds."""
    text = file.read(_HEADER)
    magic = text[:2]
    found = _of_pam(text) if magic == b"P7" else _of_others(text)
    if found.width < 1 or found.height < 1:
        raise SyntaxError(f"its header states {found.width} x {found.height} pixels")
    if not 1 <= found.most <= 65535:
        raise SyntaxError(f"its header states that white is {found.most}; expected 1 to 65535")
    return found


def _of_others(text: bytes) -> _Header:
    magic = text[:2]
    bits = magic in (b"P1", b"P4")
    numbers = (rb"(\d{1,10})" + _SPACE + b"+") * (1 if bits else 2) + rb"(\d{1,10})"
    # One whitespace ends the header, and a comment before it belongs to the header.
    ending = rb"(?:#[^\r\n]*)?[ \t\n\v\f\r]"
    found = re.match(rb"P[1-6]" + _SPACE + b"+" + numbers + ending, text)
    if not found:
        raise SyntaxError("its header is not that of a PBM, PGM or PPM")
    width, height, *rest = map(int, found.groups())
    return _Header(magic, width, height, _CHANNELS[magic], rest[0] if rest else 1, found.end())


def _of_pam(text: bytes) -> _Header:
    ended = re.search(rb"^ENDHDR[ \t\r]*\n", text, re.MULTILINE)
    if not ended:
        raise SyntaxError("the header of the PAM has no end")
    fields: dict[bytes, bytes] = {}
    for line in text[3 : ended.start()].split(b"\n"):
        name, _, value = line.strip().partition(b" ")
        if name and not name.startswith(b"#"):
            fields[name] = (fields.get(name, b"") + b" " + value).strip()
    try:
        width, height, depth, most = (
            int(fields[name]) for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")
        )
    except (KeyError, ValueError):
        raise SyntaxError(
            "the header of the PAM lacks its width, height, depth or maxval"
        ) from None
    kind = fields.get(b"TUPLTYPE", b"").upper()
    channels = _KINDS.get(kind, depth if not kind else 0)
    if channels != depth or channels not in _MODES:
        raise ImageTypeError(
            f"the image is a PAM with {depth} samples per pixel, kind {kind.decode('latin-1')!r};"
            f" expected {', '.join(known.decode() for known in _KINDS)}; convert it to one of these"
        )
    return _Header(b"P7", width, height, channels, most, ended.end())


def _samples(file: IO[bytes], header: _Header) -> Pixels:
    """Read the pixels.  Raises ValueError if they are damaged or truncated."""
    shape = (header.height, header.width, header.channels)
    file.seek(header.start)
    if header.magic in _PLAIN:
        stored = _plain(file.read(), header)
    elif header.magic == b"P4":
        data = _whole(file, header.height * ((header.width + 7) // 8))
        rows = np.frombuffer(data, np.uint8).reshape(header.height, -1)
        stored = np.unpackbits(rows, axis=1)[:, : header.width]
    else:
        sample = np.dtype(">u2" if header.most > 255 else "u1")
        count = header.height * header.width * header.channels
        stored = np.frombuffer(_whole(file, count * sample.itemsize), sample)
    if header.magic in (b"P1", b"P4"):  # 1 is black
        stored = stored ^ 1
    return _scaled(stored.reshape(shape), header.most)


def _whole(file: IO[bytes], count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise ValueError(f"it is truncated: {count - len(data)} bytes are missing")
    return data


def _plain(text: bytes, header: _Header) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the numbers of a text file.  A comment may stand anywhere."""
    text = re.sub(rb"#[^\r\n]*", b" ", text)
    count = header.height * header.width * header.channels
    wrong = re.search(rb"[^\d\s]|\d{11}", text)
    if header.magic == b"P1":  # pixels need no whitespace between them
        text = text.translate(None, b" \t\n\v\f\r")
        wrong = re.search(rb"[^01]", text[:count])
        numbers = np.frombuffer(text, np.uint8) & 1
    elif not wrong:
        numbers = np.fromstring(text, np.int64, sep=" ") if text.strip() else np.zeros(0, np.int64)
    if wrong:
        raise ValueError(f"it has {wrong[0].decode('latin-1')!r} where a number should be")
    if numbers.size < count:
        raise ValueError(f"it is truncated: {count - numbers.size} numbers are missing")
    numbers = numbers[:count]
    if header.magic != b"P1" and numbers.max() > header.most:
        raise ValueError(
            f"it has the number {numbers.max()}; its header states a maximum of {header.most}"
        )
    return numbers


def _scaled(stored: np.ndarray[Any, np.dtype[Any]], most: int) -> Pixels:
    """Scale samples of 0 to `most` to 8 or 16 bits, rounded to the nearest."""
    dtype = np.uint16 if most > 255 else np.uint8
    full = int(np.iinfo(dtype).max)
    if most == full:
        return np.asarray(stored, dtype)
    table = (np.arange(most + 1) * full + most // 2) // most
    result: Pixels = table.astype(dtype)[np.minimum(stored, most)]
    return result
