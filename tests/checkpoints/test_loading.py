from pathlib import Path

import pytest
import torch

from photodrag.checkpoints import generator_from_tensors, load_generator, save_checkpoint
from photodrag.errors import CheckpointError, UnknownCheckpointError

DATA = Path(__file__).parent / "data"


def tensors_of(generator):
    return {
        f"{prefix}.{name}": tensor.clone()
        for prefix, module in (("mapping", generator.mapping), ("synthesis", generator.synthesis))
        for name, tensor in module.state_dict().items()
    }


@pytest.mark.parametrize("kind", ["stylegan2", "mobile"])
def test_saved_generator_paints_the_same(request, tmp_path, kind):
    generator = request.getfixturevalue(kind)
    path = tmp_path / "mine.safetensors"
    save_checkpoint(path, generator.config, tensors_of(generator), {})
    loaded = load_generator(path)
    assert loaded.name == "mine"
    assert loaded.config == generator.config
    latent = generator.sample(0)
    torch.testing.assert_close(loaded.sample(0).w, latent.w, rtol=0, atol=0)
    torch.testing.assert_close(loaded.render(latent), generator.render(latent), rtol=0, atol=0)


def test_network_pickle_loads_by_its_path(reference):
    loaded = load_generator(DATA / f"{reference.generator.name}.pkl")
    ws = reference.values["wplus"]
    torch.testing.assert_close(
        loaded.synthesis(ws), reference.values["image_wplus_const"], rtol=0, atol=1e-4
    )


def test_half_precision_weights_load_as_float32(stylegan2, tmp_path):
    halves = {name: tensor.half() for name, tensor in tensors_of(stylegan2).items()}
    path = tmp_path / "half.safetensors"
    save_checkpoint(path, stylegan2.config, halves, {})
    loaded = load_generator(path)
    assert {tensor.dtype for tensor in tensors_of(loaded).values()} == {torch.float32}
    assert torch.isfinite(loaded.render(loaded.sample(0))).all()


@pytest.mark.parametrize("name", ["mapping.fc0.weight", "synthesis.b8.conv0.affine.bias"])
def test_missing_weight_is_refused(stylegan2, name):
    tensors = tensors_of(stylegan2)
    del tensors[name]
    with pytest.raises(CheckpointError, match=name.split(".", 1)[1]):
        generator_from_tensors("mine", stylegan2.config, tensors)


@pytest.mark.parametrize("name", ["mapping.extra", "synthesis.b8.extra"])
def test_left_over_weight_is_refused(stylegan2, name):
    with pytest.raises(CheckpointError, match=name.split(".", 1)[1]):
        generator_from_tensors(
            "mine", stylegan2.config, tensors_of(stylegan2) | {name: torch.ones(1)}
        )


def test_weight_outside_both_networks_is_refused(stylegan2):
    with pytest.raises(CheckpointError, match=r"encoder\.weight"):
        generator_from_tensors(
            "mine", stylegan2.config, tensors_of(stylegan2) | {"encoder.weight": torch.ones(1)}
        )


def test_weight_of_another_shape_is_refused_in_one_line(stylegan2):
    tensors = tensors_of(stylegan2) | {"synthesis.b4.const": torch.ones(2, 4, 4)}
    with pytest.raises(CheckpointError, match=r"b4\.const") as caught:
        generator_from_tensors("mine", stylegan2.config, tensors)
    assert "\n" not in str(caught.value)


def test_unknown_name_is_refused():
    with pytest.raises(UnknownCheckpointError, match="ffhq-nobody"):
        load_generator("ffhq-nobody")


@pytest.mark.parametrize("suffix", ["pkl", "safetensors"])
def test_file_that_is_no_checkpoint_is_refused(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"neither of them")
    with pytest.raises(CheckpointError, match=f"a.{suffix}"):
        load_generator(path)
