"""XMP packets, changed in place: properties are found by an XML parser and cut out of the bytes.

Nothing else moves. A packet that is not well-formed XML, or has a document type of its own (which
XMP forbids), is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMP_MM = "http://ns.adobe.com/xap/1.0/mm/"
IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_GOOGLE = "http://ns.google.com/photos/1.0/"
_CAMERA, _CONTAINER, _ITEM = (
    _GOOGLE + "camera/",
    _GOOGLE + "container/",
    _GOOGLE + "container/item/",
)
_DYNAMIC_DEPTH = "http://ns.google.com/photos/dd/1.0/"
_HOLDERS = tuple(_GOOGLE + name for name in ("depthmap/", "image/", "audio/"))
_GAIN_MAPS = ("http://ns.adobe.com/hdr-gain-map/1.0/", "http://ns.apple.com/HDRGainMap/1.0/")
_NOTE, _TERMS = "http://ns.adobe.com/xmp/note/", "http://purl.org/dc/terms/"
_TIFF, _EXIF = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/exif/1.0/"
_USUAL = {  # prefixes, where a packet does not say what they stand for
    **{"rdf": RDF, "xmpMM": XMP_MM, "Iptc4xmpExt": IPTC_EXTENSION, "xmpNote": _NOTE},
    **{"GCamera": _CAMERA, "Container": _CONTAINER, "GContainer": _CONTAINER, "Item": _ITEM},
    **{"hdrgm": _GAIN_MAPS[0], "HDRGainMap": _GAIN_MAPS[1], "dcterms": _TERMS},
    **{"GDepth": _HOLDERS[0], "GImage": _HOLDERS[1], "GAudio": _HOLDERS[2]},
    **{"tiff": _TIFF, "exif": _EXIF},
}
_SIZES = (
    ((_TIFF, "ImageWidth"), (_TIFF, "ImageLength")),
    ((_EXIF, "PixelXDimension"), (_EXIF, "PixelYDimension")),
)
_MOST_BYTES = 16 * 2**20  # of a packet that is looked into
_TAG = re.compile(rb"(<[^\s/>]+)(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")
_ATTRIBUTE = re.compile(rb"\s+([^\s=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_PACKET_END = re.compile(rb"<\?xpacket end=")
_SPACES = b" \t\r\n"

Name = tuple[str, str]
"""The address of a namespace, and the name in it."""
Span = tuple[int, int]
"""A piece of a packet: where it starts, and where it stops."""


class Attribute(NamedTuple):
    """An attribute, the whitespace in front of it included, and its value without the quotes."""

    name: Name
    whole: Span
    value: Span


class Element(NamedTuple):
    """An element: from its start tag to its end tag, and what is between them."""

    name: Name
    whole: Span
    inside: Span
    """Empty, behind the tag, for an element of one tag."""
    attributes: tuple[Attribute, ...]
    parents: tuple[Name, ...]
    """The names of the three elements that it stands in, the nearest last."""
    raw_name: bytes
    prefixes: dict[str, str]
    """What each prefix stands for inside of it."""

    @property
    def is_one_tag(self) -> bool:
        """Whether it is written as <name/>."""
        return self.inside[0] == self.whole[1]


class _Open(NamedTuple):
    name: Name
    start: int
    tag_end: int
    attributes: tuple[Attribute, ...]
    raw_name: bytes
    prefixes: dict[str, str]


def as_utf8(xmp: bytes) -> bytes:
    """The packet in UTF-8, which every format may hold; ValueError if that is impossible."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if xmp.startswith(mark):
            return xmp.decode(encoding).encode()
    return xmp


def elements(xmp: bytes, wanted: Callable[[Name, tuple[Attribute, ...]], bool]) -> list[Element]:
    """Those elements of a packet in UTF-8 that are wanted, each as it ends.

    ValueError for a packet that is not XML.
    """
    if len(xmp) > _MOST_BYTES:
        raise ValueError(f"the XMP packet has {len(xmp):,} bytes")
    body = xmp.rstrip(b"\0")
    parser = expat.ParserCreate()
    found: list[Element] = []
    above: list[_Open] = []

    def begin(name: str, _: object) -> None:
        start = parser.CurrentByteIndex
        tag = _TAG.match(body, start)
        if tag is None:
            raise ValueError(f"the XMP packet has no tag at {start}")
        before = above[-1].prefixes if above else {}
        pieces = [
            (piece[1].decode(), piece.span(), piece.span(2 if piece[2] is not None else 3))
            for piece in _pieces(body, tag.end(1), tag.end())
        ]
        own = _declared(body, pieces)
        prefixes = before | own if own else before
        attributes = tuple(
            Attribute(_resolved(key, prefixes) if ":" in key else ("", key), whole, value)
            for key, whole, value in pieces
            if key != "xmlns" and not key.startswith("xmlns:")
        )
        above.append(
            _Open(_resolved(name, prefixes), start, tag.end(), attributes, name.encode(), prefixes)
        )

    def finish(_: str) -> None:
        one, place = above.pop(), parser.CurrentByteIndex
        if not wanted(one.name, one.attributes):
            return
        if body[one.tag_end - 2 : one.tag_end] == b"/>":
            whole, inside = (one.start, one.tag_end), (one.tag_end, one.tag_end)
        else:
            whole = (one.start, body.index(b">", place) + 1)
            inside = (one.tag_end, place)
        parents = tuple(parent.name for parent in above[-3:])
        found.append(
            Element(one.name, whole, inside, one.attributes, parents, one.raw_name, one.prefixes)
        )

    def refuse(*_: object) -> None:
        raise ValueError("the XMP packet has a document type")

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"the XMP packet is not XML: {error}") from error
    return found


