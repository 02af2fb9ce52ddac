"""Tensors with a note: the same bytes as safetensors makes, and refusals in words."""

import json

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

from photodrag.checkpoints.tensor_files import TensorFormat, decode_tensors, encode_tensors
from photodrag.errors import ContentError, ForeignContentError, OutputError

FORMAT = TensorFormat("photodrag-test", version=2, older=(1,))
TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2, dtype=torch.float16)}
NOTE = {"name": "ä", "losses": {"pixel": 0.1}}


@pytest.fixture
def path(tmp_path):
    FORMAT.write(tmp_path / "a.safetensors", TENSORS, NOTE)
    return tmp_path / "a.safetensors"


def with_note(note):
    return safetensors.torch.save(TENSORS, {"photodrag-test": json.dumps(note)})


def test_a_file_comes_back(path):
    for note, tensors in (FORMAT.read(path), FORMAT.decode(path.read_bytes())):
        assert note.value == {"format": 2, **NOTE}
        assert tensors.keys() == TENSORS.keys()
        for name, tensor in TENSORS.items():
            torch.testing.assert_close(tensors[name], tensor, rtol=0, atol=0)
    assert FORMAT.read_note(path).value == FORMAT.note_at(path.read_bytes()[:300]).value


def test_the_bytes_are_those_of_safetensors():
    assert FORMAT.encode(TENSORS, NOTE) == with_note({"format": 2, **NOTE})
    unnumbered = TensorFormat("photodrag-test")
    assert unnumbered.encode(TENSORS, NOTE) == with_note(NOTE)
    assert unnumbered.decode(with_note(NOTE))[0].value == NOTE
    assert encode_tensors(TENSORS) == safetensors.torch.save(TENSORS)


def test_arrays_are_taken_as_they_lie():
    image = np.arange(24, dtype=np.uint8).reshape(3, 4, 2).T
    image.flags.writeable = False
    arrays = {"image": image, "marks": np.linspace(0, 1, 4)}
    content = encode_tensors(arrays)
    assert content == safetensors.numpy.save({"marks": arrays["marks"], "image": image.copy("C")})
    for name, tensor in decode_tensors(content).items():
        np.testing.assert_array_equal(tensor.numpy(), arrays[name])
        assert tensor.numpy().dtype == arrays[name].dtype


def test_older_formats_are_read():
    assert FORMAT.decode(with_note({"format": 1}))[0].value == {"format": 1}


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "not safetensors, or cut short"),
        (b"\xff" * 99, "not safetensors, or cut short"),
        (with_note({"format": 2})[:-4], "not safetensors, or cut short"),
        (with_note({"format": 3}), "the format 3; this version of photodrag reads 1 and 2"),
        (with_note({}), "the format None"),
        (with_note([]), r"no JSON object: \[\]"),
        (safetensors.torch.save(TENSORS, {"photodrag-test": "{"}), "is damaged: not JSON"),
    ],
)
def test_what_cannot_be_read_is_refused(content, seen, tmp_path):
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(ContentError, match=seen):
        FORMAT.decode(content)
    with pytest.raises(ContentError, match=seen):
        FORMAT.read(tmp_path / "a.safetensors")


def test_foreign_files_are_known(tmp_path):
    for content in (safetensors.torch.save(TENSORS), safetensors.torch.save(TENSORS, {"a": "b"})):
        (tmp_path / "a.safetensors").write_bytes(content)
        with pytest.raises(ForeignContentError, match="without the note 'photodrag-test'"):
            FORMAT.read_note(tmp_path / "a.safetensors")
        with pytest.raises(ForeignContentError):
            FORMAT.note_at(content)


def test_a_tensor_that_is_needed_is_missed(path):
    for read, given in ((FORMAT.read, path), (FORMAT.decode, path.read_bytes())):
        read(given, needed=["a", "b"])
        with pytest.raises(ContentError, match=r"no tensor 'w'; it holds \['a', 'b'\]"):
            read(given, needed=["a", "w"])


def test_a_missing_file_and_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.safetensors"):
        with pytest.raises(ContentError, match="cannot be read"):
            FORMAT.read(path)
    with pytest.raises(OutputError, match="cannot be written"):
        FORMAT.write(tmp_path / "none" / "a.safetensors", TENSORS, NOTE)
