"""A StyleGAN2 configuration read off the shapes of the tensors, which cannot lie."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from photodrag.errors import CheckpointError

from ..networks.config import StyleGAN2Config

_BLOCK = re.compile(r"synthesis\.b(\d+)\.")
_MAPPING_LAYER = re.compile(r"mapping\.fc(\d+)\.weight")


def config_from_tensors(tensors: Mapping[str, Tensor], conv_clamp: float | None) -> StyleGAN2Config:
    """The configuration of a generator whose tensors have NVIDIA's names.

    Only `conv_clamp` leaves no trace in the shapes and has to be given. Refuses what is not a
    StyleGAN2 of the skip architecture with noise inputs.
    """
    blocks = _blocks(tensors)
    _check_architecture(tensors, blocks)
    mapping_layers = _numbered(_MAPPING_LAYER, tensors, "mapping layers (mapping.fc0, fc1, ...)")
    first = _shape(tensors, "mapping.fc0.weight", 2)
    w_dim = _shape(tensors, "mapping.w_avg", 1)[0]
    c_dim = embedded = 0
    if "mapping.embed.weight" in tensors:
        embedded, c_dim = _shape(tensors, "mapping.embed.weight", 2)
    for i in range(len(mapping_layers)):
        width = _shape(tensors, f"mapping.fc{i}.weight", 2)[0]
        if width != w_dim or (c_dim and embedded != w_dim):
            raise CheckpointError(
                f"mapping layer {i} is {width} wide and the labels' embedding {embedded}, w is "
                f"{w_dim}; only mapping networks of one width are supported"
            )
    channel_base, channel_max = _channel_rule(
        {r: _shape(tensors, f"synthesis.b{r}.conv1.weight", 4)[0] for r in blocks}
    )
    return StyleGAN2Config(
        resolution=blocks[-1],
        z_dim=first[1] - embedded,
        w_dim=w_dim,
        c_dim=c_dim,
        mapping_layers=len(mapping_layers),
        channel_base=channel_base,
        channel_max=channel_max,
        conv_clamp=conv_clamp,
        image_channels=_shape(tensors, f"synthesis.b{blocks[-1]}.torgb.weight", 4)[0],
    )


def _blocks(tensors: Mapping[str, Tensor]) -> tuple[int, ...]:
    blocks = sorted({int(match[1]) for name in tensors if (match := _BLOCK.match(name))})
    if not blocks or blocks != [4 * 2**i for i in range(len(blocks))]:
        raise CheckpointError(
            f"the synthesis blocks are at {blocks}; a StyleGAN2 generator has them at 4, 8, 16 "
            "and so on up to the image's size"
        )
    return tuple(blocks)


def _check_architecture(tensors: Mapping[str, Tensor], blocks: tuple[int, ...]) -> None:
    painting = [r for r in blocks if f"synthesis.b{r}.torgb.weight" in tensors]
    if any(f"synthesis.b{r}.skip.weight" in tensors for r in blocks):
        architecture = "resnet"
    elif painting == [blocks[-1]] and len(blocks) > 1:
        architecture = "orig"
    else:
        architecture = "skip"
    if architecture != "skip":
        raise CheckpointError(
            f"the generator's architecture is {architecture!r}; only 'skip' is supported, which "
            "NVIDIA's FFHQ, AFHQ, MetFaces and LSUN networks have"
        )
    if "synthesis.b4.conv1.noise_const" not in tensors:
        raise CheckpointError(
            "the generator has no noise inputs; only ones with them are supported"
        )


def _channel_rule(channels: Mapping[int, int]) -> tuple[int, int]:
    """(channel_base, channel_max) so that min(base // resolution, max) gives every block's."""
    highest = max(channels.values())
    limited = [r for r, n in channels.items() if n < highest]
    lowest_base = max([n * r for r, n in channels.items()])
    if all(n * r <= lowest_base < (n + 1) * r for r, n in channels.items() if r in limited):
        return lowest_base, highest
    raise CheckpointError(
        f"the blocks' channels are {dict(channels)}; they follow no channel base and maximum, so "
        "this is not a StyleGAN2 generator of the known configurations"
    )


def _numbered(pattern: re.Pattern[str], tensors: Mapping[str, Tensor], what: str) -> list[int]:
    numbers = sorted(int(match[1]) for name in tensors if (match := pattern.fullmatch(name)))
    if not numbers or numbers != list(range(len(numbers))):
        raise CheckpointError(f"the generator's {what} are numbered {numbers}; expected 0, 1, ...")
    return numbers


def _shape(tensors: Mapping[str, Tensor], name: str, dimensions: int) -> tuple[int, ...]:
    if name not in tensors:
        raise CheckpointError(f"{name} is missing; the file is no whole StyleGAN2 generator")
    shape = tuple(tensors[name].shape)
    if len(shape) != dimensions or 0 in shape:
        raise CheckpointError(f"{name} has the shape {shape}; expected {dimensions} dimensions")
    return shape
