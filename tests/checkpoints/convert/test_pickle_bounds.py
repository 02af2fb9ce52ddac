"""Small pickles that ask for much: memory, time, or a hash that ends the process."""

import io
import pickle
import struct
import time

import pytest
import torch

from photodrag.checkpoints.convert.pickle_storage import read_storage
from photodrag.checkpoints.convert.pickles import read_pickle
from photodrag.errors import CheckpointError, UnsafePickleError

resource = pytest.importorskip("resource", reason="memory is measured as POSIX does")
_ORDERED = b"ccollections\nOrderedDict\n"
_SET = b"cbuiltins\nset\n"


def _refused(tmp_path, data, match=None, error=CheckpointError):
    path = tmp_path / "a.pkl"
    path.write_bytes(data)
    begin, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(error, match=match) as caught:
        read_pickle(path)
    assert time.process_time() - begin < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000  # kB on Linux
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "end",
    [
        b"\x85" * 50_000 + b"Ns.",  # SETITEM
        b"\x85" * 50_000 + b"Nu.",
    ],
    ids=["SETITEM", "SETITEMS"],
)
def test_a_deep_key_is_refused(tmp_path, end):
    mark = b"(" if end.endswith(b"u.") else b""
    _refused(tmp_path, b"\x80\x04}" + mark + b")" + end, "a tuple as the key", UnsafePickleError)


@pytest.mark.parametrize(
    "code",
    [
        b"\x8f(" + b")" + b"\x85" * 50_000 + b"\x90.",  # ADDITEMS
        b"(" + b")" + b"\x85" * 50_000 + b"\x91.",  # FROZENSET
        b"(" + b")" + b"\x85" * 50_000 + b"Nd.",
        _SET + b"(](" + b")" + b"\x85" * 50_000 + b"etR.",
        _ORDERED + b"(](" + b")" + b"\x85" * 50_000 + b"N\x86etR.",
    ],
    ids=["ADDITEMS", "FROZENSET", "DICT", "set", "OrderedDict"],
)
def test_a_deep_member_is_refused(tmp_path, code):
    _refused(tmp_path, b"\x80\x04" + code, "a tuple as the key", UnsafePickleError)


def test_keys_that_share_a_hash_are_refused(tmp_path):
    keys = b"".join(
        b"\x8a\x0a" + (i * (2**61 - 1)).to_bytes(10, "little", signed=True) + b"N"
        for i in range(2, 30_000)
    )
    _refused(tmp_path, b"\x80\x02}(" + keys + b"u.", "an int as the key|a int as the key")


def test_a_length_beyond_the_end_is_not_believed(tmp_path):
    _refused(tmp_path, b"\x80\x05\x96" + struct.pack("<Q", 2**32) + b".", "cut short")
    _refused(tmp_path, b"\x80\x05\x96" + b"\xff" * 8 + b".", "cut short")


@pytest.mark.parametrize("maker", [_ORDERED, b"cdnnlib\nEasyDict\n"])
def test_copies_are_counted(tmp_path, maker):
    items = b"".join(b"M" + struct.pack("<H", i) + b"N" for i in range(60_000))
    code = b"\x80\x02}(" + items + b"uq\x000" + maker + b"q\x010" + b"](" + b"h\x01h\x00\x85R" * 400
    _refused(tmp_path, code + b"e.", "again and again", UnsafePickleError)


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_one_storage_read_a_thousand_times_is_refused(tmp_path):
    file = io.BytesIO()
    torch.save(torch.zeros(500_000).storage(), file, _use_new_zipfile_serialization=False)
    data = file.getvalue()
    code = b"\x80\x03B" + struct.pack("<I", len(data)) + data + b"q\x000"
    code += b"ctorch.storage\n_load_from_bytes\nq\x010](" + b"h\x01h\x00\x85R" * 1000 + b"e."
    _refused(tmp_path, code, "again and again", UnsafePickleError)


@pytest.mark.parametrize("inner", [b"\x96" + struct.pack("<Q", 2**32), b"})" + b"\x85" * 2000])
def test_a_storage_has_the_same_bounds(tmp_path, inner):
    data = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2) + b"\x80\x02" + inner + b"Ns."
    code = b"\x80\x03B" + struct.pack("<I", len(data)) + data
    _refused(tmp_path, b"\x80\x02ctorch.storage\n_load_from_bytes\n" + code + b"\x85R.")


@pytest.mark.parametrize(
    "dtype",
    [
        *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32),
        *(torch.int16, torch.int8, torch.uint8, torch.bool),
    ],
)
@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_storages_are_what_torch_reads(dtype):
    tensor = torch.tensor([0, 1, 2, 3, 1]).to(dtype)
    file = io.BytesIO()
    torch.save(tensor.storage(), file, _use_new_zipfile_serialization=False)
    found = read_storage(file.getvalue())
    assert found.dtype == dtype
    assert torch.equal(found, tensor)
    found[0] = 1  # it is a copy
    for cut in (1, 9, len(file.getvalue()) - 200):
        with pytest.raises(CheckpointError, match="numbers"):
            read_storage(file.getvalue()[:-cut])
    with pytest.raises(CheckpointError, match="do not fit"):
        read_storage(file.getvalue() + b"\0")


def test_shared_parameters_are_counted(tmp_path):
    def module(parts):
        return (
            b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n}(X\x04\0\0\0typeX\x05\0\0\0class"
            b"X\x0a\0\0\0class_nameX\x01\0\0\0GX\x05\0\0\0state}(" + parts + b"uu\x85R"
        )

    tensor = b"ctorch._utils\n_rebuild_parameter\n"
    names = b"".join(b"X\x04\0\0\0%04d" % i + b"N" for i in range(9_999))
    parameters = b"X\x0b\0\0\0_parametersh\x00"
    children = b"".join(b"X\x03\0\0\0%03d" % i + module(parameters) for i in range(300))
    code = b"\x80\x02}(" + names + b"u" + b"q\x000" + tensor + b"0"
    code += b"}X\x05\0\0\0G_ema" + module(b"X\x08\0\0\0_modules}(" + children + b"u") + b"s."
    _refused(tmp_path, code, "none of them|9999 entries")


def test_values_that_are_endless_to_print_are_not_printed(tmp_path):
    nest = b"]q\x00" + b"".join(b"(h%ch%cl" % (i, i) + b"q" + bytes([i + 1]) for i in range(60))
    code = b"\x80\x02" + nest + b"0c_codecs\nencode\nX\x01\0\0\0ah<\x86R."
    _refused(tmp_path, code, "as a list", UnsafePickleError)


@pytest.mark.parametrize("number", [b"4000000000", b"99999999999999999"])
def test_a_noise_of_another_size_is_no_variable(tmp_path, number):
    name = b"noise" + number
    entry = b"(X" + struct.pack("<I", len(name)) + name + b"G" + struct.pack(">d", 1.0) + b"t"

    def network(parts):
        return b"cdnnlib.tflib.network\nNetwork\n)R}(" + parts + b"ub"

    def variables(entries):
        return b"X\x09\0\0\0variables](" + entries + b"e"

    parts = b"X\x07\0\0\0mapping" + network(variables(b""))
    parts += b"X\x09\0\0\0synthesis" + network(variables(entry))
    top = b"X\x07\0\0\0versionK\x04X\x0d\0\0\0static_kwargs}X\x0a\0\0\0components}(" + parts + b"u"
    top += variables(b"")
    _refused(tmp_path, b"\x80\x02(" + network(top) * 3 + b"t.", "unknown variable")
