import copyreg
import io
import os
import pickle
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from photodrag.checkpoints.convert.pickles import read_pickle
from photodrag.checkpoints.networks.config import StyleGAN2Config
from photodrag.errors import CheckpointError, UnsafePickleError

DATA = Path(__file__).parents[1] / "data"


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.fixture
def named(monkeypatch):
    """A function that pickles under a name whose module is not installed here."""

    def make(module, name):
        def function(*_arguments):
            raise AssertionError("never called")

        parts = module.split(".")
        for i in range(len(parts)):
            path = ".".join(parts[: i + 1])
            if path not in sys.modules:
                monkeypatch.setitem(sys.modules, path, types.ModuleType(path))
        function.__module__, function.__qualname__, function.__name__ = module, name, name
        monkeypatch.setattr(sys.modules[module], name, function, raising=False)
        return function

    return make


@pytest.fixture
def persistent(named):
    """A module as torch_utils.persistence pickles it."""
    reconstruct = named("torch_utils.persistence", "_reconstruct_persistent_obj")

    def make(class_name="Generator", module_src="", **state):
        meta = {
            "type": "class",
            "version": 6,
            "module_src": module_src,
            "class_name": class_name,
            "state": state,
        }
        return Calls(reconstruct, meta)

    return make


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else pickle.dumps(data))
    return path


def refused(path, error=CheckpointError, match=None):
    with pytest.raises(error, match=match) as caught:
        read_pickle(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_network_of_the_reference_is_read():
    network = read_pickle(DATA / "tiny64.pkl")
    assert network.network == "G_ema"
    assert network.config == StyleGAN2Config(
        resolution=64, z_dim=64, w_dim=64, channel_base=1024, channel_max=64
    )
    assert network.tensors["synthesis.b64.conv1.noise_const"].shape == (64, 64)
    assert network.tensors["synthesis.b8.conv0.resample_filter"].shape == (4, 4)
    for tensor in network.tensors.values():
        assert tensor.dtype == torch.float32
        assert tensor.is_contiguous()
        assert not tensor.requires_grad


def test_conditional_network_is_read():
    config = read_pickle(DATA / "tiny32_cond.pkl").config
    assert config == StyleGAN2Config(
        resolution=32,
        z_dim=32,
        w_dim=48,
        c_dim=3,
        mapping_layers=2,
        channel_base=512,
        channel_max=48,
        conv_clamp=256.0,
    )


def test_numbers_are_those_of_the_file():
    """The mapping network's first layer, redone by hand, leads to the reference's w."""
    network = read_pickle(DATA / "tiny32_cond.pkl")
    vectors = np.load(DATA / "tiny32_cond.npz")
    tensors = network.tensors

    def normal(x):
        return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()

    z, c = (torch.from_numpy(vectors[name]).float() for name in ("z", "c"))
    label = c @ tensors["mapping.embed.weight"].T / 3**0.5 + tensors["mapping.embed.bias"]
    x = torch.cat([normal(z), normal(label)], dim=1)
    for i in range(2):
        weight = tensors[f"mapping.fc{i}.weight"]
        x = x @ weight.T * 0.01 / weight.shape[1] ** 0.5 + tensors[f"mapping.fc{i}.bias"] * 0.01
        x = torch.nn.functional.leaky_relu(x, 0.2) * 2**0.5
    expected = torch.from_numpy(vectors["w"])
    expected = expected[:, 0] if expected.dim() == 3 else expected
    torch.testing.assert_close(x, expected.float(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (os.system, "touch {marker}"),
        (eval, "open({marker!r}, 'w')"),
        (exec, "open({marker!r}, 'w')"),
    ],
)
@pytest.mark.parametrize("protocol", range(6))
def test_call_is_refused_without_effect(tmp_path, function, argument, protocol):
    marker = tmp_path / "marker"
    call = Calls(function, argument.format(marker=str(marker)))
    path = write(tmp_path / "evil.pkl", pickle.dumps({"G_ema": call}, protocol=protocol))
    message = refused(path, UnsafePickleError, "nothing of it was run")
    assert function.__name__ in message
    assert not marker.exists()


def test_subprocess_is_refused_without_effect(tmp_path):
    marker = tmp_path / "marker"
    path = write(tmp_path / "evil.pkl", Calls(subprocess.Popen, ["touch", str(marker)]))
    refused(path, UnsafePickleError, r"subprocess\.Popen")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("collections", "OrderedDict.__class__"),
        ("collections", "OrderedDict.__init_subclass__"),
        ("builtins", "getattr"),
        ("builtins", "__import__"),
        ("torch", "load"),
        ("torch.storage", "_load_from_bytes.__globals__"),
        ("numpy", "load"),
        ("operator", "attrgetter"),
        ("pickle", "loads"),
        ("copyreg", "_reconstructor"),
        ("photodrag.checkpoints.convert.pickle_modules", "Shell"),
    ],
)
def test_global_outside_the_list_is_refused(tmp_path, module, name):
    names = b"".join(
        pickle.SHORT_BINUNICODE + bytes([len(text)]) + text.encode() for text in (module, name)
    )
    path = write(tmp_path / "evil.pkl", pickle.PROTO + b"\x04" + names + pickle.STACK_GLOBAL + b".")
    message = refused(path, UnsafePickleError)
    assert f"{module}.{name}" in message


