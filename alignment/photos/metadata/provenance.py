"""Say in XMP that a photo was edited: IPTC's digital source type, and an entry of the history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from .xmp import IPTC_EXTENSION, RDF, XMP_MM, Attribute, Element, Name, Span, as_utf8, elements
from .xmp import replaced as with_changes

_TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = _TERMS + "compositeWithTrainedAlgorithmicMedia"
"""What IPTC calls a photo of which a trained model painted a part."""
_MADE_BY_A_MODEL = (COMPOSITE.encode(), (_TERMS + "trainedAlgorithmicMedia").encode())
_EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_SOURCE_TYPE, _HISTORY = (IPTC_EXTENSION, "DigitalSourceType"), (XMP_MM, "History")
_ROOT, _DESCRIPTION, _SEQUENCE = (RDF, "RDF"), (RDF, "Description"), (RDF, "Seq")
_ABOUT = (RDF, "about")
_OWN = {"rdf": RDF, "stEvt": _EVENT}
_NEW = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
).encode()

Change = tuple[Span, bytes]


def marked_xmp(xmp: bytes | None, software: str, when: datetime) -> bytes:
    """An XMP packet that says that the photo was edited by that software, at that time.

    The rest of the packet stays as it is, byte for byte. A photo that says already that a model
    made it or a part of it keeps that and gets the entry in its history only. Without a packet,
    and in place of one that is not XMP, there is a new one.
    """
    try:
        packet = _NEW if xmp is None else as_utf8(xmp)
        found = elements(packet, _is_wanted)
    except ValueError:
        packet, found = _NEW, []
    if not any(one.name == _ROOT for one in found):
        packet = _NEW
        found = elements(packet, _is_wanted)
    root = next(one for one in reversed(found) if one.name == _ROOT)
    changes, source_type = _mark(packet, found)
    lists = [one for one in found if one.name == _SEQUENCE and _HISTORY in one.parents]
    history = b""
    if lists:
        entry = _entry(software, when, lists[0].prefixes)
        changes.append(_added(packet, lists[0], entry))
    else:  # one without a list is no history
        changes += [(one.whole, b"") for one in found if one.name == _HISTORY]
        entry = _entry(software, when, _OWN)
        history = b"<xmpMM:History><rdf:Seq>" + entry + b"</rdf:Seq></xmpMM:History>"
    if source_type or history:
        about = next(_abouts(packet, found), b'""')
        description = (
            f'<rdf:Description xmlns:rdf="{RDF}" xmlns:xmpMM="{XMP_MM}" xmlns:stEvt="{_EVENT}" '
            f'xmlns:Iptc4xmpExt="{IPTC_EXTENSION}" rdf:about='
        ).encode()
        description += about + source_type + b">" + history + b"</rdf:Description>"
        changes.append(_added(packet, root, description))
    return with_changes(packet, changes)


def _entry(software: str, when: datetime, prefixes: dict[str, str]) -> bytes:
    """What was done, as a structure: fields as elements, as XMP's specification has them.

    Only prefixes that are not known there are declared: ImageMagick 6 reads no more of this tag.
    """
    unknown = {prefix: uri for prefix, uri in _OWN.items() if prefixes.get(prefix) != uri}
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in unknown.items())
    return (
        f'<rdf:li{declared} rdf:parseType="Resource"><stEvt:action>edited</stEvt:action>'
        f"<stEvt:softwareAgent>{escape(software)}</stEvt:softwareAgent>"
        f"<stEvt:when>{when.isoformat(timespec='seconds')}</stEvt:when></rdf:li>"
    ).encode()


def _mark(packet: bytes, found: list[Element]) -> tuple[list[Change], bytes]:
    """What must change for the source type, and the attribute that a new description needs."""
    new = f' Iptc4xmpExt:DigitalSourceType="{COMPOSITE}"'.encode()
    changes: list[Change] = []
    for one in found:
        told = [(one.whole, one.whole)] if one.name == _SOURCE_TYPE else []
        told += [(each.whole, each.value) for each in one.attributes if each.name == _SOURCE_TYPE]
        for whole, value in told:
            if any(term in packet[slice(*value)] for term in _MADE_BY_A_MODEL):
                return [], b""
            changes.append((whole, b""))  # a camera's own: it no longer holds
    return changes, new


def _added(packet: bytes, element: Element, child: bytes) -> Change:
    """One more child at the end of an element, which may be written as <name/>."""
    stop = element.inside[1]
    if not element.is_one_tag:
        return (stop, stop), child
    tag = packet[slice(*element.whole)]
    opened = tag[: tag.rindex(b"/")] + b">"
    return element.whole, opened + child + b"</" + element.raw_name + b">"


def _abouts(packet: bytes, found: list[Element]) -> Iterator[bytes]:
    """What the packet's descriptions are about, with its quotes; a new one is about the same."""
    for one in found:
        for attribute in one.attributes:
            if (
                one.name == _DESCRIPTION
                and one.parents[-1:] == (_ROOT,)
                and attribute.name == _ABOUT
            ):
                start, stop = attribute.value
                yield packet[start - 1 : stop + 1]


def _is_wanted(name: Name, attributes: tuple[Attribute, ...]) -> bool:
    if name in (_ROOT, _DESCRIPTION, _SEQUENCE, _SOURCE_TYPE, _HISTORY):
        return True
    return any(attribute.name == _SOURCE_TYPE for attribute in attributes)
