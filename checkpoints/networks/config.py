"""The shape of a generator as plain values; it travels inside the checkpoint as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from photodrag.errors import CheckpointError, ContentError
from photodrag.json_values import JsonValue


@dataclass(frozen=True)
class StyleGAN2Config:
    """A StyleGAN2 generator (skip architecture), Karras et al. 2020, arXiv 1912.04958."""

    kind: ClassVar[str] = "stylegan2"

    resolution: int
    z_dim: int = 512
    w_dim: int = 512
    c_dim: int = 0
    mapping_layers: int = 8
    channel_base: int = 32768
    channel_max: int = 512
    conv_clamp: float | None = None
    image_channels: int = 3

    def __post_init__(self) -> None:
        _check_positive(self, "z_dim", "w_dim", "mapping_layers", "channel_base", "channel_max")
        if self.resolution < 4 or self.resolution & (self.resolution - 1):
            raise CheckpointError(
                f"resolution is {self.resolution}; StyleGAN2 needs a power of two of at least 4"
            )
        if self.image_channels != 3:
            raise CheckpointError(
                f"the generator paints {self.image_channels} channels; only RGB (3) is supported"
            )
        if self.channel_base < self.resolution:
            raise CheckpointError(
                f"channel_base is {self.channel_base}; {self.resolution} px need at least "
                f"{self.resolution}, one channel"
            )
        if self.c_dim < 0:
            raise CheckpointError(f"c_dim is {self.c_dim}; it is a number of classes, 0 for none")

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """4, 8, ... up to the image's resolution."""
        return tuple(2**i for i in range(2, self.resolution.bit_length()))

    @property
    def num_ws(self) -> int:
        """Rows of W+: 2 for the first block, 2 for each other, the last RGB's included once."""
        return 2 * len(self.block_resolutions)

    def channels(self, resolution: int) -> int:
        """Feature channels of the block at a resolution."""
        return min(self.channel_base // resolution, self.channel_max)


@dataclass(frozen=True)
class MobileStyleGANConfig:
    """MobileStyleGAN's student, Belousov 2021, arXiv 2104.04767."""

    kind: ClassVar[str] = "mobilestylegan"

    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 8
    channels: tuple[int, ...] = (512, 512, 512, 512, 512, 256, 128, 64)

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        _check_positive(self, "z_dim", "w_dim", "mapping_layers")
        if len(self.channels) < 2 or any(c < 1 for c in self.channels):
            raise CheckpointError(
                f"channels are {self.channels}; at least two levels, each with one channel or more"
            )
        if any(c % 4 for c in self.channels[:-1]):
            raise CheckpointError(
                f"channels are {self.channels}; all but the last must be divisible by 4, for the "
                "four bands of the Haar transform"
            )

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """4, 8, ... up to half the image's resolution: the last doubling paints the image."""
        return tuple(4 * 2**i for i in range(len(self.channels)))

    @property
    def resolution(self) -> int:
        """Side of the image in pixels."""
        return 2 * self.block_resolutions[-1]

    @property
    def num_ws(self) -> int:
        """Rows of W+: 1 for 4x4, 3 for each level after it, 1 for the image."""
        return 3 * len(self.channels) - 1


GeneratorConfig = StyleGAN2Config | MobileStyleGANConfig
CONFIG_KINDS: dict[str, type[StyleGAN2Config] | type[MobileStyleGANConfig]] = {
    StyleGAN2Config.kind: StyleGAN2Config,
    MobileStyleGANConfig.kind: MobileStyleGANConfig,
}


def config_to_dict(config: GeneratorConfig) -> dict[str, Any]:
    """The configuration as JSON-ready values, with its kind."""
    return {"kind": config.kind, **asdict(config)}


def config_from_dict(values: Any) -> GeneratorConfig:
    """A configuration from the values `config_to_dict` made; unknown names are refused."""
    try:
        rest = dict(JsonValue(values, "config").mapping())
        kind = rest.pop("kind", None)
        if not isinstance(kind, str) or kind not in CONFIG_KINDS:
            raise CheckpointError(
                f"the generator's kind is {kind!r}; known kinds are "
                f"{', '.join(sorted(CONFIG_KINDS))}"
            )
        return JsonValue(rest, "config").record(CONFIG_KINDS[kind])
    except ContentError as error:
        raise CheckpointError(str(error)) from error


def _check_positive(config: GeneratorConfig, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if not isinstance(value, int) or value < 1:
            raise CheckpointError(f"{name} is {value!r}; it must be a whole number of at least 1")
