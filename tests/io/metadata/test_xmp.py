"""XMP: announcements of removed data are removed; all other bytes stay."""

from __future__ import annotations

import base64
import tracemalloc

import numpy as np
import pytest

from defocus.io.metadata import privacy, xmp, xmp_tree
from hiding_places import JPEG
from hiding_places import xmp as packet

TEXT = base64.b64encode(JPEG)
_GOOGLE = "http://ns.google.com/photos"
SPACES = {
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "HDRGainMap": "http://ns.apple.com/HDRGainMap/1.0/",
    "GCamera": f"{_GOOGLE}/1.0/camera/",
    "OpCamera": "http://ns.oplus.com/photos/1.0/camera/",
    "Container": f"{_GOOGLE}/1.0/container/",
    "Item": f"{_GOOGLE}/1.0/container/item/",
    "GDepth": f"{_GOOGLE}/1.0/depthmap/",
    "GImage": f"{_GOOGLE}/1.0/image/",
    "GAudio": f"{_GOOGLE}/1.0/audio/",
    "Device": f"{_GOOGLE}/dd/1.0/device/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
}


def container(*items: str, element: bool = False) -> bytes:
    rows = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" '
        f'Item:Semantic="{item}" Item:Length="9"/></rdf:li>'
        for item in items
    )
    return f"<Container:Directory><rdf:Seq>{rows}</rdf:Seq></Container:Directory>".encode()


# What announces something, as attributes or as elements, and what that is.
ANNOUNCED = {
    "a gain map": (b' hdrgm:Version="1.0" hdrgm:GainMapMax="2"', b"", ["the gain map"]),
    "Apple's": (b"", b"<HDRGainMap:HDRGainMapVersion>131072</HDRGainMap:HDRGainMapVersion>",
                ["the gain map"]),
    "a motion photo": (b' GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"', b"",
                       ["the motion video"]),
    "an older one": (b" GCamera:MicroVideo='1' GCamera:MicroVideoOffset='4712'", b"",
                     ["the motion video"]),
    "a live photo": (b' OpCamera:OLivePhotoVersion="2"', b"", ["the motion video"]),
    "a container": (b"", container("Primary", "GainMap", "MotionPhoto"),
                    ["the gain map", "the motion video"]),
    "an unknown item": (b"", container("Primary", "Original"), ["other pictures"]),
    "depth": (b' GDepth:Format="RangeInverse" GDepth:Data="' + TEXT + b'"', b"", ["the depth map"]),
    "an image": (b' GImage:Mime="image/jpeg" GImage:Data="' + TEXT + b'"', b"", ["other pictures"]),
    "sound": (b' GAudio:Mime="audio/mp4"', b"", ["the sound"]),
    "a device": (b"", b"<Device:Cameras><rdf:Seq/></Device:Cameras>", ["the depth map"]),
    "more": (b' xmpNote:HasExtendedXMP="0123456789ABCDEF0123456789ABCDEF"', b"", ["a part of XMP"]),
    "a thumbnail": (b"", b"<xmp:Thumbnails><rdf:Alt/></xmp:Thumbnails>", []),
}  # fmt: skip


def declared(prefix: str = "") -> bytes:
    return "".join(f' xmlns:{prefix}{name}="{uri}"' for name, uri in SPACES.items()).encode()


@pytest.mark.parametrize("name", ANNOUNCED)
def test_announcements_go_and_the_rest_stays(name: str) -> None:
    attributes, elements, lost = ANNOUNCED[name]
    keeps = b"<dc:title>the title</dc:title>\n  "
    used = b"".join(
        f' xmlns:{prefix}="{uri}"'.encode()
        for prefix, uri in SPACES.items()
        if f"{prefix}:".encode() in attributes + elements
    )
    whole = packet(used + attributes, keeps + elements)
    assert xmp.keep(whole) == (packet(b"", keeps), lost)
    # Names are those of namespaces, whatever their prefixes are.
    for prefix in SPACES:
        whole = whole.replace(f"{prefix}:".encode(), f"p{prefix}:".encode())
        whole = whole.replace(f"xmlns:{prefix}".encode(), f"xmlns:p{prefix}".encode())
    assert xmp.keep(whole) == (packet(b"", keeps), lost)


