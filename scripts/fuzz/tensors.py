"""Checkpoints and inversions as safetensors: mutated, and with other values in their notes."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import torch

from photodrag.checkpoints import (
    MobileStyleGANConfig,
    StyleGAN2Config,
    load_generator,
    save_checkpoint,
)
from photodrag.checkpoints.generator import build_generator
from photodrag.inversion import Inversion, Losses, read_inversion, save_inversion

from .children import Case
from .json_files import changed
from .mutating import mutated

_SEEDS: list[tuple[bytes, str]] = []


def prepare(folder: Path) -> None:
    """Write a checkpoint of both kinds, and an inversion."""
    if _SEEDS:
        return
    torch.set_num_threads(1)
    torch.manual_seed(0)
    configs = (
        StyleGAN2Config(
            resolution=16, z_dim=8, w_dim=8, mapping_layers=2, channel_base=64, channel_max=8
        ),
        MobileStyleGANConfig(z_dim=8, w_dim=8, mapping_layers=2, channels=(8, 8, 4)),
    )
    for config in configs:
        generator = build_generator("seed", config)
        networks = (("mapping", generator.mapping), ("synthesis", generator.synthesis))
        tensors = {f"{at}.{k}": v for at, net in networks for k, v in net.state_dict().items()}
        save_checkpoint(folder / "seed.safetensors", config, tensors, {"source": "here"})
        _SEEDS.append(((folder / "seed.safetensors").read_bytes(), ".safetensors"))
        inversion = Inversion(generator.sample(0), generator, Losses(0.1, 0.2), False)
        save_inversion(folder / "seed.inv.safetensors", inversion)
        _SEEDS.append(((folder / "seed.inv.safetensors").read_bytes(), ".inv.safetensors"))


def make(random: Random) -> Case:
    """Bytes changed, or a value of the note, with or without the tensors."""
    data, suffix = random.choice(_SEEDS)
    if random.random() < 0.4:
        return Case(mutated(data, random), suffix)
    length = int.from_bytes(data[:8], "little")
    header, rest = json.loads(data[8 : 8 + length]), data[8 + length :]
    metadata = header["__metadata__"]
    (name,) = (key for key in metadata if key.startswith("photodrag"))
    note: Any = json.loads(metadata[name])
    for _ in range(random.choice((1, 1, 2))):
        note = changed(note, random)
    metadata[name] = _dumped(note)
    if random.random() < 0.2:
        metadata[name] = "[" * random.choice((100, 900, 200_000))
    if random.random() < 0.2:
        header, rest = {"__metadata__": metadata}, b""
    text = json.dumps(header).encode()
    return Case(len(text).to_bytes(8, "little") + text + rest, suffix)


def run(file: Path, _folder: Path) -> None:
    """Read it as what its name says."""
    if file.name.endswith(".inv.safetensors"):
        read_inversion(file)
    else:
        load_generator(file, "cpu")


def _dumped(note: Any) -> str:
    try:
        return json.dumps(note)
    except (RecursionError, ValueError):
        return "{}"
