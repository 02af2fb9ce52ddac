"""The student's published form: wheels written here, small, in the same layout."""

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from photodrag.checkpoints import convert, generator_from_tensors, load_generator
from photodrag.checkpoints.openvino import read_mobile_wheel
from photodrag.errors import CheckpointError

FOLDER = "random_face/data"
Z, W = 6, 5
CHANNELS = (8, 8, 4)
HAAR = np.array([[[1, 1], [1, 1]], [[1, 1], [-1, -1]], [[1, -1], [1, -1]], [[1, -1], [-1, 1]]]) / 2


class Graph:
    """Writes an OpenVINO IR: layers and edges as XML, constants one after another."""

    def __init__(self, seed):
        self.draw = np.random.default_rng(seed)
        self.root = ElementTree.Element("net")
        self.layers = ElementTree.SubElement(self.root, "layers")
        self.edges = ElementTree.SubElement(self.root, "edges")
        self.numbers = io.BytesIO()
        self.values = {}

    def add(self, operation, *inputs, name=None):
        identity = str(len(self.layers))
        ElementTree.SubElement(
            self.layers, "layer", id=identity, name=name or f"n{identity}", type=operation
        )
        for port, source in enumerate(inputs):
            ElementTree.SubElement(
                self.edges,
                "edge",
                {
                    "from-layer": source,
                    "from-port": "0",
                    "to-layer": identity,
                    "to-port": str(port),
                },
            )
        return identity

    def const(self, name, *shape):
        values = self.draw.normal(size=shape).astype("<f4")
        self.values[name] = values.astype(float)
        return self._const(name, values, "f32")

    def shape(self):
        """A constant of whole numbers, as reshaping takes it."""
        return self._const(None, np.array([1, -1], "<i8"), "i64")

    def _const(self, name, values, kind):
        identity = self.add("Const", name=name)
        ElementTree.SubElement(
            self.layers[-1],
            "data",
            element_type=kind,
            shape=", ".join(map(str, values.shape)),
            offset=str(self.numbers.tell()),
            size=str(values.nbytes),
        )
        self.numbers.write(values.tobytes())
        return identity

    def files(self, name):
        return {
            f"{name}.xml": ElementTree.tostring(self.root),
            f"{name}.bin": self.numbers.getvalue(),
        }


def mapping_graph():
    graph = Graph(1)
    x, width = graph.add("Parameter", name="z"), Z
    for i in range(2):
        product = graph.add("MatMul", x, graph.const(f"w{i}", W, width))
        bias = graph.add("Reshape", graph.const(f"b{i}", W), graph.shape())
        x, width = graph.add("PReLU", graph.add("Add", product, bias)), W
    graph.add("Result", x)
    return graph


def synthesis_graph():
    graph = Graph(2)
    w = graph.add("Parameter", name="w")

    def modulated(x, name, channels, scaled=True):
        product = graph.add("MatMul", w, graph.const(f"{name}.weight", channels, W))
        style = graph.add("Add", product, graph.const(f"{name}.bias", 1, channels))
        style = graph.add("Reshape", style, graph.shape())
        if scaled:
            style = graph.add("Multiply", style, graph.const(f"{name} scale", 1, channels, 1, 1))
        return graph.add("Multiply", x, style)

    def finished(x, name, channels, size):
        x = graph.add("Add", x, graph.const(f"{name} noise", 1, 1, size, size))
        x = graph.add("Add", x, graph.const(f"{name}.bias", 1, channels, 1, 1))
        return graph.add("PReLU", x)

    channels, size = CHANNELS[0], 4
    x = graph.const("m.input.input", 1, channels, 4, 4)
    x = modulated(x, "m.conv1.conv.modulation", channels)
    x = graph.add("Convolution", x, graph.const("first weight", channels, channels, 3, 3))
    x = finished(x, "m.conv1", channels, size)
    for level, outputs in enumerate(CHANNELS[1:]):
        name = f"m.layers.{level}"
        x = modulated(x, f"{name}.up.modulation", channels)
        x = graph.add("Haar", x)
        channels, size = channels // 4, 2 * size
        for conv in ("conv1", "conv2"):
            # The published graph scales some of the styles only.
            x = modulated(x, f"{name}.{conv}.conv.modulation", channels, scaled=conv == "conv1")
            weight = graph.const(f"{name}.{conv}.conv.weight_dw", channels, 1, 1, 3, 3)
            x = graph.add("GroupConvolution", x, weight)
            weight = graph.const(f"{name}.{conv} pointwise", outputs, channels, 1, 1)
            x = graph.add("Convolution", x, weight)
            x, channels = finished(x, f"{name}.{conv}", outputs, size), outputs
    last = f"m.layers.{len(CHANNELS) - 2}.to_img"
    x = modulated(x, f"{last}.conv.modulation", channels)
    x = graph.add("Convolution", x, graph.const(f"{last}.conv.weight", 12, channels, 1, 1))
    x = graph.add("Add", x, graph.const(f"{last}.bias", 1, 12, 1, 1))
    graph.add("Result", graph.add("Haar", x))
    return graph


