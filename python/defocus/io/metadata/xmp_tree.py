"""XMP packets as trees of elements that know their place in the packet.

A packet is changed by cutting pieces out, so that all other bytes stay.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

__all__ = ["Attribute", "Element", "cut", "parse"]

# Forms that begin with "<": a comment, an instruction, literal text, an end tag, a start tag.
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_INSTRUCTION = re.compile(rb"<\?.*?\?>", re.DOTALL)
_LITERAL = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_END = re.compile(rb"</\s*([^\s<>/=]+)\s*>")
_START = re.compile(rb"<([^\s<>/=!?]+)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>")
_ATTRIBUTE = re.compile(rb"(?<!\s)\s+([^\s=/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DEEPEST = 100
_MOST = 1 << 16  # elements and attributes


@dataclass(slots=True)
class Attribute:
    """A name and its value as written, and their place with the space before them."""

    name: str
    value: bytes
    start: int
    end: int


@dataclass(slots=True)
class Element:
    """An element from `start` to `end`, with its content from `inner` to `closing`.

    `spaces` are the namespaces that are declared for it, by prefix.
    """

    name: str
    start: int
    inner: int
    attributes: list[Attribute]
    spaces: ChainMap[str, str]
    closing: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below, each before its children."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)


def parse(packet: bytes) -> Element | None:
    """Return a nameless element that holds those of the packet.

    The result is None if the packet is not well formed, or too deep or too long to be a real one.
    """
    root = Element("", 0, 0, [], ChainMap(), len(packet), len(packet))
    stack, at, left = [root], 0, _MOST
    while (at := packet.find(b"<", at)) >= 0:
        passed = next((p.match(packet, at) for p in _SKIPPED if p.match(packet, at)), None)
        if passed:
            at = passed.end()
        elif found := _END.match(packet, at):
            element = stack.pop()
            if element is root or element.name != _text(found[1]):
                return None
            element.closing, element.end = found.span()
            at = found.end()
        elif found := _START.match(packet, at):
            element = _element(found, stack[-1], left)
            left -= 1 + len(element.attributes)
            stack[-1].children.append(element)
            at = found.end()
            if not element.end:
                stack.append(element)
            if len(stack) > _DEEPEST or left < 0:
                return None
        else:
            return None
    return root if stack == [root] and root.children else None


_SKIPPED = (_COMMENT, _INSTRUCTION, _LITERAL)


def _element(found: re.Match[bytes], parent: Element, most: int) -> Element:
    """Return an element with at most this number of its attributes."""
    attributes = [
        Attribute(
            _text(a[1]),
            a[2] if a[2] is not None else a[3],
            found.start(2) + a.start(),
            found.start(2) + a.end(),
        )
        for a in islice(_ATTRIBUTE.finditer(found[2]), most)
    ]
    own = {a.name[6:]: _text(a.value) for a in attributes if a.name.startswith("xmlns:")}
    spaces = parent.spaces.new_child(own) if own else parent.spaces
    end = found.end()
    element = Element(_text(found[1]), found.start(), end, attributes, spaces)
    if found[2].endswith(b"/"):
        element.inner = element.closing = element.end = end
    return element


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def cut(packet: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    """Return the packet without these pieces, which may overlap."""
    parts, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            parts.append(packet[at : max(start, at)])
            at = end
    return b"".join([*parts, packet[at:]])
