"""The student's published form: wheels written here, small, in the same layout."""

import numpy as np
import torch

from photodrag.checkpoints import convert_checkpoint, generator_from_tensors, load_generator
from photodrag.checkpoints.convert.openvino import read_mobile_wheel

Z, W = 6, 5
CHANNELS = (8, 8, 4)
HAAR = np.array([[[1, 1], [1, 1]], [[1, 1], [-1, -1]], [[1, -1], [1, -1]], [[1, -1], [-1, 1]]]) / 2


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
    path = convert_checkpoint(wheel, tmp_path / "face.safetensors", {"licence": "some"})
    generator = load_generator(path)
    ws = np.random.default_rng(5).normal(size=(generator.num_ws, W))
    found = generator.render_w(torch.from_numpy(ws).float())[0].numpy()
    expected = painted(graphs[1].values, ws)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