def made_true(xmp: bytes, *, with_video: bool, sides_swapped: bool) -> bytes:
    """A packet that says nothing of bytes that a photo does not keep.

    Gain maps, depths, the second part of the packet, and (unless `with_video`) a motion photo's
    video; credentials inside the file. Width and height change places with `sides_swapped`.
    """
    try:
        packet = as_utf8(xmp)
        found = elements(packet, _speaks_of_bytes)
    except ValueError:
        return xmp
    if not found:
        return xmp
    holders = {name[0] for name in _names(found) if name[0] in _HOLDERS and name[1] == "Data"}
    cuts: list[tuple[Span, bytes]] = []
    for element in found:
        is_gone = _is_gone(element.name, packet[slice(*element.inside)], with_video, holders)
        if is_gone or _is_other_item(element, packet):
            cuts.append((element.whole, b""))
        for attribute in element.attributes:
            if _is_gone(attribute.name, packet[slice(*attribute.value)], with_video, holders):
                cuts.append((attribute.whole, b""))
    if sides_swapped:
        cuts += _swapped_sizes(packet, found)
    return replaced(packet, cuts) if cuts else xmp


def replaced(xmp: bytes, changes: Iterable[tuple[Span, bytes]]) -> bytes:
    """The packet with other bytes in place of some pieces; what lies inside a piece goes with it.

    What is added is taken from the padding at the end, as far as that goes.
    """
    kept, place, before = [], 0, len(xmp)
    for (start, stop), new in sorted(changes, key=lambda one: (one[0][0], -one[0][1])):
        if start >= place:
            kept += [xmp[place:start], new]
            place = stop
    changed = b"".join([*kept, xmp[place:]])
    more = len(changed) - before
    ends = list(_PACKET_END.finditer(changed, max(0, len(changed) - 256)))
    if more <= 0 or not ends:
        return changed
    end = ends[-1].start()
    padding = end - len(changed[:end].rstrip(_SPACES))
    return changed[: end - min(more, max(padding - 1, 0))] + changed[end:]


def _declared(body: bytes, pieces: list[tuple[str, Span, Span]]) -> dict[str, str]:
    """The prefixes that a tag's pieces declare; "" is that of names without one."""
    return {
        key[len("xmlns:") :]: body[slice(*value)].decode()
        for key, _, value in pieces
        if key == "xmlns" or key.startswith("xmlns:")
    }


def _pieces(xmp: bytes, start: int, stop: int) -> Iterator[re.Match[bytes]]:
    """The attributes of a tag, each where the one before ends: no byte is looked at twice."""
    while (piece := _ATTRIBUTE.match(xmp, start, stop)) is not None:
        yield piece
        start = piece.end()


def _resolved(name: str, prefixes: dict[str, str]) -> Name:
    prefix, colon, local = name.partition(":")
    if not colon:
        return prefixes.get("", ""), name
    return prefixes.get(prefix) or _USUAL.get(prefix, prefix), local


def _names(found: list[Element]) -> Iterator[Name]:
    for element in found:
        yield element.name
        yield from (attribute.name for attribute in element.attributes)


def _speaks_of_bytes(name: Name, attributes: tuple[Attribute, ...]) -> bool:
    spaces = {name[0], *(attribute.name[0] for attribute in attributes)}
    known = {_CAMERA, _CONTAINER, _ITEM, *_HOLDERS, *_GAIN_MAPS, _NOTE, _TERMS, _TIFF, _EXIF}
    return (
        bool(spaces & known)
        or name == (RDF, "li")
        or any(space.startswith(_DYNAMIC_DEPTH) for space in spaces)
    )


def _is_gone(name: Name, value: bytes, with_video: bool, holders: set[str]) -> bool:
    space, local = name
    if space in _GAIN_MAPS or space.startswith(_DYNAMIC_DEPTH):
        return True
    if space == _CAMERA and local.startswith(("MotionPhoto", "MicroVideo")):
        return not with_video
    if space == _CONTAINER and local == "Directory":
        return not with_video
    if space in _HOLDERS:
        return space not in holders
    if name == (_TERMS, "provenance"):
        return value.lstrip().startswith(b"self#")
    return name == (_NOTE, "HasExtendedXMP")


def _is_other_item(element: Element, packet: bytes) -> bool:
    """Whether it lists, in a container's directory, a picture that is not kept."""
    if element.name != (RDF, "li") or element.parents[-2:-1] != ((_CONTAINER, "Directory"),):
        return False
    inside = packet[slice(*element.whole)]
    return not re.search(rb"Semantic(?:\s*=\s*[\"']|\s*>\s*)(?:Primary|MotionPhoto)\b", inside)


def _swapped_sizes(packet: bytes, found: list[Element]) -> Iterator[tuple[Span, bytes]]:
    places: dict[Name, Span] = {}
    for element in found:
        places |= {attribute.name: attribute.value for attribute in element.attributes}
        if element.name[0] in (_TIFF, _EXIF):
            places[element.name] = element.inside
    for across, down in _SIZES:
        if across in places and down in places:
            yield places[across], packet[slice(*places[down])]
            yield places[down], packet[slice(*places[across])]
