"""Fit the rendering heads of a student network to its own full-size images.

    python -m scripts.fit_heads [CHECKPOINT] -o checkpoints/data/ffhq-mobile-heads.safetensors

Faces are painted at random (latents at various truncations, some of mixed rows, some with every
row disturbed), and patches of features and of the averaged image are kept in memory. Needs about
4 GB and, on two cores, 15 minutes with the defaults. Prints the error on faces left out.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photodrag.checkpoints import (
    DEFAULT_CHECKPOINT,
    Generator,
    MobileStyleGANConfig,
    load_generator,
)
from photodrag.checkpoints.networks.heads import CoarseLevel, RenderingHead, RenderingHeads
from photodrag.checkpoints.networks.mobile import MobileLevel, MobileSynthesis

from .fitted_files import save_heads

RESOLUTIONS = (128, 256)
PATCH = 32  # pixels a side, and one more all around that the first convolution reaches
PATCHES = {128: 3, 256: 5}  # of each face
SEED = 1_000_000
BATCH = 12


@dataclass(frozen=True)
class Patches:
    """Features (M, C, 34, 34), pixels (M, 3, 32, 32), which face each is of, and their W+."""

    features: Tensor
    pixels: Tensor
    face: Tensor
    ws: Tensor


def random_rows(generator: Generator, index: int) -> Tensor:
    """W+ of one training face (num_ws, w_dim)."""
    draw = torch.Generator().manual_seed(10 * SEED + index)
    truncation, kind, place, _ = torch.rand(4, generator=draw).tolist()
    truncation = 0.5 + 0.5 * truncation
    rows = generator.sample(SEED + index, truncation).w
    if kind < 0.15:
        other = generator.sample(2 * SEED + index, truncation).w
        row = int(1 + place * (generator.num_ws - 1))
        rows = torch.cat([rows[:row], other[row:]])
    elif kind < 0.35:
        spread = generator.w_statistics.std / math.sqrt(generator.w_dim)
        noise = torch.randn(rows.shape, generator=draw)
        rows = rows + noise * spread * (0.05 + 0.3 * place)
    return rows


@torch.no_grad()
def paint_patches(generator: Generator, faces: int) -> dict[int, Patches]:
    """Random patches of random faces at each resolution."""
    found: dict[int, list[tuple[Tensor, Tensor, int]]] = {r: [] for r in RESOLUTIONS}
    ws = torch.stack([random_rows(generator, i) for i in range(faces)])
    begin = time.perf_counter()
    for i, rows in enumerate(ws):
        maps, image = features_and_image(generator, rows)
        draw = torch.Generator().manual_seed(i)
        for size, features in maps.items():
            padded = F.pad(features[0], (1, 1, 1, 1))
            small = F.interpolate(image, (size, size), mode="area")[0]
            corners = torch.randint(size - PATCH + 1, (PATCHES[size], 2), generator=draw)
            for y, x in corners.tolist():
                part = padded[:, y : y + PATCH + 2, x : x + PATCH + 2]
                pixels = small[:, y : y + PATCH, x : x + PATCH]
                found[size].append((part.half(), pixels.half(), i))
        if (i + 1) % 50 == 0:
            print(f"{i + 1} faces painted, {time.perf_counter() - begin:.0f} s", flush=True)
    patches = {}
    for size in RESOLUTIONS:
        parts = found.pop(size)
        patches[size] = Patches(
            torch.stack([features for features, _, _ in parts]),
            torch.stack([pixels for _, pixels, _ in parts]),
            torch.tensor([face for _, _, face in parts]),
            ws,
        )
    return patches


def features_and_image(generator: Generator, rows: Tensor) -> tuple[dict[int, Tensor], Tensor]:
    """The features at each resolution, and the full image, in one pass."""
    synthesis = generator.synthesis
    assert isinstance(synthesis, MobileSynthesis)
    maps: dict[int, Tensor] = {}
    hooks = []
    for level, size in zip(synthesis.levels, synthesis.block_resolutions[1:], strict=True):
        if size in RESOLUTIONS:
            hooks.append(
                level.register_forward_hook(
                    lambda _module, _inputs, out, size=size: maps.__setitem__(size, out)
                )
            )
    image = generator.render_w(rows)
    for hook in hooks:
        hook.remove()
    return maps, image


def fit(generator: Generator, head: RenderingHead, patches: Patches, held: int, steps: int) -> None:
    """Adam on the mean square error; each tensor's step is relative to what it corrects."""
    synthesis = generator.synthesis
    assert isinstance(synthesis, MobileSynthesis)
    reach = 1 + 2 * len(head.levels) - 1  # what the patch's border has spoilt, in pixels

    def errors(chosen: Tensor) -> Tensor:
        features = patches.features[chosen].float().contiguous(memory_format=torch.channels_last)
        image: Tensor = head(synthesis, features, patches.ws[patches.face[chosen]])
        inner = image[:, :, 1 + reach : -1 - reach, 1 + reach : -1 - reach]
        expected = patches.pixels[chosen][:, :, reach:-reach, reach:-reach].float()
        found: Tensor = (inner - expected).square().mean(dim=(1, 2, 3))
        return found

    left_out = patches.face >= len(patches.ws) - held
    training, test = (~left_out).nonzero()[:, 0], left_out.nonzero()[:, 0]
    size = head.resolution
    print(
        f"{size} px, a static linear layer: {_static(patches, left_out):.2f} dB on faces left out"
    )

    @torch.no_grad()
    def report(done: int) -> None:
        found = torch.cat([errors(part) for part in torch.split(test, BATCH)])
        print(
            f"{size} px, after {done} steps: {decibel(found.mean()):.2f} dB on faces left out, "
            f"worst patch {decibel(found.max()):.2f}",
            flush=True,
        )

    report(0)
    head.requires_grad_(True)
    groups = [{"params": [p], "lr": 3e-3 * scale} for p, scale in _scales(head, synthesis)]
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.99))
    rates = [group["lr"] for group in optimizer.param_groups]
    draw = torch.Generator().manual_seed(0)
    for i in range(steps):
        factor = min(1, (i + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * i / steps))
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        chosen = training[torch.randint(len(training), (BATCH,), generator=draw)]
        loss = errors(chosen).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        if (i + 1) % 250 == 0 or i + 1 == steps:
            report(i + 1)
    head.requires_grad_(False)