def test_registered_extension_is_refused(tmp_path):
    copyreg.add_extension("os", "system", 240)
    try:
        path = write(tmp_path / "evil.pkl", pickle.PROTO + b"\x02" + pickle.EXT1 + b"\xf0.")
        refused(path, UnsafePickleError, "EXT1")
    finally:
        copyreg.remove_extension("os", "system", 240)


@pytest.mark.parametrize(
    "code", [pickle.PERSID + b"here\n.", pickle.NONE + pickle.BINPERSID + b"."]
)
def test_object_outside_the_file_is_refused(tmp_path, code):
    refused(write(tmp_path / "evil.pkl", code), UnsafePickleError)


def test_state_for_an_allowed_function_is_refused(tmp_path):
    """BUILD on a global must not reach its attributes."""
    code = b"ccollections\nOrderedDict\n" + pickle.EMPTY_DICT
    code += b"S'make'\n" + pickle.NONE + pickle.SETITEM + pickle.BUILD + b"."
    refused(write(tmp_path / "evil.pkl", code), UnsafePickleError, "a change of a Maker")


def test_new_object_of_a_function_is_refused(tmp_path):
    code = b"ctorch._utils\n_rebuild_parameter\n" + pickle.EMPTY_TUPLE + pickle.NEWOBJ + b"."
    refused(write(tmp_path / "evil.pkl", b"\x80\x02" + code), UnsafePickleError, "a new object")


def test_call_inside_a_storage_is_refused(tmp_path):
    marker = tmp_path / "marker"
    blob = io.BytesIO()
    torch.save(Calls(os.system, f"touch {marker}"), blob, _use_new_zipfile_serialization=False)
    call = Calls(torch.storage._load_from_bytes, blob.getvalue())
    refused(write(tmp_path / "evil.pkl", {"G_ema": call}), UnsafePickleError, "system")
    assert not marker.exists()


def test_plain_pickle_inside_a_storage_is_refused(tmp_path):
    marker = tmp_path / "marker"
    inner = pickle.dumps(Calls(os.system, f"touch {marker}"))
    call = Calls(torch.storage._load_from_bytes, inner)
    refused(write(tmp_path / "evil.pkl", {"G_ema": call}), match="not a torch storage")
    assert not marker.exists()


def test_source_code_inside_is_not_run(tmp_path, persistent):
    marker = tmp_path / "marker"
    source = f"open({str(marker)!r}, 'w')"
    generator = persistent(module_src=source, _parameters={}, _buffers={}, _modules={})
    refused(write(tmp_path / "evil.pkl", {"G_ema": generator}), match="synthesis blocks")
    assert not marker.exists()


def test_state_that_is_no_dict_is_refused(tmp_path, named):
    reconstruct = named("torch_utils.persistence", "_reconstruct_persistent_obj")
    meta = {"type": "class", "class_name": "G", "state": [1]}
    refused(write(tmp_path / "evil.pkl", Calls(reconstruct, meta)), UnsafePickleError, "list")


