"""Wheels that do not hold the student, or only a part of it."""

import zipfile
from xml.etree import ElementTree

import pytest

from photodrag.checkpoints.convert.openvino import read_mobile_wheel
from photodrag.errors import CheckpointError

FOLDER = "random_face/data"


def test_what_is_no_zip_is_refused(tmp_path):
    path = tmp_path / "a.whl"
    path.write_bytes(b"not a zip at all")
    with pytest.raises(CheckpointError, match=r"a\.whl does not hold"):
        read_mobile_wheel(path)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(tmp_path / "none.whl")


@pytest.mark.parametrize("cut", [0.2, 0.7, 0.99])
def test_cut_wheel_is_refused(wheel, cut):
    data = wheel.read_bytes()
    wheel.write_bytes(data[: int(cut * len(data))])
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(wheel)


@pytest.mark.parametrize(
    "name",
    ["MappingNetwork.xml", "MappingNetwork.bin", "SynthesisNetwork.xml", "SynthesisNetwork.bin"],
)
def test_missing_member_is_refused(tmp_path, members, name, write_wheel):
    del members[name]
    with pytest.raises(CheckpointError, match=name):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


@pytest.mark.parametrize(
    "head",
    [b'<!DOCTYPE net [<!ENTITY a "aaaaaaaa">]>', b'<!DOCTYPE net SYSTEM "file:///etc/hostname">'],
)
def test_entities_are_refused(tmp_path, members, head, write_wheel):
    members["MappingNetwork.xml"] = head + members["MappingNetwork.xml"]
    with pytest.raises(CheckpointError, match="entities"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"offset": "1000000"}, "1000000"),
        ({"offset": "-4"}, "-4"),
        ({"size": "4"}, "4 bytes"),
        ({"size": "-8"}, "-8 bytes"),
        ({"shape": "1000000, 1000000"}, "does not fit"),
        ({"offset": "many"}, "many"),
    ],
)
def test_constant_that_does_not_fit_its_file_is_refused(
    tmp_path, members, change, seen, write_wheel
):
    root = ElementTree.fromstring(members["SynthesisNetwork.xml"])
    data = next(data for data in root.iter("data") if data.get("element_type") == "f32")
    data.attrib.update(change)
    members["SynthesisNetwork.xml"] = ElementTree.tostring(root)
    with pytest.raises(CheckpointError, match=seen):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


def test_numbers_cut_short_are_refused(tmp_path, members, write_wheel):
    members["SynthesisNetwork.bin"] = members["SynthesisNetwork.bin"][:-4]
    with pytest.raises(CheckpointError, match="does not fit its file"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


@pytest.mark.parametrize("text", [b"", b"<net><layers>", b"\x00\x01\x02", b"<net><layers><layer/>"])
def test_broken_xml_is_refused(tmp_path, members, text, write_wheel):
    members["MappingNetwork.xml"] = text
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


@pytest.mark.parametrize("network", ["MappingNetwork", "SynthesisNetwork"])
def test_graph_of_another_network_is_refused(tmp_path, members, network, write_wheel):
    members[f"{network}.xml"] = b"<net><layers/><edges/></net>"
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


def test_graph_without_one_layer_is_refused(tmp_path, members, write_wheel):
    text = members["SynthesisNetwork.xml"].replace(b"m.layers.1.conv2.bias", b"other")
    members["SynthesisNetwork.xml"] = text
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


def test_damaged_compressed_data_is_refused(tmp_path, members):
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in members.items():
            wheel.writestr(f"{FOLDER}/{name}", data)
        start = wheel.getinfo(f"{FOLDER}/SynthesisNetwork.bin").header_offset
    data = bytearray(path.read_bytes())
    data[start + 100 : start + 400] = bytes(255 for _ in range(300))
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(path)


def test_a_graph_of_millions_of_elements_is_refused_unread(tmp_path, members):
    members["MappingNetwork.xml"] = b"<net>" + b"<a/>" * 1_100_000 + b"</net>"
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in members.items():
            wheel.writestr(f"{FOLDER}/{name}", data)
    with pytest.raises(CheckpointError, match="is larger than 4194304 bytes"):
        read_mobile_wheel(path)


def test_numbers_that_are_all_one_are_refused_unread(tmp_path, members):
    members["SynthesisNetwork.bin"] = bytes(64 * 2**20)
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in members.items():
            wheel.writestr(f"{FOLDER}/{name}", data)
    with pytest.raises(CheckpointError, match="holds no numbers of a network"):
        read_mobile_wheel(path)
