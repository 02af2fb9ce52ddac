import io
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo
from photodrag.alignment.photos.metadata.provenance import COMPOSITE, marked_xmp
from photodrag.errors import PhotoWarning

WHEN = datetime(2026, 8, 2, 12, 0, 0, tzinfo=UTC)
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
MM, EXT = "{http://ns.adobe.com/xap/1.0/mm/}", "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
EVENT = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"


def _read(xmp):
    """The source types, and (action, software, when) of each entry of the history."""
    root = ET.fromstring(xmp.decode("utf-8-sig"))
    types = [
        one.attrib[EXT + "DigitalSourceType"]
        for one in root.iter(RDF + "Description")
        if EXT + "DigitalSourceType" in one.attrib
    ]
    types += [one.text for one in root.iter(EXT + "DigitalSourceType")]
    histories = list(root.iter(MM + "History"))
    assert len(histories) == 1
    names = ("action", "softwareAgent", "when")
    entries = [
        # of others, attributes; of photodrag, elements
        tuple(item.attrib.get(EVENT + name) or item.findtext(EVENT + name) for name in names)
        for item in histories[0][0]
    ]
    return types, entries


ENTRY = ("edited", "photodrag 1", "2026-08-02T12:00:00+00:00")


def test_a_photo_without_xmp_gets_a_packet():
    assert _read(marked_xmp(None, "photodrag 1", WHEN)) == ([COMPOSITE], [ENTRY])


@pytest.mark.parametrize("xmp", [b"no xml", b"<a/>", b"\xff\xfe\0"])
def test_what_is_no_xmp_is_replaced(xmp):
    assert _read(marked_xmp(xmp, "photodrag 1", WHEN)) == ([COMPOSITE], [ENTRY])


def test_the_rest_of_a_packet_stays(make_xmp):
    before = make_xmp('dc:format="a"', "<dc:title>\n x</dc:title>")
    after = marked_xmp(before, "photodrag 1", WHEN)
    assert _read(after) == ([COMPOSITE], [ENTRY])
    start = after.index(b"<rdf:Description xmlns:rdf")
    length = len(after) - len(before)
    assert after[:start] + after[start + length :] == before


def test_a_second_edit_adds_to_the_history_only():
    once = marked_xmp(None, "photodrag 1", WHEN)
    assert _read(marked_xmp(once, "photodrag 2", WHEN)) == (
        [COMPOSITE],
        [ENTRY, ("edited", "photodrag 2", ENTRY[2])],
    )


def test_a_history_of_others_is_continued(make_xmp):
    before = make_xmp(
        "",
        '<xmpMM:History><rdf:Seq><rdf:li stEvt:action="saved" stEvt:softwareAgent="A" '
        'stEvt:when="2020"/></rdf:Seq></xmpMM:History>',
    )
    types, entries = _read(marked_xmp(before, "photodrag 1", WHEN))
    assert (types, entries) == ([COMPOSITE], [("saved", "A", "2020"), ENTRY])


@pytest.mark.parametrize("empty", ["<xmpMM:History/>", "<xmpMM:History><rdf:Seq/></xmpMM:History>"])
def test_an_empty_history_is_filled(make_xmp, empty):
    assert _read(marked_xmp(make_xmp("", empty), "photodrag 1", WHEN)) == ([COMPOSITE], [ENTRY])


TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ("digitalCapture", COMPOSITE),
        ("trainedAlgorithmicMedia", TERMS + "trainedAlgorithmicMedia"),
        ("compositeWithTrainedAlgorithmicMedia", COMPOSITE),
    ],
)
@pytest.mark.parametrize("as_element", [False, True])
def test_of_source_types_there_is_one(make_xmp, there, expected, as_element):
    name = "ext:DigitalSourceType"
    before = (
        make_xmp("", f"<{name}>{TERMS}{there}</{name}>")
        if as_element
        else make_xmp(f'{name}="{TERMS}{there}"')
    )
    assert _read(marked_xmp(before, "photodrag 1", WHEN)) == ([expected], [ENTRY])


def test_names_are_escaped():
    assert _read(marked_xmp(None, 'a "b" <&>', WHEN))[1][0][1] == 'a "b" <&>'


def test_the_mark_takes_the_place_of_padding(make_xmp):
    before = make_xmp(padding=4000)
    after = marked_xmp(before, "photodrag 1", WHEN)
    assert len(after) == len(before)
    assert after.endswith(b' <?xpacket end="w"?>')


def test_a_packet_in_utf_16_becomes_utf_8(make_xmp):
    text = make_xmp("", "<dc:title>ä</dc:title>").decode()
    after = marked_xmp(text[text.index("<x:") :].encode("utf-16"), "photodrag 1", WHEN)
    assert "<dc:title>ä</dc:title>".encode() in after
    assert _read(after) == ([COMPOSITE], [ENTRY])


@pytest.fixture
def edited(noise):
    photo = Photo(pixels=noise("uint8", 32, 24, 3))
    return photo.with_pixels(255 - photo.pixels, edited=True)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIC"])
def test_an_edited_photo_says_so_in_every_format(edited, name):
    files = []
    for mark in (True, False):
        file = io.BytesIO()
        edited.save(file, name, mark=mark)
        files.append(Photo.from_bytes(file.getvalue()))
    types, ((action, software, _),) = _read(files[0].xmp)
    assert (types, action) == ([COMPOSITE], "edited")
    assert software.startswith("photodrag ")
    assert files[1].xmp is None
    np.testing.assert_array_equal(files[0].pixels, files[1].pixels)
    assert not files[0].edited


def test_with_a_time_given_files_are_the_same_again(edited, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1785672000")
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        edited.save(file, "PNG")
    assert files[0].getvalue() == files[1].getvalue()
    assert b"<stEvt:when>2026-08-02T12:00:00+00:00<" in files[0].getvalue()


def test_a_photo_that_is_not_edited_says_nothing(noise):
    photo = Photo(pixels=noise("uint8", 8, 9, 3))
    file = io.BytesIO()
    photo.with_pixels(photo.pixels).save(file)
    assert Photo.from_bytes(file.getvalue()).xmp is None


def test_where_a_jpeg_cannot_hold_the_old_packet_it_holds_the_mark(edited, make_xmp):
    from dataclasses import replace  # noqa: PLC0415

    file = io.BytesIO()
    photo = replace(edited, xmp=make_xmp("", f"<dc:title>{'x' * 66_000}</dc:title>"))
    with pytest.warns(PhotoWarning, match="XMP data"):
        photo.save(file, "JPEG")
    with Image.open(io.BytesIO(file.getvalue())) as image:
        assert _read(image.info["xmp"])[0] == [COMPOSITE]


def test_an_entry_declares_only_what_is_not_known_there(make_xmp):
    empty = "<xmpMM:History><rdf:Seq/></xmpMM:History>"
    entry = b'<rdf:li rdf:parseType="Resource"><stEvt:action>edited</stEvt:action>'
    assert entry in marked_xmp(make_xmp("", empty), "A", WHEN)
    assert entry in marked_xmp(None, "A", WHEN)
    other = make_xmp("", empty).replace(b"xmlns:stEvt=", b"xmlns:e=")
    marked = marked_xmp(other, "A", WHEN)
    assert b'<rdf:li xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" rdf:' in marked