def test_tensor_outside_its_storage_is_refused(tmp_path, named):
    rebuild = named("torch._utils", "_rebuild_tensor_v2")
    storage = torch.arange(4.0).untyped_storage()
    typed = torch.storage.TypedStorage(wrap_storage=storage, dtype=torch.float32, _internal=True)
    blob = io.BytesIO()
    torch.save(typed, blob, _use_new_zipfile_serialization=False)
    numbers = Calls(torch.storage._load_from_bytes, blob.getvalue())
    for arguments in [(0, (5,), (1,)), (3, (2,), (1,)), (0, (2, 2), (3, 1)), (-1, (1,), (1,))]:
        refused(write(tmp_path / "bad.pkl", Calls(rebuild, numbers, *arguments, False, {})))


def test_endless_network_is_refused(tmp_path):
    """A module that holds itself: written opcode by opcode, as pickle would not write it."""
    loop = b"\x80\x02}U\x05G_emactorch_utils.persistence\n_reconstruct_persistent_obj\n"
    loop += b"(}q\x01(U\x04typeU\x05classU\x0aclass_nameU\x01GU\x05state}q\x02u"
    loop += b"tRq\x03s0h\x02U\x08_modules}U\x01ah\x03ss0}U\x05G_emah\x03s."
    refused(write(tmp_path / "loop.pkl", loop), match="endless")


@pytest.mark.parametrize("kept", [1, 100, 5000, 200_000, -1])
def test_truncated_file_is_refused(tmp_path, kept):
    data = (DATA / "tiny32_cond.pkl").read_bytes()[:kept]
    refused(write(tmp_path / "cut.pkl", data), match="cut short")


def test_damaged_bytes_never_escape(tmp_path):
    """Whatever is damaged, the answer is a network or one of our errors."""
    data = (DATA / "tiny32_cond.pkl").read_bytes()
    random = np.random.default_rng(0)
    refusals = 0
    for _ in range(40):
        damaged = bytearray(data)
        for place in random.integers(0, 6000, 2):
            damaged[place] = random.integers(0, 256)
        path = write(tmp_path / "damaged.pkl", bytes(damaged))
        try:
            read_pickle(path)
        except CheckpointError:
            refusals += 1
    assert refusals > 5


@pytest.mark.parametrize("clamp", [[1], "256", -1.0, True, {}])
def test_unusable_clamp_is_refused(tmp_path, clamp):
    """The state of a layer can be anything; here in the place of the number 256."""
    data = (DATA / "tiny32_cond.pkl").read_bytes()
    name = b"conv_clamp\x94M\x00\x01"
    assert name in data
    value = pickle.dumps(clamp, protocol=2)[2:-1]
    path = write(tmp_path / "clamp.pkl", data.replace(name, b"conv_clamp\x94" + value))
    refused(path)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "empty"),
        (b"garbage, not a pickle", "damaged"),
        (b"\x00" * 4096, "damaged"),
        (b"<!DOCTYPE html><html>", "web page"),
        (pickle.dumps([1, 2]), "list"),
        (pickle.dumps({"G": None}), "no network G_ema"),
        (pickle.dumps({"G_ema": {"weight": 1}}), "no network G_ema"),
        (b"\x80\x04\x8e" + b"\xff" * 8, "damaged"),
    ],
)
def test_other_files_are_refused(tmp_path, data, match):
    refused(write(tmp_path / "other.pkl", data), match=match)


def test_torch_save_file_is_refused(tmp_path):
    path = tmp_path / "network.pkl"
    torch.save({"G_ema": torch.zeros(3)}, path)
    refused(path, match="torch.save")


def test_missing_file_and_folder_are_refused(tmp_path):
    refused(tmp_path / "none.pkl", match="cannot be read")
    refused(tmp_path, match="cannot be read")


def test_stylegan3_is_refused(tmp_path, persistent):
    synthesis = persistent("SynthesisNetwork", _modules={"input": persistent("SynthesisInput")})
    generator = persistent(_modules={"synthesis": synthesis})
    refused(write(tmp_path / "sg3.pkl", {"G_ema": generator}), match="StyleGAN3")


@pytest.mark.parametrize("architecture", ["orig", "resnet"])
def test_other_architectures_are_refused(tmp_path, persistent, architecture):
    block = persistent("SynthesisBlock", architecture=architecture)
    generator = persistent(_modules={"synthesis": persistent("S", _modules={"b4": block})})
    refused(write(tmp_path / "a.pkl", {"G_ema": generator}), match=architecture)
