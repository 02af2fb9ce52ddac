"""A generator: networks, weights and what is known of its latents. It never holds a photo."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from photodrag.device import choose_device
from photodrag.errors import LatentError, SettingsError

from .latent import Latent
from .networks.config import GeneratorConfig, MobileStyleGANConfig, StyleGAN2Config
from .networks.filling import filled
from .networks.heads import RenderingHeads
from .networks.mapping import MappingNetwork
from .networks.mobile import MobileSynthesis
from .networks.statistics import WStatistics, measure_w
from .networks.stylegan2 import StyleGAN2Synthesis
from .networks.windows import Window, WindowMaps

PAPER_LAST_RESOLUTION = 32  # "the first 6 layers" of DragGAN end with the first one at 32x32


@dataclass(frozen=True, eq=False)
class Generator:
    """A StyleGAN2-family generator: `mapping` (z to w) and `synthesis` (W+ to an image).

    The weights want no gradient and are never changed in place: tuning returns a new generator.
    """

    name: str
    config: GeneratorConfig
    mapping: MappingNetwork
    synthesis: StyleGAN2Synthesis | MobileSynthesis
    heads: RenderingHeads | None = None
    """What lets a student network paint small images."""
    original: Generator | None = None
    """The one that this was tuned from; None where it was not tuned."""

    @property
    def untuned(self) -> Generator:
        """The generator as it was before tuning."""
        return self.original or self

    @property
    def resolution(self) -> int:
        """Side of the image in pixels."""
        return self.config.resolution

    @property
    def num_ws(self) -> int:
        """Rows of W+."""
        return self.config.num_ws

    @property
    def w_dim(self) -> int:
        """Numbers in each row of W+."""
        return self.config.w_dim

    @property
    def layers(self) -> tuple[int, ...]:
        """For each row of W+ the resolution that it acts at."""
        return self.synthesis.layers

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """The resolutions that `features` can give."""
        return self.synthesis.block_resolutions

    @property
    def image_resolutions(self) -> tuple[int, ...]:
        """The resolutions that `render` can stop at."""
        if isinstance(self.synthesis, MobileSynthesis):
            small = self.heads.resolutions if self.heads is not None else ()
            return (*small, self.resolution // 2, self.resolution)
        return self.block_resolutions

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.mapping.w_avg.device

    @property
    def geometry_rows(self) -> int:
        """How many first rows shape the face: up to the first one at 32x32 (6 in StyleGAN2)."""
        for row, resolution in enumerate(self.layers):
            if resolution >= PAPER_LAST_RESOLUTION:
                return row + 1
        return self.num_ws

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of every weight and buffer that it paints with, in hexadecimal.

        The same on every machine. So the mean of w is not in it, which paints nothing and, where a
        published file has none, is computed: its last bits are the processor's.
        """
        digest = hashlib.sha256(repr(self.config).encode())
        for network in (self.mapping, self.synthesis):
            for name, tensor in network.state_dict().items():
                if name == "w_avg":
                    continue
                digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
                digest.update(tensor.detach().cpu().contiguous().numpy().data)
        return digest.hexdigest()

    @cached_property
    def w_statistics(self) -> WStatistics:
        """Mean, spread and whitening of w, from 4,096 samples with a fixed seed."""
        return measure_w(self.mapping)

    def sample(self, seed: int, truncation: float = 0.7, class_index: int | None = None) -> Latent:
        """A random latent, the same for a seed on every device."""
        z = torch.randn(1, self.config.z_dim, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            ws = self.mapping(
                z.to(self.device), self._class_vector(class_index), truncation=truncation
            )
        return Latent(ws[0], self.name)

    def mean_latent(self) -> Latent:
        """The mean of W in every row."""
        return Latent(self.w_statistics.mean.repeat(self.num_ws, 1), self.name)

    def render(self, latent: Latent, resolution: int | None = None) -> Tensor:
        """Paint a latent, (1, 3, R, R), about -1..1; a smaller resolution stops early."""
        return self.render_w(self.check(latent), resolution)

    def render_w(self, w: Tensor, resolution: int | None = None) -> Tensor:
        """Paint W+ (num_ws, w_dim); gradients flow to w."""
        if resolution is not None and resolution not in self.image_resolutions:
            allowed = ", ".join(map(str, self.image_resolutions))
            raise SettingsError(f"{self.name} cannot paint at {resolution} px; it can at {allowed}")
        if (
            self.heads is not None
            and resolution in self.heads.resolutions
            and isinstance(self.synthesis, MobileSynthesis)
        ):
            small: Tensor = self.heads(self.synthesis, w[None], resolution)
            return small
        image: Tensor = self.synthesis(w[None], resolution=resolution)
        return image

    def features(self, latent: Latent, resolution: int, window: Window | None = None) -> Tensor:
        """The feature map (1, C, R, R) after the block at a resolution.

        With a `window`, (1, C, h, w): the same numbers, and little more than it is computed.
        """
        w = self.check(latent)
        if window is None:
            return self.features_w(w, resolution)
        return self.windows_w(w, resolution, [window]).stacked()

    def features_w(self, w: Tensor, resolution: int) -> Tensor:
        """The feature map of W+ (num_ws, w_dim); gradients flow to w."""
        self._check_block(resolution)
        return self.synthesis.features(w[None], resolution)

    def windows_w(self, w: Tensor, resolution: int, windows: Sequence[Window]) -> WindowMaps:
        """Windows of one size of the feature map of W+ (num_ws, w_dim); gradients flow to w.

        Windows that overlap are computed once, those of one size in a batch.
        """
        self._check_block(resolution)
        return self.synthesis.windows(w[None], resolution, windows)

    def _check_block(self, resolution: int) -> None:
        if resolution not in self.block_resolutions:
            allowed = ", ".join(map(str, self.block_resolutions))
            raise SettingsError(f"{self.name} has no block at {resolution} px; it has {allowed}")

    def check(self, latent: Latent) -> Tensor:
        """The latent's W+ on this generator's device; refused where it does not fit."""
        shape = (self.num_ws, self.w_dim)
        if tuple(latent.w.shape) != shape:
            raise LatentError(
                f"the latent has shape {tuple(latent.w.shape)} and comes from "
                f"{latent.generator!r}; {self.name!r} needs {shape}"
            )
        return latent.w.to(self.device)

    def to(self, device: str | torch.device) -> Generator:
        """The same generator on a device, "auto" included; DeviceError if it is not there."""
        device = choose_device(device)
        if device == self.device:
            return self
        return Generator(
            self.name,
            self.config,
            copy.deepcopy(self.mapping).to(device),
            copy.deepcopy(self.synthesis).to(device),
            copy.deepcopy(self.heads).to(device) if self.heads is not None else None,
            self.original.to(device) if self.original is not None else None,
        )

    def with_synthesis(self, synthesis: StyleGAN2Synthesis | MobileSynthesis) -> Generator:
        """A generator with other synthesis weights, tuned from this one, which stays as it is."""
        frozen = synthesis.eval().requires_grad_(False)
        return replace(self, synthesis=frozen, original=self.untuned)

    def with_heads(self, heads: RenderingHeads) -> Generator:
        """The same generator with other heads."""
        other = replace(self, heads=heads)
        if "fingerprint" in self.__dict__:  # of the same weights
            other.__dict__["fingerprint"] = self.fingerprint
        return other

    def _class_vector(self, class_index: int | None) -> Tensor | None:
        classes = self.mapping.c_dim
        if not classes:
            if class_index is not None:
                raise SettingsError(f"{self.name} has no classes; leave the class out")
            return None
        if class_index is None or not 0 <= class_index < classes:
            raise SettingsError(
                f"{self.name} is conditional; the class is {class_index}, give 0 to {classes - 1}"
            )
        vector = torch.zeros(1, classes, device=self.device)
        vector[0, class_index] = 1
        return vector


def build_generator(name: str, config: GeneratorConfig) -> Generator:
    """A generator of a shape with random weights (PyTorch's current seed)."""
    return _frozen(name, config, build_mapping(config), build_synthesis(config))


def filled_generator(
    name: str,
    config: GeneratorConfig,
    mapping: Mapping[str, Tensor],
    synthesis: Mapping[str, Tensor],
) -> Generator:
    """A generator of a shape with given weights; RuntimeError where they do not fit it."""
    return _frozen(
        name,
        config,
        filled(lambda: build_mapping(config), mapping),
        filled(lambda: build_synthesis(config), synthesis),
    )


def build_mapping(config: GeneratorConfig) -> MappingNetwork:
    """The first network of a generator, with random weights."""
    c_dim = config.c_dim if isinstance(config, StyleGAN2Config) else 0
    return MappingNetwork(config.z_dim, c_dim, config.w_dim, config.mapping_layers, config.num_ws)


def build_synthesis(config: GeneratorConfig) -> StyleGAN2Synthesis | MobileSynthesis:
    """The second network of a generator, with random weights."""
    if isinstance(config, MobileStyleGANConfig):
        return MobileSynthesis(config)
    return StyleGAN2Synthesis(config)


def _frozen(
    name: str,
    config: GeneratorConfig,
    mapping: MappingNetwork,
    synthesis: StyleGAN2Synthesis | MobileSynthesis,
) -> Generator:
    return Generator(
        name,
        config,
        mapping.eval().requires_grad_(False),
        synthesis.eval().requires_grad_(False),
    )
