import json
from dataclasses import FrozenInstanceError

import pytest

from photodrag.checkpoints.networks.config import (
    MobileStyleGANConfig,
    StyleGAN2Config,
    config_from_dict,
    config_to_dict,
)
from photodrag.errors import CheckpointError


@pytest.mark.parametrize(
    ("resolution", "rows", "last_channels"), [(4, 2, 512), (256, 14, 128), (1024, 18, 32)]
)
def test_stylegan2_has_the_published_shape(resolution, rows, last_channels):
    config = StyleGAN2Config(resolution)
    assert config.num_ws == rows
    assert config.block_resolutions[0] == 4
    assert config.block_resolutions[-1] == resolution
    assert config.channels(4) == 512
    assert config.channels(resolution) == last_channels


def test_the_student_has_the_published_shape():
    config = MobileStyleGANConfig()
    assert config.resolution == 1024
    assert config.num_ws == 23
    assert config.block_resolutions == (4, 8, 16, 32, 64, 128, 256, 512)


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({"resolution": 48}, "48"),
        ({"resolution": 2}, "2"),
        ({"resolution": 32, "w_dim": 0}, "w_dim is 0"),
        ({"resolution": 32, "z_dim": 1.5}, "z_dim is 1.5"),
        ({"resolution": 32, "mapping_layers": -1}, "mapping_layers is -1"),
        ({"resolution": 32, "channel_base": 0}, "channel_base is 0"),
        ({"resolution": 32, "channel_max": 0}, "channel_max is 0"),
        ({"resolution": 32, "image_channels": 1}, "1 channels"),
        ({"resolution": 32, "c_dim": -2}, "-2"),
        ({"resolution": 64, "channel_base": 32}, "channel_base"),  # no channel is left at 64
    ],
)
def test_impossible_stylegan2_is_refused_with_the_value(values, seen):
    with pytest.raises(CheckpointError, match=seen):
        StyleGAN2Config(**values)


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({"channels": (8,)}, r"\(8,\)"),
        ({"channels": (8, 0)}, r"\(8, 0\)"),
        ({"channels": (8, 6, 4)}, r"\(8, 6, 4\)"),  # 6 channels are not four wavelet bands
        ({"w_dim": 0}, "w_dim is 0"),
    ],
)
def test_impossible_student_is_refused_with_the_value(values, seen):
    with pytest.raises(CheckpointError, match=seen):
        MobileStyleGANConfig(**values)


@pytest.mark.parametrize(
    "config",
    [
        StyleGAN2Config(resolution=64, c_dim=3, conv_clamp=256.0, channel_max=48),
        MobileStyleGANConfig(channels=(32, 16, 4), w_dim=8),
    ],
)
def test_configuration_survives_json(config):
    text = json.dumps(config_to_dict(config))
    assert config_from_dict(json.loads(text)) == config


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({"resolution": 32}, "None"),
        ({"kind": "biggan", "resolution": 32}, "biggan"),
        ({"kind": ["stylegan2"], "resolution": 32}, "stylegan2"),
        (
            {"kind": "stylegan2", "resolution": 32, "depth": 3},
            "no 'depth'; known are resolution, z_dim",
        ),
        ({"kind": "stylegan2"}, "resolution is missing"),
        (
            {"kind": "stylegan2", "resolution": "big"},
            "resolution is 'big'; it must be a whole number",
        ),
        ({"kind": "mobilestylegan", "channels": 8}, r"channels is 8; it must be a list"),
    ],
)
def test_values_that_make_no_configuration_are_refused(values, seen):
    with pytest.raises(CheckpointError, match=seen):
        config_from_dict(values)


def test_configuration_cannot_be_changed():
    config = StyleGAN2Config(32)
    with pytest.raises(FrozenInstanceError):
        config.resolution = 64