def test_a_container_of_the_picture_alone_stays() -> None:
    whole = packet(declared(), container("Primary"))
    assert xmp.keep(whole) == (whole, [])


@pytest.mark.parametrize(
    "whole",
    [
        packet(),
        packet(b' GCamera:BurstID="x" hdrgmx:Version="1"'),
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        + packet(b" dc:x='a > b' dc:y=\"it's\"", b"<!-- <hdrgm:x> --><dc:z><![CDATA[<a>]]></dc:z>")
        + b"\n" * 100
        + b'<?xpacket end="w"?>',
        b"<x tiff:Orientation='1'/>",
        b"no XML at all, but it harms nobody",
        b"<a>damaged",
    ],
)
def test_what_announces_nothing_stays_byte_for_byte(whole: bytes) -> None:
    assert xmp.keep(whole) == (whole, [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32-be"])
def test_other_encodings_become_utf_8(encoding: str) -> None:
    whole = packet(declared() + b' hdrgm:Version="1.0"').decode().encode(encoding)
    kept, lost = xmp.keep(whole)
    assert lost == ["the gain map"]
    assert kept.startswith(b"<x:xmpmeta")
    assert b"hdrgm" not in kept
    assert xmp.upright(b'<x tiff:Orientation="6"/>'.decode().encode(encoding))[0] == 6


@pytest.mark.parametrize(
    "whole",
    [b'<a hdrgm:Version="1">', b"<a><GCamera:MotionPhoto>1", b"<a><q:b>" + TEXT, b"<a>" + JPEG],
)
def test_a_damaged_packet_that_announces_something_goes(whole: bytes) -> None:
    assert xmp.keep(whole) == (b"", ["XMP, which is damaged"])


def test_a_property_with_a_picture_goes_alone() -> None:
    keeps = b"<dc:title>the title</dc:title>"
    for hidden in (b"<q:a>" + TEXT + b"</q:a>", b"<q:a><![CDATA[" + TEXT + b"]]></q:a>"):
        assert xmp.keep(packet(b"", keeps + hidden)) == (packet(b"", keeps), [])
    assert xmp.keep(packet(b" q:a='" + TEXT + b"'", keeps)) == (packet(b"", keeps), [])


def test_a_packet_goes_whose_picture_is_no_property() -> None:
    hidden = b"<!--" + TEXT + b"-->"
    for whole in (hidden + packet(), packet(b"", b"<dc:a/>" + hidden), b"<?a " + TEXT + b"?><b/>"):
        assert xmp.keep(whole) == (b"", ["XMP"])


def test_an_extension_is_joined() -> None:
    main = packet(declared() + b' xmpNote:HasExtendedXMP="' + b"A" * 32 + b'"')
    inner = b"<q:long>much</q:long>"
    more = packet(b' xmlns:z="urn:z" z:note="kept" GDepth:Data="' + TEXT + b'"' + declared(), inner)
    kept, lost = xmp.keep(main, more)
    assert lost == ["the depth map"]
    for part in (b'z:note="kept"', inner, b'dc:creator="Me"'):
        assert part in kept
    assert b"HasExtendedXMP" not in kept
    root = xmp_tree.parse(kept)
    assert root is not None
    assert [e.name for e in root.walk()].count("rdf:Description") == 2
    assert all(e.spaces["z"] == "urn:z" for e in root.walk() if e.name == "q:long")
    assert xmp.keep(main, b"<damaged>")[1] == ["a part of XMP"]
    assert xmp.keep(b"<x:xmpmeta/>", more)[0] == b"<x:xmpmeta/>"


def test_what_does_not_fit_loses_its_padding_and_then_its_last_part() -> None:
    first = b"<rdf:Description dc:a='1'/>"
    last = b"<rdf:Description dc:b='%s'/>" % (b"2" * 1000)
    whole = b"<rdf:RDF>%s%s</rdf:RDF>" % (first, last)
    padded = whole + b" " * 2000 + b"<?xpacket end='w'?>"
    assert xmp.fitted(padded, len(padded)) == (padded, [])
    assert xmp.fitted(padded, len(padded) - 1) == (whole + b"\n<?xpacket end='w'?>", [])
    kept, lost = xmp.fitted(padded, 500)
    assert kept == b"<rdf:RDF>%s</rdf:RDF>\n<?xpacket end='w'?>" % first
    assert lost == ["a part of XMP"]
    assert xmp.fitted(whole, 10) == (b"", ["XMP"])


def test_sizes_follow() -> None:
    whole = b"<a exif:PixelXDimension = '600' tiff:ImageLength=\"400\"><tiff:ImageWidth>600</x>"
    assert xmp.resized(whole, (30, 20)) == (
        b"<a exif:PixelXDimension = '30' tiff:ImageLength=\"20\"><tiff:ImageWidth>30</x>"
    )


def test_marked_regions_go_where_the_picture_moved() -> None:
    marked = b"<mwg-rs:Regions><rdf:Bag/></mwg-rs:Regions>"
    whole = packet(declared(), marked + b"<dc:title>t</dc:title>")
    assert xmp.keep(whole) == (whole, [])
    assert xmp.without_regions(whole) == (whole.replace(marked, b""), ["the marked regions"])


def test_positions_of_any_namespace_go() -> None:
    whole = packet(
        b' exif:GPSLatitude="52,31.2N" drone-dji:GpsLongtitude=\'13\' dc:GPSish="x"',
        b"<exif:GPSAltitude>341/10</exif:GPSAltitude><dc:title>GPSish</dc:title>",
    )
    assert privacy.xmp_without_gps(whole) == packet(b"", b"<dc:title>GPSish</dc:title>")


@pytest.mark.parametrize(
    "part",
    [b"<", b"<a ", b'<a "', b"<!--", b"<a>", b"</a>", b"<a b='c'/>", b"<a b", b"<GPS:a>",
     b"<exif:GPSa>", b'<a xmlns:b="c">', b"<rdf:RDF>", b" ", b"A"],
)  # fmt: skip
def test_much_of_the_same_takes_no_time(part: bytes) -> None:
    many = part * (60_000 // len(part))
    for whole in (many, b"<a " + many + b"></a>"):
        kept, _ = xmp.keep(whole, whole)
        privacy.xmp_without_gps(kept)
        xmp.resized(xmp.upright(kept)[1], (3, 2))
        xmp.fitted(kept, 1000)


def test_damaged_packets_raise_nothing() -> None:
    rng = np.random.default_rng(2)
    attributes = b"".join(a for a, _, _ in ANNOUNCED.values() if len(a) < 300)
    elements = b"".join(e for _, e, _ in ANNOUNCED.values())
    whole = np.frombuffer(packet(declared() + attributes, elements), np.uint8)
    for _ in range(200):
        noisy = whole.copy()
        noisy[rng.integers(0, noisy.size, 3)] = rng.integers(0, 256, 3)
        data = noisy.tobytes()[: rng.integers(0, 2 * noisy.size)]
        kept, _ = xmp.keep(data, data)
        xmp.fitted(kept, 300)
        xmp.without_regions(kept)
        privacy.xmp_without_gps(kept)


def crowded(spaces: int, elements: int, element: str) -> bytes:
    """A packet whose elements each declare one more namespace than their parent."""
    declared = "".join(f' xmlns:n{number}="long"' for number in range(spaces))
    return f"<rdf:RDF{declared}>{element * elements}</rdf:RDF>".encode()


def test_elements_share_the_namespaces_of_their_parent() -> None:
    tracemalloc.start()
    try:
        root = xmp_tree.parse(crowded(2000, 2000, '<a:b xmlns:a="c"/>'))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert root is not None
    inner = root.children[0].children[-1]
    assert (inner.spaces["a"], inner.spaces["n1999"]) == ("c", "long")
    assert most < 8 << 20  # a mapping of its own for each element takes over 100 MiB


def test_an_extension_whose_namespaces_would_fill_the_packet_is_left_out() -> None:
    inner = '<rdf:Description a:b="c"/>'
    plain = crowded(1, 1, inner)
    few, lost = xmp.keep(plain, crowded(20, 20, inner))
    assert few.count(b"<rdf:Description") == 21
    assert not lost
    assert xmp.keep(plain, crowded(1000, 1000, inner))[0] == plain