@pytest.fixture(scope="module")
def graphs():
    return mapping_graph(), synthesis_graph()


@pytest.fixture
def members(graphs):
    mapping, synthesis = graphs
    return mapping.files("MappingNetwork") | synthesis.files("SynthesisNetwork")


def write_wheel(path, members):
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in members.items():
            wheel.writestr(f"{FOLDER}/{name}", data)
    return path


@pytest.fixture
def wheel(tmp_path, members):
    return write_wheel(tmp_path / "face-1-py3-none-any.whl", members)


def haar(x):
    """The published order: C low-pass channels, then three details for each of them."""
    low = len(x) // 4
    details = x[low:].reshape(low, 3, *x.shape[1:])
    bands = [x[:low], *(details[:, i] for i in range(3))]
    return sum(np.kron(band, kernel) for band, kernel in zip(bands, HAAR, strict=True))


def convolve(x, weight):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    height, width = x.shape[1:]
    return sum(
        np.einsum("oi,ihw->ohw", weight[..., r, c], padded[:, r : r + height, c : c + width])
        for r in range(3)
        for c in range(3)
    )


def bend(x):
    return np.where(x > 0, x, 0.2 * x)


def mapped(values, z):
    x = z / np.sqrt((z**2).mean() + 1e-8)
    for i in range(2):
        x = bend(values[f"w{i}"] @ x + values[f"b{i}"]) * np.sqrt(2)
    return x


def painted(values, ws):
    """The image of W+ (rows, W), run as the graph says."""
    rows = iter(ws)

    def styled(x, name):
        style = values[f"{name}.weight"] @ next(rows) + values[f"{name}.bias"][0]
        style = style * values.get(f"{name} scale", np.ones(1)).ravel()
        return x * style[:, None, None]

    def finish(x, name):
        return bend(x + values[f"{name} noise"][0] + values[f"{name}.bias"][0])

    x = styled(values["m.input.input"][0], "m.conv1.conv.modulation")
    x = finish(convolve(x, values["first weight"]), "m.conv1")
    for level in range(len(CHANNELS) - 1):
        name = f"m.layers.{level}"
        x = haar(styled(x, f"{name}.up.modulation"))
        for conv in (f"{name}.conv1", f"{name}.conv2"):
            x = styled(x, f"{conv}.conv.modulation")
            weight = values[f"{conv}.conv.weight_dw"][:, :, 0]
            x = np.concatenate([convolve(x[i : i + 1], weight[i : i + 1]) for i in range(len(x))])
            x = np.einsum("oi,ihw->ohw", values[f"{conv} pointwise"][..., 0, 0], x)
            x = finish(x, conv)
    last = f"m.layers.{len(CHANNELS) - 2}.to_img"
    x = styled(x, f"{last}.conv.modulation")
    x = np.einsum("oi,ihw->ohw", values[f"{last}.conv.weight"][..., 0, 0], x)
    return haar(x + values[f"{last}.bias"][0])