def _scales(
    head: RenderingHead, synthesis: MobileSynthesis
) -> Iterator[tuple[nn.Parameter, float]]:
    def size(tensor: Tensor) -> float:
        return float(tensor.square().mean().sqrt()) + 1e-3

    for i, level in enumerate(head.levels, head.first_level):
        whole = synthesis.levels[i]
        assert isinstance(level, CoarseLevel)
        assert isinstance(whole, MobileLevel)
        first, second = whole.conv1, whole.conv2
        yield level.first, 0.5 * size(first.depthwise)
        yield level.first_mix, size(first.pointwise)
        yield level.first_bias, size(first.bias)
        yield level.second, size(second.depthwise)
        yield level.second_mix, size(second.pointwise)
        yield level.second_bias, size(second.bias)
    yield head.to_image.weight, 0.5 * size(synthesis.to_image.weight[:3])
    yield head.to_image.bias, 0.5 * size(synthesis.to_image.bias[:3])


def _static(patches: Patches, left_out: Tensor) -> float:
    """How well one linear map of the features does, for comparison."""

    def flat(chosen: Tensor) -> tuple[Tensor, Tensor]:
        features = patches.features[chosen][:, :, 1:-1, 1:-1].float()
        x = features.movedim(1, 3).flatten(0, 2)[::7]
        pixels = patches.pixels[chosen].float().movedim(1, 3).flatten(0, 2)[::7]
        return torch.cat([x, torch.ones(len(x), 1)], dim=1), pixels

    x, y = flat((~left_out).nonzero()[::5, 0])
    solution = torch.linalg.lstsq(x, y).solution
    x, y = flat(left_out.nonzero()[:, 0])
    return decibel((x @ solution - y).square().mean())


def decibel(error: Tensor) -> float:
    """Peak signal to noise of a mean square error of images in -1..1."""
    return -10 * math.log10(float(error) / 4)


@click.command()
@click.argument("checkpoint", default=DEFAULT_CHECKPOINT)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--faces", default=600, show_default=True, help="Faces to paint.")
@click.option("--held", default=40, show_default=True, help="Of these, left out of the fit.")
@click.option("--steps", default=1000, show_default=True, help="Steps for each size.")
def main(checkpoint: str, output: Path, faces: int, held: int, steps: int) -> None:
    """Fit heads at 128 and 256 px and write them to a file."""
    generator = load_generator(checkpoint)
    assert isinstance(generator.config, MobileStyleGANConfig), "only a student network needs heads"
    heads = RenderingHeads(generator.config, RESOLUTIONS)
    patches = paint_patches(generator, faces)
    for size in RESOLUTIONS:
        head = heads.heads[str(size)]
        assert isinstance(head, RenderingHead)
        fit(generator, head, patches.pop(size), held, steps)
    notes = {
        "source": f"fitted to images of {checkpoint} by scripts/fit_heads.py",
        "licence": "as the checkpoint's",
    }
    save_heads(output, heads, generator.fingerprint, notes)
    print(f"{output}: {output.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
