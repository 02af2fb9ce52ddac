"""What all desks share: the settings, the device, and one generator that holds no photo."""

from __future__ import annotations

import torch

from photodrag.checkpoints import Generator, load_generator
from photodrag.device import choose_device

from ...cache.inversion_cache import InversionCache, users_cache
from .settings import StudioSettings


class Shared:
    """The shared things; `generator` is for the line's thread alone."""

    def __init__(self, settings: StudioSettings, generator: Generator | None = None):
        self.settings = settings
        self._generator = generator

    @property
    def device(self) -> torch.device:
        """Where to compute; DeviceError where that is not there."""
        return choose_device(self.settings.device)

    def generator(self) -> Generator:
        """The generator, loaded at the first call; CheckpointError where it is missing."""
        if self._generator is None:
            self._generator = load_generator(self.settings.edit.checkpoint)
        self._generator = self._generator.to(self.device)
        return self._generator

    def cache(self, name: str) -> InversionCache | None:
        """The user's cache for a photo of this name, unless it is not to be used."""
        return users_cache(name) if self.settings.cache else None
