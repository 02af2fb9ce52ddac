from dataclasses import replace

import pytest
import torch

from photodrag.checkpoints.convert.pickle_config import config_from_tensors
from photodrag.checkpoints.networks.config import StyleGAN2Config
from photodrag.errors import CheckpointError


def shapes(config):
    """Only the tensors that the configuration is read from."""
    tensors = {"mapping.w_avg": torch.zeros(config.w_dim)}
    width = config.z_dim + (config.w_dim if config.c_dim else 0)
    for i in range(config.mapping_layers):
        tensors[f"mapping.fc{i}.weight"] = torch.zeros(config.w_dim, width)
        width = config.w_dim
    if config.c_dim:
        tensors["mapping.embed.weight"] = torch.zeros(config.w_dim, config.c_dim)
    tensors["synthesis.b4.conv1.noise_const"] = torch.zeros(4, 4)
    for r in config.block_resolutions:
        tensors[f"synthesis.b{r}.conv1.weight"] = torch.zeros(config.channels(r), 1, 3, 3)
        tensors[f"synthesis.b{r}.torgb.weight"] = torch.zeros(3, config.channels(r), 1, 1)
    return tensors


FFHQ = StyleGAN2Config(resolution=1024)


@pytest.mark.parametrize(
    "config",
    [
        FFHQ,
        StyleGAN2Config(resolution=256, channel_base=16384, mapping_layers=2),
        StyleGAN2Config(resolution=32, w_dim=48, z_dim=32, c_dim=10, channel_base=512),
        StyleGAN2Config(resolution=64, channel_base=1000, channel_max=100),
        StyleGAN2Config(resolution=4),
    ],
)
def test_channels_and_sizes_are_those_of_the_network(config):
    found = config_from_tensors(shapes(config), config.conv_clamp)
    for r in config.block_resolutions:
        assert found.channels(r) == config.channels(r)
    bases = {"channel_base": config.channel_base, "channel_max": config.channel_max}
    assert replace(found, **bases) == config


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"mapping.w_avg": None}, "w_avg is missing"),
        ({"mapping.fc3.weight": None}, "numbered"),
        ({"mapping.fc3.weight": torch.zeros(256, 512)}, "one width"),
        ({"synthesis.b16.conv1.weight": None, "synthesis.b16.torgb.weight": None}, "blocks are at"),
        ({"synthesis.b64.torgb.weight": torch.zeros(4, 64, 1, 1)}, "4 channels"),
        ({"synthesis.b16.conv1.weight": torch.zeros(7, 1, 3, 3)}, "follow no channel base"),
        ({"synthesis.b8.skip.weight": torch.zeros(1)}, "'resnet'"),
        ({f"synthesis.b{r}.torgb.weight": None for r in (4, 8, 16, 32)}, "'orig'"),
        ({"synthesis.b4.conv1.noise_const": None}, "noise"),
    ],
)
def test_what_is_not_stylegan2_is_refused(change, match):
    tensors = {**shapes(StyleGAN2Config(resolution=64)), **change}
    with pytest.raises(CheckpointError, match=match):
        config_from_tensors({k: v for k, v in tensors.items() if v is not None}, None)
