import time

import pytest

from photodrag.alignment.photos.metadata.xmp import made_true


def test_what_is_not_spoken_of_stays_byte_for_byte(make_xmp):
    before = make_xmp('hdrgm:Version="1.0" dc:format="a &lt; b"', "<dc:title>\n  x </dc:title>", 99)
    after = made_true(before, with_video=False, sides_swapped=False)
    assert after == before.replace(b' hdrgm:Version="1.0"', b"")


def test_other_prefixes_are_understood():
    xmp = (
        b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
        b"xmlns:q='http://ns.adobe.com/hdr-gain-map/1.0/'  q:Version = '1.0' r:about=''>"
        b"<q:GainMapMax><r:Seq><r:li>2</r:li></r:Seq></q:GainMapMax></r:Description></r:RDF>"
    )
    after = made_true(xmp, with_video=False, sides_swapped=False)
    assert b"Version" not in after
    assert b"GainMapMax" not in after
    assert b"r:about=''></r:Description>" in after


def test_an_element_of_one_tag_goes_alone(make_xmp):
    after = made_true(
        make_xmp("", "<hdrgm:Version/><dc:title>x</dc:title>"),
        with_video=False,
        sides_swapped=False,
    )
    assert after == make_xmp("", "<dc:title>x</dc:title>")


def test_depth_goes_with_its_data(make_xmp):
    gone = make_xmp('GDepth:Format="RangeInverse" xmpNote:HasExtendedXMP="00"')
    after = made_true(gone, with_video=False, sides_swapped=False)
    assert b"GDepth:Format" not in after
    assert b"HasExtendedXMP" not in after
    there = make_xmp('GDepth:Format="RangeInverse" GDepth:Data="AAAA"')
    assert made_true(there, with_video=False, sides_swapped=False) == there


@pytest.mark.parametrize("xmp", [b"no xml", b"<a", b"\xff\xfe\0", b"<!DOCTYPE a><a/>", b"", b"\0"])
def test_what_is_no_xmp_is_left_as_it_is(xmp):
    assert made_true(xmp, with_video=False, sides_swapped=True) == xmp


@pytest.mark.parametrize(
    "xmp",
    [
        b"<a>" * 200_000,
        b"<a " + b"x" * 600_000,
        b"<a" + b" " * 600_000 + b"/>",
        b'<a x="' + b" tiff:ImageWidth=" * 40_000 + b'"/>',
        b"<a>" + b"<hdrgm:b/>" * 60_000 + b"</a>",
    ],
)
def test_strange_packets_take_no_time(xmp):
    begin = time.process_time()
    made_true(xmp, with_video=True, sides_swapped=True)
    assert time.process_time() - begin < 5