def test_wheel_gives_the_shape_of_the_network(wheel):
    config, tensors, notes = read_mobile_wheel(wheel)
    assert config.channels == CHANNELS
    assert (config.z_dim, config.w_dim, config.mapping_layers) == (Z, W, 2)
    assert notes == {"source": wheel.name}
    assert all(tensor.dtype == torch.float32 for tensor in tensors.values())


def test_wheel_gives_the_published_mapping(wheel, graphs):
    config, tensors, _ = read_mobile_wheel(wheel)
    generator = generator_from_tensors("wheel", config, tensors)
    z = np.random.default_rng(3).normal(size=Z)
    found = generator.mapping.to_w(torch.from_numpy(z)[None])[0]
    np.testing.assert_allclose(found.numpy(), mapped(graphs[0].values, z), rtol=1e-4, atol=1e-4)


def test_wheel_gives_the_published_images(wheel, graphs):
    config, tensors, _ = read_mobile_wheel(wheel)
    generator = generator_from_tensors("wheel", config, tensors)
    ws = np.random.default_rng(3).normal(size=(config.num_ws, W))
    found = generator.synthesis(torch.from_numpy(ws)[None].float())[0].numpy()
    expected = painted(graphs[1].values, ws)
    assert expected.shape == (3, 32, 32)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


def test_mean_of_w_is_measured(wheel, graphs):
    _, tensors, _ = read_mobile_wheel(wheel)
    z = np.random.default_rng(4).normal(size=(4000, Z))
    w = np.array([mapped(graphs[0].values, one) for one in z])
    away = np.abs(tensors["mapping.w_avg"].numpy() - w.mean(axis=0))
    assert (away < 0.1 * w.std(axis=0)).all()


def test_wheel_converts_to_a_checkpoint_that_loads(wheel, tmp_path, graphs):
    path = convert(wheel, tmp_path / "face.safetensors", {"licence": "some"})
    generator = load_generator(path)
    ws = np.random.default_rng(5).normal(size=(generator.num_ws, W))
    found = generator.render_w(torch.from_numpy(ws).float())[0].numpy()
    expected = painted(graphs[1].values, ws)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


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
def test_missing_member_is_refused(tmp_path, members, name):
    del members[name]
    with pytest.raises(CheckpointError, match=name):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


@pytest.mark.parametrize(
    "head",
    [b'<!DOCTYPE net [<!ENTITY a "aaaaaaaa">]>', b'<!DOCTYPE net SYSTEM "file:///etc/hostname">'],
)
def test_entities_are_refused(tmp_path, members, head):
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
def test_constant_that_does_not_fit_its_file_is_refused(tmp_path, members, change, seen):
    root = ElementTree.fromstring(members["SynthesisNetwork.xml"])
    data = next(data for data in root.iter("data") if data.get("element_type") == "f32")
    data.attrib.update(change)
    members["SynthesisNetwork.xml"] = ElementTree.tostring(root)
    with pytest.raises(CheckpointError, match=seen):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


def test_numbers_cut_short_are_refused(tmp_path, members):
    members["SynthesisNetwork.bin"] = members["SynthesisNetwork.bin"][:-4]
    with pytest.raises(CheckpointError, match="does not fit its file"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


@pytest.mark.parametrize("text", [b"", b"<net><layers>", b"\x00\x01\x02", b"<net><layers><layer/>"])
def test_broken_xml_is_refused(tmp_path, members, text):
    members["MappingNetwork.xml"] = text
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


@pytest.mark.parametrize("network", ["MappingNetwork", "SynthesisNetwork"])
def test_graph_of_another_network_is_refused(tmp_path, members, network):
    members[f"{network}.xml"] = b"<net><layers/><edges/></net>"
    with pytest.raises(CheckpointError, match="does not hold"):
        read_mobile_wheel(write_wheel(tmp_path / "a.whl", members))


def test_graph_without_one_layer_is_refused(tmp_path, members):
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
